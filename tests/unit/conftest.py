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

_MEASURING = pytest.StashKey[Any]()


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Measure the modules of the core while they are imported; and from then on what tests do, and nothing else."""
    measuring = sys.gettrace()
    if not type(measuring).__module__.startswith("coverage"):
        return (yield)
    if not session.config.getoption("numprocesses", None):  # where tests are run, not where they are given out
        for module in pkgutil.walk_packages(chatcore.__path__, "chatcore."):
            import_module(module.name)
        session.stash[_MEASURING] = measuring
    sys.settrace(None)
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
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Measure the coverage of what is made for a test."""
    with _measured(request.node):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the coverage of a test, unless nothing new would be found."""
    with _measured(item):
        return (yield)


@contextmanager
def _measured(node: pytest.Item | pytest.Collector) -> Iterator[None]:
    """Measure for a while: everything takes twice as long while it is measured, and pytest does a lot around a test.

    The `no_cover` of pytest-cov does not make a test quicker in the processes of pytest-xdist.
    """
    measuring = node.session.stash.get(_MEASURING, None)
    if measuring is None or node.get_closest_marker("unmeasured") is not None:
        yield
        return
    sys.settrace(measuring)
    try:
        yield
    finally:
        sys.settrace(None)


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
