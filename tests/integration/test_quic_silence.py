"""Every wait for a peer over QUIC has an end, however far the connection had come, and a sentence."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from chatcore import ConnectionFailed, connect
from chatcore.ports.transport import ConnectOptions
from chatcore_tls.fingerprints import key_fingerprint_of
from chatcore_tls.known_servers import KnownServersFile
from tests.integration.quic_mute import STEPS, mute
from tests.integration.test_certificate_names import certificate_for
from tests.unit.cli.processes import CHATCORE, environment

_BOUND = 1.0
_USUAL = 10.0
_NOT_THERE = "{place} did not answer in time"
_NOT_SAID = "{url} did not answer the login within {bound:g} s; is it a chat server?"


def sentence(step: str, url: str, bound: float) -> str:
    """Return what is said of a server that is silent from this step on."""
    text = _NOT_SAID if step == "never answers the login" else _NOT_THERE
    return text.format(url=url, place=url.partition("://")[2], bound=bound)


@pytest.mark.parametrize("step", STEPS)
async def test_server_that_falls_silent_is_given_up(step: str, tmp_path: Path) -> None:
    """Within the time of `ConnectOptions`: one for the connection, one for the login."""
    options = ConnectOptions(connect_timeout=_BOUND, login_timeout=_BOUND)
    async with mute(step, tmp_path) as url:
        with pytest.raises(ConnectionFailed) as caught:
            await connect(
                url, username="alice", options=options, known_servers=KnownServersFile(tmp_path / "known_servers")
            )
    assert str(caught.value) == sentence(step, url, _BOUND)


_BOT = """
import sys
from chatcore import Bot
from chatcore.ports.transport import ConnectOptions
Bot(sys.argv[1], username="bot", options=ConnectOptions(fingerprints=sys.argv[2])).run()
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
async def test_every_program_gives_up_a_server_that_falls_silent(step: str, tmp_path: Path) -> None:
    """The filter, a bot and `doctor`, by themselves; `doctor` needs no login."""
    key = key_fingerprint_of(certificate_for(("127.0.0.1",)))
    async with mute(step, tmp_path) as url:
        said = await asyncio.gather(
            ended(*CHATCORE, "connect", url, "--username", "alice", "--state-dir", str(tmp_path / "alice")),
            ended(sys.executable, "-c", _BOT, url, key),
            ended(*CHATCORE, "doctor", url, "--state-dir", str(tmp_path / "doctor")),
        )
    (by_filter, of_filter), (by_bot, of_bot), (by_doctor, of_doctor) = said
    told = sentence(step, url, _USUAL)
    assert (of_filter, by_filter[-1]) == (3, f"chatcore: {told}")
    assert (of_bot, by_bot) == (1, [f"bot: {told}"])
    assert of_doctor == (0 if step == "never answers the login" else 1)
    assert by_doctor[0].startswith(f"ok  {url}: connected" if of_doctor == 0 else f"NO  {url}: {told}")


async def ended(*command: str) -> tuple[list[str], int | None]:
    """Run a program until it ends; return what it said, and its exit code."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(),
    )
    try:
        async with asyncio.timeout(6 * _USUAL):
            out, _nothing = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return out.decode().splitlines(), process.returncode
