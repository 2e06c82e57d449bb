"""Draws the figures of the guides and of the report as SVG, in English and in French.

What can be taken from the code is: the states of a session from their table, the structure in memory from the
annotations of the classes, a message's way from a conversation that a server in memory really has.

python scripts/docs_figures.py            writes them into docs/assets
python scripts/docs_figures.py --check    says whether they are up to date
"""

from __future__ import annotations

import ast
import inspect
import math
import statistics
import sys
import textwrap
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, Final

import cluster_model
from docs_figures_french import FRENCH

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from chatcore.chat.chat import Applied  # noqa: E402 - the tests below are found by the line above
from chatcore.chat.effects import Deliver, Publish, Subscribe  # noqa: E402
from chatcore.chat.kept.model import Room, Session  # noqa: E402
from chatcore.chat.kept.session_state import TRANSITIONS, SessionState, Trigger  # noqa: E402
from chatcore.chat.state import State  # noqa: E402
from chatcore.events import MessagePosted  # noqa: E402
from chatcore.ports.journal import Entry  # noqa: E402
from chatcore.ports.room_log import Receipt  # noqa: E402
from chatcore.records import Act, LoggedIn  # noqa: E402
from chatcore.server.connections.connection import Connection  # noqa: E402
from chatcore_cli.saying.logs import QUEUE_RECORDS  # noqa: E402
from tests.unit.playbook import Server  # noqa: E402

ASSETS: Final = ROOT / "docs" / "assets"
INK, LINE, SOFT, CARD = "#1d2433", "#5b6784", "#eef1f8", "#ffffff"
FONT = 'font-family="system-ui, Segoe UI, Roboto, Helvetica, Arial, sans-serif"'
CODE = 'font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"'

Say = Callable[[str], str]
"""Gives an English text in the language of a figure."""


def french(said: str) -> str:
    """Return a text of a figure in French. Raises KeyError when nobody has translated it."""
    return FRENCH[said]


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


def text(
    x: float, y: float, said: str, *, size: int = 13, anchor: str = "middle", bold: bool = False, code: bool = False
) -> str:
    """Return a line of text."""
    style = (' font-weight="600"' if bold else "") + (f" {CODE}" if code else "")
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}"{style}>{escape(said)}</text>'


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


