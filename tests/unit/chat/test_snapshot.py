"""The same records give the same chat: applied twice, or from a snapshot on, whatever they are."""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

import pytest
from annotated_types import Ge, Gt
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.chat.chat import Applied, Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.chat.requests.table import handlers
from chatcore.chat.snapshot import VERSION, dump, load
from chatcore.commands import AcceptFile, Command, DeclineFile, FinishFile, LogIn, OfferFile
from chatcore.errors import ConfigurationError
from chatcore.events import Accepted, FileDeclined, Posted, ServerEvent
from chatcore.limits import FIXED, Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.records import RULES, Act, Gone, Keys, LoggedIn, NodeLeft, NodeUp, Origin, Record
from chatcore.server.admission.admission import GATES
from tests.unit.chat.histories import LIMITS, History
from tests.unit.playbook import Server

LENGTHS = st.integers(1, 90)
SEEDS = st.integers(0, 2**32 - 1)


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


def least() -> Limits:
    """Return what a server has in its settings that allows as little as one can, but for what holds to its end."""
    values: dict[str, Any] = {name: getattr(LIMITS, name) for name in FIXED}
    for name, field in Limits.model_fields.items():
        for bound in field.metadata:
            if isinstance(bound, Ge):
                values.setdefault(name, bound.ge)
            elif isinstance(bound, Gt):
                values.setdefault(name, 0.001)
    return Limits(**values)


def alike(one: ServerEvent | None, other: ServerEvent | None) -> bool:
    """Tell whether two chats answer the same; to repeat an entry, either may have less in memory than the other."""
    said = {each.cid for each in (one, other) if isinstance(each, Posted)}
    return one == other or (len(said) == 1 and Accepted(*said) in (one, other))


@settings(max_examples=60)
@given(SEEDS, LENGTHS, st.booleans())
def test_the_same_records_give_the_same_chat(seed: int, length: int, crowded: bool) -> None:
    """Answers and state alike, also where nobody is connected, no picture is made, and the settings are other ones."""
    drawn = History(seed, length, crowded=crowded)
    other, elsewhere = fresh(), Chat(least(), MemoryLog(LIMITS), here=lambda connection: False)
    assert follow(other, drawn.entries) == drawn.answers
    follow(elsewhere, drawn.entries)
    assert rows(drawn.chat) == rows(other) == rows(elsewhere)


@settings(max_examples=60)
@given(SEEDS, LENGTHS, st.booleans(), st.data())
def test_a_chat_from_a_snapshot_goes_on_as_the_one_that_it_is_of(
    seed: int, length: int, crowded: bool, data: st.DataObject
) -> None:
    """At whatever entry it was made."""
    entries = History(seed, length, crowded=crowded).entries
    cut = data.draw(st.integers(0, len(entries)), "cut")
    one, other = fresh(), fresh()
    follow(one, entries[:cut])
    snapshot = rows(one)
    load(other, snapshot)
    assert rows(other) == snapshot
    answers = zip(follow(one, entries[cut:]), follow(other, entries[cut:]), strict=True)
    assert [pair for pair in answers if not alike(*pair)] == []
    assert rows(one) == rows(other)


def test_histories_have_everything_in_them_that_changes_a_chat() -> None:
    """Or what holds for all of them says nothing about it: each of it is granted now and then."""
    drawn = [History(seed, 90, crowded=not seed % 4) for seed in range(40)]
    granted = sum((history.granted for history in drawn), Counter[type[Record | Command]]())
    asked_for = {
        command for command in handlers(drawn[0].chat.state, drawn[0].chat.files) if not GATES[command].is_read
    }
    assert [kind.__name__ for kind in {*asked_for, *get_args(Record)} - {Act} if not granted[kind]] == []


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
    assert [type(news).__name__ for news in told] == ["FileDeclined" if end == "file_decline" else "FileBroken"]
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
