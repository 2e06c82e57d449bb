"""Where a chat on NATS is: `nats://HOST:4222[,HOST...]/CHAT?replicas=3&creds=FILE`, as `--store` takes it."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from chatcore.errors import ConfigurationError, Sentence

DEFAULT_PORT: Final = 4222

_EXAMPLE: Final = "nats://127.0.0.1:4222/CHAT"
_CHAT: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_OPTIONS: Final = frozenset({"replicas", "creds", "tls", "ca", "cert", "key"})
_MOST_REPLICAS: Final = 5  # JetStream has no more


@dataclass(frozen=True, slots=True)
class Place:
    """What an address says."""

    servers: tuple[str, ...]
    """`nats://host:port` of each server that is asked, until one answers."""
    chat: str
    replicas: int = 1
    """On how many servers the stream is kept, when it is made."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    """With a user that of the user; alone it is a token."""
    creds: str | None = None
    """File with credentials, as `nsc` writes them."""
    tls: bool = False
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    @property
    def text(self) -> str:
        """The address for people: without its secrets and options."""
        return f"nats://{','.join(server.removeprefix('nats://') for server in self.servers)}/{self.chat}"

    @property
    def stream(self) -> str:
        """The name of the stream, and of the bucket for snapshots."""
        return f"chatcore_{self.chat}"

    @property
    def subject(self) -> str:
        """Where batches are proposed."""
        return f"chatcore.{self.chat}.journal"

    @property
    def nodes(self) -> str:
        """Where operators ask the nodes (`chatcore_nats.asking`)."""
        return f"chatcore.{self.chat}.nodes"

    def tls_context(self) -> ssl.SSLContext | None:
        """Return what NATS is encrypted with; None without encryption. Raises `ConfigurationError`."""
        if not self.tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca)
            if self.cert is not None:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            why = getattr(error, "strerror", None) or str(error)
            raise ConfigurationError(
                "the certificates for {place} cannot be used: {why}", place=self.text, why=why
            ) from (error)
        return context


def parse_place(address: str) -> Place:
    """Return what an address says, with `nats:` in front or without it. Raises `ConfigurationError`."""
    try:
        parts = urlsplit("nats:" + address.removeprefix("nats:"))
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise _wrong(str(error)) from error
    login, _at, hosts = parts.netloc.rpartition("@")
    chat = parts.path.strip("/")
    if not hosts or parts.fragment:
        raise _wrong(Sentence("it names no server"))
    if not _CHAT.fullmatch(chat):
        raise _wrong(Sentence("behind the servers there has to be the name of the chat, of letters, digits, _ and -"))
    for name in options.keys() - _OPTIONS:
        raise _wrong(Sentence("{name} is none of {names}", name=name, names=", ".join(sorted(_OPTIONS))))
    user, colon, password = (unquote(part) for part in login.partition(":"))
    files = {name: options.get(name) or None for name in ("creds", "ca", "cert", "key")}
    return Place(
        tuple(_server(host) for host in hosts.split(",")),
        chat,
        _replicas(options.get("replicas", "1")),
        user=user if colon else None,
        password=(password if colon else user) or None,
        tls=options.get("tls", "no") in {"", "yes", "1", "true"} or bool(files["ca"] or files["cert"]),
        **files,
    )


def _server(host: str) -> str:
    try:
        parts = urlsplit(f"nats://{host}")
        port = parts.port or DEFAULT_PORT
    except ValueError as error:
        raise _wrong(str(error)) from error
    if not parts.hostname or parts.netloc != host:
        raise _wrong(Sentence("{host!r} is no server", host=host))
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"nats://{name}:{port}"


def _replicas(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= _MOST_REPLICAS:
        return int(text)
    raise _wrong(Sentence("replicas has to be a number from 1 to {most}", most=_MOST_REPLICAS))


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError(
        "this is no place of a store on NATS: {why}; an example is {example}", why=why, example=_EXAMPLE
    )
