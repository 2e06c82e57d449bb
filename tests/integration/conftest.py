"""Fixtures for tests with real sockets."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep keys and known servers away from those of whoever runs the tests."""
    monkeypatch.setenv("CHATCORE_STATE_DIR", str(tmp_path_factory.mktemp("state")))


def _ending(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Let a test that hangs fail, and say where it waits."""

    @functools.wraps(test)
    async def within(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(3 * PATIENCE):
            await test(*args, **kwargs)

    return within


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test have an end; begin with browsers, of all that is here.

    A long test that began last would keep one processor waiting.
    """
    for item in items:
        quick = isinstance(item, pytest.Function) and item.get_closest_marker("slow") is None
        if quick and inspect.iscoroutinefunction(item.obj) and item.path.is_relative_to(Path(__file__).parent):
            item.obj = _ending(item.obj)
    here = [place for place, item in enumerate(items) if item.path.is_relative_to(Path(__file__).parent)]
    ours = sorted((items[place] for place in here), key=lambda item: item.path.parent.name != "web")
    for place, item in zip(here, ours, strict=True):
        items[place] = item


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the tests of the transports on both event loops, all others on asyncio's own."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name.startswith(("test_ws_", "test_tcp_", "test_quic_transport")):
        try:
            import uvloop
        except ImportError:  # not on Windows
            pass
        else:
            factories["uvloop"] = uvloop.new_event_loop
    return factories
