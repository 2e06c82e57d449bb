"""Links to a room, for people."""

from __future__ import annotations

from chatcore.aio.client import Client
from chatcore.aio.links import room_links
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.known_servers import KnownServers
from chatcore.text.invitation import leads_here
from chatcore_cli.saying.texts import _, whole


def link_lines(client: Client, known_servers: KnownServers | None) -> list[str]:
    """Return the links to the room that a user is in, and who can follow them; or why there are none."""
    try:
        *pages, program = room_links(client, known_servers)
    except (ConnectionFailed, ConfigurationError) as error:
        return [whole(error)]
    lines = [_("For a browser:  {link}").format(link=link) for link in pages]
    lines.append(_("For the window or a terminal:  {link}").format(link=program))
    if leads_here(program):
        lines.append(_("It leads to this computer, so nobody else can follow it."))
    return lines
