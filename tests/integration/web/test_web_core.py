"""The protocol core of the page, under node."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from chatcore.client.reading import Reading
from chatcore.dialects.chat.decode import decode_request
from chatcore.dialects.chat.encode import command_frame
from chatcore.events import RoomUnread
from chatcore.text.finding.line import parse_search
from chatcore.text.names import name_key
from chatcore.text.names.mentions import mentions
from chatcore.text.reasons import refusal_sentence
from chatcore.text.safe_text import safe_name, safe_text
from chatcore.text.slash import SLASHES, NotUnderstood, is_secret, one_by_one, parse, without_secrets
from chatcore_qt.presenters.entries.visible import code_in, links
from chatcore_web import library_words
from tests.integration.test_conformance import SCHEMA, outcome, started, waiting
from tests.integration.web.house import PAGE, node
from tests.patience import PATIENCE
from tests.written import CODE, LINKS

MINUTES = (1, 119, 120, 121, 2_879, 2_880, 5_256_000)
CLIENT = Path(__file__).with_name("core_client.mjs")


async def run(*arguments: str, data: bytes = b"") -> bytes:
    """Run node; nothing goes wrong in it."""
    process = await asyncio.create_subprocess_exec(
        node(), *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE):
        out, _ = await process.communicate(data)
    assert process.returncode == 0
    return out


async def test_the_core_of_the_page_is_a_client_that_conforms() -> None:
    """It asks for what is missing, comes back, and says everything once."""
    async with started("--client", "tcp://127.0.0.1:0", "--schema", SCHEMA) as process:
        place = urlsplit(await waiting(process))
        shown = await run(str(CLIENT), str(PAGE), str(place.hostname), str(place.port), "alice", "one", "two", "three")
        code, said = await outcome(process)
    assert code == 0, said
    frames = [json.loads(line) for line in shown.splitlines()]
    assert [frame["text"] for frame in frames if frame["type"] == "message" and frame["from"] == "ghost"] == [
        "first", "second", "third", "fifth", "fifty-fifth", "anew",
    ]  # fmt: skip
    assert sum(frame["type"] == "acknowledged" for frame in frames) == 3


async def evaluate(code: str, data: object) -> object:
    """Return what a script makes of `data`, which it finds under that name; it may import modules of the page."""
    script = f"""
        import {{ readFileSync }} from "node:fs";
        const data = JSON.parse(readFileSync(0, "utf8"));
        {code.replace("page/", PAGE.as_uri() + "/")}
    """
    return json.loads(await run("--input-type=module", "--eval", script, data=json.dumps(data).encode()))


HOSTILE = [
    "plain", "caf\u00e9 \U0001f600", "a\x00b\x1b[31m\x7f\x9b", "line\nbreak\ttab\r\n", "\u2028\u2029", "\u202eabc",
    "\u2066open", "\u2066closed\u2069", "\u2069ended", "\u200b\u200d", " \u00ad ", "\u05e9\u05dc\u05d5\u05dd",
    "\u200f\u05e9 abc", "\u061c123", "\U000e0041flag", "\ufeffbom", "mixed \u2067\u05e9\u2069 done",
    "\u2066\u2067a\u2069", "\u0627\u0644\n\u2066x\ny\u2069",
]  # fmt: skip


async def test_the_page_makes_texts_harmless_as_the_library_does() -> None:
    """Character by character, also for texts that chance makes of such parts."""
    chance = random.Random(14)
    lines = HOSTILE + [
        "".join(chance.choices("ab \n\u05e9\u2066\u2067\u2069\u202e\u200b\u00ad\x1b", k=12)) for _ in range(500)
    ]
    found = await evaluate(
        """
        const { safeLine, safeName, safeText } = await import("page/core/safe_text.js");
        console.log(JSON.stringify(data.map((line) => [safeLine(line), safeName(line), safeText(line)])));
        """,
        lines,
    )
    assert found == [
        [safe_text(line), safe_name(line), safe_text(line.replace("\r\n", "\n"), keep_layout=True, isolated=False)]
        for line in lines
    ]


NAMES = [
    "Alice", "ALICE", "Zoë", "ZOË", "Zoe\u0308", "Straße", "STRASSE", "Γιώργος", "ΓΙΏΡΓΟΣ", "ΣΑΣ", "Иван", "田中",
    "한국", "\u1112\u1161\u11ab", "ırmak", "IRMAK", "ირმა", "ՀԱՅԿ", "สมชาย", "अनिता", "Ǆ1", "ﬁ", "",
]  # fmt: skip


async def test_the_page_takes_the_same_names_for_one_as_the_library_does() -> None:
    """In whatever case and form."""
    found = await evaluate(
        """
        const { nameKey } = await import("page/core/names.js");
        console.log(JSON.stringify(data.map((name) => nameKey(name))));
        """,
        NAMES,
    )
    assert found == [name_key(name) for name in NAMES]


ADDRESSES = [
    "ws://one:8765", "wss://two.example.org/chat", "chat://three", "chat://[::1]:9000", "quic://one:8765", "tcp://one:1",
    "ws://one:8765/", "WS://ONE:8765", "javascript:alert(1)", "ws://u:p@evil", "ws://a b", "ws://", "ws://:1", "ws://x:70000",
    "ws://x?y", 7, None, ["ws://y"], "https://x", "ws://x#y",
]  # fmt: skip


async def test_the_page_uses_the_addresses_of_other_servers_that_it_can_use() -> None:
    """One that came encrypted goes on encrypted. They come in an order of chance, and not too many."""
    found = await evaluate(
        """
        const { addressesToUse, folderOf } = await import("page/core/addresses.js");
        let turn = 0;
        const inTurn = () => (turn += 1);
        const many = [...new Array(100).keys()].map((number) => `ws://host${number}`);
        console.log(JSON.stringify([
            addressesToUse(data, false, inTurn), addressesToUse(data, true, inTurn),
            addressesToUse(data, false, () => -(turn += 1)), addressesToUse(many, false, inTurn).length,
            [addressesToUse("ws://x", false, inTurn), addressesToUse(undefined, false, inTurn)],
            ["wss://two.example.org/chat", "ws://one:8765/"].map((url) => folderOf(url).href),
        ]));
        """,
        ADDRESSES[:16],
    )
    plain = ["ws://one:8765/", "wss://two.example.org/chat", "ws://three:8765/", "ws://[::1]:9000/"]
    encrypted = ["wss://two.example.org/chat", "wss://three:8765/", "wss://[::1]:9000/"]
    folders = ["https://two.example.org/chat/", "http://one:8765/"]
    assert found == [plain, encrypted, plain[::-1], 16, [[], []], folders]
    rest = await evaluate(
        """
        const { addressesToUse } = await import("page/core/addresses.js");
        console.log(JSON.stringify(addressesToUse(data, false, () => 0)));
        """,
        ADDRESSES[13:],
    )
    assert rest == []


SPOKEN_OF = [
    ("salut ZOË !", "Zoë"), ("Zoëlle", "Zoë"), ("田中さん", "田中"), ("malice", "alice"),
    ("@Alice:", "alice"), ("x", ""), ("สวัสดีสมชายครับ", "สมชาย"), ("иванов", "Иван"), ("ИВАН", "Иван"),
    ("al-alice alice_", "alice"), ("STRASSE", "Straße"), ("\U00010400alice", "alice"), ("alice\U0001f600", "alice"),
    ("\U0001f600alice", "alice"), ("alice\U00010400", "alice"), ("hello Μαΐρη", "Μαΐρη"), ("\u01f0an?", "\u01f0an"),
]  # fmt: skip


async def test_the_page_finds_mentions_as_the_library_does() -> None:
    found = await evaluate(
        """
        const { mentions } = await import("page/core/texts.js");
        console.log(JSON.stringify(data.map(([text, name]) => mentions(text, name))));
        """,
        SPOKEN_OF,
    )
    assert found == [mentions(text, name) for text, name in SPOKEN_OF]


AS_SHOWN = """
    const { blocksOf, partsOf } = await import("page/core/texts.js");
    const shown = (text) => blocksOf(text).flatMap((one) => (one.kind === "text" ? partsOf(one.text) : one));
