"""Sessions and rooms, as the chat keeps them in memory. No rules here."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Final

from chatcore.chat.kept.roles import Role, Sanction, SanctionIndex
from chatcore.chat.kept.session_state import SessionState, Trigger, next_state
from chatcore.chat.kept.spoken import Spoken
from chatcore.events import RoomSummary
from chatcore.records import Origin
from chatcore.text.names import LookAlikes, NameOrder, looks_of, name_key

MOST_MENTIONS: Final = 99
"""So many unread mentions are counted in a room."""
# So many answers are remembered.
_MOST_HELD: Final = 10_000


class Place:
    """How far one person has read one room."""

    __slots__ = ("mentions", "person", "seq")

    def __init__(self, person: str, seq: int, mentions: tuple[int, ...] = ()) -> None:
        self.person = person
        self.seq = seq
        """Of the last entry that was read."""
        self.mentions = mentions
        """Seqs of later ones that mention the person, the newest ones of more than are counted."""

    def note_mention(self, seq: int) -> None:
        """Take note of an entry that mentions the person."""
        self.mentions = (*self.mentions[1 - MOST_MENTIONS :], seq)

    def move(self, seq: int) -> None:
        """Take note that everything up to there was read."""
        self.seq = seq
        if self.mentions:
            self.mentions = tuple(each for each in self.mentions if each > seq)


@dataclass(slots=True, eq=False)
class Room:
    """A room and who is in it."""

    name: str
    members: dict[Session, None] = field(default_factory=dict)
    """In the order they came."""
    bots: dict[Session, None] = field(default_factory=dict)
    """Those of them that are bots."""
    line: RoomSummary | None = None
    """Its line of the room list, as somebody was shown it last."""
    first: tuple[str, ...] = ()
    """Names of the first ones of them, as many as were asked for: everybody who comes is shown these."""
    names: NameOrder = field(default_factory=NameOrder)
    """Username keys of the members."""
    always: bool = False
    """True when it is there with or without members."""
    closing: bool = False
    """True while its members are put out of it: it goes with the last one, and nobody may come in."""
    maker: str = ""
    """The person who has made it; empty where nobody did, or that is not known."""
    made_at: str = ""
    """The network place from which that was."""
    topic: str = ""
    roles: dict[str, Role] = field(default_factory=dict)
    """What persons are here, if not members, in the order in which they became it."""
    sanctions: list[Sanction] = field(default_factory=list)
    """Who may not come in or not speak, the oldest first; also what is over, until something is added."""
    private: bool = False
    """True when only who is invited may come in."""
    invited: dict[str, None] = field(default_factory=dict)
    """Persons, of a private room."""
    slow: int = 0
    """For how many seconds a member has to wait between two messages."""
    spoken: Spoken = field(default_factory=Spoken)
    """Who has said something last, of those who have to wait."""
    readers: dict[str, Place] = field(default_factory=dict)
    """By name key, how far those have read it who were in it once."""

    index: SanctionIndex = field(default_factory=SanctionIndex)
    """The same sanctions, by whom they are about."""
    _held: dict[tuple[int, str, str, str], tuple[Sanction, ...]] = field(default_factory=dict)
    """What holds whom, as far as it was looked up."""
    key: str = field(init=False)
    """The form under which its name is unique; also the key of its log."""

    def __post_init__(self) -> None:
        """Keep the key: every message needs it."""
        self.key = name_key(self.name)

    def forget_name(self, name: str) -> None:
        """Take note that a member of that name is gone, or has another one."""
        if name in self.first:
            self.first = ()

    def role_of(self, session: Session, time: float) -> Role:
        """Return what a user is here; `time` is the journal's, in seconds since 1970."""
        if session.is_operator:
            return Role.OPERATOR
        held = self.sanction_on(session, time) if self.sanctions else None
        return self.roles.get(session.person, Role.MEMBER) if held is None else held.role

    def sanction_on(self, session: Session, time: float) -> Sanction | None:
        """Return what keeps a user out, or else silent: of several, the one that lasts the longest.

        Every message asks that: who is held by what is looked up once, until one of them changes.
        """
        return min(
            (each for each in self._about(session) if each.lasts(time)),
            key=lambda each: (each.role, -inf if each.until is None else -each.until),
            default=None,
        )

    def is_held_by_operators(self, session: Session, time: float) -> bool:
        """Tell whether an operator keeps a user out, or silent."""
        return any(each.by_operator and each.lasts(time) for each in self._about(session))

    def is_held_for_all(self, session: Session, time: float) -> bool:
        """Tell whether what keeps a user out, or silent, counts for what is said to everyone, wherever the user is."""
        return any(each.of_operators and each.lasts(time) for each in self._about(session))

    def _about(self, session: Session) -> tuple[Sanction, ...]:
        """Return the sanctions about a user, also those that are over."""
        if not self.sanctions:
            return ()
        who = (session.number, session.name, session.client, session.origin.place)
        found = self._held.get(who)
        if found is None:
            if len(self._held) >= _MOST_HELD:
                self._held.clear()
            found = self._held[who] = tuple(self._holding(session))
        return found

    def look_again(self) -> None:
        """Forget who is held by what: sanctions, what they hold, or roles are other ones."""
        self._held.clear()

    def _holding(self, session: Session) -> Iterator[Sanction]:
        """Yield the sanctions about this user."""
        keys = (session.person, session.key, *looks_of(session.name), *session.clients)
        return (each for each in self.index.about(keys) if self.is_held(session, each))

    def is_held(self, session: Session, sanction: Sanction) -> bool:
        """Tell whether a sanction is about this user. Names and places are others' too: whoever has a role is known."""
        if session.person in sanction.persons:
            return True
        return session.person not in self.roles and (
            session.key in sanction.names
            or sanction.holds_client(session.clients)
            or sanction.holds_place(session.origin.place)
            or sanction.holds_name(looks_of(session.name))  # last: it costs the most
        )

    @property
    def is_remembered(self) -> bool:
        """True when more is known of it than what was said there, that should not come off when everybody leaves."""
        return bool(self.topic or self.sanctions or self.private or self.slow)

    def lets_in(self, session: Session, time: float) -> bool:
        """Tell whether a user is in it, or may come in although it is private."""
        return (
            not self.private
            or session.room is self
            or session.person in self.invited
            or self.role_of(session, time) >= Role.MODERATOR
        )


