"""Accounts and invitations as frames and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec.times import moment, moment_or_none, seconds, seconds_or_none
from chatcore.dialects.chat.frames import accounts as f
from chatcore.dialects.chat.json_text import without_none

Frame = dict[str, Any]


def _line(invitation: e.InvitationSummary) -> Frame:
    return without_none(
        {
            "number": invitation.number,
            "by": invitation.by,
            "at": moment(invitation.at),
            "uses": invitation.uses,
            "left": invitation.left,
            "until": moment_or_none(invitation.until),
            "room": invitation.room or None,
        }
    )


def _summary(line: f.InvitationLine) -> e.InvitationSummary:
    return e.InvitationSummary(
        number=line.number,
        by=line.by,
        at=seconds(line.at),
        uses=line.uses,
        left=line.left,
        until=seconds_or_none(line.until),
        room=line.room,
    )


COMMANDS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    c.RegisterAccount: lambda command: {"type": "register", "password": command.password},
    c.Identify: lambda command: {"type": "identify", "password": command.password, "account": command.account},
    c.ResetAccount: lambda command: {
        "type": "reset_account",
        "username": command.username,
        "password": command.password,
        "new": command.new or None,
    },
    c.DropAccount: lambda command: {"type": "drop_account", "username": command.username},
    c.MakeInvitation: lambda command: {
        "type": "make_invitation",
        "uses": command.uses,
        "seconds": command.seconds,
        "room": command.room,
    },
    c.RevokeInvitation: lambda command: {"type": "revoke_invitation", "number": command.number},
    c.ListInvitations: lambda command: {"type": "list_invitations", "after": command.after or None},
}
COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    f.Register: lambda frame: c.RegisterAccount(frame.password),
    f.IdentifyFrame: lambda frame: c.Identify(frame.password, frame.account),
    f.ResetAccountFrame: lambda frame: c.ResetAccount(frame.username, frame.password, new=frame.new),
    f.DropAccountFrame: lambda frame: c.DropAccount(frame.username),
    f.MakeInvitationFrame: lambda frame: c.MakeInvitation(frame.uses, frame.seconds, frame.room),
    f.RevokeInvitationFrame: lambda frame: c.RevokeInvitation(frame.number),
    f.ListInvitationsFrame: lambda frame: c.ListInvitations(frame.after),
}
EVENTS_OUT: Final[dict[type, Callable[[Any], Frame]]] = {
    e.InvitationMade: lambda event: {
        "type": "invitation",
        "token": event.token,
        "invitation": _line(event.invitation),
    },
    e.InvitationsListed: lambda event: {
        "type": "invitations",
        "invitations": list(map(_line, event.invitations)),
        "more": event.more,
    },
}
EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    f.InvitationFrame: lambda frame: e.InvitationMade(frame.token, _summary(frame.invitation)),
    f.InvitationsFrame: lambda frame: e.InvitationsListed(tuple(map(_summary, frame.invitations)), frame.more),
}
