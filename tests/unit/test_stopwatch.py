"""What tests measure time with."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest

from tests.stopwatch import Stopwatch


async def test_time_in_which_something_is_awaited_counts() -> None:
    stopwatch = Stopwatch()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.2)
    assert stopwatch.seconds > 0.19


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who waits for a processor")
def test_time_without_a_processor_does_not_count() -> None:
    """Nor does that of another process that takes part: here they share one."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        while not all(_has_worked(each.pid) for each in others):
            pass
        began, spent = time.monotonic(), time.process_time()
        stopwatch, all_of_them = Stopwatch(), Stopwatch(*(each.pid for each in others))
        while time.process_time() - spent < 0.2:
            pass
        assert time.monotonic() - began > 0.4
        assert stopwatch.seconds < 0.3
        assert all_of_them.seconds < 0.1
    finally:
        os.sched_setaffinity(0, processors)
        for each in others:
            each.kill()
            each.wait()


def _has_worked(pid: int) -> bool:
    """Tell whether a process has come to what it is for."""
    with open(f"/proc/{pid}/schedstat") as file:
        return int(file.read().split()[0]) > 50e6
