"""Every program that is a user logs out when a signal ends it, and its name is free at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.unit.cli.guest import guest
from tests.unit.cli.processes import Server, environment

EXAMPLES = Path(__file__).parents[2] / "examples"
# Its first words are read before a signal is sent; handlers that block or will not end may not keep it.
_BOT = """
import asyncio, sys, time
from chatcore import Bot, Client, Message, Welcomed

bot = Bot(sys.argv[1], username=sys.argv[2])

@bot.on(Welcomed)
async def told(event: Welcomed, chat: Client) -> None:
    print("ready", flush=True)

@bot.command("block")
async def block(message: Message) -> None:
    print("busy", flush=True)
    time.sleep(1000)

@bot.command("exit")
async def leave(message: Message) -> None:
    sys.exit(3)

bot.run()
"""

# The signal comes while `asyncio.run` makes the event loop, as if whoever ends the program were quick.
_EARLY = """
import asyncio, os, signal, chatcore

class Early(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self):
        os.kill(os.getpid(), signal.SIGTERM)
        return super().new_event_loop()

async def main():
    try:
        await asyncio.sleep(0)
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        print("left in order", flush=True)

asyncio.set_event_loop_policy(Early())
chatcore.run(main())
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one server for all these tests."""
    with Server() as server:
        yield server


@contextmanager
def start(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program; leaving the `with` block ends it, one way or another."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment()) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_bot_logs_out_when_it_is_ended(server: Server, number: signal.Signals) -> None:
    """By Ctrl-C, by systemd or Docker, by the end of its terminal: the next one gets the name at once."""
    with start(sys.executable, "-c", _BOT, server.url, "mortal") as bot:
        assert heard(bot) == "ready"
        bot.send_signal(number)
        assert bot.wait(PATIENCE) == 128 + number
        assert bot.stderr is not None
        assert bot.stderr.read() == ""
    with guest(server.url, "mortal"):
        pass  # the name is free


def test_program_of_the_library_logs_out_when_it_is_ended(server: Server) -> None:
    """One that is run by `chatcore.run`."""
    with start(sys.executable, str(EXAMPLES / "say_hello.py"), server.url) as hello:
        assert heard(hello) == "hello: hello"
        hello.send_signal(signal.SIGTERM)
        assert hello.wait(PATIENCE) == 143
    with guest(server.url, "hello"):
        pass  # the name is free


def test_program_is_left_in_order_by_a_signal_that_came_before_its_first_step() -> None:
    """It was heard, and so it may not be forgotten."""
    with start(sys.executable, "-c", _EARLY) as program:
        assert heard(program) == "left in order"
        assert program.wait(PATIENCE) == 143


def test_second_signal_ends_a_bot_whose_handler_blocks(server: Server) -> None:
    """There is nothing to wait for."""
    with start(sys.executable, "-c", _BOT, server.url, "blocked") as bot, guest(server.url, "blocker") as blocker:
        assert heard(bot) == "ready"
        blocker.say("!block")
        assert heard(bot) == "busy"
        bot.send_signal(signal.SIGTERM)
        for _ in range(int(PATIENCE)):
            # Not once only: Python hears nothing of a signal that comes just before its main thread begins to sleep.
            bot.send_signal(signal.SIGHUP)
            with suppress(subprocess.TimeoutExpired):
                bot.wait(1.0)
                break
        assert bot.returncode in (143, 129)


def test_exit_in_a_handler_logs_out_and_ends_the_bot_with_its_code(server: Server) -> None:
    """As `sys.exit` does elsewhere."""
    with start(sys.executable, "-c", _BOT, server.url, "leaver") as bot, guest(server.url, "asker") as asker:
        assert heard(bot) == "ready"
        asker.say("!exit")
        assert bot.wait(PATIENCE) == 3
        with guest(server.url, "leaver"):
            pass  # the name is free


def test_bot_that_is_process_1_of_a_container_logs_out(server: Server) -> None:
    """The system does not end process 1 by itself: whoever installs no handler is deaf."""
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ("unshare", *rights, "--pid", "--fork", sys.executable, "-c", _BOT, server.url, "first")
    with start(*command) as outside:
        assert heard(outside) == "ready"
        (inside,) = Path(f"/proc/{outside.pid}/task/{outside.pid}/children").read_text().split()
        subprocess.run(["kill", "-TERM", inside], check=True)
        assert outside.wait(PATIENCE) == 143


# Asks for the end of itself when the command begins to be imported.
_SOON = """
import os, signal, sys
from chatcore_cli.main import main

class Soon:
    @staticmethod
    def find_spec(name, *_rest):
        if name == "chatcore_cli.commands.serve":
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, Soon)
main(["serve", "--port", "0"])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there are no containers")
def test_process_one_can_be_ended_before_it_has_started() -> None:
    """Nothing stops a container otherwise that was started a moment ago, until it is killed."""
    rights = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    command = ("unshare", *rights, "--pid", "--fork", "--kill-child", sys.executable, "-c", _SOON)
    done = subprocess.run(command, capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGTERM, b"", b"")