def arrow(path: str, *, dashed: bool = False) -> str:
    """Return a line with a tip at its end."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.4"{dash} marker-end="url(#tip)"/>'


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


def session(say: Say) -> str:
    """Draw the table of `session_state`. Raises KeyError when it has a transition without a line here."""
    labels: dict[tuple[SessionState, SessionState], list[str]] = {}
    for state, row in TRANSITIONS.items():
        for trigger, target in row.items():
            labels.setdefault((state, target), []).append(say(spoken(trigger)))
    parts = [arrow("M8 85H36")]
    for edge, names in labels.items():
        path, (x, y), anchor = _EDGES[edge]
        parts.append(arrow(path))
        parts += [text(x, y + 15 * n, name, size=11, anchor=anchor) for n, name in enumerate(names)]
    parts += [box(x, y, 130, 50, say(spoken(state))) for state, (x, y) in _STATES.items()]
    return svg(790, 320, say("The states of a session and what moves it from one to the next"), *parts)


def spoken(word: SessionState | Trigger) -> str:
    """Return a word of the code as people say it."""
    return word.value.replace("_", " ")


def architecture(say: Say) -> str:
    """Draw who talks to whom."""
    people = [
        ("desktop app", "chatcore_qt"),
        ("terminal", "chatcore_cli"),
        ("browser", say("your page")),
        ("bots, programs", "chatcore"),
        ("coursework", "nc, C, Python"),
    ]
    yours = say("yours")
    transports = [("ws", "TCP, RFC 6455"), ("quic", "UDP, WebTransport"), ("tcp", say("plain")), ("unix ...", yours)]
    dialects = [("chat", say("JSON, resumes")), ("simple-json", "simple-text"), ("echo",), ("shout ...", yours)]
    note = partial(text, size=11)
    left = partial(note, anchor="start")

    def frame(y: int, height: int, dash: str = "") -> str:
        return f'<rect x="16" y="{y}" width="758" height="{height}" rx="8" fill="none" stroke="{LINE}"{dash}/>'

    parts = [left(16, 30, say("people and programs"))]
    parts += [box(16 + 154 * n, 40, 142, 44, say(name), what, fill=CARD) for n, (name, what) in enumerate(people)]
    parts += [arrow("M400 86V112"), left(410, 104, say("bytes"))]
    parts += [frame(116, 74, ' stroke-dasharray="2 3"')]
    parts += [left(28, 134, say("transports: move bytes, know no chat  (src/adapters)"))]
    parts += [box(28 + 186 * n, 142, 174, 40, *each, dashed=yours in each) for n, each in enumerate(transports)]
    parts += [arrow("M400 190V222"), left(410, 210, say("Link: frames, back-pressure"))]
    parts += [frame(226, 236)]
    parts += [left(28, 244, say("the core and the dialects: pure, no clock, no sockets, no threads  (src/chatcore)"))]
    parts += [box(28 + 186 * n, 252, 174, 40, *each, dashed=yours in each) for n, each in enumerate(dialects)]
    parts += [arrow("M200 292V326"), left(208, 314, say("commands"))]
    parts += [arrow("M590 326V296"), note(582, 314, say("events, once per dialect"), anchor="end")]
    parts += [box(28, 330, 452, 50, "chat", say("users, rooms, sessions: commands in, events and effects out"))]
    parts += [box(492, 330, 270, 50, say("switchboard and fan-out"), say("drives all connections through ports"))]
    parts += [arrow("M250 380V410")]
    parts += [box(28, 414, 452, 40, say("ports: journal, room log"), say("order; append, read, receipts"))]
    parts += [box(492, 414, 270, 40, say("ports: transport, clock"), say("and known servers"))]
    parts += [arrow("M250 454V486"), arrow("M627 454V486")]
    parts += [box(28, 490, 222, 40, say("memory"), say("the default"))]
    parts += [box(258, 490, 222, 40, say("JSON lines ..."), yours, dashed=True)]
    parts += [box(492, 490, 270, 40, "chatcore.aio", say("asyncio: server, client, bot"))]
    return svg(790, 546, say("Architecture: people, transports, dialects, the chat, ports, stores"), *parts)


# The structure in memory.


def attributes(owner: type) -> dict[str, str]:
    """Return the types of what a class is given and keeps, as they are annotated in it."""
    ours = [each for each in owner.__mro__ if each.__module__ != "builtins"]
    sources = [textwrap.dedent(inspect.getsource(each)) for each in ours]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    given = {node.arg: ast.unparse(node.annotation) for node in nodes if isinstance(node, ast.arg) and node.annotation}
    kept = [node for node in nodes if isinstance(node, ast.AnnAssign)]
    return given | {ast.unparse(node.target).removeprefix("self."): ast.unparse(node.annotation) for node in kept}


def record(x: float, y: float, w: float, owner: type, about: str, *names: str) -> str:
    """Return a box with a class and some of its attributes. Raises KeyError when one is not there any more."""
    types = attributes(owner)
    height = 48 + 16 * len(names)
    parts = [f'<rect x="{x}" y="{y}" width="{w}" height="{height}" rx="6" fill="{SOFT}" stroke="{LINE}"/>']
    parts += [text(x + 10, y + 18, owner.__name__, anchor="start", bold=True)]
    parts += [text(x + 10, y + 33, about, anchor="start", size=10)]
    parts += [f'<path d="M{x} {y + 40}H{x + w}" stroke="{LINE}" stroke-width=".7"/>']
    for n, name in enumerate(names):
        kind = types[name].replace("ConnectionId", "int").replace(" | None", "?")
        parts += [text(x + 10, y + 56 + 16 * n, name, anchor="start", size=11, code=True)]
        parts += [text(x + w - 8, y + 56 + 16 * n, kind, anchor="end", size=10, code=True)]
    return "\n".join(parts)


def structure(say: Say) -> str:
    """Draw what the chat keeps in memory, and what points to what."""
    port = f'<rect x="296" y="230" width="478" height="196" rx="8" fill="none" stroke="{LINE}" stroke-dasharray="2 3"/>'
    left = partial(text, anchor="start", size=11)
    parts = [
        record(16, 28, 238, State, say("the whole state of one server"),
               "rooms", "users", "connections", "tokens", "numbers", "log"),
        record(296, 28, 220, Session, say("a login; outlives its connection"),
               "name", "state", "token", "numbers", "room", "connection", "inbox"),
        record(558, 28, 216, Room, say("and who is in it, in order"), "name", "members", "names"),
        record(16, 252, 238, Connection, say("of the switchboard: the way to one user"), "number", "behind", "waiting"),
        port,
        left(308, 248, "RoomLog", bold=True),
        left(376, 248, say("the port: a log for every room, every inbox and the broadcasts")),
        record(308, 258, 224, MessagePosted, say("an entry: dense numbers from 1"),
               "seq", "sender", "text", "at", "client", "cid"),
        record(548, 258, 214, Receipt, say("what became of a numbered send"), "key", "seq", "digest", "refused"),
        left(548, 396, say("a log: epoch, entries, head")),
        left(548, 412, say("a client: highest cid, receipts")),
        arrow("M254 96H292"),
        arrow("M254 80H274V14H666V24"),
        arrow("M516 144H537V80H554"),
        arrow("M558 96H546V120H520", dashed=True),
        arrow("M340 190V216H135V248", dashed=True),
        arrow("M254 160H274V204H535V226"),
        left(142, 232, say("by number")),
        left(400, 199, say("by key")),
    ]  # fmt: skip
    return svg(790, 440, say("What the chat keeps in memory"), *parts)


# A message's way.

# Who takes part, and where each stands.
_PLACES: Final = {"alice": 60, "dialect": 205, "chat": 335, "log": 455, "switchboard": 590, "bob": 730}


class Witness:
    """Writes down what happens between two users and the parts of a server in memory."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str, str]] = []
        """From whom, to whom, what, and with what."""
        self.server = Server()
        self.people = dict(zip(("alice", "bob"), self.server.logins("alice", "bob"), strict=True))
        self.within = "switchboard"
        """What asks the log at present."""
        self.server.chat.apply = self._watched(self.server.chat.apply)  # type: ignore[method-assign]
        log = self.server.log
        self._watch(log, "append", lambda found, key, entry, *_: f"{key}, seq {entry.seq}")
        self._watch(log, "read", lambda found, key, after, *_: f"{key}, after {after}")
        self._watch(log, "receipt", lambda found, client, cid: f"cid {cid}: seq {found.seq}" if found else "")

    def say(self, who: str, kind: str, /, **fields: Any) -> None:
        """Let somebody send a frame, and everybody hear what comes of it."""
        self._note(who, "dialect", kind, fields)
        self.people[who].say(kind, **fields)
        for name, client in self.people.items():
            for frame in client.take("welcome", "message"):
                self._note("switchboard", name, frame.pop("type"), frame)

    def note(self, said: str) -> None:
        """Write down what a reader has to know."""
        self.seen.append(("", "", said, ""))

    def _note(self, source: str, target: str, what: str, frame: Mapping[str, Any]) -> None:
        wanted = ("resumed",) if what == "welcome" else ("seq", "cid", "replay", "text")
        shown = {key: frame[key] for key in wanted if key in frame}
        shown |= {"token": "...", "since": frame["since"]["lobby"]["seq"]} if "since" in frame else {}
        told = [f'"{value}"' if key == "text" else f"{key} {value}".lower() for key, value in shown.items()]
        self.seen.append((source, target, what, ", ".join(told)))

    def _watched(self, apply: Callable[[Entry], Applied | None]) -> Callable[[Entry], Applied | None]:
        def applied(entry: Entry) -> Applied | None:
            record = entry.batch.records[0] if entry.batch.records else None
            if not isinstance(record, Act | LoggedIn):
                return apply(entry)
            name = type(record).__name__
            self.seen.append(("dialect", "chat", f"{name}({type(record.command).__name__})", f"entry {entry.position}"))
            self.within = "chat"
            found = apply(entry)
            self.within = "switchboard"
            assert found is not None
            wanted = [type(found.outcomes[0].answer).__name__]
            wanted += [
                type(each).__name__
                for each in found.outcomes[0].effects
                if isinstance(each, Deliver | Publish | Subscribe)
            ]
            self.seen.append(("chat", "switchboard", ", ".join(dict.fromkeys(wanted)), ""))
            return found

        return applied

    def _watch(self, log: Any, name: str, told: Callable[..., str]) -> None:
        method = getattr(log, name)

        def watched(*args: Any) -> Any:
            found = method(*args)
            self.seen.append((self.within, "log", name, told(found, *args)))
            return found

        setattr(log, name, watched)