"""


def some_texts(marks: str) -> list[str]:
    """Return texts that chance makes of such marks."""
    chance = random.Random(14)
    return ["".join(chance.choices(marks, k=chance.randrange(1, 40))) for _ in range(2_000)]


async def test_the_page_takes_the_same_for_code_as_the_window_does() -> None:
    """Also in texts that chance makes of its marks."""
    texts = some_texts("````\n\n ab#") + [text for text, _code in CODE]
    found = await evaluate(
        AS_SHOWN
        + """
        const code = (text) => shown(text).filter(({ kind }) => kind === "code" || kind === "block");
        console.log(JSON.stringify(data.map((text) => code(text).map((one) => one.text))));
        """,
        texts,
    )
    assert isinstance(found, list)
    assert found[-len(CODE) :] == [code for _text, code in CODE]
    assert found == [[code for _start, _end, code in code_in(text)] for text in texts]


async def test_the_page_takes_the_same_for_links_as_the_window_does() -> None:
    """Also in texts that chance makes of such parts."""
    chance = random.Random(14)
    parts = [
        "https://",
        "https://a.b",
        "http://[::1]",
        ":80",
        "/",
        "?",
        "#x",
        *"ab.,:;!-_~@%&()[]{}'|^ «»”“…。、，）」’‘é看—👍",
    ]
    texts = ["".join(chance.choices(parts, k=chance.randrange(1, 12))) for _ in range(20_000)]
    texts += [text for text, _addresses in LINKS]
    found = await evaluate(
        AS_SHOWN
        + """
        const addresses = (text) => partsOf(text).filter(({ kind }) => kind === "link").map(({ text }) => text);
        console.log(JSON.stringify(data.map(addresses)));
        """,
        texts,
    )
    assert isinstance(found, list)
    assert found[-len(LINKS) :] == [addresses for _text, addresses in LINKS]
    assert found == [[address for _start, _end, address in links(text)] for text in texts]


async def test_no_text_keeps_the_page_busy_for_long() -> None:
    """However often it has a mark: what is read out of it takes no more than a time in proportion."""
    marks = ["`", "`a", "```\n", ".", "(", "'", "https://a/", "'https://a/)"]
    done = await evaluate(
        AS_SHOWN
        + """
        for (const mark of data) for (const before of ["https://a.b/", "```"]) {
            shown(before + mark.repeat(600_000 / mark.length) + "x");
        }
        const { mentions } = await import("page/core/texts.js");
        console.log(mentions("a".repeat(600_000), "aa"));
        """,
        marks,
    )
    assert done is False


async def test_the_page_shows_all_that_is_said_but_the_marks_of_code() -> None:
    """The name of a language too, and a block that is never closed."""
    texts = some_texts("````\n\n ab#.") + [text for text, _code in CODE]
    found = await evaluate(
        AS_SHOWN
        + """
        const all = (text) => shown(text).map(({ text, language }) => (language ?? "") + text).join("");
        console.log(JSON.stringify(data.map((text) => [all(text), shown(text).every((one) => one.text)])));
        """,
        texts,
    )
    said = ["".join(text.replace("`", "").split()) for text in texts]
    assert isinstance(found, list)
    assert [("".join(shown.replace("`", "").split()), whole) for shown, whole in found] == [
        (text, True) for text in said
    ]


async def test_the_page_keeps_a_file_under_a_plain_name() -> None:
    """Without folders, and with its letters composed."""
    found = await evaluate(
        """
        const { fileName } = await import("page/core/transfers.js");
        console.log(JSON.stringify(data.map(fileName)));
        """,
        ["e\u0301te\u0301.txt", "../.a:b", "\u202e"],
    )
    assert found == ["\u00e9t\u00e9.txt", "a_b", "_"]


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])
async def test_the_page_computes_sha_256_piece_by_piece(size: int) -> None:
    """As FIPS 180-4 says, wherever the pieces end."""
    data = random.Random(size).randbytes(size)
    found = await evaluate(
        """
        const { Sha256 } = await import("page/core/sha256.js");
        const hash = new Sha256();
        for (let at = 0; at < data.length; at += 7) hash.update(Uint8Array.from(data.slice(at, at + 7)));
        console.log(JSON.stringify(hash.hex()));
        """,
        list(data),
    )
    assert found == hashlib.sha256(data).hexdigest()


LINES = [
    "hello", "  two  spaces ", "//slash", "/nick al", "/nick", "/nick a b", "/who", "/who x", "/whois bob",
    "/msgall lunch at one", "/msgall", "/msg bob psst", "/msg bob,carol,,dave a b", "/msg bob", "/list", "/rooms",
    "/create x", "/join Python", "/leave", "/topic Week 7", "/topic -", "/topic", "/kick bob", "/kick bob too loud",
    "/kick", "/ban bob", "/ban bob 10m spam", "/ban bob +address 2h",
    "/ban bob 2h +address", "/ban bob 2h +address loud", "/ban bob +address +address", "/ban bob loud +address",
    "/ban bob 10 minutes", "/ban bob 1 heure bruit", "/ban bob for 1h30m", "/ban bob for spam", "/ban bob 10",
    "/ban bob 1.5h", "/ban bob 1h30", "/ban bob \u0663m", "/mute bob 3\u00a0jours", "/mute bob 10 Min",
    "/mute bob pendant 2 hours 5 min x", "/mute bob 3 mois", "/mute bob for 10", "/slow 0s", "/slow 1 minute",
    "/slow 5s quiet", "/slow 2 lunes",
    "/ban bob +address 0h", "/ban +address bob", "/ban bob 0s now", "/mute bob 00m", "/ban bob soon",
    "/unban bob", "/unban bob x",
    "/bans", "/bans x", "/mute bob 30s", "/mute bob 7d for a week", "/unmute bob", "/op bob", "/op bob owner",
    "/op bob king", "/deop bob", "/private", "/private off", "/private on", "/invite bob", "/slow 5", "/slow 0",
    "/slow x", "/close", "/close until tomorrow", "/MSG bob psst", "/ join x", "/nothing", "/jion x", "/",
    " /msg bob psst", "\n/who", "  // a comment", " /nothing",
    "\u200b/msg bob psst", "\ufeff\u00a0/who", "\uff0fmsg bob psst", "\u2215nothing x", "\x1b[A/msg bob psst",
    "/msg\nbob\npsst\n/leave", "/msgall\nlunch\nat 12", "/msg bob\n", "/topic news\n", "/topic news\n/msg bob psst",
    "/kick\nbob", "/kick bob\n/quit", "/create\nclub", "/quit\nhello", "/nothing\nhello",
    "\u2044/ x", "\u202e//x", "\u200b", "\uff0f\uff0f x", "\U000e0020/who",
]  # fmt: skip


def understood(line: str) -> object:
    """Return what a line asks for, as the other clients understand it: the frame, as the server reads it."""
    try:
        command = parse(line, room="here")
    except NotUnderstood as error:
        return error.code
    frame = command_frame(command)  # type: ignore[arg-type]
    return decode_request({name: value for name, value in frame.items() if (name, value) != ("room", "here")})[0]


async def test_the_page_understands_a_line_as_the_other_clients_do() -> None:
    """Every command that is a request, right and wrong; an unknown one is none."""
    found = await evaluate(
        """
        const { LIBRARY } = await import("page/words/library.js");
        const { parseLine } = await import("page/core/slash.js");
        Object.assign(LIBRARY, data.library);
        console.log(JSON.stringify(data.lines.map(parseLine)));
        """,
        {"library": library_words({}), "lines": LINES},
    )
    assert isinstance(found, list)
    for line, typed in zip(LINES, found, strict=True):
        expected = understood(line)
        if typed["kind"] == "wrong":
            assert expected == ("usage" if typed["sentence"].startswith("this is how") else "unknown"), line
        else:
            frame = {name: value for name, value in typed["frame"].items() if (name, value) != ("room", "")}
            assert decode_request(frame)[0] == expected, line
    asked = {line[1:].split()[0].lower() for line in LINES if line[:1] == "/" and line[1:2].isalpha()}
    here = {
        "register", "identify", "search", "reply", "react", "unreact", "delete", "edit", "history", "send", "accept",
        "decline", "cancel", "link", "help", "quit",
    }  # fmt: skip
    assert set(SLASHES) <= asked | here


WITH_PASSWORDS = [
    "/register x", "/identify alice x", " /IDENTIFY\tx", "\uff0fregister x", "\u200b/ identify x", "/identfy x",
    "/regsiter x", "/reg x", "/i", "/identifyhunter22", "/registerhunter2", "/identify:hunter22", "/register=hunter22",
    "/identfyhunter22 x", "/identify" + "x7" * 9, "/REGISTER" + "x" * 1000,
]  # fmt: skip
WITHOUT = [
    "register x", "//register x", "/msg bob /register x", "/jion python", "/tpoic x", "/hlep", "/unknowncommand",
    "/whoknowsall", "/" + "x7" * 9, "/", "",
]  # fmt: skip


# Messages with words that begin with a slash: they are said as they are, below a command that is said with them too.
IN_MESSAGES = [
    *(f"see these:\n{word} is the one\nand tell me" for word in (
        "/resources/list", "/review", "/reviews/1", "/region", "/reset", "/restart", "/redirect", "/remote", "/report",
        "/requests", "/id", "/i", "/r", "/re", "/reg", "/ident", "/reddit", "/index.html", "/minister", "/regex",
        "/resize", "/registration", "/identification",
    )),
    "/msg bob see:\n/reviews/1\n\n/id", "/topic x\nsee:\n\n/resources/list\n/id/3", "//api\n/reviews/1\n/id",
]  # fmt: skip


# What is typed, and what of it may be kept.
KEPT = {
    **dict.fromkeys(WITH_PASSWORDS, ""), **{line: line for line in WITHOUT},
    "/topic x\n/register hunter2222": "/topic x", "/kick\n\uff0fIdentfy bob hunter22\n/who\n": "/kick\n/who\n",
    "hello\n /register hunter2222\n/topic x\nhow are you?": "hello\n/topic x\nhow are you?",
    "/msg bob say this:\n/identify hunter22\n\n//etc": "/msg bob say this:\n",
    "/identify bob\nhunter22\nhello": "hello",
    "/register\n \nhunter2222\nhello\nall": " \nhello\nall", "/register one\n/identify two\n": "",
    "hello\nall\n\n/who": "hello\nall\n\n/who", "to be in, say\n//register x": "to be in, say\n//register x",
    **{text: text for text in IN_MESSAGES},
    "as it is:\n/idnetify hunter22\nbye all": "as it is:\nbye all",
    "so:\n/identifyhunter22\nbye all": "so:\nbye all", "so:\n/identify\nbye all\nand you": "so:\nand you",
    "/register hunter22\nhello\nall": "hello\nall", "/identify hunter22\nhello all": "hello all",
    "/register=hunter22\nhello": "hello", "/topic x\n/regst\nhunter22": "/topic x",
    "/identify bob hunter22\nhello": "hello",
}  # fmt: skip


async def test_the_page_sees_passwords_in_what_is_typed_as_the_other_clients_do() -> None:
    """In whatever line; where the command is mistyped too, cut short, or has the password right behind or below it."""
    found = await evaluate(
        """
        const { LIBRARY } = await import("page/words/library.js");
        const { withoutSecrets } = await import("page/core/slash.js");
        Object.assign(LIBRARY, data.library);
        console.log(JSON.stringify(data.texts.map(withoutSecrets)));
        """,
        {"library": library_words({}), "texts": [*KEPT]},
    )
    assert dict(zip(KEPT, found, strict=True)) == {text: without_secrets(text) for text in KEPT} == KEPT
    assert [text for text in KEPT if is_secret(text)] == [text for text, kept in KEPT.items() if kept != text]


TEXTS = [
    "hello all\n/msg bob psst", "/msg bob look:\n/leave\nis one", "/edit one\n/who", "/reply bob one\n/who",
    "/kick\n/msg bob psst", "/nothing\n/who", "", "\n", "/who \n \n", "\n/topic news\n\n /slow 5\n",
    "/topic news\n/msg bob psst", "/topic news\n/msg bob psst\n/who", "/topic news\n//etc\n/who",
    "/delete\n/react x\n\n two\nlines ", "/kick bob\n/kick\n/who", "/who\n/quit\n/who", "/identify\n/create club",
    "/identify secret\n/create club", "/react x\n/unreact x", "/unreact x\n/who", "/search tea\n/search",
    "/send bob f\n/who", "/accept\n/who", "/decline 4b51\n/who", "/cancel\n/cancel",
]  # fmt: skip


async def test_the_page_tells_apart_commands_below_each_other_as_the_other_clients_do() -> None:
    """But that nothing is done below what leads where it does not look at once."""
    found = await evaluate(
        """
        const { LIBRARY } = await import("page/words/library.js");
        const { oneByOne } = await import("page/core/slash.js");
        Object.assign(LIBRARY, data.library);
        console.log(JSON.stringify(data.texts.map(oneByOne).map(({ commands, rest }) => [commands, rest])));
        """,
        {"library": library_words({}), "texts": [*TEXTS, "/who\n/leave\n/topic x", "/send bob\n/send carol"]},
    )
    assert found == [
        *(list(one_by_one(text, room="here")) for text in TEXTS),
        [["/who", "/leave"], "/topic x"],
        [["/send bob"], "/send carol"],
    ]


SEARCHES = [
    "tea", "  Two  words ", "tea from:bob in:Kitchen", "FROM:bob", "since:2026-11-27 tea", "until:2026-11-27",
    "until:2026-12-31 x", "since:2026-03-29T14:30 x", "since:2026-02-30 x", "until:soon x", "in:kitchen", "from: bob",
]  # fmt: skip


async def test_the_page_looks_for_messages_as_the_other_clients_do() -> None:
    """Words, from whom, where and when; a date that is none is no search."""
    found = await evaluate(
        """
        const { parseSearch } = await import("page/core/search.js");
        console.log(JSON.stringify(data.map(parseSearch)));
        """,
        SEARCHES,
    )
    assert isinstance(found, list)
    for line, frame in zip(SEARCHES, found, strict=True):
        assert (frame and decode_request(frame)[0]) == parse_search(line), line


def read_as_the_library_does(steps: list[list[Any]]) -> list[Any]:
    """Return what is known, and what is told the server, after each step."""
    reading, now, known = Reading(), 0.0, []
    for what, *more in steps:
        match what, more:
            case "begin", [lines]:
                reading.begin([RoomUnread(**line) for line in lines])
            case "learn", [lines]:
                reading.learn([RoomUnread(**line) for line in lines])
            case "said", [room, seq, own]:
                reading.said(room, seq, own=own)
            case "mark", [room, seq, epoch]:
                reading.mark(room, seq, epoch)
            case "forget", [room]:
                reading.forget([room])
        now += 0.4
        told = [command_frame(mark) for mark in reading.to_tell(now)]
        known.append([[asdict(line) for line in reading.rooms.values()], told, reading.get_timer()])
    return known


def some_reading(chance: random.Random) -> list[list[Any]]:
    """Return what may happen: logins, messages, what is read, rooms that go."""
    steps: list[list[Any]] = []
    for _ in range(200):
        room, seq = chance.choice(["lobby", "Python", "r"]), chance.randrange(1, 30)
        read = chance.randrange(20)
        line = {"room": room, "read": read, "unread": chance.randrange(10), "mentions": chance.randrange(3)}
        steps.append(
            chance.choice(
                [
                    ["said", room, seq, chance.random() < 0.3],
                    ["said", room, read, False],
                    ["mark", room, seq, chance.choice(["", "e", "f"])],
                    ["begin", [line, {"room": "x", "read": 0, "unread": 0, "mentions": 0}]],
                    ["learn", [line]],
                    ["forget", room],
                ]
            )
        )
    return steps


async def test_the_page_knows_how_far_the_user_has_read_as_the_library_does() -> None:
    """Whatever happens, in whatever order; the server is told the same, at the same time."""
    steps = some_reading(random.Random(14))
    found = await evaluate(
        """
        const { Reading } = await import("page/core/reading.js");
        const reading = new Reading();
        let now = 0;
        const known = data.map(([what, ...more]) => {
          if (what === "said") reading.said(more[0], more[1], { own: more[2] });
          else reading[what](...more);
          now += 0.4;
          const told = reading.tell(now);
          return [[...reading.rooms.values()], told, reading.timer()];
        });
        console.log(JSON.stringify(known));
        """,
        steps,
    )
    assert found == read_as_the_library_does(steps)


async def test_what_only_reads_does_not_wait_at_the_page_for_what_is_refused_for_now() -> None:
    """On a full disk, say; everything else comes again, in its order."""
    found = await evaluate(
        """
        const { Outbox } = await import("page/core/outbox.js");
        const outbox = new Outbox();
        const goes = () => outbox.toSend().map(({ type, text }) => text ?? type);
        const out = [];
        outbox.post({ type: "send_message", text: "one" });
        outbox.request({ type: "list_rooms" });
        outbox.post({ type: "send_message", text: "two" });
        out.push(goes());
        outbox.refused({ code: "unavailable", cid: 1, id: "s1" }, data.now);
        outbox.answered("r1");
        outbox.refused({ code: "unavailable", cid: 2, id: "s2" }, data.now);
        outbox.request({ type: "join_room", room: "python" });
        outbox.request({ type: "history", room: "lobby" });
        out.push(goes(), outbox.timer());
        outbox.answered("r3");
        outbox.handleTimer(data.now + 1);
        for (const id of ["s1", "s2", "r2"]) {
          out.push(goes());
          outbox.answered(id);
        }
        console.log(JSON.stringify(out));
        """,
        {"now": 100},
    )
    assert found == [["one", "list_rooms", "two"], ["history"], 101, ["one"], ["two"], ["join_room"]]


async def test_only_what_is_said_in_a_slow_room_waits_for_its_pace_at_the_page() -> None:
    """Its user can leave it, and write to somebody; and it is tried at once when it may be taken now."""
    found = await evaluate(
        """
        const { Outbox } = await import("page/core/outbox.js");
        const outbox = new Outbox();
        const goes = () => outbox.toSend().map(({ type, text, cid }) => (text ? `${text} ${cid}` : type));
        const out = [];
        const slow = { code: "slow_mode", retry_after: 3600 };
        outbox.post({ type: "send_message", text: "one" });
        outbox.post({ type: "send_direct", to: ["bob"], text: "hi" });
        out.push(goes());
        outbox.refused({ ...slow, cid: 1, id: "s1" }, data.now);
        out.push(outbox.refused({ code: "cid_gap", cid: 2, id: "s2" }, data.now), goes());
        outbox.acknowledged(1);
        outbox.post({ type: "send_direct", to: ["bob"], text: "you" });
        outbox.request({ type: "leave_room" });
        out.push(goes());
        outbox.acknowledged(2);
        out.push(goes());
        outbox.answered("r1");
        for (const frame of [{ type: "moderated", act: "set_slow", value: 0 }, { type: "room" }, { type: "limits" }]) {
          out.push(goes());
          outbox.heard(frame);
          out.push(goes());
          outbox.refused({ ...slow, cid: 3, id: "s1" }, data.now);
        }
        outbox.request({ type: "edit_message", seq: 1, text: "1" });
        out.push(goes(), outbox.refused({ ...slow, message: "wait", id: "r2" }, data.now).refusal.code, outbox.waits);
        console.log(JSON.stringify(out));
        """,
        {"now": 100},
    )
    written = [["one 1", "hi 2"], None, ["hi 1"], ["you 2"], ["leave_room"]]
    assert found == [*written, *[[], ["one 3"]] * 3, ["1 undefined"], "slow_mode", [3700]]


async def test_what_is_said_behind_a_leave_stays_in_its_order_at_the_page() -> None:
    """Nothing that may be for the same room overtakes it, and no number changes that the server has taken."""
    found = await evaluate(
        """
        const { Outbox } = await import("page/core/outbox.js");
        const out = [];
        const goes = (outbox) => outbox.toSend().map(({ type, text, cid }) => (text ? `${text} ${cid}` : type));
        const slow = { code: "slow_mode", retry_after: 3600, values: { room: "lobby" } };
        const outbox = new Outbox();
        outbox.request({ type: "leave_room" });
        for (const text of ["a", "b", "c"]) outbox.post({ type: "send_message", text });
        out.push(goes(outbox));
        outbox.answered("r1");
        outbox.refused({ ...slow, cid: 1, id: "s1" }, data.now);
        for (const cid of [2, 3]) outbox.refused({ code: "cid_gap", cid, id: `s${cid}` }, data.now);
        outbox.post({ type: "send_message", text: "d", room: "python" });
        outbox.post({ type: "send_direct", to: ["bob"], text: "hi" });
        out.push(goes(outbox));
        outbox.acknowledged(1);
        outbox.heard({ type: "moderated", act: "set_slow", value: 0, room: "lobby" });
        for (let cid = 2; cid <= 5; cid += 1) {
          out.push(goes(outbox));
          outbox.acknowledged(cid);
        }
        const other = new Outbox();
        other.welcomed(0, data.now);
        other.post({ type: "send_message", text: "a", room: "lobby" });
        out.push(goes(other));
        other.disconnected(true);
        other.welcomed(1, data.now); // it was taken
        other.post({ type: "send_message", text: "b", room: "lobby" });
        other.post({ type: "send_direct", to: ["bob"], text: "hi" });
        out.push(goes(other));
        const limited = { code: "rate_limited", retry_after: 1, values: { what: "requests" } };
        other.refused({ ...limited, cid: 1, id: "s1" }, data.now);
        other.refused({ ...slow, cid: 2, id: "s2" }, data.now);
        other.refused({ code: "cid_gap", cid: 3, id: "s3" }, data.now);
        other.handleTimer(data.now + 2);
        out.push(goes(other));
        console.log(JSON.stringify(out));
        """,
        {"now": 100},
    )
    behind = [["leave_room", "a 1", "b 2", "c 3"], ["hi 1"], ["a 2"], ["b 3"], ["c 4"], ["d 5"]]
    assert found == [*behind, ["a 1"], ["a 1", "b 2", "hi 3"], ["hi 2"]]


async def test_what_is_said_to_everybody_waits_for_the_lobby_alone_at_the_page() -> None:
    """What is said in a room that is not slow goes on, under the number that was not used up."""
    found = await evaluate(
        """
        const { Outbox } = await import("page/core/outbox.js");
        const out = [];
        const outbox = new Outbox();
        const goes = () => outbox.toSend().map(({ text, cid, room }) => `${text} ${cid} ${room}`);
        outbox.post({ type: "broadcast", text: "all" });
        out.push(goes());
        outbox.refused({ code: "slow_mode", retry_after: 3600, cid: 1, id: "s1", values: { room: "Lobby" } }, data.now);
        outbox.post({ type: "send_message", text: "here", room: "python" });
        out.push(goes());
        outbox.acknowledged(1);
        outbox.heard({ type: "moderated", act: "set_slow", value: 5, room: "python" });
        out.push(goes());
        outbox.heard({ type: "moderated", act: "set_slow", value: 0, room: "lobby" });
        out.push(goes());
        const other = new Outbox(); // it is not known here where this will be said
        other.post({ type: "send_message", text: "a" });
        other.toSend();
        other.refused({ code: "slow_mode", retry_after: 3600, cid: 1, id: "s1", values: { room: "lobby" } }, data.now);
        other.request({ type: "join_room", room: "python" });
        out.push(other.toSend().map(({ room }) => room));
        other.answered("r1");
        other.heard({ type: "room", room: "python" });
        out.push(other.toSend().map(({ room }) => room));
        console.log(JSON.stringify(out));
        """,
        {"now": 100},
    )
    assert found == [["all 1 undefined"], ["here 1 python"], [], ["all 2 undefined"], ["python"], ["lobby"]]


REPLACED = """
    globalThis.window = globalThis;
    const { Session } = await import("page/core/session.js");
    const { Driver } = await import("page/net/driver.js");
    const told = [];
    for (const { answered, holds } of data) {
        const states = [];
        let handler = null;
        const places = { learn() {}, async connect(given) { handler = given; return { send() {}, close() {} }; } };
        const who = { username: "alice", client: "c".repeat(16), room: "lobby" };
        const session = new Session({ ...who, token: "t", positions: {}, outbox: null });
        const state = ({ state }) => states.push(state);
        const listener = { heard() {}, chunk() {}, keep() {}, lost() {}, holds: () => holds, state };
        const driver = new Driver(session, places, listener);
        const connect = async () => {
            driver.state.state === "waiting" ? driver.hurry() : driver.connect();
            for (let turn = 0; turn < 9; turn += 1) await null;
        };
        const there = { position: { epoch: "e", seq: 0 }, rooms: [], users: [], resumed: true };
        const welcome = { type: "welcome", ...who, session: { token: "t" }, ...there };
        await connect();
        if (answered) handler.frame(welcome);
        handler.closed(); // the login before this one may count later, if it was not answered
        for (let turn = 0; turn < 2 && driver.state.state === "waiting"; turn += 1) {
            await connect();
            handler.frame(welcome);
            handler.frame({ type: "bye", code: "replaced", message: "" });
            handler.closed();
        }
        driver.stop();
        told.push(states);
    }
    console.log(JSON.stringify(told));
