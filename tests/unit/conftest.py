"""Fixtures of the unit tests."""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

import chatcore
from tests.unit.playbook import Server


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Measure the modules of the core while they are imported, and nothing else of what is collected."""
    if not _measured():
        return (yield)
    for module in pkgutil.walk_packages(chatcore.__path__, "chatcore."):
        import_module(module.name)
    with _unmeasured():
        return (yield)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let the coverage of the core be that of its own tests, and of the presenters, which use all of its client.

    Examples have to reach every line of the machines: properties, which run hundreds of them, are not asked.
    """
    room = item.path.parent.name
    above = room in {"cli", "gui"} and not item.path.name.startswith("test_presenters")
    generated = room not in {"aio", "testing"} and getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    if above or generated:
        item.add_marker(pytest.mark.unmeasured)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no coverage where nothing new would be found."""
    if item.get_closest_marker("unmeasured") is None:
        return (yield)
    with _unmeasured():
        return (yield)


def _measured() -> bool:
    return type(sys.gettrace()).__module__.startswith("coverage")


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Stop measuring for a while: everything takes twice as long while it is measured.

    The `no_cover` of pytest-cov does not make a test quicker in the processes of pytest-xdist.
    """
    measuring = sys.gettrace()
    if not _measured():
        yield
        return
    sys.settrace(None)
    try:
        yield
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
