"""Tests of bots as conversations."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from chatcore.aio.arguments import checked
from chatcore.aio.client import Client, connect
from chatcore.aio.server import ChatServer
from chatcore.aio.tasks import spawn
from chatcore.events import DirectPosted, MessagePosted
from chatcore.ports.transport import Transport
from chatcore.testing.loop import run
from chatcore.testing.network import MemoryNetwork
from chatcore.text.names import name_key


class Playing(Protocol):
    """A bot: what can be tested here."""

    username: str
    room: str | None
    """Where it is; None: in the default room."""

    async def serve(self, url: str, *, transport: Transport) -> None:
        """Be at work."""
        ...


Answer = str | re.Pattern[str] | Callable[[str], bool] | None
Line = tuple[str, str | None, Answer]

_COMES: Final = 60.0
"""So long a bot may take to come into its room, in virtual seconds: over a bad network, it may need many tries."""


@checked
def verify_dialog(
    bot: Playing, conversation: Sequence[Line], *, network: MemoryNetwork | None = None, patience: float = 10.0
) -> None:
    """Check what a bot answers, line by line, without a network and without waiting.

    ::

        verify_dialog(
            bot,
            [
                ("alice", None, "welcome, alice"),
                ("alice", "!echo hi", "hi"),
                ("alice", "!time", re.compile(r"it is \\d\\d:\\d\\d")),
                ("alice", "!joke", lambda answer: len(answer) > 10),
                ("bob", "hello", None),
            ],
        )

    Args:
        bot: the bot; its own URL is not used.
        conversation: who says what in the bot's room, and what the bot answers, there or directly. Nobody says the next
            line before the answer, or before the bot's time for it is over.

            People join with their first line. When somebody says None, the answer is what the bot says then of its
            own accord, for example to greet them; what it says to somebody's joining is never the answer to a line.

            An answer is a text, a compiled pattern that matches all of it, a function that is called with it and says
            whether it is right, or None when the bot is to say nothing.
        network: one that loses connections, say; a perfect one when left out.
        patience: how long the bot may take for an answer, in virtual seconds.

    Raises:
        AssertionError: the bot answered something else, or nothing, or did not come into its room.
        ChatcoreError: the bot could not connect, or was not wanted; somebody's line was refused.
    """
    run(_verify(bot, conversation, network or MemoryNetwork(), patience))


async def _verify(bot: Playing, conversation: Sequence[Line], network: MemoryNetwork, patience: float) -> None:
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(ChatServer(transport=network, port=0))
        url = server.urls[0]
        playing = spawn(bot.serve(url, transport=network), name="bot under test")
        stack.push_async_callback(_stop, playing)
        comes_by = asyncio.get_running_loop().time() + max(patience, _COMES)
        # In virtual time, and there is no event to wait for.
        while not _is_there(bot, server) and not playing.done():
            if asyncio.get_running_loop().time() > comes_by:
                where = "the lobby" if bot.room is None else bot.room
                raise AssertionError(f"{bot.username} did not come into {where}, or did not stay there")
            await asyncio.sleep(0.01)
        people: dict[str, Client] = {}
        seq = 0  # of what was last said in the lobby and is dealt with
        for name, text, answer in conversation:
            if name not in people:
                people[name] = await stack.enter_async_context(connect(url, username=name, transport=network))
                if bot.room is not None and not playing.done():
                    await people[name].enter(bot.room)
                greeted_by = asyncio.get_running_loop().time() + patience
                while text is not None and await _hear(people[name], bot.username, seq, greeted_by) is not None:
                    pass
            person = people[name]
            if text is not None and (question := await person.send(text)) is not None:
                seq = question.seq
            event = await _hear(person, bot.username, seq, asyncio.get_running_loop().time() + patience)
            if playing.done():
                playing.result()  # which says why the bot is not there
            said = None if event is None else event.text
            if not _fits(said, answer):
                asked = "nothing" if text is None else repr(text)
                raise AssertionError(f"to {name} saying {asked} the bot answered {said!r}, not {answer!r}")
            if isinstance(event, MessagePosted):
                seq = event.seq
        if playing.done():
            playing.result()


def _is_there(bot: Playing, server: ChatServer) -> bool:
    """Tell whether the bot is in its room."""
    user = server.chat.users.get(name_key(bot.username))
    at = None if user is None else user.room
    return at is not None and (bot.room is None or at.key == name_key(bot.room))


async def _hear(person: Client, bot: str, seq: int, deadline: float) -> MessagePosted | DirectPosted | None:
    """Return what a person hears from the bot next; what stands in the room up to `seq` was said to somebody else."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            async for event in person:
                if not isinstance(event, MessagePosted | DirectPosted) or event.sender != bot:
                    continue
                if isinstance(event, DirectPosted) or event.seq > seq:
                    return event
    return None


def _fits(said: str | None, wanted: Answer) -> bool:
    if said is None or wanted is None or isinstance(wanted, str):
        return said == wanted
    return wanted.fullmatch(said) is not None if isinstance(wanted, re.Pattern) else bool(wanted(said))


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
