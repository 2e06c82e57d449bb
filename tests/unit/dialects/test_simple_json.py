"""The server's side of `simple-json`: bare objects cut anywhere, refusals, who sees whom."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.dialects.base import Answer, Request
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.transport import CloseReason
from chatcore_simple import SimpleTextDialect, simple_json
from chatcore_simple.objects import DEPTH, OBJECTS, ObjectScanner, Unreadable
from tests.unit.dialects.simple_guest import Guest
from tests.unit.dialects.test_json_text import BAD
from tests.unit.playbook import Server

WELCOME = {"status": "success", "message": "Bienvenue, bob"}
SENT = {"status": "success", "message": "Message envoyé à tous les clients"}
BROKEN = {"status": "error", "message": "Ce texte contient un caractère coupé, ou qui n'est pas en UTF-8"}


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server()
    yield server
    assert server.mistakes() == []


def guest(server: Server, username: str = "", **link: Any) -> Guest:
    """Return a guest, logged in if it has a name."""
    guest = Guest(server, simple_json, **link)
    if username:
        assert guest.asks(type="login", username=username)[0]["status"] == "success"
    return guest


# The conversation.


def test_user_logs_in_talks_and_lists_to_the_letter(server: Server) -> None:
    """As the coursework writes it, spaces and all."""
    bob, eve = Guest(server, simple_json), guest(server, "eve")
    assert bob.lines() == []
    bob.sends(b'{"type": "login", "username": "bob"}')
    assert bob.lines() == ['{"status": "success", "message": "Bienvenue, bob"}']
    bob.sends(b'{"type": "message", "username": "bob", "content": "Hello tout le monde!"}')
    assert bob.lines() == ['{"status": "success", "message": "Message envoyé à tous les clients"}']
    assert eve.lines() == ['{"type": "message", "username": "bob", "content": "Hello tout le monde!"}']
    bob.sends(b'{"type": "list"}')
    assert bob.lines() == ['{"status": "success", "users": ["bob", "eve"]}']


def test_sender_is_the_user_who_logged_in_whatever_the_message_says(server: Server) -> None:
    """The username inside a message is never trusted."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    assert bob.asks(type="message", username="eve", content="I am eve") == [SENT]
    assert bob.asks(type="message", content="I am nobody") == [SENT]
    assert [found["username"] for found in eve.objects()] == ["bob", "bob"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"type": "message", "content": "hello"}, "Vous n'êtes pas connecté"),
        ({"type": "list"}, "Vous n'êtes pas connecté"),
        ({"type": "login", "username": "EVE"}, "Ce nom d'utilisateur est déjà pris"),
        ({"type": "login", "username": "a"}, "Nom d'utilisateur incorrect"),
        ({"type": "login", "username": "a_name_of_33_characters_is_no_nam"}, "Nom d'utilisateur incorrect"),
        ({"type": "login", "username": "a b"}, "Nom d'utilisateur incorrect"),
        ({"type": "login", "username": 7}, "Demande incorrecte"),
        ({"type": "login"}, "Demande incorrecte"),
        ({"type": "message", "content": None}, "Demande incorrecte"),
        ({"type": "dance"}, "Type inconnu : dance"),
        ({"type": 1}, "Il manque le type"),
        ({}, "Il manque le type"),
    ],
)
def test_refused_request_gets_an_error_and_the_connection_stays(
    server: Server, request_: dict[str, Any], message: str
) -> None:
    """One object each, and the login still works."""
    guest(server, "eve")
    bob = guest(server)
    assert bob.asks(**request_) == [{"status": "error", "message": message}]
    assert bob.asks(type="login", username="bob") == [WELCOME]


def test_second_login_is_refused(server: Server) -> None:
    """The first name stays."""
    bob = guest(server, "bob")
    assert bob.asks(type="login", username="eve") == [{"status": "error", "message": "Vous êtes déjà connecté"}]
    assert server.users() == ["bob"]


def test_empty_message_is_refused(server: Server) -> None:
    """As everywhere."""
    bob = guest(server, "bob")
    assert bob.asks(type="message", content="") == [{"status": "error", "message": "Demande incorrecte"}]


# Broken bytes.


