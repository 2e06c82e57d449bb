"""Records: what changes the chat, as the journal orders it. Applied in that order, they give all nodes the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from chatcore.commands import Command, LogIn

RULES: Final = 15
"""Of what records do when they are applied. Servers that apply them otherwise cannot be one chat: the next number. It
is that of the format of batches, too (`chatcore.dialects.record_json`)."""
UNSAID_RULES: Final = 11
"""Of a node that does not say by which rules it began: until these, no journal did. Never another number."""
KEEPS_DECLARED_NAMES: Final = 3
"""From these rules on, names that the settings name are kept for their accounts before somebody has registered them."""
KNOWS_PERSONS: Final = 4
"""From these rules on, ranks and bans are looked at of a person: in all sessions, away, and at the present address."""
SOME_AT_A_TIME: Final = 5
"""From these rules on, many are put out of a room, or expire, some at a time: the others with the next entries."""
WRITES_DOWN: Final = 6
"""From these rules on, what operators do beside the rooms is written down like what is done there."""
SLOWS_DOWN: Final = 7
"""From these rules on, a record that comes too soon in a slow room is refused; before, none was written down."""
COUNTS_SESSIONS: Final = 8
"""From these rules on, an account has so many sessions at a time."""
CLOSES_DETOURS: Final = 9
"""From these rules on, the lobby is no way around what operators did in a room, nor a new session around slow mode; and
another password makes no account by itself."""
FEWER_AT_A_TIME: Final = 10
"""From these rules on, fifteen are put out, or expire, with one entry; before, fifty."""
INHERITS_SOME_AT_A_TIME: Final = 11
"""From these rules on, rooms of an owner who is gone get the next one some at a time, as above; before, at once."""
BANS_WHOLE_PLACES: Final = 11
"""From these rules on, a ban of an IPv6 address holds its place, and IPv4 written as IPv6 is IPv4; before, nobody."""
SHARES_WHAT_IS_LEFT: Final = 12
"""From these rules on, of what is too much goes what is of whoever has left the most of it; before, the oldest."""
HOLDS_WHO_IS_MEANT: Final = 12
"""From these rules on, a sanction holds a user, not the names that the user leaves; an operator's is theirs to lift."""
FINDS_HEIRS: Final = 12
"""From these rules on, a room gets its next owner whatever became of the last one: one who may speak there."""
STOPS_AT_WHAT_IS_GONE: Final = 12
"""From these rules on, messages that were deleted stay so, and editing is no way around a closed door or slow mode."""
JOINS_DECLARED_ROOMS: Final = 13
"""From these rules on, what any node declares that is up is always there; before, what the last one that began does."""
BOUNDS_WHAT_GUESTS_BRING: Final = 14
"""From these rules on, a guest brings an account no more rooms than its owner may have."""
LOOKS_BEFORE_IT_ACTS: Final = 14
"""From these rules on, a login that is refused ends no session and makes no account."""
LEAVES_OPERATORS_ROOM: Final = 14
"""From these rules on, bans and mutes by operators have a number of their own, and no number holds accounts by them."""
SHARES_NAMES: Final = 14
"""From these rules on, from no network place more names are registered than are left for all others."""
TELLS_SENDS_APART: Final = 15
"""From these rules on, what a send answers and what it says are told apart where its number is looked at."""
BOUNDS_FILES_BY_WHAT_HOLDS: Final = 15
"""From these rules on, files of one place keep to the limits that hold; before, to those by which a server began."""
TELLS_OFFERS_APART: Final = 15
"""From these rules on, an offer of a file is known again by its `ref` and by all that it says; before, by its `ref`."""
GOES_BY_NUMBER: Final = 15
"""From these rules on, those whom a ban holds go in the order of sessions; before, of their names."""
REACHES_PERSONS_ONCE: Final = 15
"""From these rules on, who has several names gets a direct message to them once, and one mention of a text."""
HANDS_LOBBIES_ON: Final = 15
"""From these rules on, bans of the server go with the lobby, and whoever made a room that is declared leaves none."""
LEAVES_BORNE_NAMES: Final = 15
"""From these rules on, no login makes an account of a name that somebody else has at that moment."""
SILENCES_NAMES: Final = 15
"""From these rules on, whoever is muted in the lobby, or by operators, takes no other name elsewhere."""
LEAVES_GUESTS_OUT: Final = 15
"""From these rules on, no token lets a guest of before in where only who has an account comes in."""
BRINGS_NO_BANNED: Final = 15
"""From these rules on, a guest brings an account no role in a room that it is banned from."""
NAMES_WHO_IS_THERE: Final = 15
"""From these rules on, an heir is called in a room by the name that is there; before, by that of the first session."""
RANKS_IN_ALL_SESSIONS: Final = 15
"""From these rules on, whoever is an operator in one session has that rank in all; before, in that one only."""
FINDS_EVERY_NAME: Final = 15
"""From these rules on, a name is mentioned whatever letters it has; before, not with a `ΐ` or `ΰ`."""


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
    plain_names: bool = False
    """True when a username that is chosen there has the letters a to z only."""


