"""Whether a window can be opened here. Qt ends the process where it cannot, so another one tries it first."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from tempfile import TemporaryFile
from typing import Final

from chatcore.errors import ConfigurationError
from chatcore_cli.saying.texts import N_

_PATIENCE: Final = 20.0
_LOOK_EVERY: Final = 0.01
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
    if not said or "could not connect to display" in said or "Failed to create wl_display" in said:
        return ConfigurationError(
            "No screen answers at {screen}, so no window can be opened; set DISPLAY to one that does, or use chatcore "
            "connect in this terminal.",
            screen=os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or platform,
        )
    library = _LIBRARY.search(said)
    if library is not None:
        return ConfigurationError(NO_LIBRARY, library=library[1], packages=PACKAGES)
    return ConfigurationError(
        "Qt cannot open a window here ({why}); use chatcore connect in this terminal.",
        why=re.sub(r"^qt\.[\w.]+: ", "", said.splitlines()[0]),
    )


def _try() -> str | None:
    """Return what Qt says when it cannot open a window; None when it can."""
    if sys.platform == "win32":
        return None
    # No pipe: what Qt starts besides may hold its end for ever.
    with os.fdopen(os.memfd_create("qt"), "r+b") if hasattr(os, "memfd_create") else TemporaryFile() as said:
        child = os.fork()
        if not child:
            _try_here(said.fileno())
        late = time.monotonic() + _PATIENCE
        while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if time.monotonic() > late:
                os.kill(child, signal.SIGKILL)
            time.sleep(_LOOK_EVERY)
        if ended[1] == 0:
            return None
        said.seek(0)
        return said.read(_WHAT_QT_SAYS).decode(errors="replace").strip()


def _try_here(said: int) -> None:
    """Open a screen in this process, which ends then, one way or another."""
    if sys.platform == "win32":
        return
    code = 1
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(said, 2)
        from PyQt6.QtGui import QGuiApplication

        QGuiApplication(["chatcore"])
        code = 0
    finally:
        os._exit(code)