NO_JSON = [
    "a trailing comma", "single quotes", "950 levels", "a hexadecimal number", "a leading zero", "100000 nested arrays",
]  # fmt: skip
HARMLESS = [
    "a repeated key", "a repeated key inside", "a key repeated by an escape", "NaN", "Infinity", "-Infinity",
    "a number beyond every double", "a negative one", "2^53+1", "-2^53-1", "an integer of 5000 digits",
    "17 levels of objects", "17 levels of arrays and objects", "17 levels behind a string with brackets",
    "a lone high surrogate", "a lone low surrogate", "surrogates the wrong way round", "a lone surrogate in a key",
    "a lone surrogate deep inside", "a raw surrogate", "a byte that is not UTF-8", "an overlong slash",
    "half a character", "a raw control character", "a raw newline",
]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"GET / HTTP/1.1\r\n",
        b"[1]",
        b"}",
        b'{"type": "list"]',
        b"[" * 100_000,
        b'{"a":' * (DEPTH + 1),
        *(BAD[name] for name in NO_JSON),
    ],
)
def test_connection_ends_after_an_error_when_bytes_make_no_sense(server: Server, data: bytes) -> None:
    """What came before them counts, what comes behind them does not, and the user leaves at once."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.sends(b'{"type": "message", "content": "before"}' + data + b'{"type": "message", "content": "behind"}')
    answers = bob.objects()
    assert answers[0] == SENT
    assert [found["status"] for found in answers[1:]] == ["error"]
    assert bob.link.closed is not None
    assert server.users() == ["eve"]
    assert [found["content"] for found in eve.objects()] == ["before"]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_the_native_protocol_refuses_ends_nothing_where_its_end_is_known(server: Server, name: str) -> None:
    """Programs of the courseworks write such JSON, in fields that nobody reads: `time.time_ns()`, half an emoji."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    bob.sends(b'{"type": "message", "content": "hello", "more": ' + BAD[name] + b'}{"type": "message", "content": "x"}')
    assert bob.objects() == [SENT, SENT]
    assert [found["content"] for found in eve.objects()] == ["hello", "x"]
    assert bob.link.closed is None


def test_every_broken_object_is_one_of_these() -> None:
    """A new one has to be looked at."""
    objects = {name for name, data in BAD.items() if data.startswith(b"{") and data.endswith(b"}")}
    assert objects == {*NO_JSON, *HARMLESS, "two objects"}


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b'{"type": "message", "content": "\\ud83d"}', BROKEN),
        (b'{"type": "message", "content": "caf\xe9"}', BROKEN),
        (b'{"type": "message", "content": "\xf0\x9f\x91"}', BROKEN),
        (b'{"type": "login", "username": "bo\\udc00"}', {"status": "error", "message": "Nom d'utilisateur incorrect"}),
        (b'{"type": "\\ud83d"}', {"status": "error", "message": "Type inconnu : ?"}),
    ],
)
def test_text_that_cannot_be_passed_on_is_refused_and_the_connection_goes_on(
    server: Server, data: bytes, answer: dict[str, Any]
) -> None:
    """Half an emoji, as `slice` of JavaScript makes it, or another encoding."""
    eve = guest(server, "eve")
    bob = guest(server, "bob" if b"message" in data else "")
    bob.sends(data)
    assert bob.objects() == [answer]
    assert bob.link.closed is None
    assert bob.asks(type="list")[0]["status"] == ("success" if b"message" in data else "error")
    assert eve.objects() == []


