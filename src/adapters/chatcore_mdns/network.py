"""Announces a server on the local networks, and finds those that others announce."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, NamedTuple

from zeroconf import BadTypeInNameException, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from chatcore.errors import ConfigurationError
from chatcore.text.invitation import Invitation, read_invitation
from chatcore_mdns.looking import Looking

SERVICE: Final = "_chatcore._tcp.local."
"""The kind of service (RFC 6763, section 7); its TXT record has the link for programs, `link=chatcore://...`."""
_LINK: Final = "link"
_ANSWER_MS: Final = 3000
_NAME_BYTES: Final = 63
"""Longest label of a name (RFC 1035, section 2.3.4)."""
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f.]")


class Nearby(NamedTuple):
    """A server that somebody announces. All of it is their word."""

    name: str
    """For people; anything may stand in it."""
    invitation: Invitation


@asynccontextmanager
async def announced(
    name: str, link: str, port: int, addresses: Sequence[str], interfaces: Sequence[str] | None = None
) -> AsyncIterator[None]:
    """Announce a server as long as the block lasts.

    Args:
        name: for people; when somebody else has it on the network, a number is added. What may not stand in one there
            is left out, and it is `chatcore` where nothing else is left.
        link: for programs, as `chatcore.text.invitation.program_link` writes it.
        port: of the server.
        addresses: IP addresses of this machine, as others reach it.
        interfaces: addresses of the networks to announce it on; all of them when left out.

    Raises:
        ConfigurationError: the network takes no announcements.
    """
    label = _label(name)
    try:
        network = AsyncZeroconf(interfaces=_chosen(interfaces), ip_version=IPVersion.V4Only)
    except OSError as error:
        raise ConfigurationError("the server cannot be announced on the network: {why}", why=error.strerror) from error
    telling: asyncio.Future[None] | None = None
    try:
        info = AsyncServiceInfo(
            SERVICE,
            f"{label}.{SERVICE}",
            port=port,
            parsed_addresses=list(addresses),
            properties={_LINK: link},
            server=f"chatcore-{port}-{label.encode().hex()[:32]}.local.",
        )
        telling = asyncio.ensure_future(await network.async_register_service(info, allow_name_change=True))
        yield
    finally:
        if telling is not None:  # it is told several times, and not once more behind the goodbye
            telling.cancel()
            await asyncio.wait([telling])
        await network.async_unregister_all_services()
        await network.async_close()


@asynccontextmanager
async def nearby_servers(
    tell: Callable[[tuple[Nearby, ...]], None], interfaces: Sequence[str] | None = None
) -> AsyncIterator[None]:
    """Look for servers as long as the block lasts, and tell all that are there whenever that changes.

    Args:
        tell: called on the event loop.
        interfaces: addresses of the networks to look on; all of them when left out.

    Raises:
        ConfigurationError: the network cannot be listened to.
    """
    try:
        network = AsyncZeroconf(interfaces=_chosen(interfaces), ip_version=IPVersion.V4Only)
    except OSError as error:
        raise ConfigurationError("nobody can be found on the network: {why}", why=error.strerror) from error
    looking = Looking(partial(_server, network), tell)

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        del zeroconf, service_type
        if state_change is ServiceStateChange.Removed:
            looking.went(name)
        else:
            looking.came(name)

    browser = AsyncServiceBrowser(network.zeroconf, SERVICE, handlers=[changed])
    try:
        yield
    finally:
        await browser.async_cancel()
        await looking.stop()
        await network.async_close()


async def _server(network: AsyncZeroconf, name: str) -> Nearby | None:
    """Return the server of a name; None when nobody tells, or what is told makes no sense."""
    try:
        info = AsyncServiceInfo(SERVICE, name)
        if not await info.async_request(network.zeroconf, _ANSWER_MS):
            return None
        invitation = read_invitation(info.decoded_properties.get(_LINK) or "")
    except (BadTypeInNameException, ConfigurationError, ValueError):
        return None
    return None if invitation is None else Nearby(name.removesuffix(f".{SERVICE}"), invitation)


def _label(name: str) -> str:
    """Return a name as it may stand on the network (RFC 6763, section 4.1.1)."""
    allowed = _NOT_IN_NAMES.sub(" ", name).encode(errors="replace")
    return allowed[: _NAME_BYTES - 4].decode(errors="ignore").strip() or "chatcore"


def _chosen(interfaces: Sequence[str] | None) -> InterfaceChoice | list[str]:
    return InterfaceChoice.All if interfaces is None else list(interfaces)
