"""What the package offers under the entry point group `chatcore.dialects`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any, Final

from chatcore.events import Posted, ServerEvent
from chatcore.limits import USERNAME_MAX, Limits
from chatcore_simple import json_server, text_server
from chatcore_simple.json_client import JsonClientMachine
from chatcore_simple.json_server import JsonServerMachine
from chatcore_simple.text_client import TextClientMachine
from chatcore_simple.text_server import TextServerMachine

NAME_CHARS: Final = 12
"""Longest name that is chosen in the line-based coursework."""

# Times for people, who read before they write, and who answer no ping by hand. That their machine is there is for the
# transport to see, within seconds.
LOGIN_TIMEOUT: Final = 300.0
SILENCE: Final = 900.0


class SimpleJsonDialect:
    """Implements `chatcore.dialects.base.Dialect`: bare JSON objects without a delimiter (docs/protocol, part 3).

    Args:
        clock: seconds since 1970, for what other people's servers say without a time.
    """

    name = "simple-json"
    default_limits: Mapping[str, Any] = {"username_chars": USERNAME_MAX, "login_timeout": LOGIN_TIMEOUT}
    plain_names = True
    paced = True

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> JsonServerMachine:
        """Return the server's side of a new connection."""
        return JsonServerMachine(limits, boundaries=boundaries, now=now)

    def client(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> JsonClientMachine:
        """Return the client's side of a new connection."""
        return JsonClientMachine(limits, boundaries=boundaries, now=now, clock=self._clock)

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes | None:
        """Return the payload that tells an event to everyone alike; there is one only for what is said."""
        if not isinstance(event, Posted):
            return None
        return json_server.object_payload(json_server.said(event), boundaries=boundaries)


class SimpleTextDialect:
    """Implements `chatcore.dialects.base.Dialect`: lines of text (docs/protocol, part 4).

    Args:
        zone: the time zone of the times in messages; the machine's own when left out, as the courseworks do.
        clock: seconds since 1970, for what other people's servers say without a date.
    """

    name = "simple-text"
    default_limits: Mapping[str, Any] = {
        "username_chars": NAME_CHARS,
        "login_timeout": LOGIN_TIMEOUT,
        "keepalive_interval": SILENCE * 0.8,
        "keepalive_timeout": SILENCE * 0.2,
    }
    plain_names = True
    paced = True

    def __init__(self, *, zone: tzinfo | None = None, clock: Callable[[], float] = time.time) -> None:
        self._zone = zone
        self._clock = clock

    def server(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> TextServerMachine:
        """Return the server's side of a new connection. It pings whatever the transport does: that is the protocol."""
        return TextServerMachine(limits, boundaries=boundaries, now=now, zone=self._zone)

    def client(self, limits: Limits, *, boundaries: bool, keepalive: bool, now: float) -> TextClientMachine:
        """Return the client's side of a new connection."""
        return TextClientMachine(limits, boundaries=boundaries, now=now, clock=self._clock)

    def encode(self, event: ServerEvent, *, boundaries: bool) -> bytes | None:
        """Return the payload that tells an event to everyone alike: what is said, and what names are gone."""
        lines = text_server.news(event, self._zone)
        return text_server.line_payload("\n".join(lines), boundaries=boundaries) if lines else None