def test_pair_of_surrogates_is_a_character(server: Server) -> None:
    """As Python's `json.dumps` writes an emoji."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    assert bob.asks(type="message", content="👍") == [SENT]
    assert [found["content"] for found in eve.objects()] == ["👍"]


def test_depth_of_an_object_is_bounded(server: Server) -> None:
    """The bound is exact, and told in words."""
    for levels, status in [(DEPTH, "success"), (DEPTH + 1, "error")]:
        bob = guest(server, "bob")
        bob.sends(b'{"type": "list", "x": ' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}")
        (answer,) = bob.objects()
        assert answer["status"] == status
        bob.vanishes()
    assert answer["message"] == "Trop de niveaux dans cet objet"


def test_object_of_64_kib_is_taken_and_a_longer_one_is_not(server: Server) -> None:
    """The bound is exact, in bytes, and an object without an end costs no more than one of escapes."""
    start, end = b'{"type": "list", "x": "', b'"}'
    for extra, status in [(0, "success"), (1, "error")]:
        bob = guest(server, "bob")
        bob.sends(start + b"x" * (OBJECT_BYTES - len(start) - len(end) + extra) + end)
        assert [found["status"] for found in bob.objects()] == [status]
        bob.vanishes()
    bob = guest(server, "bob")
    for _ in range(200):
        bob.sends(b'{"type": "list", "x": "' if not _ else b"x" * 1000)
    assert bob.objects() == [{"status": "error", "message": "Message trop long"}]
    assert bob.link.closed is CloseReason.TOO_LARGE


@pytest.mark.parametrize("character", ["é", "€", "👍"])
def test_longest_text_is_taken_with_all_of_it_escaped(server: Server, character: str) -> None:
    """Python's `json.dumps` escapes by itself: 30,000 bytes of text make 90,000 then."""
    bob, eve = guest(server, "bob"), guest(server, "eve")
    longest = character * (60_000 // len(character.encode()))
    assert bob.asks(type="message", content=longest) == [SENT]
    assert [found["content"] for found in eve.objects()] == [longest]
    assert bob.asks(type="message", content=longest + character) == [
        {"status": "error", "message": "Message trop long"}
    ]
    assert bob.link.closed is None


def test_escapes_do_not_make_room_for_more_than_is_cheap_to_read() -> None:
    """What takes time is outside of strings; backslashes that are no escapes make little room for it."""
    scanner = ObjectScanner(OBJECT_BYTES, bytes.decode)
    for text in (b"\\u00e9" * 10_000, b"\\\\u" * 30_000):
        data = b'{"x":"' + text + b'","y":[' + b"[]," * 32_000 + b"[]]}"
        assert list(scanner.feed(data)) == [Unreadable.TOO_LARGE]


def test_object_byte_by_byte_costs_time_in_proportion_to_its_length() -> None:
    """Every byte is looked at once."""

    def seconds(size: int) -> float:
        scanner = ObjectScanner(OBJECT_BYTES, bytes.decode)
        data = b'{"x": "' + b'\\"' * (size // 2) + b'"}'
        start = time.process_time()
        found = [each for byte in data for each in scanner.feed(bytes([byte]))]
        assert len(found) == 1
        return time.process_time() - start

    assert seconds(60_000) < 40 * seconds(6_000) + 0.5


PIECES = st.lists(
    st.sampled_from(
        [
            b'{"type": "login", "username": "bob"}',
            b'{"type": "message", "content": "{[\\"\\\\ }"}',
            b'{"type":"list"}',
            b'{"type":{"deep":[{},[1,2.5,null]]}}',
            b" \r\n\t",
            b"\0\0",
            b"\xef\xbb\xbf",
            b"\xef\xbb",
            b'{"a": "',
            b'"}',
            b"\\",
            b"\xff",
            b"{",
            b"}",
            b"{" * DEPTH,
            b'"' + b"x" * OBJECT_BYTES,
        ]
    )
    | st.binary(max_size=8),
    max_size=8,
)


@given(PIECES, st.data())
def test_bytes_mean_the_same_however_they_are_cut(pieces: list[bytes], data: st.DataObject) -> None:
    """Nothing raises, and the requests, answers and the end are those of the whole."""
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))

    def heard(*parts: bytes) -> tuple[list[Request | Answer], CloseReason | None]:
        machine = simple_json.server(Limits(), boundaries=False, keepalive=False, now=0.0)
        events: list[Request | Answer] = []
        for part in parts:
            machine.receive_data(part)
            events += machine.events_received()
        return events, machine.close_expected()

    parts = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert heard(*parts) == heard(whole)


