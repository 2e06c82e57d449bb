"""A short way for the usual handshake: after a restart thousands come at once, and nearly all of them say the same.

Usual is a request that asks for a WebSocket (RFC 6455, section 4.1) in one piece and nothing else. Whatever is strange,
or wrong, or to be refused makes it no usual one: then the library reads it, and says what is wrong.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from functools import lru_cache
from typing import Final, NamedTuple

from websockets.utils import accept_key

# In one way only: what can be read in two ways is tried in both, for each line, when the end is not there.
_HEAD: Final = re.compile(rb"GET (/[!-~]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[ -~]*\r\n)+)\r\n")
_LONGEST: Final = 2048
_MOST_LINES: Final = 64
# 16 bytes in base64, of which there is one spelling (RFC 4648, section 3.5).
_KEY: Final = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
_TOKENS: Final = re.compile(r"[A-Za-z-]+(?:, ?[A-Za-z-]+)*")
# The library has something to say about these.
_STRANGE: Final = frozenset({"sec-websocket-protocol", "transfer-encoding", "content-length"})


class Upgrade(NamedTuple):
    """What a usual request asks for."""

    path: str
    origins: list[str]
    """What it says of the page that it comes from, if it does."""
    hosts: list[str]
    """What it calls the server, if it does."""
    key: str


def usual_upgrade(head: bytes) -> Upgrade | None:
    """Return what a request asks for that is a usual one; None for any other."""
    found = _HEAD.fullmatch(head) if len(head) <= _LONGEST else None
    if found is None:
        return None
    path, lines = found[1].decode(), found[2].decode().split("\r\n")[:-1]
    fields = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip(" ")
    if len(fields) < len(lines) or len(lines) > _MOST_LINES or not _STRANGE.isdisjoint(fields):
        return None
    connection, key = fields.get("connection", ""), fields.get("sec-websocket-key", "")
    is_usual = (
        fields.get("upgrade", "").lower() == "websocket"
        and _TOKENS.fullmatch(connection) is not None
        and "upgrade" in connection.lower().replace(" ", "").split(",")
        and fields.get("sec-websocket-version") == "13"
        and _KEY.fullmatch(key) is not None
    )
    if not is_usual:
        return None
    origins, hosts = ([fields[name]] if name in fields else [] for name in ("origin", "host"))
    return Upgrade(path, origins, hosts, key)


def accepted(key: str, time: float) -> bytes:
    """Return the answer to a usual request; `time` is seconds since 1970."""
    return b"%sSec-WebSocket-Accept: %s\r\n\r\n" % (_answer(int(time)), accept_key(key).encode())


@lru_cache(maxsize=2)
def _answer(second: int) -> bytes:
    date = formatdate(second, usegmt=True)
    return (
        f"HTTP/1.1 101 Switching Protocols\r\nDate: {date}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    ).encode()
