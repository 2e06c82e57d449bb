"""Whether a window can be opened here. Qt ends the process where it cannot, so another one tries it first."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
from contextlib import suppress
from typing import Final

from chatcore.errors import ConfigurationError
from chatcore_cli.texts import N_

_PATIENCE: Final = 10.0
_WHAT_QT_SAYS: Final = 64 * 1024
_PLATFORMS: Final = re.compile(r"Available platform plugins are: (.*?)\.?\s*$", re.MULTILINE)
_LIBRARY: Final = re.compile(r"(libxcb-cursor0) is needed")
NO_LIBRARY: Final = N_(
    "The desktop app needs {library}, which is not on this computer; on Debian and Ubuntu: sudo apt install {packages}"
)
PACKAGES: Final = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1"
"""Debian's packages with the libraries that Qt opens windows with."""


def check_screen() -> None:
    """Raise `ConfigurationError` when no window can be opened."""
    if sys.platform in ("win32", "darwin"):
        return
    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        raise ConfigurationError(
            "There is no screen to open a window on; set DISPLAY, or use chatcore connect in this terminal."
        )
    said = _try()
    if said is not None:
        raise _why(said)


def _why(said: str) -> ConfigurationError:
    """Return the error for what Qt has said."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    found = _PLATFORMS.search(said)
    if platform and "Could not find the Qt platform plugin" in said:
        return ConfigurationError(
            "QT_QPA_PLATFORM is {name}, which Qt does not know here; leave it away, or take one of these: {names}.",
            name=platform,
            names=found[1] if found else "xcb, wayland, offscreen",
        )
    if "could not connect to display" in said or "Failed to create wl_display" in said:
        return ConfigurationError(
            "No screen answers at {screen}, so no window can be opened; set DISPLAY to one that does, or use chatcore "
            "connect in this terminal.",
            screen=os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or platform,
        )
    library = _LIBRARY.search(said)
    if library is not None:
        return ConfigurationError(NO_LIBRARY, library=library[1], packages=PACKAGES)
    lines = said.strip().splitlines() or [""]
    return ConfigurationError(
        "Qt cannot open a window here ({why}); use chatcore connect in this terminal.",
        why=re.sub(r"^qt\.[\w.]+: ", "", lines[0]),
    )


def _try() -> str | None:
    """Return what Qt says when it cannot open a window; None when it can."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _try_here(writing)
    os.close(writing)
    said = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while len(said) < _WHAT_QT_SAYS and select.select([pipe], [], [], _PATIENCE)[0] and (more := pipe.read(4096)):
            said += more
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)  # of no effect on one that has ended
    _, status = os.waitpid(child, 0)
    return None if status == 0 else said.decode(errors="replace")


def _try_here(writing: int) -> None:
    """Open a screen in this process, which ends then, one way or another."""
    code = 1
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(writing, 2)
        os.close(writing)
        from PyQt6.QtGui import QGuiApplication

        QGuiApplication(["chatcore"])
        code = 0
    finally:
        os._exit(code)
