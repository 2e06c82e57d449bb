"""Who sends when: everybody once per round, what arrived goes first, and a crowd rests between rounds."""

from __future__ import annotations

import asyncio
import time

from chatcore_quic.send_rounds import SendRounds
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch


class Sender:
    """Writes its name down when it may send; that takes `cost` seconds."""

    def __init__(self, name: int, said: list[int], cost: float = 0.0) -> None:
        self.queued = False
        self.name = name
        self.cost = cost
        self._said = said
        self.sent = asyncio.Event()

    def transmit(self) -> None:
        """Send."""
        time.sleep(self.cost)
        self._said.append(self.name)
        self.sent.set()


async def test_everybody_sends_once_per_round_and_newcomers_in_the_next() -> None:
    """Whoever is added again meanwhile waits until all others had their turn."""
    said: list[int] = []
    rounds = SendRounds(asyncio.get_running_loop())
    senders = [Sender(number, said) for number in range(200)]
    for sender in senders:
        rounds.add(sender)
        rounds.add(sender)
    await senders[0].sent.wait()
    assert len(said) < 200
    rounds.add(senders[0])
    async with asyncio.timeout(PATIENCE):
        while len(said) < 201:
            await asyncio.sleep(0)
    assert said == [*range(200), 0]


async def test_crowd_rests_as_long_as_it_took_and_a_few_do_not() -> None:
    """What comes in the meantime goes with what comes next."""
    rounds = SendRounds(asyncio.get_running_loop())
    for count, rests in ((10, True), (2, False)):
        said: list[int] = []
        senders = [Sender(number, said, cost=0.001) for number in range(count)]
        for sender in senders:
            rounds.add(sender)
        await senders[-1].sent.wait()
        end = time.monotonic()
        senders[0].sent.clear()
        rounds.add(senders[0])
        await senders[0].sent.wait()
        if rests:
            assert time.monotonic() - end > 0.009
        assert said == [*range(count), 0]


async def test_sending_waits_for_what_is_being_read_but_not_for_ever() -> None:
    """A flood of datagrams does not stop it."""
    said: list[int] = []
    loop = asyncio.get_running_loop()
    rounds = SendRounds(loop)
    sender = Sender(1, said)
    rounds.add(sender)
    rounds.reading = True
    await asyncio.sleep(0)
    assert said == []
    stopwatch = Stopwatch()
    while not said:
        rounds.reading = True
        await asyncio.sleep(0)
        assert stopwatch.seconds < 2


async def test_nobody_sends_while_a_socket_is_choked() -> None:
    """They go on where they stopped."""
    said: list[int] = []
    rounds = SendRounds(asyncio.get_running_loop())
    senders = [Sender(number, said) for number in range(3)]
    rounds.choke()
    for sender in senders:
        rounds.add(sender)
    await asyncio.sleep(0.02)
    assert said == []
    rounds.unchoke()
    await senders[-1].sent.wait()
    assert said == [0, 1, 2]