"""


async def test_the_page_is_not_replaced_for_good_by_a_login_of_its_own_that_counts_late() -> None:
    """Once for each that had no answer, as the library has it; and never when another tab has the session."""
    once = ["connecting", "waiting", "connecting", "online"]
    lost = ["connecting", "online", "waiting", "connecting", "online", "over", "over"]
    found = await evaluate(
        REPLACED,
        [{"answered": False, "holds": True}, {"answered": True, "holds": True}, {"answered": False, "holds": False}],
    )
    assert found == [
        [*once, "waiting", "connecting", "online", "over", "over"],
        lost,
        [*once, "over", "over"],
    ]


FAREWELL = """
    const { Session } = await import("page/core/session.js");
    const told = [];
    for (const { welcomed, chatter } of data) {
        const who = { username: "alice", client: "c".repeat(16), room: "lobby" };
        const session = new Session({ ...who, token: "t", positions: {}, outbox: null });
        session.connected(100);
        session.toSend(100);
        const there = { position: { epoch: "e", seq: 0 }, rooms: [], users: [], resumed: true };
        if (welcomed) session.received({ type: "welcome", ...who, session: { token: "t" }, ...there }, 101);
        session.received({ type: "bye", code: "kicked", message: "" }, 102);
        let now = 102;
        while (now < 200 && session.handleTimer(now)) {
            now = chatter ? Math.min(session.timer(), now + 0.5) : session.timer();
            if (chatter) session.received({ type: chatter, code: "kicked", message: "" }, now);
        }
        told.push(now);
    }
    console.log(JSON.stringify(told));