TEXTS = st.text(st.characters(exclude_categories=()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES.map(lambda value: {"value": value}), st.booleans())
def test_objects_one_behind_the_other_are_found(found: dict[str, Any], plain: bool) -> None:
    """Whatever is in them, with nothing or a space in between."""
    data = json.dumps(found, ensure_ascii=plain).encode("utf-8", "replace")
    objects = list(ObjectScanner(OBJECT_BYTES, bytes.decode).feed(data + data + b"\n" + data))
    assert objects == [json.loads(data, parse_int=float)] * 3


@pytest.mark.unmeasured
@given(
    st.dictionaries(st.sampled_from(["type", "content", "username", "status"]) | st.text(max_size=3), VALUES),
    st.sampled_from(["login", "message", "list", None]),
    st.data(),
)
def test_any_json_object_leaves_the_connection_usable(
    found: dict[str, Any], kind: str | None, data: st.DataObject
) -> None:
    """Cut anywhere, before the login or after it, escaped or not, at the server and at the client."""
    if kind is not None:
        found |= {"type": kind}
    payload = json.dumps(found, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(payload)), max_size=5)))
    server = Server()
    bob = guest(server, data.draw(st.sampled_from(["bob", ""])))
    for start, end in zip([0, *cuts], [*cuts, len(payload)], strict=True):
        bob.sends(payload[start:end])
    assert len(bob.objects()) == 1
    assert bob.link.closed is None
    bob.asks(type="login", username="bob")
    assert bob.asks(type="list")[0]["status"] == "success"
    assert server.mistakes() == []


BETWEEN = [b"\0", b"\n\0", b"\0" * 5000, b"\xef\xbb\xbf", b"\r\n\xef\xbb\xbf \0\t\xef\xbb\xbf\xef\xbb\xbf"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("between", BETWEEN)
def test_padding_of_other_programs_between_objects_is_no_part_of_them(server: Server, between: bytes) -> None:
    """The NUL of a C string, the rest of its buffer, a byte-order mark: everywhere, and cut anywhere."""
    said = between + between.join([b'{"type":"login","username":"bob"}', b'{"type":"list"}']) + between
    for size in (len(said), 1, 2):
        bob = Guest(server, simple_json)
        for start in range(0, len(said), size):
            bob.sends(said[start : start + size])
        assert bob.objects() == [WELCOME, {"status": "success", "users": ["bob"]}]
        assert bob.link.closed is None
        bob.vanishes()


def test_half_a_byte_order_mark_is_none(server: Server) -> None:
    """Whatever else begins with its bytes ends the connection."""
    bob = guest(server, "bob")
    bob.sends(b"\xef\xbb")
    assert bob.lines() == []
    bob.sends(b"{")
    assert [found["status"] for found in bob.objects()] == ["error"]
    assert bob.link.closed is CloseReason.BAD_DATA


def test_flood_of_padding_costs_nothing_and_keeps_no_connection_alive(server: Server) -> None:
    """It is no object that is too long, and no login."""
    bob = guest(server)
    for _ in range(100):
        bob.sends(b"\0" * OBJECT_BYTES)
    server.advance(300.1)
    assert [found["status"] for found in bob.objects()] == ["error"]
    assert bob.link.closed is CloseReason.POLICY


def test_message_of_a_transport_with_boundaries_is_an_object(server: Server) -> None:
    """Over WebSocket nothing is put at the end, and half an object is an error."""
    bob = Guest(server, simple_json, boundaries=True)
    bob.sends(b'{"type": "login", "username": "bob"}')
    assert bob.link.arrived == [b'{"status": "success", "message": "Bienvenue, bob"}']
    bob.sends(b'{"type": ')
    assert bob.link.closed is CloseReason.BAD_DATA


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":[' + b"[]," * 21_000 + b"[]]}",
        b'{"a":[' + (b"[" * 90 + b"]" * 90 + b",") * 360 + b"[]]}",
        b'{"a":' + b"[" * 32_000 + b"]" * 32_000 + b"}",
        b'{"a":' * 13_000,
        b"{}" * 32_000,
    ],
)
def test_whole_message_is_read_about_as_fast_as_its_bytes_are(data: bytes) -> None:
    """All of it is taken in one turn: what is looked at bracket by bracket takes longer than what is parsed in C."""
    plain = b'{"a":[' + b"[]," * 21_000 + b"[]]}"

    def seconds(read: Callable[[], object]) -> float:
        start = time.process_time()
        read()
        return time.process_time() - start

    def take() -> None:
        machine = simple_json.server(Limits(), boundaries=True, keepalive=False, now=0.0)
        machine.receive_data(data)
        machine.events_received()

    assert min(seconds(take) for _ in range(5)) < 10 * min(seconds(lambda: json.loads(plain)) for _ in range(5))


