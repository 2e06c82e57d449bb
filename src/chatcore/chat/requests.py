"""The requests: a row for each command says what carries it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from chatcore.chat import logins, messages, rooms
from chatcore.chat.files import Files
from chatcore.chat.model import Session
from chatcore.chat.state import State
from chatcore.commands import (
    AcceptFile,
    CancelFile,
    Command,
    CreateRoom,
    DeclineFile,
    FailFile,
    FinishFile,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    ListUsers,
    LogOut,
    OfferFile,
    ReadHistory,
    Rename,
    SendBroadcast,
    SendDirect,
    SendMessage,
    WhoIs,
)
from chatcore.events import ServerEvent

Handler = Callable[[Session, Any], ServerEvent]
"""Returns the event that answers the request, or raises `Refusal`; everything else it has to say it emits."""


def handlers(state: State, files: Files) -> dict[type[Command], Handler]:
    """Return what carries out each command of a user; the login and what moves a file have ways of their own."""

    def of(handler: Callable[[State, Session, Any], ServerEvent]) -> Handler:
        return partial(handler, state)

    return {
        LogOut: of(logins.log_out),
        CreateRoom: of(rooms.create_room),
        JoinRoom: of(rooms.join_room),
        LeaveRoom: of(rooms.leave_room),
        SendMessage: of(messages.send_message),
        SendDirect: of(messages.send_direct),
        SendBroadcast: of(messages.send_broadcast),
        Rename: of(rooms.rename),
        ListRooms: of(rooms.list_rooms),
        ListUsers: of(rooms.list_users),
        WhoIs: of(rooms.who_is),
        ReadHistory: of(messages.read_history),
        OfferFile: files.offer,
        AcceptFile: files.accept,
        DeclineFile: files.decline,
        CancelFile: files.cancel,
        FinishFile: files.finish,
        FailFile: files.fail,
    }
