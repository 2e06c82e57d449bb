"""What NATS takes away from a server that runs, and gives back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatcore_nats.asking import ask
from chatcore_nats.connecting import close, connect
from chatcore_nats.place import parse_place
from tests.contracts.journal import batch
from tests.integration.nats_house import NatsServer, Stores
from tests.integration.test_nats_entrance import HEARD, following, permit, permitting
from tests.integration.test_nats_operation import changed
from tests.patience import PATIENCE


def allow(nats: NatsServer, path: Path, subscribe: Sequence[str]) -> None:
    """Let the user of NATS hear that, and nothing else, from now on."""
    permit(path, subscribe=subscribe)
    nats.process.send_signal(signal.SIGHUP)


async def logged(caplog: pytest.LogCaptureFixture, word: str, times: int) -> list[str]:
    """Wait until that is so often in the log of the server; return why, each."""
    async with asyncio.timeout(PATIENCE):
        while caplog.messages.count(word) < times:
            await asyncio.sleep(0.02)
    fields = [getattr(each, "fields", {}) for each in caplog.records if each.getMessage() == word]
    return sorted(str(each.get("why", "")) for each in fields)


async def test_server_hears_again_what_nats_has_taken_away_and_given_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What operators ask, and files of other servers. That it did not is said once, and so is that it does."""
    with permitting(tmp_path) as (nats, chat):
        stores, carried = Stores(chat), asyncio.Event()
        store, other = await stores(), await stores.another()
        await store.answer(lambda question: asyncio.sleep(0, {"node": 7, "nodes": 1}))
        store.receive(7, lambda data: carried.set())
        allow(nats, tmp_path / "nats.conf", HEARD[:1])
        nodes, files = reversed(await logged(caplog, "not_heard", 2))
        assert 'violation for subscription to "chatcore.school.nodes"' in nodes
        assert 'violation for subscription to "chatcore.school.files.7"' in files
        allow(nats, tmp_path / "nats.conf", HEARD)
        await logged(caplog, "heard_again", 2)
        other.carry(7, b"a part of a file")
        async with asyncio.timeout(PATIENCE):
            await carried.wait()
        assert [each["node"] for each in await ask(stores.place, {"ask": "status"}, PATIENCE)] == [7]
        assert [caplog.messages.count(word) for word in ("not_heard", "heard_again")] == [2, 2]
        await other.close()
        await stores.close()


async def test_server_hears_its_journal_again_that_nats_has_taken_away_for_a_moment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What is said there, what the stream says of its own, and what comes back of what it asks JetStream."""
    with permitting(tmp_path) as (nats, chat):
        async with following(chat, 10 * PATIENCE) as (_client, follower):
            allow(nats, tmp_path / "nats.conf", HEARD[1:])
            await logged(caplog, "not_heard", 1)
            allow(nats, tmp_path / "nats.conf", HEARD)
            await logged(caplog, "heard_again", 1)
            follower.journal.propose(batch(1))
            await follower.wait_for(entries=1)
            await changed(chat, max_msg_size=400)
            follower.journal.propose(batch(2, "x" * 500))
            await follower.wait_for(refused=1)
            assert not follower.failures


async def test_nothing_is_asked_for_again_once_a_connection_is_closed(tmp_path: Path) -> None:
    """As that of who has asked in vain whether it may hear."""
    with permitting(tmp_path, subscribe=HEARD[:1]) as (_nats, chat):
        client = await connect(parse_place(chat), "test")
        await client.subscribe("chatcore.school.nodes")
        async with asyncio.timeout(PATIENCE):
            while not client.forbidden:
                await asyncio.sleep(0.01)
        asking = {each for each in client.under_way() if each.get_name().startswith("ask NATS again")}
        assert len(asking) == 1
        await close(client)
        assert all(each.done() for each in asking)