def conversation() -> list[tuple[str, str, str, str]]:
    """Return what happens when a message goes its way, is missed, and is repeated."""
    witness = Witness()
    alice, bob = witness.people.values()
    witness.say("alice", "send_message", text="hi", cid=1)
    bob.drop()
    witness.note("Bob's connection breaks; Alice goes on")
    witness.say("alice", "send_message", text="ok?", cid=2)
    witness.note("Bob comes back with his token and the last number that he has")
    witness.people["bob"] = witness.server.connect()
    since = {"lobby": {"epoch": alice.welcome["position"]["epoch"], "seq": 1}}
    who = {"username": "bob", "client": bob.welcome["client"], "token": bob.token}
    witness.say("bob", "login", **who, since=since)
    witness.note("Alice has not seen the acknowledgement, and repeats: nothing is said twice")
    witness.say("alice", "send_message", text="ok?", cid=2)
    return witness.seen


def message(say: Say) -> str:
    """Draw what really happened, from top to bottom."""
    heads = {
        "alice": ("Alice", say("client")),
        "dialect": (say("transport"), say("and dialect")),
        "chat": ("chat", say("pure core")),
        "log": (say("room log"), say("port")),
        "switchboard": ("switchboard", say("and fan-out")),
        "bob": ("Bob", say("client")),
    }
    parts: list[str] = []
    y = 78
    for source, target, what, told in conversation():
        if not source:
            y -= 6
            parts += [f'<path d="M16 {y}H774" stroke="{LINE}" stroke-width=".7" stroke-dasharray="2 3"/>']
            parts += [text(395, y + 16, say(what), size=11, bold=True)]
            y += 42
            continue
        start, end = _PLACES[source], _PLACES[target]
        towards = 1 if end > start else -1
        parts += [arrow(f"M{start + 5 * towards} {y}H{end - 6 * towards}")]
        # Beside the tip where the way is long, so that the label stands between two lines.
        middle = (start + end) / 2 if abs(end - start) < 200 else end - 76 * towards
        parts += [text(middle, y - 5, what, size=10, code=True)]
        if told:
            parts += [text(middle, y + 12, told, size=9, code=True)]
        y += 30 if told else 24
    lines = [
        f'<path d="M{x} 52V{y}" stroke="{LINE}" stroke-width=".8" stroke-dasharray="4 4"/>' for x in _PLACES.values()
    ]
    boxes = [box(x - 52, 12, 104, 40, *heads[name]) for name, x in _PLACES.items()]
    return svg(790, y + 12, say("A message's way"), *lines, *boxes, *parts)


