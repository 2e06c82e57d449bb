"""Links that invite somebody to a chat: what they say, and how they are written.

There are two forms. A page link is what a browser opens, and `chatcore connect` and the window understand as well:
`https://HOST:PORT/#room=NAME&key=FINGERPRINT`. A program link opens the window, where a system knows its scheme:
`chatcore://HOST:PORT/NAME?key=FINGERPRINT`, with `via=SCHEME` for one transport and `path=/PATH` for a server behind a
proxy. Room and key may be missing in both; `invite=TOKEN` may be there, which lets in instead of a password. Every
other address of a server may have the end of a page link too.

A link comes from anybody, so all of it is checked, and nothing of it is left out in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN
from chatcore.ports.network_address import host_port, parse_address
from chatcore.ports.server_address import DEFAULT_PORT, ServerAddress, server_address
from chatcore.text.names import composed, is_room_name, name_problem
from chatcore.text.safe_text import harmless

PROGRAM_SCHEME: Final = "chatcore"
LINK_MAX: Final = 1024
"""Longest link, in characters: each of its parts has a limit of its own below that."""
_PAGE_PORTS: Final = {"http": 80, "https": 443}
_VIA: Final = ("ws", "wss", "quic")
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where a link leads."""

    url: str
    """The server's address, as `connect` takes it; as it was typed, of an address with something behind it."""
    room: str | None = None
    """Name of the room; None for the lobby."""
    key: str | None = None
    """Fingerprint of the server's key, in hex, as the link has it; it has to be the one that is known, if any is."""
    token: str | None = None
    """What lets in, instead of the server's password."""


def read_invitation(text: str) -> Invitation | None:
    """Return where a link leads; None for what is an address and no link.

    Args:
        text: what somebody pasted, or clicked on.

    Raises:
        ConfigurationError: it is a link that leads nowhere.
    """
    address, mark, end = text.strip().partition("#")
    scheme = address.partition("://")[0].lower() if "://" in address else ""
    if not mark and scheme not in (*_PAGE_PORTS, PROGRAM_SCHEME):
        return None
    if len(text) > LINK_MAX:
        raise ConfigurationError("the link is longer than {most} characters", most=LINK_MAX)
    fields = _fields(end, "room", "key", "invite")
    if scheme == PROGRAM_SCHEME:
        address, query = address.partition("?")[::2]
        more = _fields(query, "key", "via", "path", "invite")
        for name in fields.keys() & more.keys():
            raise ConfigurationError("{part} stands twice in the link", part=name)
        address, room = _of_program(address, more.pop("via", "chat"), more.pop("path", ""))
        if room and "room" in fields:
            raise ConfigurationError("{part} stands twice in the link", part="room")
        fields |= more | ({"room": room} if room else {})
    elif scheme in _PAGE_PORTS:
        address = _of_page(address, known="key" in fields)
    return Invitation(address, _room(fields.get("room")), _key(fields.get("key")), _token(fields.get("invite")))


def page_link(page: str, room: str = "", key: str | None = None, token: str | None = None) -> str:
    """Return the link that opens a page in a room.

    Args:
        page: its address, with `/` at the end.
        room: name of the room; the lobby when left out.
        key: fingerprint of the server's key, when no authority vouches for it.
        token: of an invitation.
    """
    fields = {"room": room, "key": key or "", "invite": token or ""}
    end = urlencode({name: value for name, value in fields.items() if value})
    return f"{page}#{end}" if end else page


def program_link(url: str, room: str = "", key: str | None = None, token: str | None = None) -> str:
    """Return the link that opens a program in a room.

    Args:
        url: address of the server, with one of the schemes `chat`, `ws`, `wss` and `quic`.
        room: name of the room; the lobby when left out.
        key: fingerprint of the server's key, when no authority vouches for it.
        token: of an invitation.

    Raises:
        ConnectionFailed: the address is none, or none that can be in a link.
    """
    found = server_address(url)
    if found.scheme not in ("chat", *_VIA):
        raise ConnectionFailed("there is no link to {url}", url=url)
    via = "" if found.scheme == "chat" else found.scheme
    fields = {"key": key or "", "via": via, "path": found.target, "invite": token or ""}
    query = urlencode({name: value for name, value in fields.items() if value}, safe="/", quote_via=quote)
    return f"{PROGRAM_SCHEME}://{_place(found)}/{quote(room)}" + (f"?{query}" if query else "")


def links_to(
    room: str,
    *,
    url: str,
    transport: str,
    server: Mapping[str, Any],
    key: str | None = None,
    token: str | None = None,
) -> tuple[str, ...]:
    """Return the links to a room for somebody who is there: for browsers, where the server has a page, and programs.

    They lead where the server was reached; where others reach it in another way, and who came over QUIC or from this
    computer does not know it, where it says.

    Args:
        room: name of the room.
        url: address that the server was reached under.
        transport: URL scheme of the connection.
        server: what the server says of itself; `page` has `scheme` and `port` of its page, if it has one, and its `url`
            where others reach it in another way.
        key: fingerprint of the server's key, when that is what it is recognised by.
        token: of an invitation.

    Raises:
        ConnectionFailed: there is no link to such an address.
    """
    told = server.get("page")
    page, public = _page_beside(url, transport, told), _public_page(told)
    known = key
    if public not in (None, page) and (transport not in ("ws", "wss") or leads_here(url)):
        page = public
        # Who stands before a page that has no encryption of its own shows another key than the server's.
        known = key if isinstance(told, Mapping) and told.get("scheme") == "https" else None
        direct = transport == "quic" and not leads_here(url)
    else:
        direct = page is None or server_address(url).scheme in ("chat", *_VIA)
    if page is None:
        return (program_link(url, room, key, token),)
    if direct:
        return page_link(page, room, known, token), program_link(url, room, key, token)
    there = _of_page(page, known=known is not None)
    return page_link(page, room, known, token), program_link(there, room, known, token)