def test_whole_message_has_a_bounded_number_of_objects(server: Server) -> None:
    """With padding around them; behind the last that is taken, the connection ends."""
    bob = Guest(server, simple_json, boundaries=True)
    login = b'\0{"type": "login", "username": "bob"}\xef\xbb\xbf'
    bob.sends(login + b'{"type": "list"}\n' * (OBJECTS - 1))
    assert [found["status"] for found in bob.objects()] == ["success"] * OBJECTS
    bob.sends(b'{"type": "list"}' * (OBJECTS + 1))
    assert [found["status"] for found in bob.objects()] == ["success"] * OBJECTS + ["error"]
    assert bob.link.closed is CloseReason.TOO_LARGE


@given(st.lists(VALUES.map(lambda value: {"value": value}), max_size=3), st.booleans())
def test_whole_message_is_read_as_a_stream_is(found: list[dict[str, Any]], plain: bool) -> None:
    """Whatever is in its objects."""
    data = b"\0\n".join(json.dumps(each, ensure_ascii=plain).encode("utf-8", "replace") for each in found)
    scanner = ObjectScanner(OBJECT_BYTES, bytes.decode)
    assert list(scanner.whole(data)) == list(scanner.feed(data))


# Among the others.


def test_user_meets_those_of_other_dialects(server: Server) -> None:
    """Messages both ways, the list, whois, presence, direct messages and broadcasts."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    assert alice.take("presence")[0]["joined"] == ["bob"]
    assert alice.ask("whois", username="bob")["dialect"] == "simple-json"
    assert [user["name"] for user in alice.ask("list_users")["users"]] == ["alice", "bob"]
    alice.ask("send_message", text="one\ntwo\u2028three")
    alice.ask("send_direct", to=["bob"], text="psst")
    alice.ask("broadcast", text="lunch")
    alice.say("rename", username="al")
    assert bob.lines() == [
        '{"type": "message", "username": "alice", "content": "one\\ntwo\\u2028three"}',
        '{"type": "message", "username": "alice", "content": "(privé) psst"}',
        '{"type": "message", "username": "alice", "content": "(à tous) lunch"}',
    ]
    bob.asks(type="message", content="hello")
    assert alice.texts()[-1] == "hello"


def test_user_who_vanishes_leaves_the_list_at_once(server: Server) -> None:
    """There is no resume here, so there is nothing to wait for."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    server.advance(1.0)
    alice.take()
    bob.vanishes()
    assert server.users() == ["alice"]
    assert alice.take("presence")[0]["left"] == ["bob"]
    guest(server, "bob")


def test_user_who_vanishes_before_the_login_leaves_nothing_behind(server: Server) -> None:
    """Neither in the chat nor in its log."""
    guest(server).vanishes()
    assert server.users() == []
    assert [what for what, _ in server.records] == ["connect", "disconnected"]


def test_user_may_think_for_minutes_before_the_login(server: Server) -> None:
    """Their programs ask for the name once they are connected. Then they are sent away, and the log says why."""
    bob = guest(server)
    server.advance(299.9)
    assert bob.link.closed is None
    server.advance(0.2)
    assert bob.objects() == [{"status": "error", "message": "Vous ne vous êtes pas connecté à temps"}]
    assert bob.link.closed is CloseReason.POLICY
    assert [fields["reason"] for what, fields in server.records if what == "timed_out"] == ["login_timeout"]


def test_login_timeout_of_the_host_counts() -> None:
    """Whoever sets it means every dialect."""
    server = Server(login_timeout=10.0)
    bob = guest(server)
    server.advance(10.1)
    assert bob.link.closed is CloseReason.POLICY


def test_example_of_the_coursework_works_as_it_stands(server: Server) -> None:
    """Its user has a name of fifteen characters, whom everybody else can see, read and address."""
    (alice,) = server.logins("alice")
    eve = Guest(server, SimpleTextDialect())
    eve.says("/pseudo", "eve")
    user = Guest(server, simple_json)
    user.sends(b'{"type": "login", "username": "nom_utilisateur"}')
    user.sends(b'{"type": "message", "username": "nom_utilisateur", "content": "Hello tout le monde!"}')
    user.sends(b'{"type": "list"}')
    assert user.lines() == [
        '{"status": "success", "message": "Bienvenue, nom_utilisateur"}',
        '{"status": "success", "message": "Message envoyé à tous les clients"}',
        '{"status": "success", "users": ["alice", "eve", "nom_utilisateur"]}',
    ]
    assert eve.lines()[-1].endswith("-nom_utilisateur: Hello tout le monde!")
    assert alice.texts() == ["Hello tout le monde!"]
    eve.says("msg nom_utilisateur hi")
    alice.ask("send_direct", to=["nom_utilisateur"], text="psst")
    assert [found["content"] for found in user.objects()] == ["(privé) hi", "(privé) psst"]
    assert alice.ask("whois", username="NOM_UTILISATEUR")["username"] == "nom_utilisateur"


def test_name_may_have_thirty_two_characters_unless_the_host_says_otherwise() -> None:
    """In this dialect: in the others it is the coursework's twelve, and who has a long name keeps it."""
    longest = "a_name_of_thirty_two_characters_"
    for limits, name, taken in [
        ({}, longest, True),
        ({}, longest + "x", False),
        ({}, "Zoé", False),
        ({"username_chars": 12}, "thirteen_char", False),
        ({"username_chars": 20}, "nom_utilisateur", True),
    ]:
        server = Server(**limits)
        answers = Guest(server, simple_json).asks(type="login", username=name)
        assert (answers[0]["status"] == "success") is taken
        text = Guest(server, SimpleTextDialect())
        text.says("/pseudo", "thirteen_char")
        assert (text.lines()[-1] == "Bienvenue thirteen_char") is (limits.get("username_chars") == 20)


def test_users_of_names_that_cannot_be_chosen_here_are_written_with_a_to_z(server: Server) -> None:
    """The same in a list as above a message; a name that looks like one of them is refused as well."""
    zoe, bob = server.login("Zoë"), Guest(server, simple_json)
    assert bob.asks(type="login", username="bob")[0]["status"] == "success"
    zoe.say("send_message", text="salut")
    assert bob.objects() == [{"type": "message", "username": "xn--Zo-ija", "content": "salut"}]
    assert bob.asks(type="list")[0]["users"] == ["bob", "xn--Zo-ija"]
    other = Guest(server, simple_json)
    assert other.asks(type="login", username="xn--Zo-ija")[0]["message"] == "Nom d'utilisateur incorrect"
    assert other.asks(type="login", username="b0b")[0]["message"] == (
        "Ce nom d'utilisateur ressemble trop à celui d'un autre"
    )


@pytest.mark.unmeasured
def test_frames_of_many_long_names_still_fit() -> None:
    """An object of the native protocol has 64 KiB at most, whatever the names are."""
    server = Server(presence_window=60.0)
    (alice,) = server.logins("alice")
    guests = [guest(server, f"{number:04}".ljust(32, "x")) for number in range(1000)]
    server.advance(60.0)
    frames = alice.take("presence")
    assert sum(len(frame["joined"]) for frame in frames) == 1000
    for each in guests[::2]:
        each.vanishes()
    guests += [guest(server, f"{number:04}".ljust(32, "y")) for number in range(500)]
    (bob,) = server.logins("bob")
    server.advance(60.0)
    frames = [*alice.take("presence"), bob.welcome]
    assert max(len(json.dumps(frame, separators=(",", ":"))) for frame in frames) <= OBJECT_BYTES


def test_user_hears_that_the_server_stops(server: Server) -> None:
    """As an error, which is all the dialect has."""
    bob = guest(server, "bob")
    server.switchboard.stop("maintenance")
    server.settle()
    assert bob.objects() == [{"status": "error", "message": "Le serveur s'arrête"}]


def test_slow_reader_gets_everything_later(server: Server) -> None:
    """Whatever was said while it did not read, once and in order."""
    (alice,) = server.logins("alice")
    bob = guest(server, "bob")
    bob.link.stops_reading()
    texts = [f"{number} " + "x" * 2000 for number in range(100)]
    for text in texts:
        alice.ask("send_message", text=text)
    server.advance(60.0)
    bob.link.reads_again()
    server.advance(1.0)
    assert [found["content"] for found in bob.objects()] == texts
    assert bob.asks(type="message", content="thanks") == [SENT]


def test_long_list_says_that_it_goes_on() -> None:
    """An answer has a bounded number of names."""
    server = Server(names_per_frame=2)
    for name in ("alice", "carol"):
        guest(server, name)
    assert guest(server, "bob").asks(type="list") == [
        {"status": "success", "users": ["alice", "bob"], "message": "Seulement les 2 premiers utilisateurs"}
    ]
