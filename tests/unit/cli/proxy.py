"""What stands between a client and its server: a connection that a test can cut, and one on which answers come late."""

from __future__ import annotations

import json
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from tests.patience import PATIENCE


class _Late:
    """Frames that are kept until they are let go, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: list[str | bytes] | None = []

    def keeps(self, frame: str | bytes) -> bool:
        """Keep a frame, unless they are let go already; tell whether it is kept."""
        with self._lock:
            if self._frames is not None:
                self._frames.append(frame)
            return self._frames is not None

    def let_go(self, near: ServerConnection) -> None:
        """Pass on what was kept."""
        with self._lock:
            frames, self._frames = self._frames or [], None
            for frame in frames:
                near.send(frame)


@contextmanager
def late_answers(url: str, kind: str, *, until: str) -> Iterator[str]:
    """Give another address of a server, where frames of one kind come behind the first one with a text in it.

    It may be one that the client sends: they come before the server answers it.
    """

    def answer(near: ServerConnection, far: ClientConnection, late: _Late) -> None:
        with suppress(ConnectionClosed):
            for frame in far:
                if json.loads(frame)["type"] == kind and late.keeps(frame):
                    continue
                near.send(frame)
                if until in str(frame):
                    late.let_go(near)
        near.close()

    def ask(near: ServerConnection) -> None:
        late = _Late()
        with connect(url, proxy=None, max_queue=None) as far:
            answering = threading.Thread(target=answer, args=(near, far, late))
            answering.start()
            with suppress(ConnectionClosed):
                for frame in near:
                    if until in str(frame):
                        late.let_go(near)
                    far.send(frame)
            far.close()
            answering.join()

    with serve(ask, "127.0.0.1", 0) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            serving.join()


class Proxy:
    """Passes bytes on between whoever connects to `url` and a port, until told to cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._listener.getsockname()[1]}"
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._peers: dict[socket.socket, socket.socket] = {}
        self._open = True
        self._nears: set[socket.socket] = set()
        self.closed = False
        """True while nobody gets through to the server."""
        self.mute = False
        """True while what the server says gets lost."""
        self._dropped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def cut(self) -> None:
        """Drop every connection there is by now; new ones are taken. Nothing passes any more once it returns."""
        self._dropped.clear()
        self._wake.send(b"c")
        assert self._dropped.wait(PATIENCE)

    def _run(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        while self._open:
            for key, _events in self._selector.select():
                self._ready(key.fileobj)
        for sock in (*self._peers, self._listener, self._wake, self._woken):
            sock.close()
        self._selector.close()

    def _ready(self, sock: object) -> None:
        if sock is self._listener:
            near, _address = self._listener.accept()
            if self.closed:
                near.close()
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # there is no server for the moment
                near.close()
                return
            self._peers |= {near: far, far: near}
            self._nears.add(near)
            for each in (near, far):
                self._selector.register(each, selectors.EVENT_READ)
        elif sock is self._woken:
            self._woken.recv(1)
            for each in list(self._peers):
                self._drop(each)
            self._dropped.set()
        elif isinstance(sock, socket.socket) and sock in self._peers:
            try:
                data = sock.recv(65536)
                if sock in self._nears or not self.mute:
                    self._peers[sock].sendall(data)
            except OSError:
                data = b""
            if not data:
                self._drop(self._peers[sock])
                self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        self._peers.pop(sock, None)
        self._nears.discard(sock)
        self._selector.unregister(sock)
        sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open = False
        self._wake.send(b"x")
        self._thread.join()
