"""Strangers at the server's socket: their first packets wait for one another."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any

import pytest
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chatcore_quic.endpoint import Registry, UdpSocket
from chatcore_quic.reset import Resets
from chatcore_quic.send_rounds import SendRounds
from tests.patience import PATIENCE


class StrangerAdmission:
    """Lets everybody in; that takes three milliseconds. Writes down in which turn it was."""

    def __init__(self) -> None:
        self.turn = 0
        self.admitted: list[int] = []
        self._next_turn()

    def _next_turn(self) -> None:
        self.turn += 1
        asyncio.get_running_loop().call_soon(self._next_turn)

    def refusal(self, _address: Any) -> str | None:
        """Refuse nobody."""
        return None

    def admit(self, _road: UdpSocket, _data: bytes, _address: Any, _original: bytes, _retried: bytes | None) -> None:
        """Take a stranger in."""
        over = time.monotonic() + 0.003
        while time.monotonic() < over:  # all that a turn has time for
            pass
        self.admitted.append(self.turn)


class Wire(asyncio.DatagramTransport):
    """Keeps what is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def sendto(self, data: Any, addr: Any = None) -> None:
        """Take a datagram."""
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        """Stay open."""
        return False


def first_packet() -> bytes:
    """Return what a client says first."""
    quic = QuicConnection(configuration=QuicConfiguration(is_client=True, server_name="localhost"))
    quic.connect(("127.0.0.1", 1), now=0.0)
    return quic.datagrams_to_send(now=0.0)[0][0]


@pytest.fixture
async def admission() -> StrangerAdmission:
    """Make a admission."""
    return StrangerAdmission()


@pytest.fixture
async def wire() -> Wire:
    """Make a wire."""
    return Wire()


@pytest.fixture
async def udp(admission: StrangerAdmission, wire: Wire) -> UdpSocket:
    """Make a socket's side of a server."""
    loop = asyncio.get_running_loop()
    registry = Registry(loop, Resets(Ed25519PrivateKey.generate(), "quic://127.0.0.1:1"))
    udp = UdpSocket(registry, admission, SendRounds(loop), asyncio.Event())
    udp.connection_made(wire)
    return udp


async def until(admission: StrangerAdmission, count: int) -> None:
    """Wait until so many are in."""
    async with asyncio.timeout(PATIENCE):
        while len(admission.admitted) < count:
            await asyncio.sleep(0)


async def test_strangers_who_come_at_once_leave_others_their_rounds(
    udp: UdpSocket, admission: StrangerAdmission
) -> None:
    """However many do, no turn of the event loop is longer than what one or two of them take."""
    for number in range(20):
        udp.datagram_received(first_packet(), ("127.0.0.1", 1000 + number))
    await until(admission, 20)
    assert max(Counter(admission.admitted).values()) <= 2


async def test_first_packets_that_wait_are_no_more_than_some(
    udp: UdpSocket, admission: StrangerAdmission, wire: Wire
) -> None:
    """The others are lost, as they may be on their way: who means it sends again."""
    packet, turn = first_packet(), admission.turn
    for number in range(2000):
        udp.datagram_received(packet[:6] + number.to_bytes(8) + packet[14:], ("127.0.0.1", 1000))
    async with asyncio.timeout(PATIENCE):
        while admission.turn < turn + 300:  # each has time for one of them at least
            await asyncio.sleep(0)
    assert len(admission.admitted) + len(wire.sent) == 257
