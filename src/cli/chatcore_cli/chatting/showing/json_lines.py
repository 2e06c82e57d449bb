"""Events as JSON lines for programs: the frames of the protocol, and a few of our own."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from chatcore.dialects.chat.codec.times import moment
from chatcore.dialects.chat.encode import event_frame
from chatcore.events import (
    ClientEvent,
    ConnectionLost,
    FileFailed,
    FileProgressed,
    FileReceived,
    FileSent,
    SendAcknowledged,
    SendRefused,
    TransportChosen,
    WayChosen,
)

_PROGRESS_SECONDS: Final = 10.0


def json_line(event: ClientEvent, **more: Any) -> str:
    """Return an event as one line of JSON, in ASCII.

    What only a client knows has types of its own: `sent`, `not_sent`, `connection_lost`, `transport_chosen`,
    `file_progress`, `file_received`, `file_sent`, `file_failed`, `file_way_chosen`.
    """
    return json.dumps(_frame(event) | more).replace("\x7f", r"\u007f") + "\n"  # DEL is ASCII, and a control


class Progress:
    """Tells which news of files under way are worth a line: each tenth, each ten seconds, and what is no progress."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], tuple[FileProgressed, float]] = {}

    def is_news(self, event: FileProgressed, now: float) -> bool:
        """Tell it of one file and one user; `now` is the time in seconds of the monotonic clock."""
        told = self._told.get((event.file, event.user))
        if told is not None:
            before, then = told
            tenth = (event.done - before.done) * 10 >= event.size
            if event.state == before.state and not tenth and now - then < _PROGRESS_SECONDS:
                return False
        self._told[event.file, event.user] = event, now
        return True


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
        case WayChosen(transport=transport, why=why, detail=detail):
            return {"type": "file_way_chosen", "transport": transport, "why": why, "detail": detail}
    frame = event_frame(event)
    frame.pop("session", None)  # the token is a secret, and output ends up in files
    return frame
