"""The requests: a row for each command says what carries it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chatcore.chat.kept.model import Session
from chatcore.chat.requests import invitations, logins, messages, reactions, registering, rooms, told_limits
from chatcore.chat.requests.files import Files
from chatcore.chat.requests.moderation import acts, members, message_acts, roles, room_acts, sanctions
from chatcore.chat.requests.permissions import check
from chatcore.chat.state import State
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
    ListActs,
    ListBans,
    ListInvitations,
    ListLimits,
    ListRooms,
    ListUsers,
    LogOut,
    MakeInvitation,
    MarkRead,
    MuteUser,
    OfferFile,
    React,
    ReadHistory,
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
    WhoIs,
)
from chatcore.events import ServerEvent

Handler = Callable[[Session, Any], ServerEvent]
"""Returns the event that answers the request, or raises `Refusal`; everything else it has to say it emits."""


def handlers(state: State, files: Files) -> dict[type[Command], Handler]:
    """Return what carries out each command of a user; the login and what moves a file have ways of their own.

    Each looks first whether the user may do that, by `chatcore.chat.requests.permissions.RULES`.
    """

    def gated(handler: Handler) -> Handler:
        def handle(session: Session, command: Any) -> ServerEvent:
            check(state, session, command)
            return handler(session, command)

        return handle

    def of(handler: Callable[[State, Session, Any], ServerEvent]) -> Handler:
        return gated(partial(handler, state))

    return {
        LogOut: of(logins.log_out),
        CreateRoom: of(rooms.create_room),
        JoinRoom: of(rooms.join_room),
        LeaveRoom: of(rooms.leave_room),
        SendMessage: partial(messages.send_message, state),
        SendDirect: partial(messages.send_direct, state),
        SendBroadcast: partial(messages.send_broadcast, state),
        Rename: of(rooms.rename),
        ListRooms: of(rooms.list_rooms),
        ListUsers: of(rooms.list_users),
        WhoIs: of(rooms.who_is),
        ReadHistory: of(messages.read_history),
        MarkRead: of(rooms.mark_read),
        SetTopic: of(room_acts.set_topic),
        SetRole: of(roles.set_role),
        KickUser: of(members.kick),
        BanUser: of(sanctions.ban),
        UnbanUser: of(sanctions.unban),
        MuteUser: of(sanctions.mute),
        UnmuteUser: of(sanctions.unmute),
        InviteUser: of(members.invite),
        SetPrivate: of(room_acts.set_private),
        SetSlow: of(room_acts.set_slow),
        CloseRoom: of(room_acts.close),
        BecomeOperator: of(roles.become_operator),
        RegisterAccount: of(registering.register),
        Identify: of(registering.identify),
        ResetAccount: of(registering.reset),
        DropAccount: of(registering.drop),
        MakeInvitation: of(invitations.make),
        RevokeInvitation: of(invitations.revoke),
        ListInvitations: of(invitations.list_invitations),
        ListActs: of(acts.list_acts),
        ListLimits: of(told_limits.list_limits),
        DeleteMessage: of(message_acts.delete_message),
        EditMessage: of(message_acts.edit_message),
        ListBans: of(sanctions.list_bans),
        React: of(reactions.react),
        Unreact: of(reactions.react),
        OfferFile: gated(files.offer),
        AcceptFile: gated(files.accept),
        DeclineFile: gated(files.decline),
        CancelFile: gated(files.cancel),
        FinishFile: gated(files.finish),
        FailFile: gated(files.fail),
    }
