"""The chat as rows of JSON, and back: what a journal begins from that does not begin at its first entry.

What was said is not in it, only where each log is: entries have a place of their own (`chatcore.ports.archive`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from functools import partial
from typing import Any, Final

from chatcore import events
from chatcore.chat.chat import Chat
from chatcore.chat.kept.acts import KeptAct, Kind
from chatcore.chat.kept.model import Account, Invitation, Place, Room, Session
from chatcore.chat.kept.nodes import Node
from chatcore.chat.kept.offers import Offer, Stage, Transfer
from chatcore.chat.kept.roles import Role, Sanction
from chatcore.chat.kept.session_state import SessionState
from chatcore.chat.requests import naming
from chatcore.chat.state import State
from chatcore.errors import ConfigurationError, ErrorCode
from chatcore.events import ActSummary, RoomModerated
from chatcore.limits import Limits
from chatcore.records import Origin

VERSION: Final = 8
"""Of the rows."""

Row = dict[str, Any]
"""JSON values; `row` says of what."""

_OFFER: Final = ("file", "sender_name", "name", "size", "sha256", "room", "ref", "asked_for", "place")
_SESSION: Final = (
    "number", "connection", "since", "active_at", "name", "client", "token", "numbers", "inbox",
    "began", "lasted", "confirmed", "heads", "losses", "has_operator_token", "operator_mark",
    "invited", "is_bot",
)  # fmt: skip
_ACCOUNT: Final = ("name", "number", "since", "inbox", "hashed", "stamp", "heard", "waiting", "made_at")


def dump(chat: Chat) -> Iterator[Row]:
    """Yield the whole state of a chat, so that `load` makes an equal one of it: equal rows for equal chats.

    Raises `LookupError` for one that nobody could load: its rows name somebody, or a room, that is not in them.
    """
    state, files = chat.state, chat.files
    number_of, key_of = partial(_number_of, state), partial(_key_of, state)
    yield {
        "row": "chat",
        "version": VERSION,
        "position": chat.position,
        "clock": chat.clock,
        "records": chat.records,
        "longest_name": state.longest_name,
        "unicode": state.looks.unicode,
        "limits": state.limits.model_dump(mode="json"),
        "files": [files.epoch, files.ids, files.numbers],
    }
    for incarnation, node in chat.nodes.up.items():
        yield {"row": "node", "node": incarnation, **asdict(node)}
    yield from ({"row": "log", **row} for row in chat.log.dump())
    for account in state.accounts.values():
        yield {"row": "account", **{name: getattr(account, name) for name in _ACCOUNT}}
    for invitation in state.invitations.values():
        yield {"row": "invitation", **asdict(invitation)}
    for session in sorted(state.users.values(), key=lambda each: each.number):
        yield {
            "row": "session",
            **{name: getattr(session, name) for name in _SESSION},
            "origin": asdict(session.origin),
            "login": list(session.login),
            "account": None if session.account is None else session.account.key,
        }
    for key, account in state.accounts.items():
        if len(account.sessions) > 1:  # in the order in which they became its owner's
            yield {"row": "owner", "account": key, "sessions": [number_of(each) for each in account.sessions]}
    leaving: dict[Room, list[list[int | str]]] = {}
    for turn, (session, room, code) in enumerate(state.due.to_put_out):
        if state.users.get(session.key) is session:
            leaving.setdefault(room, []).append([turn, session.number, code.value])
    for room in state.rooms.values():
        members = [number_of(member) for member in room.members]
        row = {"row": "room", "name": room.name, "always": room.always, "members": members} | _looked_after(room)
        yield row | {"leaving": leaving[room]} if room in leaving else row
    yield {"row": "sanctioned", "rooms": [key_of(room) for room in state.sanctions.rooms]}
    yield {"row": "empty_rooms", "keeps": state.keeps_rooms, "rooms": [key_of(room) for room in state.empty_rooms]}
    if state.due.to_inherit:
        yield {"row": "to_inherit", "rooms": [key_of(room) for room in state.due.to_inherit]}
    yield {"row": "clients", "of": {client: number_of(session) for client, session in state.clients.items()}}
    for person, places in state.reading.places.items():
        told = [[key_of(room), place.seq, *place.mentions] for room, place in places.items()]
        yield {"row": "reading", "person": person, "rooms": told}
    for kept in state.acts.kept.values():
        whose = {"kind": int(kept.kind), "place": kept.place, "account": kept.account}
        yield {"row": "act", **asdict(kept.act), **{name: value for name, value in whose.items() if value}}
    for place, waiting in state.waiting.items():
        yield {"row": "waiting", "place": place, "until": [[number_of(each), until] for each, until in waiting.items()]}
    for offer in files.offers:
        yield {
            "row": "offer",
            "sender": number_of(offer.sender),
            **{name: getattr(offer, name) for name in _OFFER},
            "ended": [[type(news).__name__, asdict(news)] for news in offer.ended],
        }
        for transfer in offer.transfers.values():
            yield {
                "row": "transfer",
                "receiver": number_of(transfer.receiver),
                "user": transfer.user,
                "stage": transfer.stage.value,
                "number": transfer.number,
            }


def _number_of(state: State, session: Session) -> int:
    """Return by what rows name a session. Raises `LookupError` for one that is gone."""
    if state.users.get(session.key) is not session:
        raise LookupError(f"a snapshot would name session {session.number}, which is gone")
    return session.number


def _key_of(state: State, room: Room) -> str:
    """Return by what rows name a room. Raises `LookupError` for one that is gone."""
    if state.rooms.get(room.key) is not room:
        raise LookupError(f"a snapshot would name room {room.key}, which is gone")
    return room.key


def _looked_after(room: Room) -> Row:
    """Return what is known of a room that somebody looks after, as far as there is something."""
    known = {
        "maker": room.maker,
        "made_at": room.made_at,
        "topic": room.topic,
        "roles": [[person, int(role)] for person, role in room.roles.items()],
        "sanctions": [asdict(each) for each in room.sanctions],
        "private": room.private,
        "invited": list(room.invited),
        "slow": room.slow,
        "closing": room.closing,
        "spoken": list(room.spoken.at.items()),
        "left": [[person, *left] for person, left in room.spoken.left.items()],
    }
    return {name: value for name, value in known.items() if value}


def load(chat: Chat, rows: Iterable[Row]) -> None:
    """Bring a fresh chat into the state that the rows tell.

    Raises:
        ConfigurationError: the rows are of a newer version of chatcore.
    """
    loading = _Loading(chat)
    for row in rows:
        getattr(loading, f"on_{row['row']}")({key: value for key, value in row.items() if key != "row"})
    loading.shelter()


class _Loading:
    """One load: what a row names by number is found among those before it."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._state = chat.state
        self._sessions: dict[int, Session] = {}
        self._leaving: dict[int, tuple[Session, Room, ErrorCode]] = {}
        self._offer: Offer

    def shelter(self) -> None:
        """Let whoever is in no room be in the lobby: a room could go, before, for who was just coming in."""
        for session in self._sessions.values():
            if session.room is None:
                self._state.enter(session, self._state.default_room)
        self._state.take_effects()

    def on_chat(self, row: Row) -> None:
        if row["version"] > VERSION:
            raise ConfigurationError("what was kept of the chat is of a newer version of chatcore; install that one")
        self._chat.position, self._chat.clock, self._chat.records = row["position"], row["clock"], row["records"]
        self._state.longest_name, self._state.looks.unicode = row["longest_name"], row.get("unicode", "")
        self._state.allow(Limits.model_validate(row["limits"]))
        files = self._chat.files
        files.epoch, files.ids, files.numbers = row["files"]
        files.per_address_at_start = self._state.limits.file_transfers_per_address

    def on_node(self, row: Row) -> None:
        incarnation = row.pop("node")
        self._chat.nodes.take(incarnation, Node(**row))

    def on_log(self, row: Row) -> None:
        self._chat.log.load(row)

    def on_account(self, row: Row) -> None:
        self._state.add_account(Account(**row))

    def on_invitation(self, row: Row) -> None:
        self._state.invitations[row["hashed"]] = Invitation(**row)

    def on_session(self, row: Row) -> None:
        row |= {"origin": Origin(**row["origin"]), "login": tuple(row["login"])}
        if "is_operator" in row:  # what it was called before
            row["has_operator_token"] = row.pop("is_operator")
        account = row["account"] = self._state.accounts.get(row.get("account") or "")
        row["state"] = SessionState.DETACHED if row["connection"] is None else SessionState.ACTIVE
        session = self._sessions[row["number"]] = Session(**row)
        state = self._state
        naming.give(state, session, session.name)
        state.tokens[session.token] = session
        state.numbers[session.numbers] = session
        if account is not None:
            account.sessions[session] = None
        if session.connection is not None:
            state.connections[session.connection] = session

    def on_owner(self, row: Row) -> None:
        self._state.accounts[row["account"]].sessions = dict.fromkeys(self._sessions[each] for each in row["sessions"])

    def on_room(self, row: Row) -> None:
        room = self._state.add_room(Room(row["name"], always=row["always"]))
        for number in row["members"]:
            session = self._sessions[number]
            session.room = room
            room.members[session] = None
            room.names.add(session.key)
            if session.is_bot:
                room.bots[session] = None
        room.maker, room.made_at, room.topic = (row.get(name, "") for name in ("maker", "made_at", "topic"))
        for person, role in row.get("roles", ()):
            self._state.give_role(room, person, Role(role))
        held = [Sanction(**each | {"role": Role(each["role"])}) for each in row.get("sanctions", ())]
        self._state.sanctions.put(room, held)
        room.private, room.closing = row.get("private", False), row.get("closing", False)
        self._state.slow_down(room, row.get("slow", 0))
        room.spoken.at = dict(row.get("spoken", ()))
        room.spoken.left = {person: (place, clock) for person, place, clock in row.get("left", ())}
        room.invited = dict.fromkeys(row.get("invited", ()))
        for turn, number, code in row.get("leaving", ()):
            self._leaving[turn] = self._sessions[number], room, ErrorCode(code)
        self._state.due.to_put_out = deque(self._leaving[turn] for turn in sorted(self._leaving))

    def on_sanctioned(self, row: Row) -> None:
        self._state.sanctions.rooms = dict.fromkeys(self._state.rooms[key] for key in row["rooms"])

    def on_empty_rooms(self, row: Row) -> None:
        self._state.keeps_rooms = row["keeps"]
        for key in row["rooms"]:
            self._state.empty_rooms.keep(self._state.rooms[key])

    def on_to_inherit(self, row: Row) -> None:
        self._state.due.to_inherit = {self._state.rooms[key]: None for key in row["rooms"]}

    def on_clients(self, row: Row) -> None:
        self._state.clients |= {client: self._sessions[number] for client, number in row["of"].items()}

    def on_reading(self, row: Row) -> None:
        person = row["person"]
        owner, users = self._state.people.get(person), self._state.sessions_of(person)
        names = [*([owner.key] if isinstance(owner, Account) else []), *(each.key for each in users)]
        places = self._state.reading.places[person] = {}
        for key, seq, *mentions in row["rooms"]:
            room = self._state.rooms[key]
            place = places[room] = Place(person, seq, tuple(mentions))
            room.readers |= dict.fromkeys(names, place)
            for user in users:
                if user.room is room:
                    user.place = place

    def on_act(self, row: Row) -> None:
        # What was kept before did not say whose it is: it stays until operators have done as much.
        kind, place, account = Kind(row.pop("kind", 0)), row.pop("place", ""), row.pop("account", "")
        act = ActSummary(**row | {"event": RoomModerated(**row["event"])})
        self._state.acts.add(KeptAct(act, kind, place, account))

    def on_waiting(self, row: Row) -> None:
        for number, until in row["until"]:
            self._state.wait(self._sessions[number], row["place"], until)

    def on_offer(self, row: Row) -> None:
        ended, asked_for = row.pop("ended", ()), row.pop("asked_for", None)
        row["asked_for"] = None if asked_for is None else tuple(asked_for)
        self._offer = Offer(sender=self._sessions[row.pop("sender")], **row)
        for news in ended:
            self._put_end(*news)

    def on_transfer(self, row: Row) -> None:
        outcome = row.pop("outcome", None)
        if outcome is not None:  # before, what its offer keeps now stood here, also when its receiver was gone
            self._put_end(*outcome)
            return
        row |= {"receiver": self._sessions[row["receiver"]], "stage": Stage(row["stage"])}
        self._chat.files.offers.put(Transfer(offer=self._offer, **row))

    def _put_end(self, name: str, values: Row) -> None:
        self._chat.files.offers.put_end(self._offer, getattr(events, name)(**values))


_ALL: Final = {field.name for field in fields(Session)} - {"origin", "login", "state", "room", "place", "account"}
assert set(_SESSION) == _ALL, "a session is dumped as a whole"
assert set(_ACCOUNT) == {field.name for field in fields(Account)} - {"sessions", "is_operator"}, "and so is an account"
