"""The servers that the user knows: favourites first, then the latest."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Protocol

from chatcore.text.invitation import Invitation
from chatcore.text.names import name_key
from chatcore_qt.presenters.connecting.address import Address, AddressError
from chatcore_qt.presenters.signals import Signal

_RECENT: Final = 12


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A server, and who one was there."""

    address: Address
    username: str
    favourite: bool = False
    last_used: float = 0.0
    """Seconds since 1970; 0 for never."""
    announced: str = ""
    """The name under which it is announced on the network, when that is all that is known of it."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it another one."""
        return self.address.url, name_key(self.username)


class ServerStore(Protocol):
    """Where the known servers are kept between runs of the app."""

    def load_servers(self) -> Iterable[KnownServer]:
        """Return what was saved; nothing when there is nothing, or nothing that makes sense."""
        ...

    def save_servers(self, servers: Iterable[KnownServer]) -> None:
        """Keep them."""
        ...


class Servers:
    """The list of known servers."""

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._servers: dict[tuple[str, str], KnownServer] = {}
        self._load()
        self._nearby: tuple[KnownServer, ...] = ()
        self.changed: Signal[[]] = Signal()
        """Others are nearby."""

    @property
    def all(self) -> tuple[KnownServer, ...]:
        """All of them: favourites by name, then the others, the latest first, then those that are nearby."""
        servers = self._servers.values()
        favourites = sorted((one for one in servers if one.favourite), key=lambda one: one.key)
        known = {one.address.url for one in servers}
        return (*favourites, *self._recent(), *(one for one in self._nearby if one.address.url not in known))

    def set_nearby(self, found: Iterable[tuple[str, Invitation]]) -> None:
        """List those that are announced on the network: each with its name, and where it says that it is."""
        last = self.last
        nearby = []
        for name, invitation in found:
            with suppress(AddressError):  # what this app has no transport for
                address = replace(Address.parse(invitation.url), room=invitation.room or "", key=invitation.key)
                nearby.append(KnownServer(address, "" if last is None else last.username, announced=name))
        self._nearby = tuple(nearby)
        self.changed.emit()

    @property
    def last(self) -> KnownServer | None:
        """The one that was used last."""
        return max(self._servers.values(), key=lambda one: one.last_used, default=None)

    def used(self, address: Address, username: str, now: float) -> None:
        """Remember that a login succeeded. Those that were not used for longest are forgotten."""
        self._load()
        server = KnownServer(address, username, last_used=now)
        known = self._servers.get(server.key)
        self._servers[server.key] = server if known is None else replace(known, username=username, last_used=now)
        for old in self._recent()[_RECENT:]:
            del self._servers[old.key]
        self._save()

    def set_favourite(self, server: KnownServer, favourite: bool) -> None:
        """Make it a favourite, or none any more."""
        self._load()
        self._servers[server.key] = replace(server, favourite=favourite)
        self._save()

    def forget(self, server: KnownServer) -> None:
        """Take it off the list."""
        self._load()
        self._servers.pop(server.key, None)
        self._save()

    def _recent(self) -> list[KnownServer]:
        others = [one for one in self._servers.values() if not one.favourite]
        return sorted(others, key=lambda one: -one.last_used)

    def _load(self) -> None:
        """Take what is kept: another window may have changed it."""
        self._servers = {server.key: server for server in self._store.load_servers()}

    def _save(self) -> None:
        self._store.save_servers(self._servers.values())
