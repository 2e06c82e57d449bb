"""What a user of the app has in front of them, without any window: the presenters on a network in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatcore.aio.clock import LoopClock
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.entries.sentences import now
from chatcore_qt.presenters.entries.timeline import MessageEntry, NoticeEntry
from tests.unit.aio.house import House


def time_of_day() -> datetime:
    """Return the virtual one."""
    return datetime.fromtimestamp(LoopClock(asyncio.get_running_loop()).time(), UTC)


@asynccontextmanager
async def desk(
    house: House, username: str = "alice", *, downloads: str | Path = "downloads", **options: Any
) -> AsyncIterator[ChatPresenter]:
    """Give a chat that is logged in, and log it out in the end."""
    chat = ChatPresenter(str(downloads), time_of_day)
    chat.attach(await house.guest(username, repeat_private=False, **options))
    await until(lambda: chat.conversations.shown is not None and not chat.conversations.shown.loading)
    try:
        yield chat
    finally:
        await chat.close()


async def until(condition: Callable[[], object]) -> None:
    """Wait in virtual time until something is so."""
    async with asyncio.timeout(600):
        while not condition():
            await asyncio.sleep(0.01)


def messages(conversation: Conversation | None) -> list[MessageEntry]:
    """Return what was said."""
    assert conversation is not None
    return [entry for entry in conversation.timeline.entries if isinstance(entry, MessageEntry)]


def said(conversation: Conversation | None) -> list[str]:
    """Return the texts of what was said."""
    return [now(entry) for entry in messages(conversation)]


def told(conversation: Conversation | None) -> list[str]:
    """Return the notices."""
    assert conversation is not None
    return [entry.text for entry in conversation.timeline.entries if isinstance(entry, NoticeEntry)]
