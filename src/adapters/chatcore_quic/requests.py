"""Who may open a session: the rules for what stands in an HTTP/3 request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore_net.origins import Origins

PATH: Final = "/chat"
_PROTOCOLS: Final = frozenset({"webtransport", "webtransport-h3"})


def judge(headers: Iterable[tuple[bytes, bytes]], rule: Origins, peer: object) -> int:
    """Return the HTTP status that a request deserves; 200 opens a session.

    Args:
        headers: of the request.
        rule: which pages may connect.
        peer: who asks, as an address of a socket.
    """
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        fields.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))

    def one(name: str) -> str:
        return fields.get(name, [""])[0]

    protocol, connects = one(":protocol"), one(":method") == "CONNECT"
    if connects and (not one(":path") or one(":scheme") != "https"):
        return 400
    if one(":path").partition("?")[0] != PATH:
        return 404
    if not connects:
        return 405
    if not protocol:
        return 400
    if protocol not in _PROTOCOLS:
        return 501
    if not rule.allows(fields.get("origin", []), fields.get(":authority", []), peer):
        return 403
    return 200
