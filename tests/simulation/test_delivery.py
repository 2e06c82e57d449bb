"""Whole servers and clients in virtual time, on a network that cuts connections at will."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore import Limits
from chatcore.testing import MemoryNetwork, run
from chatcore.testing.checker import Checker
from tests.stores import ChatServer
from tests.talkers import Talker

_BREAKS = 0.1  # of all payloads: then no connection lasts


async def _talk(
    network: MemoryNetwork, *, talkers: int, rooms: int, messages: int, cut: float, limits: Limits, seed: int
) -> tuple[Checker, int]:
    """Let `talkers` say `messages` things each while a share of all connections is cut every second.

    Returns what is to be judged, and how many sends were acknowledged when their room was gone, or given up: where
    every connection breaks under whatever is sent, a client cannot tell that from a message that breaks connections.
    """
    checker = Checker()
    source = random.Random(seed)
    async with ChatServer(transport=network, port=0, limits=limits) as server:
        crowd = [
            Talker(f"user{number}", server.urls[0], f"room{number % rooms}", checker, network)
            for number in range(talkers)
        ]
        drop, network.drop = network.drop, 0.0  # until they are there: who never got in is told so, and goes
        for talker in crowd:
            await talker.start()
        network.drop = drop
        cutting = asyncio.create_task(_cut(network, cut))
        await asyncio.gather(*(talker.talk(messages, 0.2, source) for talker in crowd))
        cutting.cancel()
        await asyncio.gather(*(talker.client.flush() for talker in crowd))
        network.drop = 0.0  # or else chance may keep somebody away for as long as it likes
        await asyncio.sleep(60)  # everybody is back, and has been told everything
        given_up = [refused for talker in crowd for refused in talker.refused]
        assert {refused.code for refused in given_up} <= ({"connection_lost"} if drop >= _BREAKS else set())
        for talker in crowd:
            await talker.stop()
    return checker, sum(talker.gone for talker in crowd) + len(given_up)


async def _cut(network: MemoryNetwork, share: float) -> None:
    while True:
        await asyncio.sleep(1)
        network.cut_some(share)


@given(
    seed=st.integers(0, 2**32),
    cut=st.sampled_from([0.0, 0.2, 0.6]),
    drop=st.sampled_from([0.0, 0.02, 0.1]),
    boundaries=st.booleans(),
    grace=st.sampled_from([60.0, 1.0]),
)
@settings(max_examples=25, deadline=None)
def test_nothing_acknowledged_is_lost_doubled_or_reordered_however_connections_are_cut(
    seed: int, cut: float, drop: float, boundaries: bool, grace: float
) -> None:
    """Whatever is cut and when: each acknowledged message is shown once, in order, to everyone in the room."""
    network = MemoryNetwork(latency=(0.0, 0.1), drop=drop, boundaries=boundaries, seed=seed)
    limits = Limits.unlimited(grace=grace)
    checker, gone = run(_talk(network, talkers=8, rooms=2, messages=15, cut=cut, limits=limits, seed=seed), seed=seed)
    assert checker.problems() == []
    assert checker.acknowledged + gone == 8 * 15
    assert gone == 0 or grace < 60 or drop >= _BREAKS


def test_the_same_seed_gives_the_same_run() -> None:
    """A simulation is repeatable: the same seed shows the same messages in the same order."""

    def once() -> tuple[int, int]:
        network = MemoryNetwork(latency=(0.0, 0.1), drop=0.05, seed=7)
        checker, _gone = run(
            _talk(network, talkers=6, rooms=2, messages=10, cut=0.2, limits=Limits.unlimited(), seed=7), seed=7
        )
        return checker.acknowledged, checker.shown

    assert once() == once()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_two_hundred_clients_lose_nothing_while_a_fifth_is_cut_every_second(seed: int) -> None:
    """20 runs of 5,000 sends: 100,000 acknowledged messages, none lost, doubled or reordered."""
    network = MemoryNetwork(latency=(0.0, 0.1), seed=seed)
    checker, gone = run(
        _talk(network, talkers=200, rooms=20, messages=25, cut=0.2, limits=Limits.unlimited(), seed=seed), seed=seed
    )
    assert checker.problems() == []
    assert (checker.acknowledged, gone) == (5000, 0)
