"""Finds out, step by step, whether and how a server can be reached."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress

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
from chatcore.ports.transport import ConnectOptions, Nobody
from chatcore.text.safe_text import safe_text
from chatcore_cli.chatting.joining.trust import acceptance, known_servers_path
from chatcore_cli.examining.about import PATIENCE, About, fetch_about, find_page, out_of_its_time
from chatcore_cli.examining.finding import Finding
from chatcore_cli.saying.texts import _, told
from chatcore_tls.known_servers import KnownServersFile
from chatcore_tls.names import ascii_host


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
        about = await asyncio.to_thread(fetch_about, host, port, encrypted=scheme == "wss", folder=folder)
        if about is not None:
            async for finding in _by_http(about, host, port):
                yield finding
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
            hint = self._hint(host, silent, about)
            if hint is not None:
                yield Finding(hint)

    def _hint(self, host: str, silent: Mapping[str, ChatcoreError | None], about: About | None) -> str | None:
        """Return what to look at where nothing has worked; None when what went wrong says that already.

        Args:
            host: that was asked.
            silent: what did not work, and why.
            about: what a server says there of itself, if one does.
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
        if about is not None and about.passed_on and not {"ws", "wss"}.isdisjoint(silent):
            return _(
                "The server itself answers there. Does the proxy pass on Upgrade and Connection, as WebSocket needs?"
            )
        if about is not None:
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
        options = ConnectOptions(connect_timeout=PATIENCE, tls_ca=self._ca, fingerprints=fingerprints)
        link = await transport_for(url).connect(url, options, lambda _link: Nobody())
        encrypted = link.key_fingerprint is not None
        link.abort()
        return encrypted


async def _by_http(about: About, host: str, port: int) -> AsyncIterator[Finding]:
    """Find out about what a server says of itself there, and what browsers get."""
    for finding in about.findings():
        yield finding
    if about.passed_on:
        text = _(
            "What {place} gets is passed on to the server, as by a reverse proxy: it is tried there, and not at the "
            "server's own ports."
        )
        yield Finding(text.format(place=safe_text(host_port(host, port))))
    if about.page is not None:
        yield await asyncio.to_thread(find_page, host, about.page)
    elif (dated := out_of_its_time(f"https://{host_port(host, port)}/", about.validity)) is not None:
        yield dated


def _is_unheard(why: ChatcoreError | None) -> bool:
    """Tell whether nobody has answered, as far as that can be told."""
    return isinstance(why, ConnectionFailed) and not isinstance(why, UntrustedCertificate)


def _failed(url: str, error: ChatcoreError) -> Finding:
    return Finding(_("{url}: {problem}").format(url=without_login(url), problem=told(error)), good=False, why=error)


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
