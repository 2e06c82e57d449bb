"""Events: facts, in the past tense. The chat makes them on the server; a client gets the same ones back."""

from __future__ import annotations

from chatcore.entries import (
    BROADCAST_LOG,
    DIRECT_LOG,
    BroadcastPosted,
    DirectPosted,
    MessagePosted,
    Position,
    Posted,
    Reaction,
)
from chatcore.events.files import (
    ChunkReceived,
    ConnectionAttached,
    CreditGranted,
    FileAccepted,
    FileBroken,
    FileCancelled,
    FileDeclined,
    FileDelivered,
    FileEnd,
    FileEvent,
    FileFailed,
    FileNews,
    FileOffered,
    FilePaused,
    FileProgressed,
    FileReceived,
    FileSent,
    FileState,
    OfferMade,
    TicketGiven,
    TransferBegun,
    WayChosen,
)
from chatcore.events.invitations import InvitationMade, InvitationsListed, InvitationSummary
from chatcore.events.messages import (
    GapFound,
    HistoryRead,
    MessagesFound,
    ReactionChanged,
    RoomUnread,
    SendAcknowledged,
    SendRefused,
    UnreadChanged,
)
from chatcore.events.moderation import ABSENT, ActsListed, ActSummary, BansListed, BanSummary, RoomModerated
from chatcore.events.rooms import (
    PresenceChanged,
    RoomEntered,
    RoomsChanged,
    RoomsListed,
    RoomSummary,
    UserDescribed,
    UserRenamed,
    UsersListed,
    UserSummary,
)
from chatcore.events.sessions import (
    Accepted,
    ConnectionLost,
    Dismissed,
    LimitsChanged,
    LimitsListed,
    PingAnswered,
    Refused,
    TransportChosen,
    Welcomed,
)

RoomEvent = RoomModerated | BansListed | ActsListed | InvitationMade | InvitationsListed
"""What a server tells of this."""


ServerEvent = (
    Posted
    | Welcomed
    | RoomEntered
    | PresenceChanged
    | RoomsChanged
    | UserRenamed
    | UnreadChanged
    | ReactionChanged
    | GapFound
    | RoomsListed
    | UsersListed
    | UserDescribed
    | HistoryRead
    | MessagesFound
    | LimitsChanged
    | LimitsListed
    | Accepted
    | PingAnswered
    | Refused
    | Dismissed
    | RoomEvent
    | FileEvent
)
"""What a server tells a client."""


ClientEvent = (
    ServerEvent
    | SendAcknowledged
    | SendRefused
    | ConnectionLost
    | TransportChosen
    | FileProgressed
    | FileReceived
    | FileSent
    | FileFailed
    | WayChosen
)
"""What a client program sees."""

__all__ = [
    "ABSENT",
    "BROADCAST_LOG",
    "DIRECT_LOG",
    "Accepted",
    "ActSummary",
    "ActsListed",
    "BanSummary",
    "BansListed",
    "BroadcastPosted",
    "ChunkReceived",
    "ClientEvent",
    "ConnectionAttached",
    "ConnectionLost",
    "CreditGranted",
    "DirectPosted",
    "Dismissed",
    "FileAccepted",
    "FileBroken",
    "FileCancelled",
    "FileDeclined",
    "FileDelivered",
    "FileEnd",
    "FileEvent",
    "FileFailed",
    "FileNews",
    "FileOffered",
    "FilePaused",
    "FileProgressed",
    "FileReceived",
    "FileSent",
    "FileState",
    "GapFound",
    "HistoryRead",
    "InvitationMade",
    "InvitationSummary",
    "InvitationsListed",
    "LimitsChanged",
    "LimitsListed",
    "MessagePosted",
    "MessagesFound",
    "OfferMade",
    "PingAnswered",
    "Position",
    "Posted",
    "PresenceChanged",
    "Reaction",
    "ReactionChanged",
    "Refused",
    "RoomEntered",
    "RoomEvent",
    "RoomModerated",
    "RoomSummary",
    "RoomUnread",
    "RoomsChanged",
    "RoomsListed",
    "SendAcknowledged",
    "SendRefused",
    "ServerEvent",
    "TicketGiven",
    "TransferBegun",
    "TransportChosen",
    "UnreadChanged",
    "UserDescribed",
    "UserRenamed",
    "UserSummary",
    "UsersListed",
    "WayChosen",
    "Welcomed",
]