def logging_way(say: Say) -> str:
    """Draw why nobody waits for the log."""
    left = partial(text, anchor="start", size=11)
    most = f"{QUEUE_RECORDS:,}".replace(",", say(","))
    parts = [
        box(16, 40, 170, 56, say("event loop"), say("all users, all rooms"), fill=CARD),
        box(286, 40, 170, 56, say("queue"), say("at most {} records").format(most)),
        box(524, 40, 120, 56, say("thread"), say("formats, writes"), fill=CARD),
        box(694, 40, 80, 56, "stderr", say("file, pipe")),
        arrow("M186 62H282"), text(234, 55, say("put, no wait"), size=11),
        arrow("M456 68H520"), text(489, 61, say("batches"), size=11),
        arrow("M644 68H690"), text(667, 61, "write()", size=10, code=True),
        box(286, 126, 170, 40, say("counter of drops"), dashed=True),
        arrow("M186 84H210V146H282", dashed=True), left(196, 164, say("queue full")),
        arrow("M456 146H584V100", dashed=True), left(470, 164, say("told in the log once it is read again")),
    ]  # fmt: skip
    return svg(790, 182, say("The log: a queue, and a thread that may wait"), *parts)


_SHADES: Final = ("#8fa3c8", "#5b6784", "#1d2433")


