"""What a connection may not hear any more: it is asked for again, since NATS by itself gives nothing back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from nats.aio.client import Client
from nats.errors import Error

from chatcore.errors import Sentence

# In seconds.
_ASK_AGAIN: Final = 2.0
_PATIENCE: Final = 5.0

logger: Final = logging.getLogger("chatcore.nats")


class Hearing:
    """The subscriptions of a connection that NATS has refused, or ended: each goes again until it is allowed.

    Whoever looks after the server is told once that something is not heard, and once that it is.

    Args:
        client: the connection; this ends when it is closed.
        sentence: says for people what NATS does not allow, given its words.
    """

    def __init__(self, client: Client, sentence: Callable[[Iterable[str]], Sentence]) -> None:
        self._client = client
        self._sentence = sentence
        self._lost: dict[int, float] = {}
        """Since when, by the loop's clock; the subscriptions are known by their numbers."""
        self._refused: dict[int, str] = {}
        """Which of them were refused since they have gone again, and in what words."""
        self._told: set[int] = set()
        """Those that whoever looks after the server knows of."""
        self._told_at = 0.0
        self.task: asyncio.Task[None] | None = None
        """Asks again; None while all is heard."""

    def refused(self, subject: str, words: str) -> bool:
        """Take note of what NATS does not let this connection hear; tell whether that is known already.

        Without a subject it may be any of them: they are too many.
        """
        numbers = [number for number, each in self._client._subs.items() if subject in ("", each.subject)]
        known = bool(numbers) and self._lost.keys() >= set(numbers)
        for number in numbers:
            self._lost.setdefault(number, asyncio.get_running_loop().time())
            self._refused[number] = words
        if self._lost and self.task is None:
            self.task = asyncio.create_task(self._insist(), name="ask NATS again for what is not heard")
        return known

    async def _insist(self) -> None:
        while self._lost and not self._client.is_closed:
            await asyncio.sleep(_ASK_AGAIN)
            # Of a connection that is lost; the next one asks by itself. uvloop says RuntimeError where one is closed.
            with suppress(Error, OSError, RuntimeError):
                if self._client.is_connected:
                    await self._ask_again()
        self.task = None

    async def _ask_again(self) -> None:
        self._refused.clear()
        for number in list(self._lost):
            subscription = self._client._subs.get(number)
            if subscription is None:  # nobody wants it any more
                del self._lost[number]
            else:
                await self._client._send_subscribe(subscription)  # one that it has does no harm
        await self._client._flush_pending(force_flush=True)  # nats-py lets a ping overtake what waits to be sent
        await self._client.flush(_PATIENCE)  # type: ignore[arg-type]  # it takes parts of a second, too
        if self._client.is_connected:  # NATS has said all of it by now
            self._tell()

    def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        for number in self._lost.keys() - self._refused.keys():
            del self._lost[number]
        if lost := {number: words for number, words in self._refused.items() if number not in self._told}:
            self._told_at = self._told_at if self._told else min(self._lost.values())
            self._told |= lost.keys()
            logger.warning("not_heard", extra={"fields": {"why": self._sentence(dict.fromkeys(lost.values()))}})
        if self._told and not self._lost:
            self._told.clear()
            logger.warning("heard_again", extra={"fields": {"after": round(now - self._told_at, 1)}})
