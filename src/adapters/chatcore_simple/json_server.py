"""The server's side of `simple-json`."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from chatcore import events as e
from chatcore.commands import ListUsers, LogIn, SendMessage
from chatcore.errors import ErrorCode
from chatcore.events import RoomModerated
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.transport import CloseReason
from chatcore.text.names import ascii_form
from chatcore.text.sendable import flaw
from chatcore_simple import texts
from chatcore_simple.objects import ObjectScanner, Unreadable
from chatcore_simple.server import LIST, LOGIN, MESSAGE, ServerSide

# What is done against somebody.
_AGAINST: Final = frozenset({"kick", "ban", "mute"})
_SHOWN_CHARS: Final = 40
_UNREADABLE: Final = {Unreadable.TOO_DEEP: texts.TOO_DEEP, Unreadable.NO_OBJECT: texts.NO_OBJECT}
# Characters that JSON allows as they are, and at which some readers end a line.
_BREAKS: Final = re.compile("[\x7f-\x9f\u2028\u2029]")


def _characters(data: bytes) -> str:
    """Return what stands in an object. Bytes that are not UTF-8 become lone surrogates, as halves of pairs are: a text
    with one cannot be passed on, and where the object ends is known all the same.
    """
    return data.decode(errors="surrogateescape")


def object_payload(found: dict[str, Any], *, boundaries: bool) -> bytes:
    """Return an object as Python's `json.dumps` writes it, which is what the courseworks' programs have seen."""
    text = json.dumps(found, ensure_ascii=False, allow_nan=False)
    text = _BREAKS.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return (text if boundaries else text + "\n").encode()


def said(event: e.Posted) -> dict[str, Any]:
    """Return the object that tells what somebody said. The dialect knows only messages to all."""
    content = event.text
    if isinstance(event, e.DirectPosted):
        content = f"{texts.PRIVATELY} {content}"
    elif isinstance(event, e.BroadcastPosted):
        content = f"{texts.TO_EVERYONE} {content}"
    return {"type": "message", "username": ascii_form(event.sender), "content": content}


class JsonServerMachine(ServerSide):
    """Implements `chatcore.dialects.base.ServerMachine`."""

    def __init__(self, limits: Limits, *, boundaries: bool, now: float) -> None:
        super().__init__(limits, boundaries=boundaries, now=now)
        self._scanner = ObjectScanner(OBJECT_BYTES, _characters)

    def receive_data(self, data: bytes) -> None:
        """Take a message, or on a stream the next bytes, cut anywhere."""
        if self._close is not None:
            return
        for found in self._scanner.whole(data) if self._boundaries else self._scanner.feed(data):
            if isinstance(found, Unreadable):
                self._leave(found)
                return
            self._receive_object(found)

    def _leave(self, found: Unreadable) -> None:
        """Say what cannot be read, and end: what comes behind it might be a part of it."""
        if found.is_too_large:
            self._refuse(ErrorCode.TOO_LARGE)
            self._end(CloseReason.TOO_LARGE)
        else:
            self._refuse(ErrorCode.BAD_JSON, _UNREADABLE.get(found, ""))
            self._end(CloseReason.BAD_DATA)

    def _receive_object(self, found: dict[str, Any]) -> None:
        match found:
            case {"type": "login", "username": str(username)} if flaw(username) is not None:
                self._refuse(ErrorCode.BAD_NAME)
            case {"type": "login", "username": str(username)}:
                self._ask(LogIn(username), LOGIN)
            case {"type": "message", "content": str(content)} if flaw(content) is not None:
                self._refuse(ErrorCode.BAD_JSON, texts.BROKEN_CHARACTER)
            case {"type": "message", "content": str(content)}:
                # The username beside it is what the sender claims; the login's counts.
                self._ask(SendMessage(content), MESSAGE)
            case {"type": "list"}:
                self._ask(ListUsers(), LIST)
            case {"type": "login" | "message"}:
                self._refuse(ErrorCode.BAD_REQUEST)
            case {"type": str(kind)}:
                shown = kind[:_SHOWN_CHARS].encode(errors="replace").decode()
                self._refuse(ErrorCode.UNKNOWN_TYPE, f"Type inconnu : {shown}")
            case _:
                self._refuse(ErrorCode.UNKNOWN_TYPE, "Il manque le type")

    def _tell(self, event: e.ServerEvent, reply_to: str | None) -> None:
        found = self._told(event, reply_to)
        if found is not None:
            self._out.append(object_payload(found, boundaries=self._boundaries))

    def _told(self, event: e.ServerEvent, reply_to: str | None) -> dict[str, Any] | None:
        match event:
            case e.Posted() if reply_to == MESSAGE:
                return {"status": "success", "message": texts.SENT}
            case e.Posted():
                return None if self._is_me(event.sender) else said(event)
            case e.Welcomed():
                return {"status": "success", "message": f"{texts.WELCOME}, {event.username}"}
            case e.UsersListed(users=users):
                listed: dict[str, Any] = {"status": "success", "users": [ascii_form(user.name) for user in users]}
                return listed | {"message": texts.and_more(len(users))} if event.more else listed
            case e.Refused():
                return {"status": "error", "message": texts.refusal(event)}
            case e.Dismissed(code=code) if code != ErrorCode.LOGGED_OUT:
                return {"status": "error", "message": texts.reason(code)}
            case RoomModerated() if self._is_me(event.target) and (text := texts.moderated(event)) is not None:
                return {"status": "error" if event.act in _AGAINST else "success", "message": text}
            case e.GapFound() if event.last >= event.first:
                return {"status": "error", "message": texts.lost(event.last - event.first + 1)}
            case _:
                return None
