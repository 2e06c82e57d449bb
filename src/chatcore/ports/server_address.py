"""The address of a server, a URL taken apart: one reading of it for the driver, every transport and every interface.

What an address says is used, or the address is refused; nothing of it is ever left out in silence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from chatcore.errors import ConnectionFailed, Sentence

DEFAULT_PORT: Final = 8765
"""Of servers, and of addresses that leave the choice of the transport to the client."""
_OWN: Final = frozenset("\u00df\u1e9e\u03c2\u200c\u200d")
"""Sharp s, small and capital, the sigma at the end of a word, and the two joiners."""
_DOTS: Final = re.compile("[.\u3002\uff0e\uff61]")
"""What stands between labels (RFC 3490, section 3.1)."""
_LOGIN: Final = re.compile("((?:[A-Za-z][A-Za-z0-9+.-]*:)*//)?.*[@\uff20\ufe6b]", re.DOTALL)
"""Where in an address somebody logs in, whatever is wrong with it: up to the last `@`, or what is one for Unicode."""
_NO_LOGIN: Final = re.compile(
    r"(?:https?|wss?|chat|quic|tcp)(?:\+[a-z-]+)?://"
    r"(?:[^\s@\\/?#:\[\]]*\.[^\s@\\/?#:\[\]]*|localhost|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?[/?#]",
    re.IGNORECASE,
)
"""How the address of a page or a server begins that names nobody; an `@` behind that is one of its path."""
_SPACES: Final = frozenset(map(chr, (*range(0x21), 0x7F)))


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """What an address says."""

    scheme: str
    """In lower case."""
    host: str
    """A name or an address. One of IPv6 has no brackets, and its zone behind a `%`: `fe80::1%eth0`."""
    port: int | None
    """None when it stands for the usual one."""
    target: str
    """Path and query as they stand there; empty when there is no more than a slash."""
    userinfo: str = ""
    """`user:password@` as it stands there."""

    @property
    def name(self) -> str:
        """The host without its zone, which means something on this machine only (RFC 6874, section 1)."""
        return self.host.partition("%")[0]


def server_address(
    url: str,
    *,
    target: bool = True,
    userinfo: bool = False,
    any_port: bool = False,
    like: str = "chat://example.org:8765",
) -> ServerAddress:
    """Return what a whole URL says.

    Args:
        url: as somebody typed it.
        target: whether it may have a path and a query.
        userinfo: whether there may be `user:password@` in it.
        any_port: whether the port may be 0, which a server listens at to get a free one.
        like: an example of what it should be.

    Raises:
        ConnectionFailed: it is no address of a server, or has something in it that has no meaning there.
    """
    try:
        url.encode()  # a byte that is no character, as programs are started with, is in no address
        parts = urlsplit(url)
        # What Python makes small by the word would be another name at the end of one.
        host, port = parts._replace(netloc=parts.netloc.replace("\u03a3", "\u03c3")).hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    # urlsplit leaves spaces and line ends out; nobody has an address with them. A colon without a port is rather that
    # of a scheme: `ws:/example.org`, as the address of a host, would be one of the host `ws`.
    no_port = parts.netloc.endswith(":")
    if not host or no_port or (port == 0 and not any_port) or not _SPACES.isdisjoint(url):
        raise ConnectionFailed("{url} is not the address of a server, like {like}", url=without_login(url), like=like)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path.removesuffix("/") and parts.path
    unused = f"#{parts.fragment}" if parts.fragment else ""
    if path and not target:
        unused = path
    user, at, _place = parts.netloc.rpartition("@")
    if at and not userinfo:
        unused = user + at
    if unused:
        raise ConnectionFailed(
            "leave {part} out of {url}; it has no meaning there", part=without_login(unused), url=without_login(url)
        )
    return ServerAddress(parts.scheme, _with_zone(host), port, path, user + at)


def ascii_name(name: str) -> str:
    """Return a name as it goes over the wire: an international one in its ASCII form, the same as in browsers.

    That is RFC 3490, but for the four characters that it took for others or left out, and that have names of their own
    since (RFC 5894, section 7.2): a name with a sharp s leads to no name with two.

    Raises:
        UnicodeError: it has none: a label is empty or too long, or has something in it that no name has.
    """
    if not _OWN.isdisjoint(name):
        name = ".".join(_own_label(label) for label in _DOTS.split(name))
    return name.encode("idna").decode()


def _own_label(label: str) -> str:
    """Return a label that RFC 3490 would change, in its ASCII form; any other as it is."""
    if _OWN.isdisjoint(label):
        return label
    small = "".join(map(str.lower, unicodedata.normalize("NFKC", label)))  # each by itself, for the sigma at the end
    return f"xn--{unicodedata.normalize('NFC', small).encode('punycode').decode()}"


def without_login(address: str) -> str:
    """Return an address to be shown or logged: with `***` for who logs in, for a password may stand there.

    Also one that cannot be taken apart, such as one whose password should have had a `%2F`; then more of it may go.
    """
    found = None if _NO_LOGIN.match(address) else _LOGIN.match(address)
    return address if found is None else f"{found[1] or ''}***@{address[found.end() :]}"


def no_address(address: str) -> Sentence:
    """Return that something is not the address of a server, and how one looks that people type."""
    return Sentence(
        "{address} is not the address of a server; write it like 192.168.1.5, example.org:8765 or "
        "ws://example.org:8765",
        address=without_login(address),
    )


def _with_zone(host: str) -> str:
    """Return an address whose zone may be written as in a URL, behind `%25` (RFC 6874), or as it is."""
    address, percent, zone = host.partition("%")
    if percent and zone.startswith("25") and len(zone) > 2:
        zone = zone[2:]
    return f"{address}{percent}{zone}"
