"""`chatcore doctor`: finds out, step by step, whether and how a server can be reached."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import click
from cryptography import x509

from chatcore.aio.plugins import (
    RACE_SCHEME,
    load_transport,
    scheme_of,
    split_dialect,
    transport_for,
    transport_names,
)
from chatcore.aio.routes import host_and_port
from chatcore.errors import ChatcoreError, ConfigurationError, ConnectionFailed, UntrustedCertificate
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import server_address, without_login
from chatcore.ports.transport import ConnectOptions, Link, Lost
from chatcore.text.safe_text import safe_text
from chatcore_cli.chatting.joining.address import invited
from chatcore_cli.chatting.joining.trust import acceptance, known_servers_path
from chatcore_cli.saying.out import say
from chatcore_cli.saying.texts import _, told
from chatcore_cli.settings.options import color_option, log_level_option, state_dir_option
from chatcore_cli.settings.paths import KEPT_FILE
from chatcore_cli.settings.sources import SettingsCommand
from chatcore_tls.contexts import client_context
from chatcore_tls.known_servers import KnownServersFile
from chatcore_tls.names import ascii_host

_ABOUT_PATH: Final = "/.well-known/chatcore"
_ABOUT_BYTES: Final = 64 * 1024
_PATIENCE: Final = 3.0
_CLOCK_MAY_DIFFER: Final = 60.0
# How many addresses of other servers are looked at.
_MOST_ADDRESSES: Final = 32

_EXAMPLES: Final = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore doctor
  chatcore doctor chat.example.org
  chatcore doctor quic://192.168.1.5:8765""",
        _("Nothing is sent to the chat and nobody sees you. The exit code is 0 when the server can be reached."),
    )
)


@click.command(
    "doctor",
    cls=SettingsCommand,
    help=_("Find out why the server at URL cannot be reached, or how well it can."),
    epilog=_EXAMPLES,
)
@click.argument("url", default=f"{RACE_SCHEME}://127.0.0.1:8765")
@click.option("--tls-ca", type=KEPT_FILE, help=_("PEM file with certificates to trust instead of the system's."))
@color_option()
@state_dir_option(_("Directory for what is known of servers."))
@log_level_option("warning")
def command(*, url: str, tls_ca: str | None, state_dir: str | None, log_level: str) -> int:
    """Examine a server."""
    if tls_ca is not None:
        client_context(tls_ca)  # says what is wrong with the file
    return asyncio.run(_report(Examination(invited(url).url, tls_ca, state_dir)))


