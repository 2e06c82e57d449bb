"""The same records give the same chat: applied twice, or from a snapshot on, whatever they are."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.chat.chat import Applied, Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.snapshot import VERSION, dump, load
from chatcore.commands import (
    AcceptFile,
    BanUser,
    BecomeOperator,
    CancelFile,
    CloseRoom,
    Command,
    CreateRoom,
    DeclineFile,
    DeleteMessage,
    EditMessage,
    FailFile,
    FinishFile,
    InviteUser,
    JoinRoom,
    KickUser,
    LeaveRoom,
    LogIn,
    LogOut,
    MuteUser,
    OfferFile,
    Rename,
    SendBroadcast,
    SendDirect,
    SendMessage,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
)
from chatcore.errors import ConfigurationError
from chatcore.events import FileDeclined, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.records import RULES, Act, Confirmed, FlowBroken, Gone, Keys, LoggedIn, NodeLeft, NodeUp, Origin, Record
from tests.unit.playbook import Server

LIMITS = Limits(sessions=4, grace=30, log_messages=5, connections_per_address=2)
NAMES = st.sampled_from(["ann", "Bob", "cid", "ANN", "x", "far-too-long-a-name"])
ROOMS = st.sampled_from(["lobby", "python", "Rust", "no room"])
TEXTS = st.sampled_from(["hi", "", "x" * 300])
SECONDS = st.sampled_from([None, 1, 10])
CIDS = st.none() | st.integers(1, 4)
TOKENS = st.sampled_from(["", "t1.n1", "t2.n2", "t3.n1"])
CONNECTIONS = st.integers(1, 6).map(lambda number: (1 << 32) + number)
FILES = st.sampled_from([f"{epoch}{number}" for epoch in ("", "abc") for number in (1, 2, 3)])


def _epoch() -> str:
    """Return the epoch that the log of the lobby has in every history here."""
    chat = Chat(LIMITS, MemoryLog(LIMITS))
    chat.apply(Entry(1, 1.8e9, 0.0, Batch(0, 1, (NodeUp("nonce", {}, rules=RULES),))))
    return chat.log.position("lobby").epoch


EPOCH = _epoch()
changes: st.SearchStrategy[Command] = st.one_of(
    st.builds(DeleteMessage, st.integers(0, 4), st.just("lobby"), st.sampled_from([EPOCH, ""]), NAMES, st.booleans()),
    st.builds(EditMessage, st.integers(1, 4), TEXTS, st.just("lobby"), st.just(EPOCH), NAMES, st.booleans()),
)
operators = st.sampled_from([BecomeOperator()])
moderation: st.SearchStrategy[Command] = st.one_of(
    st.builds(SetTopic, TEXTS, st.none() | ROOMS),
    st.builds(SetRole, NAMES, st.sampled_from(["owner", "moderator", "member", "king"])),
    st.builds(KickUser, NAMES, TEXTS),
    st.builds(BanUser, NAMES, SECONDS, TEXTS, st.booleans()),
    st.builds(UnbanUser, NAMES),
    st.builds(MuteUser, NAMES, SECONDS, TEXTS),
    st.builds(UnmuteUser, NAMES),
    st.builds(InviteUser, NAMES),
    st.builds(SetPrivate, st.booleans()),
    st.builds(SetSlow, st.integers(0, 3)),
    st.builds(CloseRoom, TEXTS),
)
commands: st.SearchStrategy[Command] = st.one_of(
    st.builds(SendMessage, TEXTS, CIDS, st.none() | ROOMS),
    st.builds(SendDirect, st.lists(NAMES, max_size=3).map(tuple), TEXTS, CIDS),
    st.builds(SendBroadcast, TEXTS, CIDS),
    st.builds(CreateRoom, ROOMS),
    st.builds(JoinRoom, ROOMS),
    st.builds(Rename, NAMES),
    st.sampled_from([LeaveRoom(), LogOut()]),
    moderation | operators | changes,
    st.builds(
        OfferFile,
        st.lists(NAMES, max_size=2).map(tuple),
        st.booleans(),
        st.just("f"),
        st.integers(-1, 9),
        st.just("0" * 64),
    ),
    st.builds(AcceptFile, FILES),
    st.builds(DeclineFile, FILES),
    st.builds(CancelFile, FILES),
    st.builds(FinishFile, FILES),
    st.builds(FailFile, FILES, st.just("disk")),
)
logins = st.builds(
    lambda connection, name, client, token, number: LoggedIn(
        connection,
        LogIn(name, client),
        Origin("ws", "chat", "192.0.2.1", carries_files=True, place="192.0.2.1"),
        Keys(token, token.partition(".")[2], f"s{number}", f"fresh{number}"),
    ),
    CONNECTIONS,
    NAMES,
    st.sampled_from([None, "", "a-client-id-of-its-own"]),
    TOKENS,
    st.integers(1, 1000),
)
records: st.SearchStrategy[Record] = st.one_of(
    logins,
    st.builds(Act, CONNECTIONS, commands),
    st.builds(Act, CONNECTIONS, commands),
    st.builds(Gone, CONNECTIONS, st.just("lost")),
    st.builds(Confirmed, CONNECTIONS),
    st.builds(FlowBroken, st.integers(1, 4), st.just("file_idle"), st.just("idle")),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """A journal of one node, and perhaps of a second one after it."""
    entries = [Entry(1, 1.8e9, 0.0, Batch(0, 1, (NodeUp("nonce", {}, rules=RULES),)))]
    clock = 0.0
    for number in range(2, draw(st.integers(2, 40))):
        clock += draw(st.sampled_from([0.0, 0.1, 4.0, 31.0]))
        batch = Batch(1, number, tuple(draw(st.lists(records, max_size=3))))
        entries.append(Entry(number, 1.8e9 + clock, clock, batch))
    if draw(st.booleans()):
        position, number = entries[-1].position, entries[-1].batch.number
        entries.append(Entry(position + 1, 1.8e9, clock, Batch(1, number + 1, (NodeLeft("stopped"),))))
        entries.append(Entry(position + 2, 1.8e9, clock, Batch(0, 1, (NodeUp("another", {}, rules=RULES),))))
    return entries


_NOTHING = Applied([], [])


def follow(chat: Chat, entries: Sequence[Entry]) -> list[ServerEvent | None]:
    """Apply all of them, and return what was answered; nothing may go wrong."""
    outcomes = [outcome for entry in entries for outcome in (chat.apply(entry) or _NOTHING).outcomes]
    assert [outcome.mistake for outcome in outcomes if outcome.mistake is not None] == []
    return [outcome.answer for outcome in outcomes]


def fresh() -> Chat:
    """Return a chat that nothing has happened to."""
    return Chat(LIMITS, MemoryLog(LIMITS))


def rows(chat: Chat) -> list[dict[str, Any]]:
    """Return a snapshot as it comes back from a file."""
    told: list[dict[str, Any]] = json.loads(json.dumps(list(dump(chat))))
    return told


@given(histories())
def test_the_same_records_give_the_same_chat(entries: list[Entry]) -> None:
    """Answers and state alike, also where nobody is connected and no picture is made."""
    one, other, elsewhere = fresh(), fresh(), Chat(LIMITS, MemoryLog(LIMITS), here=lambda connection: False)
    assert follow(one, entries) == follow(other, entries)
    follow(elsewhere, entries)
    assert rows(one) == rows(other) == rows(elsewhere)


@given(histories(), st.data())
def test_a_chat_from_a_snapshot_goes_on_as_the_one_that_it_is_of(entries: list[Entry], data: st.DataObject) -> None:
    """At whatever entry it was made."""
    cut = data.draw(st.integers(0, len(entries)), "cut")
    one, other = fresh(), fresh()
    follow(one, entries[:cut])
    snapshot = rows(one)
    load(other, snapshot)
    assert rows(other) == snapshot
    assert follow(one, entries[cut:]) == follow(other, entries[cut:])
    assert rows(one) == rows(other)


def test_files_on_offer_are_in_a_snapshot_however_far_each_is() -> None:
    """Offered, on its way, waiting for its receiver, and over without its sender knowing."""
    chat = fresh()
    people = ("ann", "bob", "cid", "dan")
    origin = Origin("ws", "chat", "192.0.2.1", carries_files=True)
    logins = [
        LoggedIn((1 << 32) + number, LogIn(name), origin, Keys("", "", f"s{number}", f"n{number}"))
        for number, name in enumerate(people, 1)
    ]
    ann, bob, cid, dan = (record.connection for record in logins)
    offer = OfferFile(("bob", "cid", "dan"), room=False, name="f", size=9, sha256="0" * 64)
    happened: list[Record] = [*logins, Act(ann, offer), Act(ann, offer)]
    follow(
        chat,
        [
            Entry(1, 0.0, 0.0, Batch(0, 1, (NodeUp("nonce", {}, rules=RULES),))),
            Entry(2, 0.0, 0.0, Batch(1, 2, tuple(happened))),
        ],
    )
    first, second = (each.file for each in chat.files.offers)
    more = (Act(bob, AcceptFile(first)), Act(cid, AcceptFile(first)), Gone(cid, "lost"), Gone(ann, "lost"))
    follow(chat, [Entry(3, 0.0, 0.0, Batch(1, 3, (*more, Act(dan, DeclineFile(first)))))])
    other = fresh()
    load(other, rows(chat))
    assert rows(other) == rows(chat)
    known = next(iter(other.files.offers))
    stages = {transfer.user: transfer.stage.value for transfer in known.transfers.values()}
    assert (stages, known.ended) == ({"bob": "running", "cid": "waiting"}, [FileDeclined(first, "dan")])
    last = [Entry(4, 0.0, 0.0, Batch(1, 4, (Act(bob, FinishFile(first)), Act(dan, AcceptFile(second)))))]
    assert follow(chat, last) == follow(other, last)
    assert rows(other) == rows(chat)


@pytest.mark.parametrize("end", ["file_decline", "file_error", "lost"])
def test_what_a_sender_that_is_away_has_to_be_told_needs_no_receiver_in_a_snapshot(end: str) -> None:
    """Who has left after the end of a file, or by that, while its sender was away."""
    server = Server(grace=60)
    alice, bob = server.logins("alice", "bob")
    file = alice.ask("file_offer", to=["bob"], name="a.txt", size=3, sha256="0" * 64)["file"]
    if end == "lost":
        server.advance(60)  # who has just come is not waited for so long
        bob.drop()
        server.advance(30)
        alice.drop()
        server.advance(31)
    else:
        alice.drop()
        bob.ask(end, file=file, **({"code": "disk"} if end == "file_error" else {}))
        bob.ask("logout")
    assert [session.name for session in server.chat.users.values()] == ["alice"]
    other = Chat(server.limits, MemoryLog(server.limits))
    load(other, rows(server.chat))
    assert rows(other) == rows(server.chat)
    told = [news for offer in other.files.offers for news in offer.ended]
    assert [(type(news).__name__, news.file) for news in told] == [
        ("FileDeclined" if end == "file_decline" else "FileBroken", file)
    ]
    assert other.files.offers.transfers == 1


def test_snapshot_of_before_is_loaded_whose_receiver_has_left() -> None:
    """Until version 7, what a sender was not told of stood with who had received it, also when nobody had that name."""
    server = Server(grace=60)
    alice, bob = server.logins("alice", "bob")
    file = alice.ask("file_offer", to=["bob"], name="a.txt", size=3, sha256="0" * 64)["file"]
    alice.drop()
    bob.ask("file_decline", file=file)
    bob.ask("logout")
    now = rows(server.chat)
    before = [row | {"version": 7} if row["row"] == "chat" else row for row in now]
    (offer,) = (row for row in before if row["row"] == "offer")
    outcome = offer.pop("ended")[0]
    over = {"row": "transfer", "receiver": 3, "user": "bob", "stage": "over", "number": 0, "outcome": outcome}
    before.insert(before.index(offer) + 1, over)
    other = Chat(server.limits, MemoryLog(server.limits))
    load(other, before)
    assert rows(other) == rows(server.chat)


def test_what_goes_in_an_order_goes_in_the_same_one_behind_a_snapshot() -> None:
    """The sessions of an account, and the rooms in which somebody is held: where not all can be told, the first are."""
    server = Server(operator_token="a token")
    guest = server.login("guest")
    server.login("alice", password="one of alice's").ask("register", password="one of alice's")
    guest.ask("identify", account="alice", password="one of alice's")
    guest.ask("operator", token="a token")
    guest.ask("create_room", room="tea")
    for name, room in (("mallory", "lobby"), ("mallory", "tea"), ("trudy", "lobby")):
        guest.ask("ban", username=name, room=room)
    other = Chat(server.limits, MemoryLog(server.limits))
    load(other, rows(server.chat))
    assert rows(other) == rows(server.chat)
    for state in (server.chat.state, other.state):
        assert [session.name for session in state.accounts["alice"].sessions] == ["alice", "guest"]
        assert [room.name for room in state.sanctions.rooms] == ["tea", "lobby"]


def test_snapshot_that_nobody_could_load_is_not_made() -> None:
    """A mistake that leaves somebody, or a room, behind costs a snapshot, and not the chat: the journal has it all."""
    server = Server()
    alice, _bob = server.logins("alice", "bob")
    session, room = server.chat.users["alice"], server.chat.state.default_room
    alice.ask("logout")
    server.chat.state.clients["left-behind"] = session
    with pytest.raises(LookupError, match="session"):
        rows(server.chat)
    del server.chat.state.clients["left-behind"]
    del server.chat.state.rooms[room.key]
    with pytest.raises(LookupError, match="room"):
        rows(server.chat)


def test_batch_that_is_not_the_next_one_of_its_node_counts_for_nothing() -> None:
    """Repeated, skipping, of a node that was never up, or has left."""
    chat = fresh()
    follow(
        chat,
        [Entry(1, 0.0, 0.0, Batch(0, 1, (NodeUp("nonce", {}, rules=RULES),))), Entry(2, 0.0, 0.0, Batch(1, 2, ()))],
    )
    for batch in (Batch(1, 2, ()), Batch(1, 4, ()), Batch(7, 1, ())):
        assert chat.apply(Entry(3, 0.0, 0.0, batch)) is None
    follow(chat, [Entry(4, 0.0, 0.0, Batch(1, 3, (NodeLeft("stopped"),)))])
    assert chat.apply(Entry(5, 0.0, 0.0, Batch(1, 4, ()))) is None


def test_ids_are_those_of_the_nonce_and_of_no_other_record() -> None:
    """Epochs of logs, ids of clients: nobody guesses them, and no two are alike."""
    epochs = set()
    for nonce in ("one", "another"):
        chat = fresh()
        chat.apply(Entry(1, 0.0, 0.0, Batch(0, 1, (NodeUp(nonce, {}, rules=RULES),))))
        epochs |= {chat.log.position(key).epoch for key in ("lobby", "*")}
    assert len(epochs) == 4
    assert min(map(len, epochs)) >= 20


def test_snapshot_of_a_newer_version_is_not_taken_for_one_of_this() -> None:
    """It may mean something else."""
    with pytest.raises(ConfigurationError, match="newer"):
        load(fresh(), [{"row": "chat", "version": VERSION + 1}])


def calls_to_load(users: int) -> int:
    """Return how many calls it takes to load a snapshot with so many users, each of whom has read something."""
    server = Server(connections_per_address=0)
    for client in server.logins(*(f"user{number}" for number in range(users))):
        client.ask("send_message", text="hello")
    snapshot = rows(server.chat)
    assert sum(row["row"] == "reading" for row in snapshot) == users
    counted = itertools.count()
    sys.setprofile(lambda _frame, event, _arg: next(counted) if event == "call" else None)
    try:
        load(fresh(), snapshot)
    finally:
        sys.setprofile(None)
    return next(counted)


def test_loading_a_snapshot_takes_twice_as_long_for_twice_as_many() -> None:
    """A restart with 15,000 users took minutes, because each was looked for among all."""
    assert calls_to_load(160) < 2.5 * calls_to_load(80)
