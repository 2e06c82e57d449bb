"""Writes requirements.lock anew from pyproject.toml: `make lock`, or `make lock UPGRADE=1` with the newest versions.

One set of pins for every supported Python, each file with its hash, in three parts: what a server needs, what the
desktop app adds, what the tests and tools add. `scripts/setup` installs the first one, two or three of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements.lock"
PARTS: Final = {
    "host": (
        "what a server and the terminal client need",
        ["--extra", "quic", "--extra", "metrics", "--group", "build"],
    ),
    "gui": ("what the desktop app adds", ["--extra", "gui"]),
    "all": ("what the tests and tools add", ["--group", "dev"]),
}
_HEAD: Final = "# Written by `make lock`; scripts/setup installs it, part by part.\n"


def pins(*options: str) -> dict[str, str]:
    """Return the lock's text for each package that these parts of pyproject.toml need, by name."""
    arguments = [
        "--universal",
        "--python-version",
        "3.11",
        "--generate-hashes",
        "--no-emit-index-url",
        "--no-header",
        "--no-annotate",
    ]
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", *arguments, *options]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, str] = {}
    for entry in filter(str.strip, re.split(r"(?m)^(?=[A-Za-z0-9])", text)):
        name = entry.partition("==")[0]
        found[name] = found.get(name, "") + entry  # one package may stand there twice, for older and newer Pythons
    return found


def main() -> None:
    """Write the lock."""
    with TemporaryDirectory() as folder:
        wanted: list[str] = []
        for _about, options in PARTS.values():
            wanted += options
        kept = ["--constraint", str(LOCK)] if LOCK.exists() and "--upgrade" not in sys.argv else []
        everything = pins(*wanted, *kept)
        # The smaller parts are cut out of the whole, so that all of them agree.
        whole = Path(folder, "whole.txt")
        whole.write_text("".join(everything.values()), encoding="utf-8")
        out, left, wanted = [_HEAD], dict(everything), []
        for part, (about, options) in PARTS.items():
            wanted += options
            names = pins(*wanted, "--constraint", str(whole))
            out += [f"\n# part {part}: {about}\n", *(left.pop(name) for name in sorted(names) if name in left)]
        assert not left, f"in no part: {sorted(left)}"
    LOCK.write_text("".join(out), encoding="utf-8")


if __name__ == "__main__":
    main()
