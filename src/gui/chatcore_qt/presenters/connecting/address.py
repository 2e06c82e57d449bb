"""Where a server is: what the connect dialog shows in fields, and a URL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from chatcore.errors import ConfigurationError, ConnectionFailed, Sentence
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import DEFAULT_PORT, no_address, server_address
from chatcore.text.invitation import page_link, read_invitation

Scheme = Literal["chat", "ws", "wss", "quic"]
SCHEMES: Final[tuple[Scheme, ...]] = get_args(Scheme)

_IPV6: Final = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*(%[^\s/?#@\[\]]+)?")
_HOST: Final = re.compile(r"[^\s/?#@\[\]:]+")


class AddressError(ValueError):
    """An address that nothing can be reached under.

    Attributes:
        field: `host` or `port`.
        sentence: what is wrong.
    """

    def __init__(self, field: Literal["host", "port"], sentence: Sentence) -> None:
        super().__init__(field)
        self.field: Literal["host", "port"] = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address. `chat` as the scheme means: try QUIC and WebSocket, take the better one."""

    scheme: Scheme
    host: str
    port: int = DEFAULT_PORT
    path: str = ""
    """Path and query as they were typed; empty when there is no more than a slash."""
    room: str = field(default="", compare=False)
    """The room that a link leads to."""
    key: str | None = field(default=None, compare=False)
    """Fingerprint of the server's key, as a link has it."""
    token: str | None = field(default=None, compare=False)
    """What lets in instead of the server's password, as a link has it."""

    def __post_init__(self) -> None:
        if not _is_host(self.host):
            raise AddressError("host", no_address(self.host))
        if not 0 < self.port < 65536:
            raise AddressError("port", no_address(f"{self.host}:{self.port}"))

    @property
    def place(self) -> str:
        """The address without the scheme: `host:port`."""
        return host_port(self.host, self.port)

    @property
    def of_server(self) -> Address:
        """The address without what a link adds to it."""
        return replace(self, room="", key=None, token=None)

    @property
    def typed(self) -> str:
        """What `parse` understands as this address when it is told the scheme and the port."""
        host = f"[{self.host}]" if ":" in self.host and self.path else self.host
        return page_link(f"{host}{self.path}", self.room, self.key, self.token)

    @property
    def url(self) -> str:
        """The address as `connect` takes it."""
        return f"{self.scheme}://{self.place}{self.path}"

    @classmethod
    def parse(cls, text: str, scheme: Scheme = "chat", port: int = DEFAULT_PORT) -> Address:
        """Return the address that somebody typed: `host`, `host:port`, a whole URL, or a link to a room.

        Args:
            text: what was typed.
            scheme: the one to take when the text names none.
            port: likewise.

        Raises:
            AddressError: it is none.
        """
        text = text.strip()
        try:
            link = read_invitation(text)
        except ConfigurationError as error:
            raise AddressError("host", error.sentence) from None
        if link is not None:
            return replace(cls.parse(link.url, scheme, port), room=link.room or "", key=link.key, token=link.token)
        typed = text
        if "://" not in text:
            if _IPV6.fullmatch(text):
                text = f"[{text}]"
            text = f"{scheme}://{text}"
        try:
            found = server_address(text, any_port=True)
        except ConnectionFailed as error:
            raise AddressError(_field(text), error.sentence if "part" in error.values else no_address(typed)) from None
        known = next((one for one in SCHEMES if one == found.scheme), None)
        if known is None or not _is_host(found.host):
            raise AddressError("host", no_address(typed))
        return cls(known, found.host, port if found.port is None else found.port, found.target)


def _is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text) or _IPV6.fullmatch(text))


def _field(text: str) -> Literal["host", "port"]:
    """Return in which field the mistake of an address is."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "host"
    try:
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return "port"
    return "host"
