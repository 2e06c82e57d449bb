"""The loop in virtual time: hours in milliseconds, the same run for the same seed, and no silent failures."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest

from chatcore.aio.clock import LoopClock
from chatcore.aio.tasks import spawn
from chatcore.testing import VirtualLoop, run


def test_hours_pass_in_no_time() -> None:
    """The clock jumps to the next timer."""

    async def main() -> tuple[float, str]:
        await asyncio.sleep(36_000)
        return asyncio.get_running_loop().time(), "done"

    start = time.monotonic()
    assert run(main()) == (36_000.0, "done")
    assert time.monotonic() - start < 5


def test_timers_go_off_in_order() -> None:
    """Whoever waits shorter is first, whatever came first."""
    seen: list[tuple[float, int]] = []

    async def wait(seconds: int) -> None:
        await asyncio.sleep(seconds)
        seen.append((asyncio.get_running_loop().time(), seconds))

    async def main() -> None:
        await asyncio.gather(*(wait(seconds) for seconds in (3, 1, 2)))

    run(main())
    assert seen == [(1.0, 1), (2.0, 2), (3.0, 3)]


def test_virtual_day_begins_with_2026() -> None:
    """What reads the time of day sees a virtual one too."""

    async def main() -> tuple[float, float]:
        clock = LoopClock(asyncio.get_running_loop())
        await asyncio.sleep(90)
        return clock.monotonic(), clock.time()

    assert run(main()) == (90.0, 1_767_225_690.0)


def test_clock_calls_back() -> None:
    """Soon, or at a moment; a timer can be cancelled."""
    called: list[str] = []

    async def main() -> None:
        clock = LoopClock(asyncio.get_running_loop())
        clock.call_soon(lambda: called.append("soon"))
        clock.call_at(5.0, lambda: called.append("at 5"))
        clock.call_at(6.0, lambda: called.append("never")).cancel()
        await asyncio.sleep(10)

    run(main())
    assert called == ["soon", "at 5"]


def test_clock_reads_the_time_of_day_of_the_machine_on_an_ordinary_loop() -> None:
    """Only a virtual loop brings its own."""
    loop = asyncio.new_event_loop()
    try:
        assert LoopClock(loop).time is time.time
    finally:
        loop.close()


def test_same_seed_gives_the_same_randomness() -> None:
    """What is to be random comes from the loop."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return [loop.random.random() for _ in range(3)]

    assert run(main(), seed=7) == run(main(), seed=7)
    assert run(main(), seed=7) != run(main(), seed=8)
    assert run(main()) == run(main(), seed=0)


def test_run_says_so_when_everybody_waits_for_ever() -> None:
    """A deadlock is an error and not a test that hangs."""

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match=r"^everybody waits and nothing will ever happen$"):
        run(main())


def test_loop_says_so_when_something_goes_on_and_no_time_passes() -> None:
    """A timer that goes off again and again in the same moment is an error, too."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.most_turns = 100
        for _ in range(3):
            for _ in range(90):
                await asyncio.sleep(0)
            await asyncio.sleep(1e-6)

        def ring() -> None:
            loop.call_at(loop.time(), ring)

        ring()
        await asyncio.sleep(1)

    with pytest.raises(RuntimeError, match=r"^something goes on again and again without time passing$"):
        run(main())


def test_run_raises_what_the_main_program_raises() -> None:
    """Before anything that went wrong in the background."""

    async def main() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(1)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run(main())


def test_run_raises_what_goes_wrong_in_a_callback() -> None:
    """asyncio would write it to the log, and the test would pass."""

    async def main() -> str:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await asyncio.sleep(1)
        return "fine, it seems"

    with pytest.raises(ZeroDivisionError):
        run(main())


def test_run_raises_what_goes_wrong_in_a_task_that_nobody_waits_for() -> None:
    """Such as those of an application."""

    async def fail() -> None:
        raise ValueError("in the background")

    async def main() -> None:
        spawn(fail(), name="a task that fails")
        await asyncio.sleep(1)

    with pytest.raises(ValueError, match="in the background"):
        run(main())


def test_run_raises_a_complaint_without_an_exception() -> None:
    """asyncio has some that are words only."""

    async def main() -> None:
        asyncio.get_running_loop().call_exception_handler({"message": "something is wrong"})

    with pytest.raises(RuntimeError, match="something is wrong"):
        run(main())


def test_spawned_task_is_named_and_kept() -> None:
    """asyncio's own references are weak."""

    async def work() -> str:
        await asyncio.sleep(1)
        task = asyncio.current_task()
        assert task is not None
        return task.get_name()

    async def main() -> str:
        return await spawn(work(), name="worker")

    assert run(main()) == "worker"


def test_loop_forgets_what_it_does_not_wait_for_any_more() -> None:
    """Files are never ready here, but they may be registered and removed."""

    async def main() -> None:
        import socket

        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            loop.add_reader(ours, pytest.fail)
            theirs.send(b"nobody looks")
            await asyncio.sleep(1)
            assert loop.remove_reader(ours)

    run(main())


@pytest.mark.filterwarnings("error")
async def test_run_inside_of_another_loop_says_so_and_leaves_nothing_behind() -> None:
    async def main() -> None:
        raise AssertionError("it was begun")

    with pytest.raises(RuntimeError, match=r"^virtual time has a loop of its own: call this where no other one runs$"):
        run(main())
    gc.collect()