class Keys(NamedTuple):
    """What a record says of the secrets of a login: hashes, for whoever reads a journal must not become its users.

    A token has two parts, `SESSION.NUMBERS` (docs/decisions/0010), and so has its hash.
    """

    shown: str = ""
    """Of the token that was shown; empty without one."""
    shown_numbers: str = ""
    """Of its second part; empty when that is too short to be a secret."""
    session: str = ""
    """Of a fresh first part, for the token of a new session."""
    numbers: str = ""
    """Of a fresh second part."""


@dataclass(slots=True)
class NodeUp:
    """A node begins. The position of this record is its incarnation, and what it proposes from now on counts.

    Nodes of all versions have to be able to read it, to refuse it: no field may be added.
    """

    nonce: str
    """Fresh and unguessable: by it the node knows its own record, and of it are made the ids that its records need."""
    limits: Mapping[str, Any]
    """What it allows: `Limits`, as JSON values."""
    lease: float = 0.0
    """For how long it is taken to be there after each batch, in seconds of the journal's clock. 0 for ever: then it is
    alone, and no node that was up before is any more."""
    keeps_rooms: bool = False
    """True when a room is kept without members, as long as there is something in its log."""
    rooms: tuple[str, ...] = ()
    """Names of rooms that are always there, as long as it is up."""
    addresses: tuple[str, ...] = ()
    """Where clients connect to it, as its operator says: for those of the other nodes, when they lose theirs."""
    rules: int = UNSAID_RULES
    """How it applies records: `RULES`, of a node of this version. One that does so otherwise than those that are up, or
    allows something else, does not begin."""
    unicode: str = ""
    """Version of the tables by which it judges names; empty: names have the letters a to z, and look like none."""
    lost: bool = False
    """True when its store has less than was acknowledged: all logs go on under other epochs."""


@dataclass(slots=True)
class LimitsSet:
    """The settings of the nodes that are up are others from here on, at all of them."""

    limits: Mapping[str, Any]
    """What is allowed: as in `NodeUp`."""


@dataclass(slots=True)
class NodeLeft:
    """A node ends, in order: its sessions wait for other connections."""

    reason: str


@dataclass(slots=True)
class LoggedIn:
    """Somebody asks to be let in: a `LogIn`, with what only its record has."""

    connection: int
    command: LogIn
    """Without its secrets."""
    origin: Origin
    keys: Keys
    account: str = ""
    """Name of the account whose owner it is; empty for none."""
    stamp: int = 0
    """`Account.stamp` of the account whose password was said; 0 when somebody else vouches for the owner."""
    hashed: str = ""
    """Hash of the password with which the name is to be the user's for good; empty when that is not asked for."""
    invitation: str = ""
    """Hash of the invitation that was shown; empty for none, and when it was shown before."""
    guests: bool = True
    """False when only who has an account may come in, or comes back into a session."""
    operator: bool = False
    """True when the token of the operators was shown: no ban keeps out who could take it back."""


@dataclass(slots=True)
class Act:
    """A user asks for something that changes the chat."""

    connection: int
    command: Command


@dataclass(slots=True)
class Gone:
    """A connection is lost."""

    connection: int
    reason: str
    heads: Mapping[str, int] = field(default_factory=dict)
    """Heads of the logs of its user, by log key, when it was last heard of: what came later may not have arrived."""


@dataclass(slots=True)
class Confirmed:
    """A user asked for something that changes nothing: so the welcome has arrived, and with it the token."""

    connection: int


@dataclass(slots=True)
class HaveRead:
    """Users have read on: gathered over a while, for all users of a node."""

    of: tuple[tuple[int, str, int], ...]
    """Connection of the user, key of the room, seq of the last entry that was read."""


@dataclass(slots=True)
class RoomsForgotten:
    """Nothing is kept any more of what was said in these rooms: without members, they are gone too."""

    rooms: tuple[str, ...]
    """Their keys."""


@dataclass(slots=True)
class HostActed:
    """The program around a node has done something that operators should find among all that was done."""

    act: str
    by: str = ""
    """Username of the operator who asked for it; empty for whoever runs the program."""
    address: str = ""
    """Network address of that operator."""
    value: str = ""
    """What is otherwise now."""


@dataclass(slots=True)
class OperatorToken:
    """A node begins with a token of the operators, or has another one: by no other is anybody an operator any more."""

    mark: str
    """What stands for it (`chatcore.server.signing_in.terms.mark_of`); empty when there is none."""


@dataclass(slots=True)
class FlowBroken:
    """A file stops on its way, for a reason that neither of its users gave."""

    transfer: int
    """Its present number."""
    code: str
    message: str


Record = (
    NodeUp
    | LimitsSet
    | NodeLeft
    | LoggedIn
    | Act
    | Gone
    | Confirmed
    | HaveRead
    | RoomsForgotten
    | HostActed
    | OperatorToken
    | FlowBroken
)
