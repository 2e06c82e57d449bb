"""Somebody else in the chat: a raw WebSocket client that knows only docs/protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.patience import PATIENCE

Frame = dict[str, Any]


class Guest:
    """A user who is logged in."""

    def __init__(self, connection: ClientConnection, username: str, **login: Any) -> None:
        self._connection = connection
        self.send(type="login", username=username, **login)
        self.welcome = self.next_frame("welcome")

    def send(self, **frame: Any) -> None:
        """Send a frame."""
        self._connection.send(json.dumps(frame))

    def send_often(self, times: int, **frame: Any) -> None:
        """Send a short frame many times, faster than the library would."""
        payload = json.dumps(frame).encode()
        header = bytes([0x81, 0x80 | len(payload)]) + bytes(4)  # one text message, masked with zeros
        self._connection.socket.sendall((header + payload) * times)

    def say(self, *texts: str) -> None:
        """Say something in the room, and wait until all of it stands in the log."""
        for cid, text in enumerate(texts, 1):
            self.send(type="send_message", text=text, cid=cid)
        while self.next_frame("message").get("cid") != len(texts):
            pass

    def enter(self, room: str) -> None:
        """Enter a room, which is created when it is not there."""
        self.send(type="join_room", room=room)
        frame = self.next_frame("room", "error")
        if frame["type"] == "error":
            self.send(type="create_room", room=room)
            self.next_frame("room")

    def next_frame(self, *kinds: str) -> Frame:
        """Return the next frame of one of these types."""
        while True:
            frame: Frame = json.loads(self._connection.recv(PATIENCE))
            if frame["type"] in kinds:
                return frame

    def wait_for_text(self, text: str) -> list[str]:
        """Wait until somebody says `text`, and return what was said since the last call."""
        texts: list[str] = []
        while text not in texts:
            texts.append(self.next_frame("message")["text"])
        return texts

    def wait_for_the_end(self) -> None:
        """Wait until the server has closed the connection."""
        for _message in self._connection:
            pass

    def vanish(self) -> None:
        """Close the connection without a logout."""
        self._connection.close()


@contextmanager
def guest(url: str, username: str, room: str | None = None, **login: Any) -> Iterator[Guest]:
    """Give a user who is logged in, in a room where one is named. `login`: what else the login says."""
    with connect(url, proxy=None, max_queue=None) as connection:
        somebody = Guest(connection, username, **login)
        if room is not None:
            somebody.enter(room)
        yield somebody
        with suppress(ConnectionClosed):  # the server, or the guest, was first
            somebody.send(type="logout")
            somebody.wait_for_the_end()