def leads_here(url: str) -> bool:
    """Tell whether an address leads to this computer, and so others nowhere.

    Args:
        url: as `connect` takes it.
    """
    host = server_address(url).host
    address = parse_address(host)
    return host.lower().rstrip(".") == "localhost" if address is None else address.is_loopback or address.is_unspecified


def _public_page(told: object) -> str | None:
    """Return the address under which others reach a server's page, where it says so; None for what is none."""
    match told:
        case {"url": str(page)} if harmless(page) == page:
            with suppress(ConnectionFailed):
                found = server_address(page)
                if found.scheme in _PAGE_PORTS and not {"?", "#"}.intersection(page):
                    return f"{page.removesuffix('/')}/"
    return None


def _page_beside(url: str, transport: str, told: object) -> str | None:
    """Return the address of a server's page: where its WebSocket was reached, else where it says."""
    match told:
        case {"scheme": "http" | "https" as scheme, "port": int(port)} if 0 < port < 65536:
            found = server_address(url)
            if transport not in ("ws", "wss"):
                return page_of(f"{'wss' if scheme == 'https' else 'ws'}://{host_port(found.host, port)}")
            usual = DEFAULT_PORT if found.scheme == "chat" else None
            reached = replace(found, port=found.port or usual)
            return page_of(f"{transport}://{_place(reached)}{found.target}")
    return None


def page_of(url: str) -> str | None:
    """Return the address of the page that a server has beside a WebSocket; None for an address of another kind.

    Args:
        url: of the WebSocket, as `connect` takes it.
    """
    found = server_address(url)
    scheme = {"ws": "http", "wss": "https"}.get(found.scheme)
    if scheme is None or "?" in found.target:
        return None
    return f"{scheme}://{_place(found, _PAGE_PORTS[scheme])}{found.target.rpartition('/')[0]}/"


def _of_page(page: str, *, known: bool) -> str:
    """Return the address of the chat that a page talks to.

    A page that came encrypted leads to an encrypted chat. QUIC is tried too where the server can be recognised, or
    where nothing is promised.
    """
    found = _address(page)
    port = found.port or _PAGE_PORTS[found.scheme]
    scheme = "wss" if found.scheme == "https" and not known else "chat"
    return f"{scheme}://{host_port(found.host, port)}{found.target}"


def _of_program(link: str, via: str, path: str) -> tuple[str, str]:
    """Return the address and the room of a program link, without its query."""
    if via not in ("chat", *_VIA):
        raise ConfigurationError(
            "{part} in the link is no way to a chat, only {names} are", part=via, names=", ".join(("chat", *_VIA))
        )
    found = _address(link)
    if path and not path.startswith("/"):
        raise ConfigurationError("{part} in the link is no path: it begins with a slash", part=path)
    address = f"{via}://{_place(found)}{path}"
    _address(address)
    return address, unquote(found.target.removeprefix("/").removesuffix("/"))


def _address(url: str) -> ServerAddress:
    try:
        return server_address(url, like="http://example.org:8765/#room=lobby")
    except ConnectionFailed as error:
        raise ConfigurationError(error.sentence) from None


def _place(found: ServerAddress, usual: int | None = None) -> str:
    """Return host and port as in a URL, without the port where it is the usual one."""
    if found.port not in (None, usual):
        return host_port(found.host, found.port or 0)
    return f"[{found.host}]" if ":" in found.host else found.host


def _fields(text: str, *known: str) -> dict[str, str]:
    """Return the fields of a link, of which each stands there once, has a value, and is known."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=len(known))
    except ValueError:
        pairs = []
    found = dict(pairs)
    for name in found:
        if name not in known:
            raise ConfigurationError("leave {part} out of the link; it has no meaning there", part=name)
    if not pairs or not all(found.values()):
        raise ConfigurationError("the end of the link cannot be read: {part}", part=text)
    if len(found) < len(pairs):
        raise ConfigurationError("{part} stands twice in the link", part=pairs[-1][0])
    return found


def _room(name: str | None) -> str | None:
    if name is None or is_room_name(name := composed(name)):
        return name
    problem = name_problem(name, ROOM_NAME_MIN, ROOM_NAME_MAX)
    raise ConfigurationError("the room in the link cannot be: {problem}", problem=problem)


def _token(text: str | None) -> str | None:
    if text is None or _TOKEN.fullmatch(text):
        return text
    raise ConfigurationError("{part} stands in the link and is no invitation", part=text)


def _key(text: str | None) -> str | None:
    if text is None:
        return None
    key = text.lower().replace(":", "")
    if _KEY.fullmatch(key) is None:
        raise ConfigurationError(
            "{given} is not a fingerprint: 64 hexadecimal digits, with or without colons", given=text
        )
    return key
