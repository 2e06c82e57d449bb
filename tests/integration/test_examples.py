"""Every example runs as it stands."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chatcore import ChatServer, MessagePosted, connect

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where a server listens."""
    async with ChatServer(port=0) as server:
        yield server.urls[0]


async def _start(name: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(EXAMPLES / name), *arguments, stdout=asyncio.subprocess.PIPE
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.communicate()


async def test_the_echo_bot_answers_over_a_real_connection(url: str) -> None:
    """Seven lines are a bot."""
    process = await _start("echo_bot.py", url)
    try:
        async with connect(url, username="alice") as alice, asyncio.timeout(20):
            while "echo" not in alice.members:
                await anext(alice)
            await alice.send("!echo hello")
            async for event in alice:
                if isinstance(event, MessagePosted) and event.sender == "echo":
                    assert event.text == "hello"
                    break
    finally:
        await _stop(process)


async def test_say_hello_prints_what_is_said_until_goodbye(url: str) -> None:
    """The loop of the library in its shortest form."""
    process = await _start("say_hello.py", url)
    try:
        async with connect(url, username="alice") as alice, asyncio.timeout(20):
            while "hello" not in alice.members:
                await anext(alice)
            await alice.send("goodbye")
            assert process.stdout is not None
            lines = (await process.stdout.read()).decode().splitlines()
            assert "alice: goodbye" in lines
            assert await process.wait() == 0
    finally:
        await _stop(process)


@pytest.mark.parametrize("name", ["embedded_server.py", "tested_bot.py"])
def test_an_example_that_needs_no_server_runs_and_ends(name: str) -> None:
    """It exits with 0 and says nothing on stderr."""
    done = subprocess.run(
        [sys.executable, EXAMPLES / name],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_example_is_run() -> None:
    """A new example needs a test here."""
    assert sorted(each.name for each in EXAMPLES.glob("*.py")) == [
        "echo_bot.py",
        "embedded_server.py",
        "say_hello.py",
        "tested_bot.py",
    ]
