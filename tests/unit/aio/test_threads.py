"""Waiting for the disk: what was begun in a thread is over before anybody goes on."""

from __future__ import annotations

import asyncio
import threading

import pytest

from chatcore.aio.threads import in_thread

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("mistake", [None, OSError("disk full")], ids=["done", "failed"])
async def test_whoever_gives_up_waits_until_the_thread_is_done(mistake: OSError | None) -> None:
    """Nobody else may touch meanwhile what it uses, whether it succeeds or fails."""
    begun, release = threading.Event(), threading.Event()
    told: list[str] = []

    def work() -> None:
        begun.set()
        release.wait()
        told.append("done")
        if mistake is not None:
            raise mistake

    waiting = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait)
    waiting.cancel()
    asyncio.get_running_loop().call_soon(release.set)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert told == ["done"]


async def test_nothing_in_a_thread_ends_the_program() -> None:
    """What would end it in the main thread is a mistake of the function there."""

    def leave() -> None:
        raise SystemExit(1)

    with pytest.raises(RuntimeError, match=r"SystemExit\(1\) in a thread"):
        await in_thread(leave)
