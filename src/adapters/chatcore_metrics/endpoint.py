"""Answers `/metrics`, `/healthz` and `/readyz` by HTTP/1.1: one short request a connection, and nothing changes by it.

Nobody can use more of the server that way than some connections for some seconds.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from chatcore.errors import ConfigurationError
from chatcore.ports.network_address import host_port, plain_host
from chatcore.ports.observer import Durations, Figures, Observed
from chatcore_metrics.metrics import Metrics, ServerCollector
from chatcore_net.binding import check_host, fitting
from chatcore_net.origins import UNKNOWN_HOST, Origins

# Longest head of a request, in bytes; how many requests are answered at a time, and how long one may take, in seconds.
_HEAD_BYTES: Final = 16 * 1024
_AT_A_TIME: Final = 16
_PATIENCE: Final = 5.0
# How often the lag of the event loop is measured, in seconds.
_LAG_EVERY: Final = 0.25
_REQUEST: Final = re.compile(rb"(GET|HEAD) (/[^ ?]*)(\?[^ ]*)? HTTP/1\.[01]\r\n")
_ACCEPT: Final = re.compile(rb"^accept:(.*)\r$", re.IGNORECASE | re.MULTILINE)
_HOST: Final = re.compile(rb"^host:(.*)\r$", re.IGNORECASE | re.MULTILINE)
_TEXT: Final = "text/plain; charset=utf-8"


class Admin:
    """The place for whoever looks after a server.

    Args:
        server: it; it need not have started.
        version: of chatcore.
        log_drops: returns how many records the log has dropped.
        origins: those that `--origin` allows: over loopback, it may be called by their names too.

    Raises:
        ConfigurationError: one of the origins is none.
    """

    def __init__(
        self,
        server: Observed,
        version: str,
        log_drops: Callable[[], int] = lambda: 0,
        *,
        origins: Iterable[str] = (),
    ) -> None:
        self.url = ""
        """Where it listens, with the real port."""
        self._server = server
        self._rule = Origins(origins)
        self._lag = Durations()
        self._metrics = Metrics(ServerCollector(version, self._figures, self._lag, log_drops))
        self._listeners: list[asyncio.Server] = []
        self._answering: dict[asyncio.StreamWriter, None] = {}
        """Whoever is to be answered; who came first is the first."""
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, host: str, port: int, sockets: Sequence[int] = ()) -> None:
        """Listen. Raises `ConfigurationError`, with one sentence, when that cannot be.

        Args:
            host: where.
            port: 0 picks a free one.
            sockets: file descriptors; those that have the port already are listened at in place of all others.
        """
        host = plain_host(host)
        check_host(host)
        found = fitting(port, socket.SOCK_STREAM, sockets) if port else {}
        start = partial(asyncio.start_server, self._answer, limit=_HEAD_BYTES)
        try:
            for fd in found:
                self._listeners.append(await start(sock=socket.socket(fileno=os.dup(fd))))
            if not found:
                self._listeners.append(await start(host, port))
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise ConfigurationError(
                "metrics cannot be offered at {place}: {why}; choose another place with --admin-listen",
                place=host_port(host, port),
                why=why,
            ) from error
        host = next(iter(found.values()), host)
        self.url = f"http://{host_port(host, self._listeners[0].sockets[0].getsockname()[1])}"
        self._look(asyncio.get_running_loop().time())

    async def stop(self) -> None:
        """Listen no more. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
        for listener in self._listeners:
            listener.close()
        for writer in list(self._answering):
            writer.transport.abort()
        for listener in self._listeners:
            await listener.wait_closed()

    def _look(self, due: float) -> None:
        """Measure how late this is, and do it again."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._lag.add(max(0.0, now - due))
        self._timer = loop.call_at(now + _LAG_EVERY, self._look, now + _LAG_EVERY)

    def _figures(self) -> Figures | None:
        try:
            return self._server.figures()
        except RuntimeError:
            return None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._answering[writer] = None
        if len(self._answering) > _AT_A_TIME:  # who asks nothing, or does not listen, keeps nobody out who does
            oldest = next(iter(self._answering))
            del self._answering[oldest]
            oldest.transport.abort()
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer_to(head, writer.get_extra_info("peername")))
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError):
            pass  # whoever asks so is told nothing
        finally:
            self._answering.pop(writer, None)
            writer.transport.abort()

    def _answer_to(self, head: bytes, peer: object) -> bytes:
        found = _REQUEST.match(head)
        if found is None:
            return _response("405 Method Not Allowed", _TEXT, b"Only GET and HEAD, by HTTP/1.1.\n")
        method, path, _query = found.groups()
        hosts = [each.decode("latin-1").strip() for each in _HOST.findall(head)]
        if self._rule.knows(hosts, peer):
            status, content_type, body = self._page(path, head)
        else:  # a page in a browser, whose name leads here since it was loaded
            status, content_type, body = "403 Forbidden", _TEXT, UNKNOWN_HOST.encode()
        answer = _response(status, content_type, body)
        return answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == b"HEAD" else answer

    def _page(self, path: bytes, head: bytes) -> tuple[str, str, bytes]:
        if path == b"/metrics":
            accept = _ACCEPT.search(head)
            body, content_type = self._metrics.page("" if accept is None else accept[1].decode("latin-1").strip())
            return "200 OK", content_type, body
        if path == b"/healthz":
            return "200 OK", _TEXT, b"ok\n"  # whoever can say so is alive
        if path == b"/readyz":
            why = self._server.unready or self._server.refuses
            if why is not None:
                return "503 Service Unavailable", _TEXT, f"{why}\n".encode()
            return "200 OK", _TEXT, b"ok\n"
        return "404 Not Found", _TEXT, b"There are /metrics, /healthz and /readyz.\n"


def _response(status: str, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nAllow: GET, HEAD\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1") + body
