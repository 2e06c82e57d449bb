"""Peers that are killed, and servers that come back: the other side notices, in time."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chatcore.errors import UntrustedCertificate
from chatcore.ports.transport import LostReason
from chatcore_quic.reset import LONGEST, PER_SECOND, SHORTEST, Resets, is_reset
from chatcore_tls.fingerprints import key_fingerprint_of
from tests.integration.quic_house import House, opened
from tests.integration.quic_place import QuicAddress, guest, place
from tests.integration.quic_proxy import LossyProxy
from tests.integration.test_certificate_names import certificate_for, write
from tests.integration.test_quic_transport import CERTS
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch

__all__ = ["place"]

SHORT = {"keepalive_interval": 0.5, "keepalive_timeout": 0.4}
LIMITS = [pytest.param(SHORT, 4.0, id="short"), pytest.param({}, 15.0, id="default", marks=pytest.mark.slow)]
"""Options, and within how many seconds a dead peer is noticed with them; the short ones on a busy machine."""
GUEST = """
import asyncio, sys
from chatcore.ports.transport import ConnectOptions
from chatcore_quic import QuicTransport
from tests.contracts.transport import User
async def main(url, pin):
    users = []
    def accept(link):
        users.append(User(link))
        return users[0]
    await QuicTransport().connect(url, ConnectOptions(fingerprints=(pin,)), accept)
    users[0].say(b"hello")
    await users[0].heard(b"hello")
    print("in", flush=True)
    await asyncio.Event().wait()
asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def guest_in_a_process(house: House) -> AsyncIterator[asyncio.subprocess.Process]:
    """Connect from a process that can be killed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", GUEST, house.url, house.pin, stdout=pipe)
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), PATIENCE) == b"in\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("limits", "seconds"), LIMITS)
async def test_server_notices_when_a_client_is_killed(limits: dict[str, Any], seconds: float) -> None:
    """It asks once after a silence, and gives up."""
    async with opened("echo", **limits) as house, guest_in_a_process(house) as process:
        assert (await house.state())["links"] == 1
        process.kill()
        stopwatch = Stopwatch(house.process.pid)
        while (await house.state())["links"]:
            await asyncio.sleep(0.02)
            assert stopwatch.seconds < seconds
        print(f"noticed after {stopwatch.seconds:.2f} s")


@pytest.mark.parametrize(("limits", "seconds"), LIMITS)
async def test_client_notices_when_the_server_is_killed_and_nobody_says_so(
    limits: dict[str, Any], seconds: float
) -> None:
    """As when the machine died: what is sent there is lost."""
    async with opened("mute", **limits) as house, LossyProxy(house.port) as proxy:
        client = await house.guest(proxy.port, **limits)
        proxy.loss = 1.0
        await house.kill()
        stopwatch = Stopwatch()
        while not client.lost:
            await asyncio.sleep(0.02)
            assert stopwatch.seconds < seconds
        print(f"noticed after {stopwatch.seconds:.2f} s")
        assert client.reason == LostReason.SILENT


async def test_client_notices_at_once_when_the_server_is_killed() -> None:
    """Its machine says that nobody listens there any more."""
    async with opened("echo") as house:
        client = await house.guest()
        client.say(b"hello")
        await client.heard(b"hello")
        await house.kill()
        stopwatch = Stopwatch()
        client.say(b"anybody?")
        assert await client.leaves() == LostReason.DESERTED
        assert stopwatch.seconds < 2


@pytest.mark.parametrize("talks", [True, False], ids=["talking", "silent"])
async def test_client_notices_when_the_server_was_started_anew(tmp_path: Path, talks: bool) -> None:
    """At the first packet to the new server: what it says, or its ping."""
    state = str(tmp_path)
    async with opened("echo", state_dir=state) as old, LossyProxy(old.port) as proxy:
        interval = PATIENCE if talks else 0.5
        client = await old.guest(proxy.port, keepalive_interval=interval, keepalive_timeout=PATIENCE)
        client.say(b"hello")
        await client.heard(b"hello")
        await old.kill()
        proxy.keep()
        async with opened("echo", state_dir=state, port=old.port) as new:
            stopwatch = Stopwatch(new.process.pid)
            if talks:
                client.say(b"still there?")
            proxy.pass_on()
            assert await client.leaves() == LostReason.RESTARTED
            assert stopwatch.seconds < 2


async def test_client_notices_a_new_start_after_the_key_of_the_server_was_replaced(tmp_path: Path) -> None:
    """While it ran: the next process begins with the key that stands in the file then."""
    next_one = certificate_for(("127.0.0.1",))
    files = write(next_one, tmp_path)
    for path, first in (files["tls_cert"], "server.pem"), (files["tls_key"], "server.key"):
        shutil.copy(CERTS / first, path)
    async with opened("echo", **files) as old, LossyProxy(old.port) as proxy:
        write(next_one, tmp_path)
        old.pin = key_fingerprint_of(next_one)
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    client = await old.guest(proxy.port, keepalive_interval=PATIENCE, keepalive_timeout=PATIENCE)
                except UntrustedCertificate:  # it looks once a second
                    await asyncio.sleep(0.1)
                else:
                    break
        client.say(b"hello")
        await client.heard(b"hello")
        await old.kill()
        proxy.keep()
        async with opened("echo", port=old.port, **files):
            client.say(b"anybody?")
            proxy.pass_on()
            assert await client.leaves() == LostReason.RESTARTED


async def test_client_notices_when_another_server_took_the_port(tmp_path: Path) -> None:
    """One with another key cannot say that it knows nothing: that takes as long as with a dead one."""
    async with opened("echo", state_dir=str(tmp_path / "a")) as old, LossyProxy(old.port) as proxy:
        client = await old.guest(proxy.port, keepalive_interval=0.5, keepalive_timeout=1.0)
        await old.kill()
        async with opened("echo", state_dir=str(tmp_path / "b"), port=old.port):
            assert await client.leaves() == LostReason.SILENT


async def test_reset_of_somebody_else_is_left_out(place: QuicAddress) -> None:
    """Whoever does not know the token cannot end a connection."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port)
        for size in (SHORTEST, LONGEST, 1200):
            proxy.from_server(b"\x40" + os.urandom(size - 1), proxy.client())
        client.say(b"still here")
        await client.heard(b"still here")
        client.link.abort()
        await client.leaves()