async def _report(examination: Examination) -> int:
    async for finding in examination.findings():
        mark, colour = {True: ("ok", "green"), False: ("NO", "red"), None: ("--", None)}[finding.good]
        say(finding.text, mark=mark, colour=colour)
    return 0 if examination.reached else 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found out."""

    text: str
    good: bool | None = None
    """None: neither good nor bad."""
    why: ChatcoreError | None = None
    """What went wrong."""


class Examination:
    """What is to be found out about one server.

    Args:
        url: its address.
        tls_ca: path of certificates to trust instead of the system's.
        state_dir: where the known servers are; None: where such things of a user are.
    """

    def __init__(self, url: str, tls_ca: str | None = None, state_dir: str | None = None) -> None:
        self._asked = url
        self._url, _dialect = split_dialect(url)
        self._ca = tls_ca
        self._known = KnownServersFile(known_servers_path(state_dir))
        self.reached = False
        """Whether any transport worked."""
        self._new_key: str | None = None

    async def findings(self) -> AsyncIterator[Finding]:
        """Find out one thing after the other. Raises `ConnectionFailed` for what is no address."""
        scheme = scheme_of(self._url)
        default_port = 8765 if scheme == RACE_SCHEME else transport_for(self._url).default_port
        host, port = host_and_port(self._url, default_port)
        resolved = await _resolve(host)
        if not resolved.good or not _is_address(host):
            yield resolved
        if not resolved.good:
            return
        folder = server_address(self._url, userinfo=True).target.partition("?")[0].rpartition("/")[0]
        about = await asyncio.to_thread(_fetch_about, host, port, encrypted=scheme == "wss", folder=folder)
        between = about is not None and about.passed_on
        if about is not None:
            for finding in about.findings():
                yield finding
            if between:
                text = _(
                    "What {place} gets is passed on to the server, as by a reverse proxy: it is tried there, and not "
                    "at the server's own ports."
                )
                yield Finding(text.format(place=safe_text(host_port(host, port))))
            if about.page is not None:
                yield await asyncio.to_thread(_find_page, host, about.page)
            elif (dated := _out_of_its_time(f"https://{host_port(host, port)}/", about.validity)) is not None:
                yield dated
        schemes = _schemes(scheme, about)
        silent: dict[str, ChatcoreError | None] = {}
        for each, at in schemes:
            if each == "tcp" and about is not None and at is None:  # what says that by HTTP takes no lines
                text = _("{url}: that port is for WebSocket; what clients say over {scheme} is not understood there.")
                finding = Finding(text.format(url=without_login(self._url), scheme=each), good=False)
            else:
                finding = await self._try(each, host_port(host, at or port))
            yield finding
            if finding.good is False:
                silent[each] = finding.why
        async for finding in self._others(about, {(each, host_port(host, at or port)) for each, at in schemes}):
            yield finding
        if _is_unheard(silent.get("quic")) and (self.reached or about is not None):
            text = _("QUIC needs UDP port {port}; a firewall or the network may drop it. chat:// then takes WebSocket.")
            yield Finding(text.format(port=dict(schemes)["quic"] or port))
        if self._new_key is not None:
            yield Finding(acceptance(self._asked, self._new_key))
        elif not self.reached:
            hint = self._hint(host, silent, between=between, answers=about is not None)
            if hint is not None:
                yield Finding(hint)

    def _hint(
        self, host: str, silent: Mapping[str, ChatcoreError | None], *, between: bool, answers: bool
    ) -> str | None:
        """Return what to look at where nothing has worked; None when what went wrong says that already.

        Args:
            host: that was asked.
            silent: what did not work, and why.
            between: whether a proxy passes on what it gets.
            answers: whether a server says there what it is.
        """
        whys = silent.values()
        untrusted = next((why for why in whys if isinstance(why, UntrustedCertificate)), None)
        if untrusted is not None and "host" in untrusted.values:
            text = _("Go there by a name that the certificate is for, or have the server show one for {host}.")
            return text.format(host=safe_text(host))
        if untrusted is not None and self._ca is not None:
            text = _(
                "Renew the certificate if its time is over, or name by {option} the authority that vouches for it. "
                "Without {option}, a server is known by its key."
            )
            return text.format(option="--tls-ca")
        if untrusted is not None or any(isinstance(why, ConfigurationError) for why in whys):
            return None
        if between and not {"ws", "wss"}.isdisjoint(silent):
            return _(
                "The server itself answers there. Does the proxy pass on Upgrade and Connection, as WebSocket needs?"
            )
        if answers:
            return None
        if _is_here(host):
            return _("Is the server started, and on this port?")
        return _("Is the server started, on this port, and open to your network (--tls --host 0.0.0.0)?")

    async def _others(self, about: About | None, tried: Collection[tuple[str, str]]) -> AsyncIterator[Finding]:
        """Look at the other addresses of the same chat: clients go there when this one is gone."""
        others = []
        for address in () if about is None else about.addresses:
            with suppress(ChatcoreError):
                scheme, transport = scheme_of(address), transport_for(address)
                place = host_port(*host_and_port(address, transport.default_port))
                if (scheme, place) not in tried:
                    others.append((scheme, place))
        if others:
            yield Finding(_("The same chat is at these addresses too, where its users go when this one is gone:"))
            reached = self.reached
            for finding in await asyncio.gather(*(self._try(*each) for each in dict.fromkeys(others))):
                yield finding
            self.reached = reached  # it is this one that was asked for

    async def _try(self, scheme: str, place: str) -> Finding:
        """Connect over one transport, and say how that went."""
        asked = server_address(self._url, userinfo=True)
        url = f"{scheme}://{asked.userinfo}{place}"
        if scheme == asked.scheme or scheme in ("ws", "wss", "quic"):  # which are asked by HTTP
            url += asked.target
        began = time.perf_counter()
        try:
            encrypted = await self._connect(url)
        except UntrustedCertificate as error:
            if error.key_fingerprint is None or self._ca is not None:  # whoever names authorities wants them to decide
                return _failed(url, error)
            return await self._try_own(url, place, error.key_fingerprint)
        except ChatcoreError as error:
            return _failed(url, error)
        took = round((time.perf_counter() - began) * 1000)
        self.reached = True
        if encrypted:
            text = _("{url}: connected in {took} ms, encrypted, with a certificate that an authority vouches for.")
        else:
            text = _("{url}: connected in {took} ms, not encrypted.")
        return Finding(text.format(url=without_login(url), took=took), good=True)

    async def _try_own(self, url: str, place: str, key: str) -> Finding:
        """Connect to a server with a certificate of its own."""
        known = self._known.key_of(place)
        if known is not None and known != key:
            self._new_key = key
            text = _(
                "{url}: the server shows another key than before, {key} instead of {known}. "
                "Somebody may be listening in, or it was set up anew."
            )
            return Finding(text.format(url=without_login(url), key=key, known=known), good=False)
        began = time.perf_counter()
        try:
            await self._connect(url, key)
        except ChatcoreError as error:
            return _failed(url, error)
        took = round((time.perf_counter() - began) * 1000)
        self.reached = True
        if known is None:
            text = _(
                "{url}: connected in {took} ms, encrypted, with a certificate of its own. You have not met it yet; "
                "its key's fingerprint is {key}"
            )
        else:
            text = _("{url}: connected in {took} ms, encrypted, with a certificate of its own, the one that you know.")
        return Finding(text.format(url=without_login(url), took=took, key=key), good=True)

    async def _connect(self, url: str, *fingerprints: str) -> bool:
        """Connect and hang up; tells whether it was encrypted."""
        options = ConnectOptions(connect_timeout=_PATIENCE, tls_ca=self._ca, fingerprints=fingerprints)
        link = await transport_for(url).connect(url, options, _Silence)
        encrypted = link.key_fingerprint is not None
        link.abort()
        return encrypted


def _is_unheard(why: ChatcoreError | None) -> bool:
    """Tell whether nobody has answered, as far as that can be told."""
    return isinstance(why, ConnectionFailed) and not isinstance(why, UntrustedCertificate)


def _failed(url: str, error: ChatcoreError) -> Finding:
    return Finding(_("{url}: {problem}").format(url=without_login(url), problem=told(error)), good=False, why=error)


class _Silence:
    """The handler of a link that nothing is said on."""

    def __init__(self, link: Link) -> None:
        """Leave it."""

    def data_received(self, payload: bytes) -> None:
        """Leave it."""

    def writing_paused(self) -> None:
        """Leave it."""

    def writing_resumed(self) -> None:
        """Leave it."""

    def connection_lost(self, reason: Lost) -> None:
        """Leave it."""


class Validity(NamedTuple):
    """From when to when a certificate is valid."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """What a server says about its page for browsers."""

    scheme: str
    port: int
    may_connect: bool
    """Whether the server takes WebSockets of the page, at the address that was asked."""
    path: str = "/"


@dataclass(frozen=True, slots=True)
class About:
    """What a server says about itself at `/.well-known/chatcore`."""

    transports: tuple[tuple[str, int, bool], ...]
    """Name, port, and whether it is encrypted."""
    version: str
    clock_ahead: float | None
    """How far this computer's clock is ahead of the server's, in seconds."""
    page: Page | None
    """None: browsers get none."""
    addresses: tuple[str, ...] = ()
    """Where all servers of its chat are, when there are several."""
    passed_on: bool = False
    """Whether the place that was asked is none of the server's own."""
    encrypted: bool = False
    """Whether that was asked by HTTPS."""
    validity: Validity | None = None
    """Of the certificate that it showed then."""

    def findings(self) -> Sequence[Finding]:
        """Return what is worth saying about it."""
        names = ", ".join(f"{name} ({port})" for name, port, _encrypted in self.transports)
        text = _("The server is chatcore {version} and offers: {names}.")
        found = [Finding(text.format(version=safe_text(self.version), names=safe_text(names)), good=True)]
        if self.clock_ahead is not None and abs(self.clock_ahead) > _CLOCK_MAY_DIFFER:
            text = (
                _("This computer's clock is {seconds} s ahead of the server's: certificates may seem to be expired.")
                if self.clock_ahead > 0
                else _("This computer's clock is {seconds} s behind the server's: certificates may seem not valid yet.")
            )
            found.append(Finding(text.format(seconds=round(abs(self.clock_ahead))), good=False))
        elif self.clock_ahead is not None:
            found.append(Finding(_("The clocks of both computers agree."), good=True))
        return found


