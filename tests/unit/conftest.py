"""Fixtures of the unit tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from tests.unit.playbook import Server


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the coverage of the core be that of its own tests, and of the presenters, which use all of its client."""
    above = item.path.parent.name in {"cli", "gui"}
    if above and not item.path.name.startswith("test_presenters"):
        item.add_marker(pytest.mark.unmeasured)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Measure no coverage where nothing new would be found: a test takes twice as long while it is measured.

    The `no_cover` of pytest-cov does not make a test quicker in the processes of pytest-xdist.
    """
    measuring = sys.gettrace()
    if item.get_closest_marker("unmeasured") is None or not type(measuring).__module__.startswith("coverage"):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(measuring)


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
