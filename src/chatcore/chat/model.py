"""Sessions and rooms, as the chat keeps them in memory. No rules here: those are in `chatcore.chat.chat`."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatcore.chat.budget import Budget
from chatcore.chat.session_state import SessionState, Trigger, next_state
from chatcore.chat.token_bucket import TokenBucket
from chatcore.events import RoomSummary
from chatcore.text.names import NameOrder, name_key


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection comes from, for people."""

    transport: str
    dialect: str
    address: str
    carries_files: bool = False
    """True when its dialect has frames for files."""
    username_chars: int | None = None
    """Longest username that may be chosen there; None: as everywhere."""
    place: str = ""
    """What is bounded together with it (`chatcore.ports.network_address.place_of`); empty without an IP address."""
    paced: bool = False
    """True when its dialect knows no refusals that pass: what comes too fast waits at the server."""


@dataclass(slots=True, eq=False)
class Room:
    """A room and who is in it."""

    name: str
    members: dict[Session, None] = field(default_factory=dict)
    """In the order they came."""
    names: NameOrder = field(default_factory=NameOrder)
    """Username keys of the members."""

    joined: dict[str, str] = field(default_factory=dict)
    """Names by key that came since the last presence frame."""
    left: dict[str, str] = field(default_factory=dict)
    """Names by key that went since the last presence frame."""
    quiet_until: float = 0.0
    """No presence frame before this time, in seconds of the monotonic clock."""
    timer_set: bool = False
    """True while a timer for the next presence frame runs."""

    @property
    def key(self) -> str:
        """The form under which its name is unique; also the key of its log."""
        return name_key(self.name)

    def summary(self, seq: int) -> RoomSummary:
        """Return its line of the room list."""
        return RoomSummary(self.name, len(self.members), seq)


@dataclass(slots=True, eq=False)
class Session:
    """A login. It outlives its connection."""

    origin: Origin
    """Of its connection, or of the last one that it had."""
    connection: int | None
    """None while it waits for another one."""
    since: float
    """When it began, in seconds since 1970."""
    active_at: float
    """When the user last asked for something, in seconds of the monotonic clock."""
    state: SessionState = SessionState.ANONYMOUS
    name: str = ""
    client: str = ""
    """The client id; a secret of its client."""
    token: str = ""
    """What resumes it; a secret of its client."""
    numbers: str = ""
    """What its sends are numbered under; made of secrets, and none itself."""
    inbox: str = ""
    """Key of the log of its direct messages; no room can have it as its name, and no other session ever has it."""
    login: tuple[str | None, str | None] = (None, None)
    """Client id and token, as they were in the login that began it."""
    began: float = 0.0
    """When that was, in seconds of the monotonic clock."""
    lasted: float = 0.0
    """How long after that its connection was lost, the last time, in seconds."""
    room: Room | None = None
    confirmed: bool = False
    """True once the client has shown that it got the welcome, and with it the token."""
    heads: dict[str, int] = field(default_factory=dict)
    """Heads of its logs, by log key, when it was last heard of: what came later may not have arrived."""
    losses: int = 0
    """How many connections it has lost."""
    budget: Budget | None = None
    """What it may ask for; None for no limit."""
    send_rate: TokenBucket | None = None
    """How often it may send; None before it first counts."""
    file_rate: TokenBucket | None = None
    """How often it may offer a file or answer an offer; None before it first counts."""

    @property
    def key(self) -> str:
        """The form under which its username is unique."""
        return name_key(self.name)

    def happen(self, trigger: Trigger) -> None:
        """Move to the state that follows."""
        self.state = next_state(self.state, trigger)
