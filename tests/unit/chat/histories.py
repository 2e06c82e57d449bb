"""Histories of a chat: at random, but drawn from what it is like by then, so that much of what is asked is granted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import NODE_BITS
from chatcore.chat.kept.model import Session
from chatcore.chat.kept.offers import Stage
from chatcore.chat.kept.roles import Role
from chatcore.chat.kept.room_log import MemoryLog
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
    DropAccount,
    EditMessage,
    FailFile,
    FinishFile,
    Identify,
    InviteUser,
    JoinRoom,
    KickUser,
    LeaveRoom,
    LogIn,
    LogOut,
    MakeInvitation,
    MuteUser,
    OfferFile,
    React,
    RegisterAccount,
    Rename,
    ResetAccount,
    RevokeInvitation,
    SendBroadcast,
    SendDirect,
    SendMessage,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
    Unreact,
)
from chatcore.events import MessagePosted, Refused, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.network_address import place_of
from chatcore.records import (
    RULES,
    Act,
    Confirmed,
    FlowBroken,
    Gone,
    HaveRead,
    HostActed,
    Keys,
    LimitsSet,
    LoggedIn,
    NodeLeft,
    NodeUp,
    OperatorToken,
    Origin,
    Record,
    RoomsForgotten,
)

LIMITS: Final = Limits(
    sessions=40,
    grace=20,
    log_messages=8,
    total_log_bytes=20_000,
    connections_per_address=0,
    sessions_per_account=3,
    accounts=8,
    rooms_per_user=2,
    empty_rooms=3,
    inbox_messages=3,
    file_transfers_per_address=5,
    file_transfers_in_all=10,
)
"""Of every history, at first: so few of everything that there is too much of it."""
_NAMES: Final = ("ann", "Bob", "cid", "ANN", "dan", "eve", "fay", "gus", "x", "far-too-long-a-name" * 2)
_CROWD: Final = tuple(f"u{number}" for number in range(40))
_ROOMS: Final = ("lobby", "python", "Rust", "go", "no room")
_ADDRESSES: Final = ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::3")
_TEXTS: Final = ("hi", "", "x" * 300, "ann and bob, hello", "@cid look")
_SECONDS: Final = (None, None, 1, 30)
_OTHER_LIMITS: Final[dict[str, Sequence[Any]]] = {
    "grace": (5, 60), "rooms_per_user": (0, 1, 3), "inbox_messages": (0, 9), "accounts": (0, 4, 9), "sessions": (12,),
    "text_bytes": (100,), "sessions_per_account": (1, 5), "empty_rooms": (0, 5), "operators": (("dan",),),
    "file_offers": (0, 2), "file_transfers_per_address": (0, 1), "file_transfers": (1,), "username_chars": (20,),
}  # fmt: skip


class History:
    """A journal that was drawn, and the chat that it makes.

    Args:
        seed: what it is made of.
        length: how many batches it has.
        crowded: whether so many come that only some at a time can be put out.
    """

    def __init__(self, seed: int, length: int, *, crowded: bool = False) -> None:
        self._random = random.Random(seed)
        self.chat = Chat(LIMITS, MemoryLog(LIMITS))
        self.entries: list[Entry] = []
        self.answers: list[ServerEvent | None] = []
        """To all records, in turn."""
        self.granted: Counter[type[Record | Command]] = Counter()
        """What was asked for, and was not refused; and all records that nobody asks for."""
        self._numbers: dict[int, int] = {}
        self._clock = 0.0
        self._names = _CROWD if crowded else _NAMES
        self._addresses = _ADDRESSES[:1] if crowded else _ADDRESSES
        self._crowded = crowded
        self._tokens: list[str] = []
        self._drawn = 0
        self._begin("nonce", lease=self._one(0.0, 500.0))
        for number in range(length):
            self._clock += self._one(0.0, 0.0, 0.0, 0.1, 1.0, 4.0, 12.0)
            if number and not number % 40:
                self._come_or_go(f"nonce-{number}")
            node = self._any(self.chat.nodes.up)
            self._add(node, *(self._record(node) for _ in range(self._random.randint(1, 3))))

    def _one(self, *of: Any) -> Any:
        return self._random.choice(of)

    def _any(self, of: Any, otherwise: Any = None) -> Any:
        """Return one of what there is."""
        found = list(of)
        return self._random.choice(found) if found else otherwise

    def _perhaps(self, chance: float) -> bool:
        return self._random.random() < chance

    # Entries.

    def _add(self, node: int, *records: Record) -> None:
        number = self._numbers[node] = self._numbers.get(node, 0) + 1
        entry = Entry(len(self.entries) + 1, 1.8e9 + self._clock, self._clock, Batch(node, number, records))
        self.entries.append(entry)
        applied = self.chat.apply(entry)
        assert applied is not None
        assert [outcome.mistake for outcome in applied.outcomes if outcome.mistake is not None] == []
        assert applied.mistakes == ()
        self.answers += [outcome.answer for outcome in applied.outcomes]
        for record, outcome in zip(records, applied.outcomes, strict=True):
            if not isinstance(outcome.answer, Refused):
                self.granted[type(record.command if isinstance(record, Act) else record)] += 1

    def _begin(self, nonce: str, lease: float) -> None:
        limits = self.chat.state.limits.model_dump(mode="json")
        up = NodeUp(nonce, limits, lease=lease, keeps_rooms=True, rooms=("go",), rules=RULES)
        self._numbers[len(self.entries) + 1] = 1
        self._numbers.pop(0, None)
        self._add(0, up)

    def _come_or_go(self, nonce: str) -> None:
        """Let a second node begin, or one of two leave; or the only one begin anew."""
        up = self.chat.nodes.up
        if len(up) > 1 or self._perhaps(0.3):
            self._add(self._any(up), NodeLeft("stopped"))
        if not up or all(node.lease for node in up.values()):
            self._begin(nonce, 500.0)

    # Records.

    def _record(self, node: int) -> Record:
        self._drawn += 1
        state = self.chat.state
        logs_in = 0.5 if self._crowded and len(state.users) < 30 else 0.16
        if self._perhaps(logs_in) or not state.connections:
            return self._login(node)
        if self._perhaps(0.85):
            return self._act()
        connection = self._connection()
        chosen: Record = self._one(
            Gone(connection, "lost"),
            Gone(connection, "lost", {"lobby": self._random.randint(0, 3)}),
            HaveRead(((connection, self._one(*_ROOMS).lower(), self._random.randint(0, 9)),)),
            RoomsForgotten((self._one(*_ROOMS).lower(),)),
            OperatorToken("mark" if self._perhaps(0.95) else self._one("another", "")),
            Confirmed(connection),
            FlowBroken(self._any(self.chat.files.offers.running, 1), "file_idle", "idle"),
            HostActed("reload", self._one("", "ann")),
            LimitsSet(self._other_limits()),
        )
        return chosen

    def _connection(self) -> int:
        known = self.chat.state.connections
        connection: int = (self._any(self.chat.nodes.up) << NODE_BITS) + self._random.randint(1, 50)
        if known and self._perhaps(0.95):
            connection = self._any(known)
        return connection

    def _login(self, node: int) -> LoggedIn:
        accounts, address = self.chat.state.accounts, self._one(*self._addresses)
        account = self._any(accounts.values()) if self._perhaps(0.3) else None
        token = self._one("", "", *self._tokens[-5:])
        fresh, numbers = f"s{self._drawn}", f"n{self._drawn}"
        self._tokens.append(f"{fresh}.{numbers}")
        client = self._one(None, "", f"client-{self._random.randint(1, 4)}" * 3)
        return LoggedIn(
            (node << NODE_BITS) + self._drawn,
            LogIn(
                self._name() if account is None or self._perhaps(0.3) else account.name, client, bot=self._perhaps(0.1)
            ),
            Origin("ws", "chat", address, carries_files=self._perhaps(0.9), place=place_of(address)),
            Keys(token, token.partition(".")[2], fresh, numbers),
            account="" if account is None else account.name,
            hashed="hashed" if account is None and self._perhaps(0.15) else "",
            invitation=self._one("", "", "invited", "another"),
            operator=self._perhaps(0.1),
        )

    def _other_limits(self) -> dict[str, Any]:
        changed = {name: self._one(*values) for name, values in _OTHER_LIMITS.items() if self._perhaps(0.2)}
        return Limits(**LIMITS.model_dump() | changed).model_dump(mode="json")

    # Commands.

    def _name(self) -> str:
        name: str = self._one(*self._names)
        return name

    def _somebody(self, session: Session | None) -> str:
        """Return the name of one in the same room, of anyone, or of nobody."""
        room = None if session is None else session.room
        there = [] if room is None else [each for each in room.members if each is not session]
        if there and self._perhaps(0.7):
            plain = [each for each in there if not _looks_after(each)]
            there = plain if plain and self._perhaps(0.7) else there
        else:
            there = list(self.chat.users.values())
        name: str = self._any(there).name if there and self._perhaps(0.9) else self._name()
        return name

    def _act(self) -> Act:
        families = [
            self._saying,
            self._saying,
            self._going,
            self._moderating,
            self._changing,
            self._files,
            self._owning,
        ]
        family = self._random.choice(families)
        connections = self.chat.state.connections
        connection = self._connection()
        if family in (self._moderating, self._owning):  # which is for few
            session = self._any(each for each in connections.values() if _looks_after(each))
        else:
            is_offered = self.chat.files.offers.to
            session = self._any(each for each in connections.values() if family == self._files and is_offered(each))
        if session is not None and self._perhaps(0.8):
            connection = session.connection
        if session is None and family in (self._moderating, self._owning) and self._perhaps(0.5):
            return Act(connection, BecomeOperator(hashed="mark" if self._perhaps(0.9) else "another"))
        return Act(connection, family(connections.get(connection)))

    def _saying(self, session: Session | None) -> Command:
        text, cid = self._one(*_TEXTS), self._one(None, None, None, 1, 2, 3)
        if session is not None and self._perhaps(0.5):
            cid = self.chat.log.last_cid(session.numbers) + 1
        names = tuple(self._somebody(session) for _ in range(self._random.randint(1, 3)))
        chosen: Command = self._one(
            SendMessage(text, cid), SendMessage(text, cid), SendDirect(names, text, cid), SendBroadcast(text, cid)
        )
        return chosen

    def _going(self, session: Session | None) -> Command:
        join = JoinRoom(self._any(self.chat.rooms.values()).name)
        come: list[Command] = [join, join, CreateRoom(self._one(*_ROOMS)), Rename(self._name())]
        chosen: Command = self._one(*come, *come, JoinRoom(self._one(*_ROOMS)), LeaveRoom(), LogOut())
        return chosen

    def _moderating(self, session: Session | None) -> Command:
        name, seconds = self._somebody(session), self._one(*_SECONDS)
        where = self._one(None, None, None, self._one(*_ROOMS))
        place = self._one(*self._addresses, "192.0.2.0/24")
        room = self.chat.state.default_room if session is None or session.room is None else session.room
        banned, muted = (
            self._any((each.target for each in room.sanctions if each.role is role), name)
            for role in (Role.BANNED, Role.MUTED)
        )
        chosen: Command = self._one(
            lambda: SetTopic(self._one(*_TEXTS), where),
            lambda: SetRole(name, self._one("owner", "moderator", "moderator", "member", "king"), where),
            lambda: KickUser(name, "", where),
            lambda: BanUser(name, seconds, "", self._perhaps(0.4), where),
            lambda: BanUser(place, seconds, "", True, where),
            lambda: UnbanUser(self._one(banned, banned, place), None),
            lambda: UnbanUser(banned),
            lambda: MuteUser(name, seconds, "", where),
            lambda: UnmuteUser(muted),
            lambda: UnmuteUser(muted, where),
            lambda: InviteUser(name, where),
            lambda: SetPrivate(self._perhaps(0.5), where),
            lambda: SetSlow(self._one(0, 3, 30), where),
            lambda: CloseRoom("", where),
        )()
        return chosen

    def _changing(self, session: Session | None) -> Command:
        """Change something that was said, in the room where somebody is or elsewhere."""
        room = self.chat.state.default_room if session is None or session.room is None else session.room
        if self._perhaps(0.2):
            room = self._any(self.chat.rooms.values())
        position = self.chat.log.position(room.key)
        said = self.chat.log.read(room.key, max(0, position.seq - 5), 5) if position.seq else []
        entry = self._any(entry for entry in said if isinstance(entry, MessagePosted))
        seq, sender = (1, "ann") if entry is None else (entry.seq, entry.sender)
        own = session is not None and entry is not None and entry.client == session.numbers
        where, emoji, count = (room.name, position.epoch), self._one("👍", "🎉"), self._random.randint(0, 3)
        chosen: Command = self._one(
            DeleteMessage(seq, *where, sender, own),
            EditMessage(seq, self._one(*_TEXTS), *where, sender, own),
            React(seq, emoji, *where, count),
            Unreact(seq, emoji, *where, count),
            SendMessage("yes", None, None, seq, position.epoch),
        )
        return chosen

    def _files(self, session: Session | None) -> Command:
        offers, kinds = self.chat.files.offers, self._random.random()
        received, offered = ({}, {}) if session is None else (offers.to(session), offers.of(session))
        file = self._any(received, "none")
        chosen: Command
        if received and kinds < 0.7:
            goes_on = AcceptFile(file) if received[file].stage is Stage.OFFERED else FinishFile(file)
            chosen = self._one(
                goes_on, goes_on, goes_on, AcceptFile(file), DeclineFile(file), CancelFile(file), FailFile(file, "disk")
            )
        elif kinds < 0.1 or (offered and kinds < 0.3):
            file = self._any(offered, file)
            chosen = self._one(CancelFile(file), FailFile(file, "disk"))
        else:
            to = tuple(self._somebody(session) for _ in range(self._random.randint(1, 2)))
            in_room, ref = self._perhaps(0.3), self._one(None, "1", "2", "3")
            chosen = OfferFile(() if in_room else to, in_room, "f", self._random.randint(0, 9), "0" * 64, ref)
        return chosen

    def _owning(self, session: Session | None) -> Command:
        accounts, invitations = self.chat.state.accounts, self.chat.state.invitations
        account = self._any(accounts.values())
        name, stamp = (self._name(), 0) if account is None else (account.name, account.stamp)
        number = self._any([each.number for each in invitations.values()], 1)
        room = self._one(None, *_ROOMS)
        chosen: Command = self._one(
            RegisterAccount(hashed=f"hashed-{self._drawn}"),
            Identify(account=name, stamp=stamp),
            ResetAccount(name, hashed="reset"),
            ResetAccount(self._name(), hashed="reset", new=True),
            DropAccount(name),
            MakeInvitation(
                self._random.randint(1, 3), self._one(*_SECONDS), room, hashed=self._one("invited", "another")
            ),
            RevokeInvitation(number),
        )
        return chosen


def _looks_after(session: Session) -> bool:
    """Tell whether somebody may do more in the room where he is than others."""
    return session.is_operator or (session.room is not None and session.person in session.room.roles)
