"""Who may open a session: the rules for what stands in an HTTP/3 request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

PATH: Final = "/chat"
_PROTOCOLS: Final = frozenset({"webtransport", "webtransport-h3"})
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


def judge(headers: Iterable[tuple[bytes, bytes]], allowed: frozenset[str]) -> int:
    """Return the HTTP status that a request deserves; 200 opens a session."""
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
    if not _origin_is_allowed(fields.get("origin", []), one(":authority").lower(), allowed):
        return 403
    return 200


def one_spelling(origin: str) -> str:
    """Return an origin in its one spelling: lower case, no slash at the end, no port that goes without saying."""
    origin = origin.strip().lower().rstrip("/")
    return origin.removesuffix(_DEFAULT_PORTS.get(urlsplit(origin).scheme, "")) if "://" in origin else origin


def _origin_is_allowed(origins: list[str], host: str, allowed: frozenset[str]) -> bool:
    """Say whether the page that asks may connect. Programs send no Origin; browsers always do, and do not lie."""
    if not origins:
        return True
    if len(origins) > 1:
        return False
    origin = one_spelling(origins[0])
    scheme, _, place = origin.partition("://")
    return origin in allowed or (bool(place) and place == host.removesuffix(_DEFAULT_PORTS.get(scheme, "")))
