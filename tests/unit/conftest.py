"""Fixtures of the unit tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.unit.playbook import Server


@pytest.fixture(params=[True, False], ids=["messages", "stream"])
def boundaries(request: pytest.FixtureRequest) -> bool:
    """Whether the transport keeps boundaries: everything is tried on both kinds."""
    kept: bool = request.param
    return kept


@pytest.fixture
def make_server(boundaries: bool) -> Iterator[Callable[..., Server]]:
    """Return a function that makes a server with certain limits; in the end no server may have made a mistake."""
    servers: list[Server] = []

    def make(**limits: Any) -> Server:
        servers.append(Server(boundaries=boundaries, **limits))
        return servers[-1]

    yield make
    for server in servers:
        assert server.mistakes() == []


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    """Return a server with the default limits."""
    return make_server()
