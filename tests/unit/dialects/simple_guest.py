"""A guest of the server in memory that speaks one of the courseworks' dialects: bytes in, lines out."""

from __future__ import annotations

import json
from typing import Any

from chatcore.dialects.base import Dialect
from chatcore.ports.transport import PatientHandler
from tests.unit.fakes import FakeLink
from tests.unit.playbook import Server


class Guest:
    """A connection that says bytes and hears lines."""

    def __init__(self, server: Server, dialect: Dialect, **link: Any) -> None:
        self.server = server
        self.link = FakeLink(server.clock, boundaries=link.pop("boundaries", False), **link)
        self.link.handler = server.switchboard.accept(dialect, self.link)
        server.settle()

    def says(self, *lines: str) -> None:
        """Send lines, all at once."""
        self.sends("".join(f"{line}\n" for line in lines).encode())

    def sends(self, data: bytes) -> None:
        """Send bytes."""
        self.link.sends(data)
        self.server.settle()

    def asks(self, **found: Any) -> list[dict[str, Any]]:
        """Send an object and return those that came since the last time."""
        self.sends(json.dumps(found).encode())
        return self.objects()

    def lines(self) -> list[str]:
        """Return the lines that came since the last time."""
        arrived, self.link.arrived = self.link.arrived, []
        return [payload.decode() for payload in arrived]

    def objects(self) -> list[dict[str, Any]]:
        """Return the objects that came since the last time."""
        return [json.loads(line) for line in self.lines()]

    def finishes(self) -> None:
        """Say that nothing more will come."""
        assert isinstance(self.link.handler, PatientHandler)
        self.link.handler.peer_finished()
        self.server.settle()

    def vanishes(self) -> None:
        """Lose the connection."""
        self.link.breaks()
        self.server.settle()
