"""For all tests: nothing goes on behind one, and how long hypothesis searches (`HYPOTHESIS_PROFILE=fast` or `deep`)."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import signal
import sys
from collections.abc import AsyncIterator, Generator

import pytest
from hypothesis import HealthCheck, settings

# To rewrite the assertions of all modules takes every process 10 s under coverage: they are kept, whatever
# PYTHONDONTWRITEBYTECODE says, in folders that git does not see.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the programs that tests start would be compiled each time

# What `nohup`, `&` in a script and closed terminals let it be: the programs that tests start would ignore it as well.
for _name, _usual in (("SIGHUP", signal.SIG_DFL), ("SIGQUIT", signal.SIG_DFL), ("SIGINT", signal.default_int_handler)):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)

_SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile(
    "fast",
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=_SLOW_IS_FINE,
)
settings.register_profile(
    "deep",
    max_examples=1000,
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=_SLOW_IS_FINE,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while thousands of tests are found: nearly all that is made there stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Look for no garbage among thousands of tests and what they import, again and again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _leaves_nothing(request: pytest.FixtureRequest) -> None:
    """See to it that a test on an event loop ends what it began: it would go on in the next one."""
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("_leaves_no_task")


@pytest.fixture
async def _leaves_no_task() -> AsyncIterator[None]:
    """In the end, when all other fixtures are gone, no task may be left but for a few turns."""
    yield
    for _ in range(5):
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if not left:
            return
        await asyncio.sleep(0)
    pytest.fail(f"still under way: {sorted(f'{task.get_name()} ({task.get_coro()})' for task in left)}")
