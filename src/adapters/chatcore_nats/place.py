"""Where a chat on NATS is: `nats://HOST:4222[,HOST...]/CHAT?replicas=3&creds=FILE`, as `--store` takes it."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from chatcore.errors import ConfigurationError, Sentence
from chatcore_tls.contexts import verifying

DEFAULT_PORT: Final = 4222

_EXAMPLE: Final = "nats://127.0.0.1:4222/CHAT"
_CHAT: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_OPTIONS: Final = frozenset({"replicas", "max-bytes", "creds", "tls", "ca", "cert", "key"})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NO_OPTIONS: Final = Sentence("options stand behind it as in ?replicas=3&tls=yes, and a password has %3F for a ?")
_MOST_REPLICAS: Final = 5  # JetStream has no more
_BYTES: Final = re.compile(r"([1-9][0-9]{0,17})([KMGT]?)")
_UNITS: Final = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_MOST_BYTES: Final = 2**59
_FIRST: Final = "first"
_ANSWERS: Final = {_FIRST: True, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_DAMAGED: Final = Sentence("that is no PEM file, or damaged")
_IN_PLAIN_WORDS: Final = {
    "KEY_VALUES_MISMATCH": Sentence("the key belongs to another certificate"),
    "NO_CERTIFICATE_OR_CRL_FOUND": Sentence("there is no certificate in it"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """What an address says."""

    servers: tuple[str, ...]
    """`nats://host:port` of each server that is asked, until one answers."""
    chat: str
    replicas: int = 1
    """On how many servers the stream is kept, at least."""
    max_bytes: int | None = None
    """How much the stream may have, and the snapshots as much, where they are made; None for no bound."""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    """With a user that of the user; alone it is a token."""
    creds: str | None = None
    """File with credentials, as `nsc` writes them."""
    tls: bool = False
    tls_first: bool = False
    """Whether NATS says nothing before it is encrypted: its `handshake_first`."""
    ca: str | None = None
    cert: str | None = None
    key: str | None = None

    @property
    def text(self) -> str:
        """The address for people: without its secrets and options."""
        return f"nats://{','.join(server.removeprefix('nats://') for server in self.servers)}/{self.chat}"

    @property
    def shows_nothing(self) -> bool:
        """Whether NATS cannot know by this address who connects."""
        return self.user is self.password is self.creds is self.cert is None

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

    def files(self, node: int) -> str:
        """Return where what is carried to a node beside the stream goes (`chatcore_nats.courier`)."""
        return f"chatcore.{self.chat}.files.{node}"

    def tls_context(self) -> ssl.SSLContext | None:
        """Return what NATS is encrypted with; None without encryption. Raises `ConfigurationError`."""
        if not self.tls:
            return None
        try:
            context = verifying(cafile=self.ca)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            raise self._unusable(error, self.ca) from error
        if self.cert is not None:
            try:
                context.load_cert_chain(self.cert, self.key, password=self._no_passphrase)
            except (OSError, ValueError) as error:
                raise self._unusable(error, self.cert, self.key) from error
        return context

    def _no_passphrase(self) -> str:
        """Say that nobody is there to be asked: without this, OpenSSL would ask, and everybody would wait."""
        raise ConfigurationError(
            "the TLS key {path} is protected by a password; give one that is not", path=self.key or self.cert
        )

    def _unusable(self, error: Exception, *paths: str | None) -> ConfigurationError:
        """Return the sentence for files that cannot be used; the system does not say which one it is."""
        why = getattr(error, "strerror", None) or str(error)
        given = [path for path in paths if path]
        unread = [path for path in given if not os.access(path, os.R_OK)]
        if not unread and isinstance(error, ssl.SSLError):
            why = _IN_PLAIN_WORDS.get(error.reason or "", _DAMAGED)
            if paths == (self.cert, None):
                why = Sentence("a certificate and its key are not in it; key=FILE names another file for the key")
        where = ", ".join(unread[:1] or given)
        why = Sentence("{path}: {why}", path=where, why=why) if where else why
        return ConfigurationError("the certificates for {place} cannot be used: {why}", place=self.text, why=why)


def parse_place(address: str) -> Place:
    """Return what an address says, with `nats:` in front or without it. Raises `ConfigurationError`."""
    address = address.strip()
    if _CONTROL.search(address):  # urlsplit leaves them out
        raise _wrong(Sentence("there is a line end in it, or another character that nobody sees"))
    try:
        parts = urlsplit("nats:" + address.removeprefix("nats:"))
    except ValueError as error:  # it holds what stands there
        raise _wrong(
            Sentence("in a password only letters and digits stand as they are; others have %XX, like %40 for an @")
        ) from error
    try:
        given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError as error:  # it may be a part of a password
        raise _wrong(_NO_OPTIONS) from error
    login, _at, hosts = parts.netloc.rpartition("@")
    if "@" in login:
        raise _wrong(Sentence("who logs in stands once, in front of all servers, with %40 for an @"))
    if "@" in parts.path:
        raise _wrong(Sentence("a password has %2F for a /"))
    chat = parts.path.strip("/")
    if parts.fragment:
        raise _wrong(Sentence("nothing stands behind a #, and a password has %23 for a #"))
    if not hosts:
        raise _wrong(Sentence("it names no server"))
    if not _CHAT.fullmatch(chat):
        raise _wrong(Sentence("behind the servers there has to be the name of the chat, of letters, digits, _ and -"))
    options = dict(given)
    for name in options.keys() - _OPTIONS:
        if "@" in parts.query:  # it may be a part of a password
            raise _wrong(_NO_OPTIONS)
        raise _wrong(Sentence("{name} is none of {names}", name=name, names=", ".join(sorted(_OPTIONS))))
    if len(given) > len(options):
        raise _wrong(Sentence("each option stands there once"))
    user, colon, password = (unquote(part) for part in login.partition(":"))
    files = {name: _file(options.get(name, "")) for name in ("creds", "ca", "cert", "key")}
    return Place(
        tuple(_server(host) for host in hosts.split(",")),
        chat,
        _replicas(options.get("replicas", "1")),
        _bytes(options.get("max-bytes")),
        user=user if colon else None,
        password=(password if colon else user) or None,
        tls=_tls(options, files),
        tls_first=options.get("tls") == _FIRST,
        **files,
    )


def _tls(options: Mapping[str, str], files: Mapping[str, str | None]) -> bool:
    shown = bool(files["ca"] or files["cert"])
    asked = _ANSWERS.get(options.get("tls", "yes" if shown else "no"))
    if asked is None:
        raise _wrong(Sentence("tls is yes, first or no"))
    if shown and not asked:
        raise _wrong(Sentence("ca and cert are of no use without tls"))
    if files["key"] and not files["cert"]:
        raise _wrong(Sentence("key is of no use without cert"))
    return asked


def _file(path: str) -> str | None:
    """Return a path with the home directory in place of a `~` or `~name` at its beginning, where no shell looks."""
    full = os.path.expanduser(path)
    if full.startswith("~"):
        user = path.partition("/")[0]
        raise _wrong(Sentence("the home directory {user} is not known; write the path in full", user=user))
    if os.path.exists(full) and not os.path.isfile(full):
        raise _wrong(Sentence("{file} is not a file on a disk; it is read again at each connection", file=full))
    return full or None


def _server(host: str) -> str:
    try:
        parts = urlsplit(f"nats://{host}")
        port = parts.port or DEFAULT_PORT
    except ValueError as error:  # it may be a part of a password
        raise _wrong(Sentence("the port of a server is a number up to 65535")) from error
    if not parts.hostname or parts.netloc != host or parts.port == 0:
        raise _wrong(Sentence("{host!r} is no server", host=host))
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"nats://{name}:{port}"


def _replicas(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= _MOST_REPLICAS:
        return int(text)
    raise _wrong(Sentence("replicas has to be a number from 1 to {most}", most=_MOST_REPLICAS))


def _bytes(text: str | None) -> int | None:
    if text is None:
        return None
    found = _BYTES.fullmatch(text)
    if found is None or (count := int(found[1]) * _UNITS[found[2]]) > _MOST_BYTES:
        raise _wrong(Sentence("max-bytes has to be a number of bytes, like {example}", example="10G"))
    return count


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError(
        "this is no place of a store on NATS: {why}; an example is {example}", why=why, example=_EXAMPLE
    )
