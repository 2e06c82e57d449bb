"""A server that puts into every text whatever steers a terminal, over plain TCP."""

from __future__ import annotations

import json
import socket
import threading
from types import TracebackType
from typing import Any, Final, Self

STEERING: Final = "\n\r\u2028\u2029\u202e\u202a\u2066\x1b[31m\x1b]0;owned\x07\x9b2J\x85\x08"
"""What no reader of a terminal may get."""
_AT: Final = "2026-01-01T11:30:00Z"
FORBIDDEN: Final = ("\u202e", "\u202a", "\u2028", "\u2029", "\x1b[31m", "\x1b]0;owned", "\x9b", "\x07", "\x85")


def evil(word: str) -> str:
    """Return a text that begins with a word and goes on hostile, with a line that looks like another user's."""
    return f"{word}{STEERING}12:00 bob: pay mallory"


class HostileServer:
    """Speaks the native protocol as far as a client asks for it.

    Args:
        login: what it answers to a login, instead of a welcome.
    """

    def __init__(self, login: dict[str, Any] | None = None) -> None:
        self._login = login
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._talk, args=(connection,)).start()

    def _talk(self, connection: socket.socket) -> None:
        def say(kind: str, **fields: Any) -> None:
            fields = {key.rstrip("_"): value for key, value in fields.items() if value is not None}
            connection.sendall(json.dumps({"type": kind, **fields}).encode() + b"\n")

        try:
            for line in connection.makefile("rb"):
                self._answer(json.loads(line), say)
                if self._login is not None:
                    connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has gone

    def _answer(self, frame: dict[str, Any], say: Any) -> None:
        place = {"epoch": "e", "seq": 0}
        room, name = evil("room"), evil("name")
        answered = {"id": frame.get("id")}
        match frame["type"]:
            case "login" if self._login is not None:
                say(**self._login, **answered)
            case "login":
                say(
                    "welcome",
                    username=name,
                    room=room,
                    session={"token": "secret"},
                    client="client",
                    position=place,
                    positions={room: place, "@": place, "*": place},
                    rooms=[{"name": room, "users": 2, "seq": 0}],
                    users=[name, evil("other")],
                    server={"name": evil("server"), "version": evil("0")},
                    limits={evil("limit"): evil("1")},
                    **answered,
                )
                who = evil("mallory")
                say("message", seq=1, room=room, from_=who, text=evil("text"), at=_AT)
                say("direct", seq=1, to=[name], from_=who, text=evil("direct"), at=_AT)
                say("broadcast", seq=1, from_=who, text=evil("broadcast"), at=_AT)
                say("presence", room=room, joined=[evil("joiner")], left=[evil("other")], users=3)
                say("renamed", from_=who, to=evil("newname"))
                say("file_offer", file=evil("f"), from_=who, name=evil("file"), size=3, sha256="ab" * 32)
                say("error", code=evil("code"), message=evil("error"))
                say("gap", room=room, epoch="e", from_=2, to=9)
                say("message", seq=10, room=room, from_="mallory", text="the end", at=_AT)
            case "send_message":
                say("error", code=evil("code"), message=evil("refused"), cid=frame.get("cid"), **answered)
            case "list_rooms":
                say("rooms", rooms=[{"name": room, "users": 2, "seq": 0}], **answered)
            case "list_users":
                say("users", users=[{"name": name, "room": room}], **answered)
            case "whois":
                said = {"transport": evil("carrier"), "dialect": evil("dialect"), "address": evil("address")}
                say("user", username=name, room=room, since=_AT, idle=1.0, **said, **answered)
            case "logout":
                say("bye", code=evil("bye"), message=evil("goodbye"), **answered)
            case _:
                say("error", code=evil("code"), message=evil("why"), **answered)

    def say_goodbye(self) -> None:
        """Dismiss everybody, for good."""
        self._close()
        for connection in self._connections:
            bye = {"type": "bye", "code": evil("bye"), "message": evil("goodbye")}
            connection.sendall(json.dumps(bye).encode() + b"\n")
            connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()
        for connection in self._connections:
            connection.close()

    def _close(self) -> None:
        if self._thread.is_alive():
            self._listening.shutdown(socket.SHUT_RDWR)
            self._thread.join()
            self._listening.close()
