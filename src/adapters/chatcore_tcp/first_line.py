"""Who has come to the wrong port: the first line of a connection tells.

Any web page can make its visitors' browsers send bytes of its choice to a plain TCP port, from inside their network: it
posts a form, or calls `fetch`. What comes first is the browser's own, though: the request line of HTTP, or the greeting
of TLS. After it nothing may be carried out (docs/decisions/0008). Some proxies say first whom they speak for.
"""

from __future__ import annotations

import re
from typing import Final

from chatcore.ports.transport import LostReason

HOLD_SECONDS: Final = 1.0
"""How long the beginning of what looks like a request is kept back."""
HOLD_BYTES: Final = 16 * 1024
"""How much of it is."""

_METHOD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2: any token
_VERSION: Final = re.compile(rb" HTTP/[0-9]")  # RFC 9112, section 2.3
_VERSION_BYTES: Final = 7
_HANDSHAKE: Final = b"\x16\x03"  # RFC 8446, section 5.1
# Both versions of the PROXY protocol begin a connection (haproxy.org, doc/proxy-protocol.txt, 2.1 and 2.2).
_PROXY: Final = re.compile(rb"PROXY (TCP4|TCP6|UNKNOWN)[ \r]")
_PROXY_2: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_PROXY_BYTES: Final = 16
# What browsers begin a request with. All of it waits for its end; other lines are handed over as they come.
_LIKELY: Final = re.compile(rb"[A-Z]+( [^\n]*)?\Z")
_TARGET: Final = re.compile(rb"[A-Z]+ (/|https?:)")


class FirstLine:
    """Watches what a peer says first, cut anywhere. Costs a few bytes, and what it keeps back.

    Attributes:
        foreign: what the peer speaks instead of chat; None as long as nothing says so.
        over: True once there is nothing more to watch for.
    """

    __slots__ = ("_begin", "_in_target", "_kept", "_tail", "foreign", "over")

    def __init__(self) -> None:
        self.foreign: LostReason | None = None
        self.over = False
        self._begin = b""  # its first bytes, as they came
        self._tail = b""  # what has to be seen together with the next bytes
        self._in_target = False
        self._kept: bytes | None = b""  # None once some of the line was handed over

    @property
    def waits(self) -> bool:
        """True while something is kept back."""
        return bool(self._kept)

    def take(self, data: bytes) -> bytes:
        """Take the next bytes; returns what may be handed over now."""
        if not self.over:
            self._look(data)
        if self.foreign is not None:
            self._kept = None
            return b""
        if self._kept is None:
            return data
        kept = self._kept + data
        likely = (self._in_target and self._kept) or _LIKELY.match(kept) or self._may_be_proxy
        if likely and not self.over:
            if len(kept) <= HOLD_BYTES:
                self._kept = kept
                return b""
            if _TARGET.match(kept):  # no chat begins with a line like this
                self.foreign = LostReason.SPEAKS_HTTP
                return b""
        self._kept = None
        return kept

    def release(self) -> bytes:
        """Return what is kept back: its time is over, or nothing more will come."""
        kept, self._kept = self._kept or b"", None
        return kept

    @property
    def _may_be_proxy(self) -> bool:
        """True while what came is the beginning of a proxy's and no more; empty lines alone are a person's."""
        return len(self._begin) > len(b"\r\n\r\n") and _PROXY_2.startswith(self._begin)

    def _look(self, data: bytes) -> None:
        if len(self._begin) < _PROXY_BYTES:
            self._begin += data[: _PROXY_BYTES - len(self._begin)]
            if self._begin.startswith(_PROXY_2) or _PROXY.match(self._begin):
                self.foreign = LostReason.SPEAKS_PROXY
                return
        if self._may_be_proxy:
            return
        seen = self._tail + data
        if not self._in_target:
            seen = seen.lstrip(b"\r\n")  # RFC 9112, section 2.2
            if seen.startswith(_HANDSHAKE):
                self.foreign = LostReason.SPEAKS_TLS
                return
            method = _METHOD.match(seen)
            end = method.end() if method is not None else 0
            if end == len(seen) or seen == _HANDSHAKE[:1]:
                self._tail = seen[-1:]  # one character of a method stands for all
                return
            if not end or seen[end] != 0x20:
                self.over = True
                return
            self._in_target = True
            seen = seen[end:]
        line, line_end, _ = seen.partition(b"\n")
        if _VERSION.search(line):
            self.foreign = LostReason.SPEAKS_HTTP
        self.over = bool(line_end)
        self._tail = line[1 - _VERSION_BYTES :]