def cluster(say: Say) -> str:
    """Draw what one, two and three servers did in `benchmarks/cluster.py`, and what more would do by that."""
    parts = [text(200, 26, say("deliveries a second, with a core for each server"), bold=True)]
    found = [
        (setup, sorted(1e6 / cost for cost in cluster_model.each(setup, "room", cluster_model.busiest)))
        for setup in cluster_model.SETUPS
    ]
    most = max(rates[-1] for _setup, rates in found)
    for row, (setup, rates) in enumerate(found):
        y, scale = 48 + 42 * row, 190 / most
        middle = statistics.median(rates)
        parts += [
            text(150, y + 19, say(_CHATS[setup]), size=12, anchor="end"),
            f'<rect x="160" y="{y}" width="{middle * scale:.0f}" height="28" rx="3" fill="{_SHADES[0]}"/>',
            f'<path d="M{160 + rates[0] * scale:.0f} {y + 14}H{160 + rates[-1] * scale:.0f}" stroke="{INK}"/>',
            text(164, y + 19, f"{middle / 1e6:.2f} M".replace(".", say(".")), size=12, anchor="start"),
        ]
    return svg(790, 300, say("What one, two and three servers do, and what more would do"), *parts, *_model(say))


_CHATS: Final = {
    "memory": "1 server, memory",
    "sqlite": "1 server, SQLite",
    "nats 1": "1 server, NATS",
    "nats 2": "2 servers, NATS",
    "nats 3": "3 servers, NATS",
}


def _model(say: Say) -> list[str]:
    """Draw how many messages a second so many servers take, by the model; both axes are logarithmic."""
    steps = [round(10 ** (step / 20), 3) for step in range(41)]
    lines = {room: [cluster_model.most(nodes, room)[0] for nodes in steps] for room in cluster_model.ROOMS}
    low = math.floor(math.log10(min(min(line) for line in lines.values())))
    high = math.ceil(math.log10(max(max(line) for line in lines.values())))

    def x(nodes: float) -> float:
        return 460 + 150 * math.log10(nodes)

    def y(messages: float) -> float:
        return 250 - 195 * (math.log10(messages) - low) / (high - low)

    parts = [text(600, 26, say("messages a second at most, by the model"), bold=True)]
    for nodes in (1, 3, 10, 30, 100):
        parts += [text(x(nodes), 268, str(nodes), size=11)]
    for power in range(low, high + 1):
        told = f"{10**power:,}".replace(",", say(","))
        parts += [
            f'<path d="M460 {y(10**power):.0f}H760" stroke="{SOFT}"/>',
            text(452, y(10**power) + 4, told, size=11, anchor="end"),
        ]
    for row, ((room, line), shade) in enumerate(zip(lines.items(), _SHADES, strict=True)):
        points = " ".join(f"{x(nodes):.1f},{y(each):.1f}" for nodes, each in zip(steps, line, strict=True))
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{shade}" stroke-width="2"/>',
            f'<path d="M590 {212 + 16 * row}H610" stroke="{shade}" stroke-width="2"/>',
            text(
                616,
                216 + 16 * row,
                say("rooms of {}").format(f"{room:,}".replace(",", say(","))),
                size=11,
                anchor="start",
            ),
        ]
    return [*parts, text(600, 288, say("servers"), size=11)]


_FIGURES: Final[dict[str, Callable[[Say], str]]] = {
    "session": session,
    "architecture": architecture,
    "structure": structure,
    "message": message,
    "logging": logging_way,
    "cluster": cluster,
}


def drawn() -> dict[str, str]:
    """Return every figure by the name of its file."""
    return {
        f"{name}{ending}.svg": draw(say)
        for name, draw in _FIGURES.items()
        for ending, say in (("", str), (".fr", french))
    }


def stale() -> list[str]:
    """Return the figures that are not up to date."""
    found = drawn()
    return [name for name in found if not (ASSETS / name).is_file() or (ASSETS / name).read_text() != found[name]]


def main() -> None:
    if "--check" in sys.argv:
        sys.exit(f"not up to date: {', '.join(stale())}; run scripts/docs_figures.py" if stale() else 0)
    for name, drawing in drawn().items():
        (ASSETS / name).write_text(drawing)


if __name__ == "__main__":
    main()
