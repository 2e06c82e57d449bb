"""Links to a room, for people."""

from __future__ import annotations

from chatcore.aio.client import Client
from chatcore.aio.links import room_links
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.network_address import parse_address
from chatcore.ports.server_address import server_address
from chatcore_cli.saying.texts import _, whole


def link_lines(client: Client, known_servers: KnownServers | None) -> list[str]:
    """Return the links to the room that a user is in, and who can follow them; or why there are none."""
    try:
        *pages, program = room_links(client, known_servers)
    except (ConnectionFailed, ConfigurationError) as error:
        return [whole(error)]
    lines = [_("For a browser:  {link}").format(link=link) for link in pages]
    lines.append(_("For the window or a terminal:  {link}").format(link=program))
    if is_this_computer(server_address(client.reached).host):
        lines.append(_("It leads to this computer, so nobody else can follow it."))
    return lines


def is_this_computer(host: str) -> bool:
    """Tell whether a host is this computer to everybody who hears of it."""
    address = parse_address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback
