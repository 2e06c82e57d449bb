"""What operators ask the servers of a chat, and what those answer: JSON over NATS, beside the stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error
from pydantic_core import from_json, to_json

from chatcore_nats.connection.connecting import close, connect
from chatcore_nats.connection.failures import not_allowed
from chatcore_nats.place import Place

# A question goes again after so many seconds: who has to answer it may have died, and another one takes its place.
_ASK_AGAIN: Final = 2.0
_NOBODY: Final = "503"
"""What NATS itself answers where nobody hears a question."""

Answer = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
"""Answers a question; None when it is for others."""


async def answer_on(client: Client, place: Place, answer: Answer) -> None:
    """Answer what operators ask, as long as the connection lasts."""

    async def take(message: Msg) -> None:
        try:
            question = from_json(message.data)
        except ValueError:
            return
        told = await answer(question) if isinstance(question, dict) else None
        if told is not None and message.reply:
            with suppress(Error, OSError):
                await client.publish(message.reply, to_json(told))

    await client.subscribe(place.nodes, cb=take)


async def ask(place: Place, question: Mapping[str, Any], patience: float, *, one: bool = False) -> list[dict[str, Any]]:
    """Return what the servers of a chat answer, by their incarnations.

    `patience` is for how long to wait for them, in seconds; with `one`, the first answer is enough. Raises
    `ConfigurationError` when NATS is not there, or does not allow it.
    """
    client = await connect(place, "chatcore cluster")
    answers: dict[int, dict[str, Any]] = {}
    enough = asyncio.Event()

    async def take(message: Msg) -> None:
        if message.headers and message.headers.get("Status") == _NOBODY:
            enough.set()
            return
        with suppress(ValueError, TypeError, KeyError):
            told = from_json(message.data)
            answers[int(told["node"])] = told
            if one or len(answers) >= int(told.get("nodes", 1_000_000)):
                enough.set()

    try:
        inbox = client.new_inbox()
        await client.subscribe(inbox, cb=take)
        with suppress(TimeoutError):
            async with client.until_forbidden(), asyncio.timeout(patience):
                while not enough.is_set():
                    await client.publish(place.nodes, to_json(question), reply=inbox)
                    with suppress(TimeoutError):
                        await asyncio.wait_for(enough.wait(), _ASK_AGAIN)
        if client.forbidden and not answers:
            raise not_allowed(place, client.forbidden)
    finally:
        await close(client)
    return [answers[node] for node in sorted(answers)]
