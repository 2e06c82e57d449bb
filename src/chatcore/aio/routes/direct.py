"""One way to a server, and how it is recognised there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from chatcore.aio.plugins import scheme_of
from chatcore.aio.routes.places import host_and_port
from chatcore.errors import CertificateChanged, ConfigurationError, UntrustedCertificate
from chatcore.plain import has_method
from chatcore.ports.known_servers import KnownServers, server_place
from chatcore.ports.transport import Accept, ConnectOptions, Link, Transport


class DirectRoute:
    """One transport. Servers that no authority vouches for are trusted on first use if `known_servers` is given.

    `vouched` is shared by the ways to one server: the places that an authority has vouched for since the start. There
    nobody is met for the first time any more.
    """

    def __init__(
        self,
        transport: Transport,
        url: str,
        options: ConnectOptions,
        known_servers: KnownServers | None = None,
        vouched: set[str] | None = None,
    ) -> None:
        self._transport = transport
        self.url = url
        self._options = options
        self._known = known_servers
        self._vouched = set() if vouched is None else vouched

    async def connect(self, accept: Accept) -> None:
        """Connect."""
        await self.reach(accept)

    def learn(self, server: Mapping[str, Any]) -> None:
        """Leave it: there is one way only."""

    async def reach(self, accept: Accept) -> Link:
        """Connect and return the link. Raises as `Route.connect` does."""
        known = self._known
        if self._options.fingerprints and not self._is_encrypted():
            raise ConfigurationError(
                "{url} is not encrypted, so nothing there can be recognised by its fingerprint; use wss:// or quic://",
                url=self.url,
            )
        # Whoever names authorities (`tls_ca`) wants them to decide, and nobody else.
        if known is None or not self._is_encrypted() or self._options.tls_ca is not None:
            return await self._try(accept)
        place = server_place(*host_and_port(self.url, self._transport.default_port))
        key = known.key_of(place)
        if self._options.fingerprints:
            link = await self._try(accept)
            if link.key_fingerprint is not None:
                _remember(known, place, link.key_fingerprint, link)  # whoever gave a fingerprint has made sure
            return link
        if key is None:
            return await self._meet(accept, known, place)
        return await self._recognise(accept, place, key)

    def _is_encrypted(self) -> bool:
        """Tell whether the server shows a certificate: a scheme that has a secure twin is the plain one."""
        return self._transport.can_encrypt and f"{scheme_of(self.url)}s" not in self._transport.schemes

    async def _try(self, accept: Accept, *fingerprints: str) -> Link:
        options = replace(self._options, fingerprints=fingerprints) if fingerprints else self._options
        link: object = await self._transport.connect(self.url, options, accept)
        if not has_method(link, "abort"):
            what = type(link).__name__
            raise TypeError(
                f"connect of the transport {self._transport.name!r} has to return a link, and this {what} is not that"
            )
        return cast("Link", link)

    async def _meet(self, accept: Accept, known: KnownServers, place: str) -> Link:
        """Connect to a server for the first time."""
        try:
            link = await self._try(accept)
        except UntrustedCertificate as error:
            if error.key_fingerprint is None or place in self._vouched:
                raise
            link = await self._try(accept, error.key_fingerprint)
            _remember(known, place, error.key_fingerprint, link)
        else:
            if link.key_fingerprint is not None:
                self._vouched.add(place)
        return link

    async def _recognise(self, accept: Accept, place: str, key: str) -> Link:
        """Connect to a server that has to be the one that it was."""
        try:
            return await self._try(accept, key)
        except UntrustedCertificate as stranger:
            if stranger.key_fingerprint is None:
                raise
            try:
                return await self._try(accept)  # perhaps an authority vouches for it by now
            except UntrustedCertificate:
                raise CertificateChanged(
                    "the server at {server} shows another key than before: somebody may be in between, or it was set "
                    "up anew; its key's fingerprint was {known} and is {shown}",
                    place,
                    key,
                    stranger.fingerprint,
                    stranger.key_fingerprint,
                    server=place,
                    known=key,
                    shown=stranger.key_fingerprint,
                ) from stranger


def _remember(known: KnownServers, place: str, key: str, link: Link) -> None:
    """Remember the key that a server shows on a link; no link is left when that is not possible.

    Both ways of a race may get there: it is remembered once.
    """
    try:
        if known.key_of(place) != key:
            known.remember(place, key)
    except BaseException:
        link.abort()
        raise