def test_reset_is_shorter_than_what_it_answers() -> None:
    """And looks like a packet, and ends with the token."""
    resets = Resets(ec.generate_private_key(ec.SECP256R1()), "127.0.0.1:8765")
    cid = b"12345678"
    for size in range(1500):
        answer = resets.answer(cid, size, now=float(size))
        if size <= SHORTEST:
            assert answer is None
        else:
            assert answer is not None
            assert SHORTEST <= len(answer) <= min(size - 1, LONGEST)
            assert answer[0] & 0xC0 == 0x40
            assert is_reset(answer, resets.token(cid))
            assert not is_reset(answer, resets.token(b"another!"))
            assert not is_reset(answer, b"")
            assert not is_reset(bytes([answer[0] | 0x80]) + answer[1:], resets.token(cid))


def test_resets_are_few() -> None:
    """So many a second, whatever comes in."""
    resets = Resets(ec.generate_private_key(ec.SECP256R1()), "127.0.0.1:8765")
    assert sum(resets.answer(b"x" * 8, 100, now=5.0) is not None for _ in range(5000)) == PER_SECOND
    assert sum(resets.answer(b"x" * 8, 100, now=5.25) is not None for _ in range(5000)) == PER_SECOND // 4


def test_tokens_are_the_same_after_a_restart_and_others_elsewhere() -> None:
    """They follow from the key and the address."""
    key = ec.generate_private_key(ec.SECP256R1())
    token = Resets(key, "127.0.0.1:8765").token(b"x" * 8)
    assert token == Resets(key, "127.0.0.1:8765").token(b"x" * 8)
    assert token != Resets(key, "127.0.0.1:8766").token(b"x" * 8)
    assert token != Resets(ec.generate_private_key(ec.SECP256R1()), "127.0.0.1:8765").token(b"x" * 8)
