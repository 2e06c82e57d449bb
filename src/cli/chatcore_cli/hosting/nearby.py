"""`chatcore serve --announce`: the server by name on the local networks."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from chatcore.aio.server import ChatServer, Listen
from chatcore_cli.hosting.announcing import lan_addresses, links_to_lobby
from chatcore_cli.settings.extras import needs


def check_announcing() -> None:
    """Raise `ConfigurationError` where what announces is not installed."""
    with needs("announce", "--announce"):
        import chatcore_mdns  # noqa: F401


@asynccontextmanager
async def announced_nearby(places: Sequence[Listen], server: ChatServer, public: str | None) -> AsyncIterator[None]:
    """Announce a server that was started, if there is a link to it. Raises `ConfigurationError`."""
    from chatcore_mdns import announced

    links = links_to_lobby(places, server, public)
    if links is None:
        yield
        return
    name, port = f"chatcore on {socket.gethostname()}", urlsplit(server.urls[0]).port or 0
    async with announced(name, links.programs, port, lan_addresses() or ["127.0.0.1"]):
        yield
