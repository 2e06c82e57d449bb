"""The links that a server prints, and the code that a camera reads."""

from __future__ import annotations

import enum
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from chatcore.aio.server import Listen
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.server_address import server_address, without_login
from chatcore.text.invitation import page_link, page_of, program_link, read_invitation
from chatcore_cli.saying.abilities import takes_sequences

_QUIET: Final = 2
"""Light modules around a code: less than the standard asks for (ISO/IEC 18004, 9.1), and enough for every camera."""
_MOST_ROWS: Final = 30
_HALVES: Final = " ▀▄█"


class Code(enum.Enum):
    """When a code for cameras is printed beside the link for browsers."""

    ALWAYS = enum.auto()
    FOR_OTHERS = enum.auto()
    """Where it leads others somewhere, and can be seen."""
    NEVER = enum.auto()


@dataclass(frozen=True, slots=True)
class Links:
    """Links to the lobby of a server."""

    page: str | None
    """For browsers; None when there is no page."""
    programs: str
    """For the window and the terminal."""


def links_of(
    places: Sequence[Listen], urls: Sequence[str], about: Sequence[Mapping[str, Any]], room: str, public: str | None
) -> Links | None:
    """Return the links to a room; None when no place can be linked to.

    Args:
        places: where the server listens.
        urls: the address of each, under which others reach it.
        about: what each says of itself (`ChatServer.about`).
        room: name of the room.
        public: the address of the page, when others reach it in another way.
    """
    known = [
        (place, url, told)
        for place, url, told in zip(places, urls, about, strict=True)
        if place.dialect == "chat" and told["transport"] in ("ws", "quic") and "%" not in url
    ]
    with_page = [each for each in known if each[0].options.web and each[2]["transport"] == "ws"]
    if not known:
        return None
    place, url, told = (with_page or known)[0]
    key = told["key_fingerprint"] if told["encrypted"] and place.options.tls_cert is None else None
    page = (public or page_of(url)) if with_page else None
    link = None if page is None else page_link(page, room, key)
    netloc = urlsplit(url).netloc
    both = any(urlsplit(other).netloc == netloc and other != url for _place, other, _told in known)
    if public is not None:
        found = read_invitation(page_link(public, room, key))
        url = public if found is None else found.url
    elif both and (key is not None or not told["encrypted"]):
        # Without a key, nobody who follows a link to an encrypted server is to be led to anything else.
        url = f"chat://{netloc}"
    return Links(link, program_link(url, room, key))


def websocket_of(page: str) -> str:
    """Return the address that programs reach by WebSocket where this page is."""
    return f"ws{page.removeprefix('http')}"


def public_url(text: str) -> str:
    """Return the address of a page, with a slash at the end.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        found = server_address(text, like="https://chat.example.org/")
    except ConnectionFailed as error:
        raise ConfigurationError(error.sentence) from None
    if found.scheme not in ("http", "https") or "?" in found.target:
        raise ConfigurationError(
            "{url} is not the address of a page; it begins with http:// or https://, and has no question mark",
            url=without_login(text),
        )
    place = text.partition("://")[2]
    return f"{found.scheme}://{place.removesuffix('/')}/"


def code_rows(link: str) -> list[str]:
    """Return a QR code (ISO/IEC 18004) as rows of half blocks, dark on light; nothing for a link that is too long."""
    import segno

    modules = [list(row) for row in segno.make_qr(link, error="l", boost_error=False).matrix_iter(border=_QUIET)]
    modules += [[0] * len(modules[0])] * (len(modules) % 2)
    rows = [
        "".join(_HALVES[bool(upper) + 2 * bool(lower)] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(modules[::2], modules[1::2], strict=True)
    ]
    return rows if len(rows) <= _MOST_ROWS else []


def code_for_output(link: str) -> list[str]:
    """Return the rows of a QR code if standard output can take them, terminal or not; otherwise nothing."""
    try:
        _HALVES.encode("ascii" if sys.stdout is None else sys.stdout.encoding)
    except UnicodeError:
        return []
    return code_rows(link)


def code_for_terminal(link: str) -> list[str]:
    """Return the rows of a QR code if standard output is a terminal that has room for it; otherwise nothing."""
    if sys.stdout is None or not sys.stdout.isatty() or not takes_sequences():
        return []
    rows, size = code_for_output(link), shutil.get_terminal_size()
    return rows if rows and size.columns >= len(rows[0]) and size.lines > len(rows) else []
