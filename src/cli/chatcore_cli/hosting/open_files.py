"""How many files may be open: each connection takes one."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Final

from chatcore.aio.server import Listen
from chatcore.errors import ConfigurationError
from chatcore_cli.hosting.places import transport_of
from chatcore_cli.hosting.serve_settings import ServeSettings
from chatcore_cli.saying.troubles import MORE_FILES

_log = logging.getLogger("chatcore")

# File descriptors that are kept free: standard streams, log, event loop, listening sockets, and some to spare.
_SPARE_FILES: Final = 64
_MANY_FILES: Final = 2**20


def raise_file_limit() -> int | None:
    """Allow this process as many open files as it may have; returns the limit, None where there is none."""
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, _MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return None if soft == resource.RLIM_INFINITY else soft


def check_open_files(settings: ServeSettings, limit: int | None) -> None:
    """Raise `ConfigurationError` where too few files can be open for a server."""
    if limit is not None and limit <= _SPARE_FILES and _takes_files(settings):
        raise ConfigurationError(
            "only {limit} files can be open here at a time, too few for a server; an administrator allows more by: "
            "{ways}",
            limit=limit,
            ways=MORE_FILES,
        )


def tell_of_fewer_connections(settings: ServeSettings, limit: int | None) -> None:
    """Tell when fewer files can be open than connections may need."""
    if limit is None:
        return
    most = max(1, limit - _SPARE_FILES)
    if any(place.options.max_connections > most for place in _takes_files(settings)):
        fields = {"max_connections": most, "file_limit": limit}
        level = logging.WARNING if settings.connections_asked else logging.DEBUG
        _log.log(level, "fewer_connections", extra={"fields": fields})


def _takes_files(settings: ServeSettings) -> list[Listen]:
    """Return the places where each connection takes a file."""
    return [place for place in settings.listen if transport_of(place).uses_files]
