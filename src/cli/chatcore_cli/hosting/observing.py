"""`chatcore serve --admin-listen`: how the server does, for whoever runs it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import chatcore
from chatcore.aio.server import ChatServer
from chatcore_cli.hosting.serve_settings import ServeSettings
from chatcore_cli.saying.logs import Logs
from chatcore_cli.settings.extras import needs

if TYPE_CHECKING:
    from chatcore_metrics import Admin

_log = logging.getLogger("chatcore")


def load_admin() -> type[Admin]:
    """Return what tells how a server does. Raises `ConfigurationError` where that is not installed."""
    with needs("metrics", "--admin-listen"):
        from chatcore_metrics import Admin
    return Admin


@asynccontextmanager
async def observed(
    server: ChatServer, settings: ServeSettings, logs: Logs, sockets: Sequence[int]
) -> AsyncIterator[None]:
    """Tell whoever asks at that place how the server does."""
    if settings.admin is None:
        yield
        return
    origins = settings.listen[0].options.origins
    place = load_admin()(server, chatcore.__version__, lambda: logs.dropped, origins=origins)
    await place.start(*settings.admin, sockets)
    try:
        _log.info("observed", extra={"fields": {"url": place.url}})
        yield
    finally:
        await place.stop()
