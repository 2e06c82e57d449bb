"""Fixtures for tests with real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the tests of the WebSocket transport on both event loops, all others on asyncio's own."""
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name.startswith("test_ws_"):
        try:
            import uvloop
        except ImportError:  # not on Windows
            pass
        else:
            factories["uvloop"] = uvloop.new_event_loop
    return factories
