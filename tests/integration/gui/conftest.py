"""Real windows without a screen, on one event loop for Qt and asyncio: a test awaits what a window shows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from tests.integration.gui.desktop import Desktop, Host, make_loop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run these tests on Qt's event loop."""
    return {"qt": make_loop}


@pytest.fixture
async def host(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Host]:
    """Run a server over WebSocket, or over the transport that a test asks for."""
    async with Host(getattr(request, "param", "ws"), tmp_path) as running:
        yield running


@pytest.fixture
async def desktop(tmp_path: Path) -> AsyncIterator[Desktop]:
    """Give somebody who uses the app; in the end nothing may be left of it."""
    async with Desktop(tmp_path) as somebody:
        yield somebody
