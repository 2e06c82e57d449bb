"""Tests of bots as conversations."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

from chatcore.aio.bot import Bot
from chatcore.aio.client import Client, connect
from chatcore.aio.server import ChatServer
from chatcore.aio.tasks import spawn
from chatcore.events import DirectPosted, MessagePosted
from chatcore.testing.loop import run
from chatcore.testing.network import MemoryNetwork


def verify_dialog(
    bot: Bot,
    conversation: Sequence[tuple[str, str, str | None]],
    *,
    network: MemoryNetwork | None = None,
    patience: float = 10.0,
) -> None:
    """Check what a bot answers, line by line, without a network and without waiting.

    ::

        verify_dialog(bot, [("alice", "!echo hi", "hi"), ("bob", "hello", None)])

    Args:
        bot: the bot; its own URL is not used.
        conversation: who says what in the lobby, and what the bot answers, there or directly; None when it is to say
            nothing. Nobody says the next line before the answer, or before the bot's time for it is over.
        network: one that loses connections, say; a perfect one when left out.
        patience: how long the bot may take for an answer, in virtual seconds.

    Raises:
        AssertionError: the bot answered something else, or nothing.
        ChatcoreError: the bot could not connect, or was not wanted; somebody's line was refused.
    """
    run(_verify(bot, conversation, network or MemoryNetwork(), patience))


async def _verify(
    bot: Bot, conversation: Sequence[tuple[str, str, str | None]], network: MemoryNetwork, patience: float
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(ChatServer(transport=network, port=0))
        url = server.urls[0]
        playing = spawn(bot.serve(url, transport=network), name="bot under test")
        stack.push_async_callback(_stop, playing)
        # In virtual time, and there is no event to wait for.
        while bot.username.lower() not in server.chat.users and not playing.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        people: dict[str, Client] = {}
        for name, text, answer in conversation:
            if name not in people:
                people[name] = await stack.enter_async_context(connect(url, username=name, transport=network))
            said = await _ask(people[name], bot.username, text, patience)
            if playing.done():
                playing.result()  # which says why the bot is not there
            if said != answer:
                raise AssertionError(f"to {name} saying {text!r} the bot answered {said!r}, not {answer!r}")
        if playing.done():
            playing.result()


async def _ask(person: Client, bot: str, text: str, patience: float) -> str | None:
    question = await person.send(text)
    try:
        async with asyncio.timeout(patience):
            async for event in person:
                if not isinstance(event, MessagePosted | DirectPosted) or event.sender != bot:
                    continue
                # What stands in the room before the question answers somebody else.
                if isinstance(event, DirectPosted) or question is None or event.seq > question.seq:
                    return event.text
    except TimeoutError:
        pass
    return None


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