@dataclass(slots=True, eq=False)
class Account:
    """A name that belongs to somebody, who may be away."""

    name: str
    number: int
    """Of the record that made it; no other account ever has it."""
    since: float
    """When that was, in seconds since 1970."""
    inbox: str
    """Key of the log of its direct messages."""
    hashed: str = ""
    """Of its password; empty when somebody else vouches for its owner."""
    stamp: int = 0
    """Number of the record that this password is of."""
    heard: int = 0
    """Seq of the last direct message that its owner has got."""
    sessions: dict[Session, None] = field(default_factory=dict)
    """Those of its owner."""
    waiting: dict[str, int] = field(default_factory=dict)
    """How many direct messages came since its owner was there, by whose they are (`requests.accounts`)."""
    made_at: str = ""
    """The network place from which it was registered; empty when it counts in nobody's share."""
    is_operator: bool = False
    """True as long as the settings name it."""

    @property
    def key(self) -> str:
        """The form under which its name is unique."""
        return name_key(self.name)

    @property
    def person(self) -> str:
        """Whom roles belong to. No session without an account is called so."""
        return f"={self.number}"


@dataclass(slots=True, eq=False)
class Invitation:
    """A text that lets people in."""

    number: int
    """Of the record that made it."""
    hashed: str
    """Of the text."""
    by: str
    """Username of who made it."""
    at: float
    """When, in seconds since 1970."""
    until: float | None
    """Until when it lets in, in seconds since 1970; None for ever."""
    uses: int
    left: int
    """How many logins it is still good for."""
    room: str
    """Name of a room that it opens too; empty for none."""

    def lasts(self, time: float) -> bool:
        """Tell whether it still lets in; `time` is the journal's, in seconds since 1970."""
        return self.left > 0 and (self.until is None or time < self.until)


@dataclass(slots=True, eq=False)
class Session:
    """A login. It outlives its connection."""

    number: int
    """Of the record that began it; no other session ever has it."""
    origin: Origin
    """Of its connection, or of the last one that it had."""
    connection: int | None
    """None while it waits for another one."""
    since: float
    """When it began, in seconds since 1970."""
    active_at: float
    """When the user last asked for something that changes the chat, in seconds since 1970."""
    state: SessionState = SessionState.ANONYMOUS
    name: str = ""
    client: str = field(default="", repr=False)
    """The client id; a secret of its client."""
    token: str = field(default="", repr=False)
    """Hash of what resumes it."""
    numbers: str = ""
    """What its sends are numbered under; made of secrets, and none itself."""
    inbox: str = ""
    """Key of the log of its direct messages; no room can have it as its name, and no other session ever has it."""
    login: tuple[str | None, str] = field(default=(None, ""), repr=False)
    """Client id and hash of the token, as they were in the login that began it."""
    began: float = 0.0
    """When that was, in seconds of the journal's clock."""
    lasted: float = 0.0
    """How long after that its connection was lost, the last time, in seconds."""
    room: Room | None = None
    place: Place | None = None
    """How far the user has read that room."""
    confirmed: bool = False
    """True once the client has shown that it got the welcome, and with it the token."""
    heads: dict[str, int] = field(default_factory=dict)
    """Heads of its logs, by log key, when it was last heard of: what came later may not have arrived."""
    losses: int = 0
    """How many connections it has lost."""
    has_operator_token: bool = False
    """True when it has shown the token of the operators."""
    operator_mark: str = ""
    """What stands for that token; empty when that is not known."""
    invited: bool = False
    """True when an invitation has let it in: its token opens the door again."""
    is_bot: bool = False
    """True when a program answers by itself, and has said so."""
    account: Account | None = None
    """Whose it is; None of a guest's."""

    @property
    def key(self) -> str:
        """The form under which its username is unique."""
        return name_key(self.name)

    @property
    def is_operator(self) -> bool:
        """True when its user looks after the whole server: by the token, or as the owner of an account."""
        return self.has_operator_token or (self.account is not None and self.account.is_operator)

    @property
    def person(self) -> str:
        """Whom roles belong to: the account, else this session, whatever its name and connection."""
        return f"#{self.number}" if self.account is None else self.account.person

    @property
    def clients(self) -> list[str]:
        """What its client is known by."""
        return [each for each in (self.client, self.login[0]) if each]

    def move(self, trigger: Trigger) -> None:
        """Move to the state that follows."""
        self.state = next_state(self.state, trigger)


class Looks:
    """What the names in use look like."""

    def __init__(self, users: Container[str], accounts: Container[str], rooms: Container[str]) -> None:
        self.unicode = ""
        """By which tables: see `chatcore.records.NodeUp`, of the node that was up last."""
        self.users, self.accounts, self.rooms = map(LookAlikes, (users, accounts, rooms))