def _is_address(host: str) -> bool:
    """Tell whether this is an address already, and no name that stands for one."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback if _is_address(host) else host == "localhost"


async def _resolve(host: str) -> Finding:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(ascii_host(host), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        text = _("The host {host} is not known. Is it spelt right, and does this computer have a network?")
        return Finding(text.format(host=safe_text(host)), good=False)
    addresses = ", ".join(dict.fromkeys(str(address[0]) for *_rest, address in found))
    return Finding(
        _("The address of {host} is {addresses}.").format(host=safe_text(host), addresses=addresses), good=True
    )


def _fetch_about(
    host: str, port: int, patience: float = _PATIENCE, *, encrypted: bool = False, folder: str = ""
) -> About | None:
    """Ask the server what it is; None when it does not say so in time, which is one for all of its answer.

    Behind a proxy it may be in a folder.
    """
    for scheme in ("https", "http") if encrypted else ("http", "https"):
        origin = quote(f"{scheme}://{host_port(host, port)}", safe="")
        for place in dict.fromkeys((folder, "")):
            answer = _get(scheme, host, port, f"{place}{_ABOUT_PATH}?origin={origin}", patience)
            if answer is None:
                break
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                if answer.status == http.client.OK:
                    about = _read_about(json.loads(answer.body), answer.headers["Date"])
                    return _as_asked(replace(about, validity=answer.validity), scheme, port, folder)
    return None


def _as_asked(about: About, scheme: str, port: int, folder: str) -> About:
    """Return what a server says of itself, with the page where it was asked: a proxy there passes on what it gets."""
    own = {(told, encrypted) for name, told, encrypted in about.transports if name == "ws"}
    if (port, scheme == "https") in own:
        return about
    page = None if about.page is None else replace(about.page, scheme=scheme, port=port, path=f"{folder}/")
    return replace(about, page=page, passed_on=True, encrypted=scheme == "https")


def _find_page(host: str, page: Page) -> Finding:
    """Ask for the page as a browser does."""
    place = f"{page.scheme}://{host_port(host, page.port)}"
    url = f"{place}{page.path}"
    if "%" in host:
        text = _("{url}: browsers open no address with a zone; the page to chat in is at the server's other addresses.")
        return Finding(text.format(url=url))
    answer = _get(page.scheme, host, page.port, page.path, _PATIENCE)
    if answer is None or answer.status != http.client.OK or answer.headers.get_content_type() != "text/html":
        return Finding(_("{url}: browsers should get a page there to chat in, and do not.").format(url=url), good=False)
    if (dated := _out_of_its_time(url, answer.validity)) is not None:
        return dated
    if not page.may_connect:
        text = _("{url}: browsers get a page there that may not connect; start the server with --origin {origin}")
        return Finding(text.format(url=url, origin=place), good=False)
    return Finding(_("{url}: browsers get a page there to chat in.").format(url=url), good=True)


def _out_of_its_time(url: str, validity: Validity | None) -> Finding | None:
    """Return what is to be said of a certificate that has expired, or is not valid yet.

    Whoever knows its key, or accepts it as that of a server with one of its own, gets in all the same.
    """
    now = datetime.now(UTC)
    if validity is not None and now > validity.end:
        day, text = validity.end, _("{url}: the certificate has expired on {day}: {refused}; renew it")
    elif validity is not None and now < validity.begin:
        day, text = validity.begin, _("{url}: the certificate is not valid before {day}: {refused} until then")
    else:
        return None
    refused = _("browsers, and clients that go by authorities, refuse it")
    return Finding(text.format(url=url, day=day.date(), refused=refused), good=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    validity: Validity | None
    """Of the certificate that was shown."""


def _validity(shown: bytes | None) -> Validity | None:
    """Return from when to when a certificate is valid; None where that cannot be read."""
    with suppress(ValueError):
        certificate = x509.load_der_x509_certificate(shown or b"")
        return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    return None


def _get(scheme: str, host: str, port: int, target: str, patience: float) -> _Answer | None:
    """Ask by HTTP; None when there is no answer in time."""
    with (
        suppress(OSError, http.client.HTTPException, ValueError),
        socket.create_connection((host := ascii_host(host), port), timeout=patience) as sock,
        _hung_up_after(patience, sock),
    ):
        # Only a hint: what it says is tried out afterwards, with its certificate looked at.
        context = client_context(None, pinned=True) if scheme == "https" else None
        connection = http.client.HTTPConnection(host, port)
        tls = None if context is None else context.wrap_socket(sock, server_hostname=host)
        connection.sock = sock if tls is None else tls
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            validity = None if tls is None else _validity(tls.getpeercert(binary_form=True))
            return _Answer(response.status, response.headers, response.read(_ABOUT_BYTES), validity)
        finally:
            connection.close()  # not a server of ours, perhaps, or one that wants TLS
    return None


@contextmanager
def _hung_up_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Shut a connection down when the time is up: a timeout of the socket begins anew with every byte that comes."""
    with sock.dup() as same:  # TLS takes the other one over
        timer = threading.Timer(seconds, _shut_down, (same,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _read_about(told: Any, date: str | None) -> About:
    transports = tuple((str(one["transport"]), int(one["port"]), bool(one["encrypted"])) for one in told["transports"])
    ahead = None
    with suppress(ValueError, TypeError):
        ahead = time.time() - parsedate_to_datetime(date or "").timestamp()
    page = told["server"].get("page")
    found = None
    if page is not None and page["scheme"] in ("http", "https"):
        found = Page(page["scheme"], int(page["port"]), told.get("page", {}).get("allowed") is not False)
    addresses = tuple(each for each in told["server"].get("addresses", ()) if isinstance(each, str))
    return About(transports, str(told["server"]["version"]), ahead, found, addresses[:_MOST_ADDRESSES])


def _schemes(scheme: str, about: About | None) -> list[tuple[str, int | None]]:
    """Return what to try: scheme, and port if it is not the one of the address."""
    if scheme != RACE_SCHEME:
        return [(scheme, None)]
    if about is None:
        return [(name, None) for name in ("quic", "ws", "wss")]
    known = set(transport_names())
    schemes: list[tuple[str, int | None]] = []
    if about.passed_on:
        own = {port for name, port, _encrypted in about.transports if name == "ws"}
        if any(name == "quic" and port in own for name, port, _encrypted in about.transports):
            schemes.append(("quic", None))
        return [*schemes, ("wss" if about.encrypted else "ws", None)]
    for name, port, encrypted in about.transports:
        if name in known:
            secure = f"{name}s" if encrypted and f"{name}s" in load_transport(name).schemes else name
            schemes.append((secure, port))
    return schemes
