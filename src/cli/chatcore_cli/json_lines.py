"""Events as JSON lines for programs: the frames of the protocol, and a few of our own."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from chatcore.dialects.chat.encode import event_frame, moment
from chatcore.events import ClientEvent, ConnectionLost, SendAcknowledged, SendRefused, TransportChosen
from chatcore.file_events import FileFailed, FileProgressed, FileReceived, FileSent


def json_line(event: ClientEvent, **more: Any) -> str:
    """Return an event as one line of JSON, in ASCII.

    What only a client knows has types of its own: `sent`, `not_sent`, `connection_lost`, `transport_chosen`,
    `file_progress`, `file_received`, `file_sent`, `file_failed`.
    """
    return json.dumps(_frame(event) | more).replace("\x7f", r"\u007f") + "\n"  # DEL is ASCII, and a control


def _frame(event: ClientEvent) -> dict[str, Any]:
    match event:
        case SendAcknowledged(cid=cid, posted=posted):
            if posted is None:
                return {"type": "sent", "cid": cid}
            return {"type": "sent", "cid": cid, "log": posted.log, "seq": posted.seq, "at": moment(posted.at)}
        case SendRefused(cid=cid, code=code, message=message, values=values):
            frame = {"type": "not_sent", "cid": cid, "code": code, "message": message}
            return frame | {"values": dict(values)} if values else frame
        case ConnectionLost():
            return {"type": "connection_lost", **asdict(event)}
        case TransportChosen(transport=transport, why=why, detail=detail):
            return {"type": "transport_chosen", "transport": transport, "why": why, "detail": detail}
        case FileProgressed():
            return {"type": "file_progress", **asdict(event)}
        case FileReceived():
            return {"type": "file_received", **asdict(event)}
        case FileSent():
            return {"type": "file_sent", **asdict(event)}
        case FileFailed():
            return {"type": "file_failed", **asdict(event)}
    frame = event_frame(event)
    frame.pop("session", None)  # the token is a secret, and output ends up in files
    return frame