"""


async def test_the_page_hangs_up_when_a_server_that_has_said_goodbye_does_not() -> None:
    """Three seconds later, as the library does, whatever else the server says."""
    cases = [(welcomed, chatter) for welcomed in (False, True) for chatter in ("", "pong", "bye")]
    found = await evaluate(FAREWELL, [{"welcomed": welcomed, "chatter": chatter} for welcomed, chatter in cases])
    assert found == [105] * len(cases)


RENAMED = [
    ("anna", "annabel", 10),
    ("mallory", "anna", 20),
    ("Annabel", "anne", 30),
    ("bob", "", 30),
    ("carol", "CAROL", 40),
]
CALLED = [
    ("anna", 5, "anne"), ("annabel", 15, "anne"), ("ANNA", 15, ""), ("mallory", 20, "anna"), ("anna", 25, "anna"),
    ("anne", 31, "anne"), ("annabel", 31, "annabel"), ("bob", 30, ""), ("bob", 31, "bob"), ("carol", 1, "CAROL"),
    ("dave", 1, "dave"), ("anne", 1, ""),
]  # fmt: skip


async def test_the_page_knows_who_is_called_what_now() -> None:
    """By how far the log was when somebody took another name; of another log, or one begun anew, it knows nothing."""
    found = await evaluate(
        """
        const { Renames } = await import("page/core/renames.js");
        const renames = new Renames();
        for (const [from, to, seq] of data.renamed) renames.note(from, to, new Map([["@", { epoch: "e", seq }]]));
        const kept = new Renames(JSON.parse(JSON.stringify(renames.all)));
        const logs = [["@", "e"], ["@", "f"], ["__proto__", "e"]];
        const inLog = (log, epoch) => data.called.map(([name, seq]) => kept.now(name, log, epoch, seq));
        console.log(JSON.stringify(logs.map(([log, epoch]) => inLog(log, epoch))));
        """,
        {"renamed": RENAMED, "called": CALLED},
    )
    unknown = [name for name, _seq, _now in CALLED]
    assert found == [[now for _name, _seq, now in CALLED], unknown, unknown]


async def test_the_page_learns_at_the_login_under_which_name_it_goes_on() -> None:
    """The connection was lost before it was told: what was said until then is its own, and the rename is shown."""
    found = await evaluate(
        """
        const { Session } = await import("page/core/session.js");
        const who = { client: "c".repeat(16), room: "lobby" };
        const positions = { "@": { epoch: "e", seq: 7 }, lobby: { epoch: "l", seq: 9 } };
        const session = new Session({ ...who, username: "alice", token: "t", positions, outbox: null });
        session.connected(100);
        const there = { username: "alison", position: positions.lobby, positions, rooms: [], users: [], resumed: true };
        const shown = session.received({ type: "welcome", ...who, session: { token: "t" }, ...there }, 101);
        const later = new Session(JSON.parse(JSON.stringify(session.saved())));
        const said = [["@", "e", 7], ["@", "e", 8], ["lobby", "l", 9], ["lobby", "l", 10]];
        const now = said.map((where) => later.renames.now("alice", ...where));
        console.log(JSON.stringify([shown[1], later.username, now]));
        """,
        None,
    )
    renamed = {"type": "renamed", "from": "alice", "to": "alison"}
    assert found == [renamed, "alison", ["alison", "alice", "alison", "alice"]]


BEHIND_A_HOLE = """
    const { Session } = await import("page/core/session.js");
    const who = { username: "alice", client: "c".repeat(16), room: "lobby" };
    const session = new Session({ ...who, token: "t", positions: {}, outbox: null });
    session.connected(100);
    const there = { position: { epoch: "e", seq: 1 }, rooms: [], users: [], resumed: true };
    session.received({ type: "welcome", ...who, session: { token: "t" }, ...there }, 101);
    const message = (seq, more) => ({ type: "message", room: "lobby", seq, from: "bob", text: `text ${seq}`, ...more });
    for (const [seq, more] of data.waiting) session.received(message(seq, more), 102);
    for (const change of data.changes) session.received({ room: "Lobby", ...change }, 103);
    const missing = { room: "lobby", epoch: "e", messages: [message(2, {})] };
    const shown = session.received({ type: "history", id: "refill", ...missing }, 104);
    const below = (reactions) => reactions.map(({ emoji, count }) => `${emoji}${count}`);
    const said = ({ seq, text, deleted = false, edited = false, reactions = [], mine = [] }) =>
        [seq, text, deleted, edited, below(reactions), mine];
    console.log(JSON.stringify(shown.map(said)));
