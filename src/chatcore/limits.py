"""Every number that bounds the chat, validated once at the edge."""

# Annotations are no texts here: pydantic would compile each of them at every start.

from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field

USERNAME_MIN: Final = 2
USERNAME_MAX: Final = 32
"""No server allows more; how many it does is a limit of its."""
ROOM_NAME_MIN: Final = 1
ROOM_NAME_MAX: Final = 32

OBJECT_BYTES: Final = 64 * 1024
"""Longest protocol object, in bytes of UTF-8 (docs/protocol)."""

NAMES_BYTES: Final = 4096
"""Most bytes that the names beside a text may take: an object has 64 KiB, and a text 60,000 bytes of them."""

HISTORY_MOST: Final = 500
"""Most entries of a log that one request may ask for; a server may give fewer."""

REQUEST_ID_CHARS: Final = 64
"""Longest `id` of a request, in characters."""

MAX_INTEGER: Final = 2**53
"""Integers beyond ± this one lose digits in JavaScript, so they are refused (RFC 8259, section 6)."""

MOMENTS: Final = (-62_135_510_400, 253_402_214_400)
"""The first time that can be told, and the last: a day inside the years 1 to 9999 (RFC 3339), so that clocks of every
zone have them. In seconds since 1970."""

JSON_DEPTH: Final = 16
"""How deep arrays and objects may stand in each other; the outermost is the first level."""

NOTE_CHARS: Final = 300
"""Longest topic of a room, and longest reason for what is done there, in characters."""

PASSWORD_CHARS: Final = (6, 256)
"""Shortest and longest password of an account, in characters."""

SLOW_SECONDS_MAX: Final = 6 * 3600
"""For how long a room may have one wait between two messages, at most."""

CHUNK_BYTES: Final = 32 * 1024
"""Most bytes of a file in one chunk."""

FILE_NAME_BYTES: Final = 255
"""Longest suggestion for the name of a file, in bytes of UTF-8."""

PER_PEER: Final = ("requests_per_second", "connections_per_address", "lines_per_second", "file_transfers_per_address")
"""Limits of what one peer may do to the others; 0 switches each of them off. Those of sizes and memory cannot be."""


FIXED: Final = (
    "default_room", "log_messages", "log_bytes", "total_log_bytes", "login_timeout", "keepalive_interval",
    "keepalive_timeout",
)  # fmt: skip
"""Limits that hold from the start of a server to its end; all others may be changed while it runs."""


PEOPLE: Final = ("guest", "account", "moderator", "owner", "operator", "bot")
"""Kinds of people who may have limits of their own, from the general to the special."""


# What has no bound of its own: clients are told some of these, and event loops wait for others.
_Count = Annotated[int, Field(le=MAX_INTEGER)]
_Amount = Annotated[float, Field(le=MAX_INTEGER)]


