"""The server's side: listening, and what becomes of those who are too many."""

from __future__ import annotations

import socket
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from chatcore.errors import ConfigurationError, ErrorCode
from chatcore.ports.transport import Accept, CloseReason, Link, LinkHandler, ListenOptions, Nobody
from chatcore_net.link import LinkSettings, settings_of
from chatcore_net.listener import StreamListener
from chatcore_tcp.first_line import FirstLine
from chatcore_tcp.link import TcpLink
from chatcore_tcp.sockets import prepare

_REFUSE_SECONDS: Final = 1.0
"""How long somebody who is one too many may take to hang up."""


class TcpListener(StreamListener[TcpLink]):
    """A listening TCP server."""

    def __init__(self, options: ListenOptions, accept: Accept, settings: LinkSettings) -> None:
        super().__init__("tcp", options, settings.close_timeout)
        self._accept = accept
        self._settings = settings
        self._refusing = replace(settings, close_timeout=min(settings.close_timeout, _REFUSE_SECONDS))

    def about(self) -> dict[str, Any]:
        """Return what a client may want to know before it connects."""
        return {"transport": "tcp", "port": urlsplit(self.url).port, "encrypted": False}

    def _make_link(self, sock: socket.socket, *, refuse: ErrorCode | None) -> TcpLink:
        options = self.options
        prepare(sock, options.buffer_bytes, options.keepalive_interval, options.keepalive_timeout)
        if refuse is not None:
            words = options.crowded if refuse is ErrorCode.TOO_MANY_CONNECTIONS else options.refusal
            return TcpLink(self._refusing, partial(_refuse, words), self.link_gone)
        return TcpLink(self._settings, self._accept, self.link_gone, FirstLine())


def _refuse(words: bytes, link: Link) -> LinkHandler:
    """Take the place of the user of a connection that is one too many."""
    link.write(words)
    link.close(CloseReason.TRY_LATER)
    return Nobody()


async def listen(options: ListenOptions, accept: Accept, close_timeout: float) -> TcpListener:
    """Listen; raises `ConfigurationError` with one clear sentence when that is not possible."""
    if options.tls_cert is not None or options.tls_key is not None or options.tls_own:
        raise ConfigurationError("the tcp transport is never encrypted; leave out the certificate, or use ws or quic")
    settings = settings_of(options, stall_timeout=options.stall_timeout, close_timeout=close_timeout)
    listener = TcpListener(options, accept, settings)
    await listener.start()
    return listener
