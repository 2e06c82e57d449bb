"""Draws the figures of the guides as SVG: the states of a session from their table, and the architecture.

python scripts/docs_figures.py            writes them into docs/assets
python scripts/docs_figures.py --check    says whether they are up to date
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path
from typing import Final

from chatcore.session_state import TRANSITIONS, SessionState

ASSETS: Final = Path(__file__).parents[1] / "docs" / "assets"
INK, LINE, SOFT, CARD = "#1d2433", "#5b6784", "#eef1f8", "#ffffff"
FONT = 'font-family="system-ui, Segoe UI, Roboto, Helvetica, Arial, sans-serif"'


def svg(width: int, height: int, title: str, *parts: str) -> str:
    """Return a drawing on a card of its own, so that it can be read on dark pages too."""
    arrow = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        f'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="{LINE}"/></marker></defs>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" {FONT} font-size="13" fill="{INK}">'
    )
    return "\n".join(
        [head, arrow, f'<rect width="{width}" height="{height}" rx="8" fill="{CARD}"/>', *parts, "</svg>\n"]
    )


def text(x: float, y: float, said: str, *, size: int = 13, anchor: str = "middle", bold: bool = False) -> str:
    """Return a line of text."""
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{weight}>{escape(said)}</text>'


def box(x: float, y: float, w: float, h: float, *lines: str, fill: str = SOFT, dashed: bool = False) -> str:
    """Return a box with a bold first line."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    first = y + h / 2 + 5 - 8 * (len(lines) - 1)
    return "\n".join(
        [
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6" fill="{fill}" stroke="{LINE}"{dash}/>',
            *(
                text(x + w / 2, first + 16 * n, line, size=13 if n == 0 else 11, bold=n == 0)
                for n, line in enumerate(lines)
            ),
        ]
    )


def arrow(path: str) -> str:
    """Return a line with a tip at its end."""
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.4" marker-end="url(#tip)"/>'


_S = SessionState
# Where the states stand, and how the line between two of them runs: path, place of its first label, anchor.
_STATES: Final = {_S.ANONYMOUS: (40, 60), _S.ACTIVE: (330, 60), _S.DETACHED: (620, 60), _S.ENDED: (330, 250)}
_EDGES: Final = {
    (_S.ANONYMOUS, _S.ACTIVE): ("M170 85H326", (248, 78), "middle"),
    (_S.ACTIVE, _S.ACTIVE): ("M370 60C370 20 420 20 420 56", (396, 24), "middle"),
    (_S.ACTIVE, _S.DETACHED): ("M460 76H616", (538, 69), "middle"),
    (_S.DETACHED, _S.ACTIVE): ("M620 96H464", (538, 113), "middle"),
    (_S.ANONYMOUS, _S.ENDED): ("M70 110C70 240 220 275 326 275", (104, 136), "start"),
    (_S.ACTIVE, _S.ENDED): ("M395 110V246", (403, 160), "start"),
    (_S.DETACHED, _S.ENDED): ("M720 110C720 240 580 275 464 275", (690, 136), "end"),
}


def session() -> str:
    """Draw the table of `chatcore.session_state`. Raises KeyError when it has a transition without a line here."""
    labels: dict[tuple[SessionState, SessionState], list[str]] = {}
    for state, row in TRANSITIONS.items():
        for trigger, target in row.items():
            labels.setdefault((state, target), []).append(trigger.value)
    parts = [arrow("M8 85H36")]
    for edge, names in labels.items():
        path, (x, y), anchor = _EDGES[edge]
        parts.append(arrow(path))
        parts += [text(x, y + 15 * n, name, size=11, anchor=anchor) for n, name in enumerate(names)]
    parts += [box(x, y, 130, 50, state.value) for state, (x, y) in _STATES.items()]
    return svg(790, 320, "The states of a session and what moves it from one to the next", *parts)


def architecture() -> str:
    """Draw who talks to whom."""
    people = [
        "desktop app|chatcore_qt",
        "terminal|chatcore_cli",
        "browser|your page",
        "bots, programs|chatcore",
        "coursework|nc, C, Python",
    ]
    transports = ["ws|TCP, RFC 6455", "quic|UDP, WebTransport", "tcp|plain", "unix ...|yours"]
    dialects = ["chat|JSON, resumes", "simple-json|simple-text", "echo", "shout ...|yours"]
    parts = [text(16, 30, "people and programs", anchor="start", size=11)]
    parts += [box(16 + 154 * n, 40, 142, 44, *each.split("|"), fill=CARD) for n, each in enumerate(people)]
    parts += [arrow("M400 86V112"), text(410, 104, "bytes", anchor="start", size=11)]
    parts.append(
        f'<rect x="16" y="116" width="758" height="74" rx="8" fill="none" stroke="{LINE}" stroke-dasharray="2 3"/>'
    )
    parts.append(text(28, 134, "transports: move bytes, know no chat  (src/adapters)", anchor="start", size=11))
    parts += [
        box(28 + 186 * n, 142, 174, 40, *each.split("|"), dashed=each[-5:] == "yours")
        for n, each in enumerate(transports)
    ]
    parts += [arrow("M400 190V222"), text(410, 210, "Link: frames, back-pressure", anchor="start", size=11)]
    parts.append(f'<rect x="16" y="226" width="758" height="236" rx="8" fill="none" stroke="{LINE}"/>')
    parts.append(
        text(
            28,
            244,
            "the core and the dialects: pure, no clock, no sockets, no threads  (src/chatcore)",
            anchor="start",
            size=11,
        )
    )
    parts += [
        box(28 + 186 * n, 252, 174, 40, *each.split("|"), dashed=each[-5:] == "yours")
        for n, each in enumerate(dialects)
    ]
    parts += [arrow("M200 292V326"), text(208, 314, "commands", anchor="start", size=11)]
    parts += [arrow("M590 326V296"), text(582, 314, "events, once per dialect", anchor="end", size=11)]
    parts.append(box(28, 330, 452, 50, "chat", "users, rooms, sessions: commands in, events and effects out"))
    parts.append(box(492, 330, 270, 50, "hub and fan-out", "drives all connections through ports"))
    parts += [arrow("M250 380V410")]
    parts.append(box(28, 414, 452, 40, "port: room log", "append, read, receipts"))
    parts.append(box(492, 414, 270, 40, "ports: transport, clock", "and known servers"))
    parts += [arrow("M250 454V486"), arrow("M627 454V486")]
    parts.append(box(28, 490, 222, 40, "memory", "the default"))
    parts.append(box(258, 490, 222, 40, "JSON lines ...", "yours", dashed=True))
    parts.append(box(492, 490, 270, 40, "chatcore.aio", "asyncio: server, client, bot"))
    return svg(790, 546, "Architecture: people, transports, dialects, the chat, ports, stores", *parts)


FIGURES: Final = {"session.svg": session, "architecture.svg": architecture}


def stale() -> list[str]:
    """Return the figures that are not up to date."""
    return [
        name for name, draw in FIGURES.items() if not (ASSETS / name).is_file() or (ASSETS / name).read_text() != draw()
    ]


def main() -> None:
    if "--check" in sys.argv:
        sys.exit(f"not up to date: {', '.join(stale())}; run scripts/docs_figures.py" if stale() else 0)
    for name, draw in FIGURES.items():
        (ASSETS / name).write_text(draw())


if __name__ == "__main__":
    main()
