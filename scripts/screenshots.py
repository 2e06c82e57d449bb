"""Makes the pictures of the documentation from real programs, in terminal, windows and browser: `make screenshots`."""

from __future__ import annotations

import html
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.unit.cli.processes import Server, Terminal, run  # noqa: E402 - found by the line above

_IMAGE = ROOT / "docs" / "images" / "terminal.svg"
_COLUMN, _ROW, _MARGIN, _TITLE = 8.4, 19, 16, 34


def picture(rows: list[str], title: str, columns: int = 80) -> str:
    """Return rows of a terminal as an SVG."""
    width = round(columns * _COLUMN + 2 * _MARGIN)
    height = _TITLE + len(rows) * _ROW + 2 * _MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" '
        f'aria-label="{html.escape(title)}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
        f'<rect width="{width}" height="{height}" rx="8" fill="#1d1f27"/>',
        *(f'<circle cx="{20 + 18 * n}" cy="18" r="6" fill="#4b4f5e"/>' for n in range(3)),
        f'<text x="{width // 2}" y="22" fill="#9aa0b4" text-anchor="middle">{html.escape(title)}</text>',
    ]
    for number, row in enumerate(rows):
        y = _TITLE + _MARGIN + number * _ROW + 12
        colour = "#7f869c" if row.lstrip("0123456789: ").startswith("*") else "#e6e8ef"
        lines.append(f'<text x="{_MARGIN}" y="{y}" fill="{colour}" xml:space="preserve">{html.escape(row)}</text>')
    return "\n".join([*lines, "</svg>", ""])


# What is to be seen, in which theme, in which language, and how many pixels a point has.
_WINDOWS = (
    *(("main", theme, language, 1) for theme in ("light", "dark") for language in ("en", "fr")),
    *(("connect", theme, language, 1) for theme in ("light", "dark") for language in ("en", "fr")),
    *((what, theme, "en", 2) for what in ("main", "connect") for theme in ("light", "dark")),
    *(("page", "light", language, 2) for language in ("en", "fr")),  # for print
    ("files", "light", "en", 1),
    ("certificate", "light", "en", 1),
)


def windows() -> None:
    """Make the pictures of the desktop app."""
    for what, theme, language, scale in _WINDOWS:
        file = _IMAGE.with_name(f"gui-{what}-{theme}-{language}{'@2x' if scale == 2 else ''}.png")
        environment = os.environ | {"QT_SCALE_FACTOR": str(scale), "QT_LOGGING_RULES": "qt.qpa.*=false"}
        program = Path(__file__).with_name("gui_screenshots.py")
        subprocess.run([sys.executable, program, file, what, theme, language], env=environment, check=True)
        print(file.relative_to(ROOT))


def terminal() -> None:
    """Let two people talk, and write down what one of them sees."""
    with Server() as server, Terminal(server.url, "--username", "alice", "--room", "python") as alice:
        alice.wait_for_last_row("[python] alice>")
        talk = "/join python\nhello alice, is the lecture at two?\n/msg alice I have the slides"
        run("connect", server.url, "--username", "bob", "--commands", stdin=talk.encode())
        alice.wait_for("bob left")
        alice.press("yes, in the big hall\r")
        alice.wait_for(" alice: yes")
        alice.press("/who\r")
        alice.wait_for("alice", "python")
        alice.press("and the exam is on ")
        alice.wait_for("> and the exam is on")
        _IMAGE.parent.mkdir(parents=True, exist_ok=True)
        rows = [row.replace(server.url, "ws://127.0.0.1:8765") for row in alice.rows]
        _IMAGE.write_text(picture(rows, "chatcore connect --username alice --room python"), encoding="utf-8")
    print(_IMAGE.relative_to(ROOT))


def pages() -> None:
    """Make the pictures of the page in the browser."""
    subprocess.run([sys.executable, Path(__file__).with_name("web_screenshots.py")], check=True)


if __name__ == "__main__":
    terminal()
    windows()
    pages()
