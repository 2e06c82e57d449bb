"""Commands: what a user asks of the chat, in the imperative. A dialect makes them from bytes."""

from __future__ import annotations

from chatcore.commands.accounts import (
    DropAccount,
    Identify,
    ListInvitations,
    MakeInvitation,
    RegisterAccount,
    ResetAccount,
    RevokeInvitation,
)
from chatcore.commands.files import (
    AcceptFile,
    AttachConnection,
    CancelFile,
    ChooseWay,
    DeclineFile,
    FailFile,
    FinishFile,
    GrantCredit,
    OfferFile,
    SendChunk,
    TakeTicket,
)
from chatcore.commands.messages import (
    DeleteMessage,
    EditMessage,
    MarkRead,
    React,
    ReadHistory,
    Search,
    SendBroadcast,
    SendDirect,
    SendMessage,
    Unreact,
)
from chatcore.commands.moderation import (
    BanUser,
    CloseRoom,
    InviteUser,
    KickUser,
    ListActs,
    ListBans,
    MuteUser,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
)
from chatcore.commands.operation import DrainServer, ListLimits, ReloadSettings
from chatcore.commands.rooms import CreateRoom, JoinRoom, LeaveRoom, ListRooms, ListUsers, WhoIs
from chatcore.commands.sessions import BecomeOperator, LogIn, LogOut, Rename
from chatcore.entries import Position

Send = SendMessage | SendDirect | SendBroadcast
"""What is numbered by a `cid`, appended to a log and acknowledged."""


Read = (
    ListInvitations | ListRooms | ListUsers | WhoIs | ReadHistory | ListBans | ListActs | ListLimits | MarkRead | Search
)
"""What changes nothing: it is answered where it is asked, and stands in no journal. How far somebody has read is told
to the journal later, for many at a time (`chatcore.records.HaveRead`)."""


Moderation = (
    SetTopic
    | SetRole
    | KickUser
    | BanUser
    | UnbanUser
    | MuteUser
    | UnmuteUser
    | InviteUser
    | SetPrivate
    | SetSlow
    | CloseRoom
    | DeleteMessage
    | EditMessage
)
"""What those do who look after a room."""


FileRequest = OfferFile | AcceptFile | DeclineFile | CancelFile | FinishFile | FailFile
"""What is asked about files and answered."""


RoomChange = CreateRoom | JoinRoom | LeaveRoom | CloseRoom
"""What leads its user into another room: whoever closes the room that he is in is led away as by leaving it."""


Traffic = GrantCredit | SendChunk
"""What keeps a transfer going, without an answer and without its user."""


Reacting = React | Unreact
"""What is put below a message."""


WayRequest = TakeTicket | AttachConnection | ChooseWay
"""What is asked about a second connection, and answered by the node that the session's connection is at."""


HostRequest = ReloadSettings | DrainServer
"""What is asked of the program that the server runs in, and answered by the node that one is connected to."""


AccountRequest = RegisterAccount | Identify | ResetAccount
"""What is asked with a password, which is looked at before anything is proposed."""


Command = (
    LogIn
    | LogOut
    | BecomeOperator
    | AccountRequest
    | DropAccount
    | MakeInvitation
    | RevokeInvitation
    | CreateRoom
    | JoinRoom
    | LeaveRoom
    | Send
    | Rename
    | Moderation
    | Reacting
    | Read
    | FileRequest
    | Traffic
    | WayRequest
    | HostRequest
)

__all__ = [
    "AcceptFile",
    "AccountRequest",
    "AttachConnection",
    "BanUser",
    "BecomeOperator",
    "CancelFile",
    "ChooseWay",
    "CloseRoom",
    "Command",
    "CreateRoom",
    "DeclineFile",
    "DeleteMessage",
    "DrainServer",
    "DropAccount",
    "EditMessage",
    "FailFile",
    "FileRequest",
    "FinishFile",
    "GrantCredit",
    "HostRequest",
    "Identify",
    "InviteUser",
    "JoinRoom",
    "KickUser",
    "LeaveRoom",
    "ListActs",
    "ListBans",
    "ListInvitations",
    "ListLimits",
    "ListRooms",
    "ListUsers",
    "LogIn",
    "LogOut",
    "MakeInvitation",
    "MarkRead",
    "Moderation",
    "MuteUser",
    "OfferFile",
    "Position",
    "React",
    "Reacting",
    "Read",
    "ReadHistory",
    "RegisterAccount",
    "ReloadSettings",
    "Rename",
    "ResetAccount",
    "RevokeInvitation",
    "RoomChange",
    "Search",
    "Send",
    "SendBroadcast",
    "SendChunk",
    "SendDirect",
    "SendMessage",
    "SetPrivate",
    "SetRole",
    "SetSlow",
    "SetTopic",
    "TakeTicket",
    "Traffic",
    "UnbanUser",
    "UnmuteUser",
    "Unreact",
    "WayRequest",
    "WhoIs",
]
