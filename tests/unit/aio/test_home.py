"""What is used from another thread or another event loop says so: nobody would ever wake who waits there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from chatcore import ChatServer, Client, Limits, connect
from chatcore.commands import SendMessage
from chatcore.testing import MemoryNetwork
from tests.patience import PATIENCE

ASKED: dict[str, Callable[[Client], Coroutine[Any, Any, object]]] = {
    "send": lambda chat: chat.send("hi"),
    "list_rooms": lambda chat: chat.list_rooms(),
    "an event": lambda chat: chat.__anext__(),
    "close": lambda chat: chat.close(),
}
DONE: dict[str, Callable[[Client], object]] = {
    "post": lambda chat: chat.post(SendMessage("hi")),
    "mark_read": lambda chat: chat.mark_read(1),
    "reconnect_now": lambda chat: chat.reconnect_now(),
}


@pytest.mark.parametrize("asked", ASKED)
def test_who_asks_on_the_loop_of_another_thread_is_told(asked: str) -> None:
    """With what carries the call to where it belongs; and the client goes on."""

    async def main() -> None:
        network = MemoryNetwork()
        async with (
            ChatServer(transport=network) as server,
            connect(server.urls[0], username="alice", transport=network) as alice,
        ):
            wrong = asyncio.to_thread(asyncio.run, ASKED[asked](alice))
            with pytest.raises(RuntimeError, match=r"a client is not thread-safe.*run_coroutine_threadsafe"):
                await asyncio.wait_for(wrong, PATIENCE)
            loop = asyncio.get_running_loop()
            right = asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(alice.send("hi"), loop).result(PATIENCE))
            assert await right

    asyncio.run(main())


@pytest.mark.parametrize("done", DONE)
def test_who_calls_in_a_thread_without_a_loop_is_told(done: str) -> None:
    """Nothing would be sent until something else happens."""

    async def main() -> None:
        network = MemoryNetwork()
        async with (
            ChatServer(transport=network) as server,
            connect(server.urls[0], username="alice", transport=network) as alice,
        ):
            with pytest.raises(RuntimeError, match="a client is not thread-safe"):
                await asyncio.to_thread(DONE[done], alice)

    asyncio.run(main())


def test_server_that_is_stopped_or_changed_from_another_thread_says_so() -> None:
    """It would be waited for, for ever."""

    async def main() -> None:
        async with ChatServer(transport=MemoryNetwork()) as server:
            for wrong in (
                lambda: asyncio.run(server.stop()),
                lambda: server.change_limits(Limits(text_bytes=10)),
                lambda: server.acted("reload"),
            ):
                with pytest.raises(RuntimeError, match="a server is not thread-safe"):
                    await asyncio.wait_for(asyncio.to_thread(wrong), PATIENCE)

    asyncio.run(main())


def test_client_may_be_used_between_two_runs_of_its_loop() -> None:
    """In its own thread, nothing happens at the same time."""
    network = MemoryNetwork()
    with asyncio.Runner() as runner:
        server = ChatServer(transport=network)
        runner.run(server.start())

        async def come() -> Client:
            return await connect(server.urls[0], username="alice", transport=network)

        alice = runner.run(come())
        alice.post(SendMessage("hi"))
        runner.run(alice.flush())
        runner.run(alice.close())
        runner.run(server.stop())
