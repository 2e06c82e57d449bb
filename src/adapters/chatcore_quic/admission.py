"""Who may open a session: the rules for what stands in an HTTP/3 request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chatcore_net.origins import Origins, advice

PATH: Final = "/chat"
_NO_REQUEST: Final = "its request is not one of WebTransport"
_PROTOCOLS: Final = frozenset({"webtransport", "webtransport-h3"})


def judge(headers: Iterable[tuple[bytes, bytes]], rule: Origins, peer: object) -> tuple[int, str]:
    """Return the HTTP status that a request deserves, and why for whoever runs the server; 200 opens a session.

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
        return 400, _NO_REQUEST
    if one(":path").partition("?")[0] != PATH:
        return 404, f"it asks for another path than {PATH}"
    if not connects:
        return 405, "it asks for a page, and here is none"
    if not protocol:
        return 400, _NO_REQUEST
    if protocol not in _PROTOCOLS:
        return 501, "it asks for another protocol than WebTransport"
    origins, hosts = fields.get("origin", []), fields.get(":authority", [])
    if not rule.allows(origins, hosts, peer):
        return 403, advice(origins, hosts)
    return 200, ""
