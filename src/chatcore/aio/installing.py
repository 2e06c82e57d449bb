"""How to add what an extra of an installed package needs, where that package is installed."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from chatcore.text.shell import shell_line

_WINDOWS: Final = sys.platform == "win32"
_OF_AN_EXTRA: Final = re.compile(
    r"^(?P<need>[^;]+?)\s*;\s*(?:\(?(?P<marker>.+?)\)? and )?extra == (['\"])(?P<extra>.+?)\3$"
)


def needs_of(package: Distribution, extra: str) -> list[str]:
    """Return what an extra needs, as pip takes it (PEP 508, without the extra in the marker)."""
    found = (_OF_AN_EXTRA.match(one) for one in package.requires or ())
    return [
        f"{one['need']}; {one['marker']}" if one["marker"] else one["need"]
        for one in found
        if one is not None and one["extra"] == extra
    ]


def how_to_install(package: Distribution, extra: str, place: str = sys.prefix, python: str = sys.executable) -> str:
    """Return the command that adds what an extra needs, for whatever has installed the package there.

    It names what is needed rather than the package with its extra: that may have come from a file, or a checkout.

    Args:
        package: the one with the extra.
        extra: of that package.
        place: the environment that it is installed in.
        python: the program of that environment.
    """
    needs = needs_of(package, extra)
    if Path(place, "pipx_metadata.json").exists():
        words = ["pipx", "inject", package.name, *needs]
    elif find_spec("pip") is None and shutil.which("uv") is not None:
        words = ["uv", "pip", "install", "--python", python, *needs]
    else:
        words = [python, "-m", "pip", "install", *needs]
    return shell_line(words, windows=_WINDOWS)