"""


async def test_the_page_shows_what_waits_behind_a_hole_as_it_is_by_then() -> None:
    """Nothing of what was deleted meanwhile; what was edited, or reacted to, as it is now; all else as it was."""
    below = {"reactions": [{"emoji": "+", "count": 1}, {"emoji": "!", "count": 2}], "mine": ["!"]}
    reaction = {"type": "reaction", "seq": 5}
    changes = [
        {"type": "moderated", "act": "delete_message", "value": 3, "by": "bob", "target": "bob", "change": 1},
        {"type": "moderated", "act": "edit_message", "value": 4, "by": "bob", "text": "better", "change": 2},
        reaction | {"emoji": "+", "from": "Alice", "count": 2, "change": 3},
        reaction | {"emoji": "?", "from": "bob", "count": 1, "change": 4},
        reaction | {"emoji": "!", "from": "alice", "count": 1, "removed": True, "change": 5},
        reaction | {"emoji": "+", "from": "", "count": 0, "seq": 6, "change": 6},
        reaction | {"emoji": "+", "from": "carol", "count": 1, "seq": 3, "change": 7},
        {"type": "moderated", "act": "set_slow", "value": 7, "by": "bob"},
    ]
    found = await evaluate(
        BEHIND_A_HOLE, {"waiting": [[3, below], [4, below], [5, below], [6, below], [7, {}]], "changes": changes}
    )
    assert found == [
        [2, "text 2", False, False, [], []],
        [3, "", True, False, [], []],
        [4, "better", False, True, ["+1", "!2"], ["!"]],
        [5, "text 5", False, False, ["+2", "!1", "?1"], ["+"]],
        [6, "text 6", False, False, ["!2"], ["!"]],
        [7, "text 7", False, False, [], []],
    ]


async def test_page_says_why_something_was_refused_as_the_library_does() -> None:
    """A long time in hours or days."""
    refusals = [(code, {"room": "class", "minutes": minutes}) for code in ("banned", "muted") for minutes in MINUTES]
    found = await evaluate(
        """
        const { LIBRARY } = await import("page/words/library.js");
        Object.assign(LIBRARY, data.words);
        const { refusalText } = await import("page/words/refusals.js");
        console.log(JSON.stringify(data.refusals.map(([code, values]) => refusalText({ code, values }))));
        """,
        {"words": library_words({}), "refusals": refusals},
    )
    said = (str(refusal_sentence(code, values)) for code, values in refusals)
    assert found == [f"{text[0].upper()}{text[1:]}." for text in said]
