"""What is said about files, as frames and back. Their bytes are in `chunks`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pydantic import BaseModel

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.frames import files as f
from chatcore.dialects.chat.json_text import without_none

COMMANDS_IN: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    f.FileOffer: lambda frame: c.OfferFile(
        (frame.to,) if isinstance(frame.to, str) else tuple(frame.to),
        frame.room,
        frame.name,
        frame.size,
        frame.sha256,
        frame.ref,
    ),
    f.FileAccept: lambda frame: c.AcceptFile(frame.file, frame.offset),
    f.FileDecline: lambda frame: c.DeclineFile(frame.file),
    f.FileCancel: lambda frame: c.CancelFile(frame.file),
    f.FileDone: lambda frame: c.FinishFile(frame.file),
    f.FileError: lambda frame: c.FailFile(frame.file, frame.code, frame.message),
    f.FileCredit: lambda frame: c.GrantCredit(frame.transfer, frame.upto),
    f.FileTicket: lambda frame: c.TakeTicket(),
    f.FileAttach: lambda frame: c.AttachConnection(frame.ticket),
    f.FileWay: lambda frame: c.ChooseWay(frame.second),
}

EVENTS_IN: Final[dict[type[BaseModel], Callable[[Any], e.FileEvent]]] = {
    f.OfferedFile: lambda frame: e.FileOffered(
        file=frame.file,
        sender=frame.sender,
        name=frame.name,
        size=frame.size,
        sha256=frame.sha256,
        room=frame.room,
        bot=frame.bot,
    ),
    f.OfferMade: lambda frame: e.OfferMade(frame.file, tuple(frame.to)),
    f.TransferBegun: lambda frame: e.TransferBegun(frame.file, frame.transfer, frame.offset),
    f.AcceptedFile: lambda frame: e.FileAccepted(frame.file, frame.user, frame.transfer, frame.offset),
    f.Credit: lambda frame: e.CreditGranted(frame.transfer, frame.upto),
    f.PausedFile: lambda frame: e.FilePaused(frame.file, frame.user),
    f.DeclinedFile: lambda frame: e.FileDeclined(frame.file, frame.user),
    f.CancelledFile: lambda frame: e.FileCancelled(frame.file, frame.user),
    f.DeliveredFile: lambda frame: e.FileDelivered(frame.file, frame.user),
    f.BrokenFile: lambda frame: e.FileBroken(frame.file, frame.user, frame.code, frame.message),
    f.GivenTicket: lambda frame: e.TicketGiven(frame.ticket, frame.seconds),
    f.Attached: lambda frame: e.ConnectionAttached(),
}

COMMANDS_OUT: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    c.OfferFile: lambda command: {
        "type": "file_offer",
        "to": list(command.to) or None,
        "room": command.room or None,
        "name": command.name,
        "size": command.size,
        "sha256": command.sha256,
        "ref": command.ref,
    },
    c.AcceptFile: lambda command: {"type": "file_accept", "file": command.file, "offset": command.offset},
    c.DeclineFile: lambda command: {"type": "file_decline", "file": command.file},
    c.CancelFile: lambda command: {"type": "file_cancel", "file": command.file},
    c.FinishFile: lambda command: {"type": "file_done", "file": command.file},
    c.FailFile: lambda command: {
        "type": "file_error",
        "file": command.file,
        "code": command.code,
        "message": command.message,
    },
    c.GrantCredit: lambda command: {"type": "file_credit", "transfer": command.transfer, "upto": command.upto},
    c.TakeTicket: lambda command: {"type": "file_ticket"},
    c.AttachConnection: lambda command: {"type": "file_attach", "ticket": command.ticket},
    c.ChooseWay: lambda command: {"type": "file_way", "second": command.second},
}


def _from(kind: str) -> Callable[[Any], dict[str, Any]]:
    return lambda event: {"type": kind, "file": event.file, "from": event.user}


EVENTS_OUT: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    e.FileOffered: lambda event: without_none(
        {
            "type": "file_offer",
            "file": event.file,
            "from": event.sender,
            "name": event.name,
            "size": event.size,
            "sha256": event.sha256,
            "room": event.room,
            "bot": event.bot or None,
        }
    ),
    e.OfferMade: lambda event: {"type": "file_offered", "file": event.file, "to": list(event.to)},
    e.TransferBegun: lambda event: {
        "type": "file_transfer",
        "file": event.file,
        "transfer": event.transfer,
        "offset": event.offset,
    },
    e.FileAccepted: lambda event: {
        "type": "file_accept",
        "file": event.file,
        "from": event.user,
        "transfer": event.transfer,
        "offset": event.offset,
    },
    e.CreditGranted: lambda event: {"type": "file_credit", "transfer": event.transfer, "upto": event.upto},
    e.FilePaused: _from("file_pause"),
    e.FileDeclined: _from("file_decline"),
    e.FileCancelled: _from("file_cancel"),
    e.FileDelivered: _from("file_done"),
    e.FileBroken: lambda event: {
        "type": "file_error",
        "file": event.file,
        "from": event.user,
        "code": event.code,
        "message": event.message,
    },
    e.TicketGiven: lambda event: {"type": "file_ticket", "ticket": event.ticket, "seconds": event.seconds},
    e.ConnectionAttached: lambda event: {"type": "file_attached"},
}
