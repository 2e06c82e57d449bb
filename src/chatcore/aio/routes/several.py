"""The ways to several servers of one chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatcore.aio.clock import chance_of
from chatcore.aio.plugins import RACE_SCHEME, scheme_of
from chatcore.aio.routes.places import host_and_port
from chatcore.aio.routes.route import Route
from chatcore.errors import ChatcoreError, ConfigurationError, ConnectionFailed
from chatcore.events import TransportChosen
from chatcore.ports.server_address import DEFAULT_PORT
from chatcore.ports.transport import Accept

_SAFE: Final = ("wss", "quic", RACE_SCHEME)
"""Schemes of those who want to be encrypted, or leave it to what the server has."""
_MOST_ADDRESSES: Final = 16


class Several:
    """The address that was given, and those of other servers of the same chat, once one has said where they are.

    Whoever has lost a connection tries the others first: the one that it had may be dead without anybody saying so.

    Args:
        url: the address that was given.
        way_to: returns the way to an address. Raises `ConnectionFailed`, `ConfigurationError`.
    """

    def __init__(self, url: str, way_to: Callable[[str], Route]) -> None:
        self._way_to = way_to
        self._given = url
        self._ways = {url: way_to(url)}
        """By address; the one that was connected last comes last."""
        self._present = self._ways[url]

    @property
    def url(self) -> str:
        """The address at which the present connection was made, or the last one."""
        return self._present.url

    async def connect(self, accept: Accept) -> TransportChosen | None:
        """Connect to the first one that can be reached."""
        failure: ChatcoreError | None = None
        for url, way in list(self._ways.items()):
            try:
                chosen = await way.connect(accept)
            except (ConnectionFailed, ConfigurationError) as error:
                failure = failure or error
            else:
                self._ways[url] = self._ways.pop(url)
                self._present = way
                return chosen
        assert failure is not None  # there is always one
        raise failure

    def learn(self, server: Mapping[str, Any]) -> None:
        """Take the addresses that a server tells: of those that can be used, as many as a client wants to know."""
        self._present.learn(server)
        told = server.get("addresses")
        if not isinstance(told, list | tuple):
            return
        known = [each for each in told[:_MOST_ADDRESSES] if isinstance(each, str) and self._can_be_used(each)]
        present = self.url
        chance = chance_of(asyncio.get_running_loop())
        known.sort(key=lambda _url: chance(0, 1))  # or all users of one server would come to the same other one
        ways = {url: self._ways.get(url) for url in (*known, self._given)}
        ways.pop(present, None)
        self._ways = {url: way or self._way_to(url) for url, way in ways.items()} | {present: self._present}

    def _can_be_used(self, url: str) -> bool:
        """Tell whether it is an address, and as safe as the one that was given."""
        if scheme_of(self._given) in _SAFE and scheme_of(url) not in _SAFE:
            return False
        try:
            host_and_port(url, DEFAULT_PORT)
            self._way_to(url)
        except (ConnectionFailed, ConfigurationError):
            return False
        return True