class OwnLimits(BaseModel):
    """What some people may do, where that is not what everybody may; None of what is the same for them.

    Attributes:
        requests_per_second, request_burst, messages_per_second, message_burst, rooms_per_user, sessions_per_account: as
            in `Limits`.
        slow_mode: whether they wait between two messages in a slow room. Who looks after the room never does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    requests_per_second: _Amount | None = Field(default=None, ge=0)
    request_burst: _Count | None = Field(default=None, ge=1)
    messages_per_second: _Amount | None = Field(default=None, ge=0)
    message_burst: _Count | None = Field(default=None, ge=1)
    rooms_per_user: _Count | None = Field(default=None, ge=0)
    sessions_per_account: _Count | None = Field(default=None, ge=0)
    slow_mode: bool | None = None


class Limits(BaseModel):
    """What a server allows, all of it with a default: `Limits(username_chars=20, grace=300)`.

    Sizes are bytes, times are seconds, and every value has a range: making one raises `pydantic.ValidationError` for
    a value outside of it, and for an unknown name. Frozen.

    Attributes:
        default_room: name of the room that always exists and where everybody starts.
        username_chars: longest username, in characters.
        text_bytes: longest message text, counted as a JSON string in UTF-8: the object around it has to stay under
            64 KiB for every receiver.
        recipients: most users that one direct message, or one offer of a file, may name.
        sessions: most sessions at a time, with those in their grace period.
        accounts: most registered names.
        sessions_per_account: most sessions at a time of one account, under whatever names, with those in their grace
            period; 0 means no limit.
        rooms_per_user: most rooms that one user owns at a time; 0 means no limit. Operators have none.
        inbox_messages: most direct messages that wait for somebody who has an account and is away.
        messages_per_second: most messages (and offers of files) per second and session, over time; 0 means no limit.
        message_burst: how many messages may come at once before `messages_per_second` counts.
        requests_per_second: the budget of one session for requests, over time; 0 means no limit. A request that is
            much work costs several, a message a fraction.
        request_burst: how much of that budget may be spent at once.
        connections_per_address: most connections of one network address (IPv4, or /64 of IPv6), most of its users in
            their grace period, and the budget of all of them together, as a multiple of that of one session; 0 means
            no limit.
        people: what is otherwise for some people, by who they are: `PEOPLE`, or `@NAME` for the owner of one account.
            Whoever is several of these has what the last of them says, and `@NAME` last of all. An owner or moderator
            is one in the room where he is. Operators and bots have no limits unless it is said here.
        bots: names of accounts that are programs.
        operators: names of accounts whose owners are operators, once they have identified. Only operators can register
            these names, those of `bots`, and those of `@NAME`.
        lines_per_second: most lines of the operator's log, of one kind, that one network address causes over time, and
            of refused requests one connection, too; the rest are counted. 0 means no limit.

        file_bytes: largest file that may be offered.
        file_offers: most files that one user may have on offer at a time; 0 means no files at all.
        file_transfers: most files on their way to, and from, one user at a time.
        file_transfers_per_address: most transfers, on offer or under way, of all files of one address; a file that is
            on offer to ten users is ten of them. 0 means no limit.
        file_transfers_in_all: the same of all files on offer.
        file_window_bytes: most bytes of one transfer that are under way at a time: what a receiver may grant ahead.
        file_idle: after how much time without a move a transfer ends while both sides are connected.
        file_requests_per_second: most offers and answers to offers per second and session, over time.
        file_request_burst: how many of them may come at once before that counts.

        log_messages: most messages that the log of one room holds.
        log_bytes: most memory that the log of one room takes.
        total_log_bytes: most memory that all logs take together; past it the largest one gives way.
        history_messages: most messages in one reply to a `history` request.

        empty_rooms: most rooms without members that are kept for what was said in them; none without a store.

        grace: how long a dropped user's name and room stay theirs.
        login_timeout: how long a connection may take to log in.
        presence_window: how long joins and leaves of a room are gathered into one frame, at least: in a large room for
            as long as it takes that telling them needs a tenth of a processor; 0: each is told at once.
        rooms_window: how long changes of the room list are gathered into one frame, at least, in the same way.
        keepalive_interval: after how much silence a peer is asked for a sign of life.
        keepalive_timeout: how long the answer to that may take.

        names_per_frame: most usernames in one frame; longer lists are split or continued.
        rooms_per_frame: most rooms in one frame; longer lists are split or continued.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    default_room: str = Field(default="lobby", pattern=r"^[\w-]{1,32}$")
    username_chars: int = Field(default=USERNAME_MAX, ge=USERNAME_MIN, le=USERNAME_MAX)
    text_bytes: int = Field(default=60_000, ge=1, le=60_000)
    recipients: int = Field(default=64, ge=1, le=64)
    sessions: _Count = Field(default=20_000, ge=1)
    accounts: _Count = Field(default=20_000, ge=0)
    sessions_per_account: _Count = Field(default=16, ge=0)
    rooms_per_user: _Count = Field(default=100, ge=0)
    inbox_messages: _Count = Field(default=200, ge=0)
    messages_per_second: _Amount = Field(default=0.0, ge=0)
    message_burst: _Count = Field(default=20, ge=1)
    requests_per_second: _Amount = Field(default=20.0, ge=0)
    request_burst: _Count = Field(default=100, ge=1)
    connections_per_address: _Count = Field(default=64, ge=0)
    people: dict[Annotated[str, Field(pattern=rf"^({'|'.join(PEOPLE)}|@.+)$")], OwnLimits] = {}
    bots: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    lines_per_second: _Amount = Field(default=1.0, ge=0)

    file_bytes: int = Field(default=2 * 2**30, ge=0, le=MAX_INTEGER)
    file_offers: int = Field(default=16, ge=0, le=1000)
    file_transfers: int = Field(default=16, ge=1, le=1000)
    file_transfers_per_address: _Count = Field(default=4_000, ge=0)
    file_transfers_in_all: _Count = Field(default=20_000, ge=1)
    file_window_bytes: int = Field(default=2**20, ge=2 * CHUNK_BYTES, le=16 * 2**20)
    file_idle: _Amount = Field(default=60.0, gt=0)
    file_requests_per_second: _Amount = Field(default=5.0, gt=0)
    file_request_burst: _Count = Field(default=40, ge=1)

    log_messages: _Count = Field(default=100_000, ge=1)
    log_bytes: _Count = Field(default=32 * 2**20, ge=1024)
    total_log_bytes: _Count = Field(default=256 * 2**20, ge=1024)
    history_messages: int = Field(default=200, ge=1, le=HISTORY_MOST)

    empty_rooms: _Count = Field(default=1000, ge=0)

    grace: _Amount = Field(default=60.0, ge=0)
    login_timeout: _Amount = Field(default=10.0, gt=0)
    presence_window: _Amount = Field(default=0.05, ge=0)
    rooms_window: _Amount = Field(default=1.0, ge=0)
    keepalive_interval: _Amount = Field(default=10.0, gt=0)
    keepalive_timeout: _Amount = Field(default=5.0, gt=0)

    names_per_frame: int = Field(default=1000, ge=1, le=1500)
    rooms_per_frame: int = Field(default=500, ge=1, le=500)

    def with_defaults(self, defaults: Mapping[str, Any]) -> Self:
        """Return the limits with other defaults: what was set stays as it is."""
        return self.model_copy(update={k: v for k, v in defaults.items() if k not in self.model_fields_set})

    @classmethod
    def unlimited(cls, **changes: Any) -> Self:
        """Return limits with `changes` and without those `PER_PEER`: for load tests, where one peer stands for many."""
        return cls(**(dict.fromkeys(PER_PEER, 0) | changes))
