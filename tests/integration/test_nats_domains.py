"""Two JetStreams of one account, joined by a leafnode: each hears what is proposed at the other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.errors import Error
from nats.js.errors import NotFoundError

from chatcore.errors import ConfigurationError
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.connection.permissions import NOWHERE
from chatcore_nats.stream import _config
from tests.contracts.journal import Follower, batch
from tests.integration.nats_house import NatsServer, Stores, nats_server
from tests.patience import PATIENCE

Joined = tuple[NatsServer, NatsServer]


@pytest.fixture
def joined(tmp_path: Path) -> Iterator[Joined]:
    """Give two servers of NATS, one a leaf of the other."""
    hub, leaf = tmp_path / "hub.conf", tmp_path / "leaf.conf"
    hub.write_text('server_name: hub\njetstream { domain: "hub" }\nleafnodes { listen: "127.0.0.1:-1" }\n')
    with nats_server(tmp_path / "hub", "-c", str(hub)) as first:
        said = re.search(r"Listening for leafnode connections on (\S+)", (first.folder / "log").read_text())
        assert said is not None
        remote = f'{{ url: "nats-leaf://{said[1]}" }}'
        leaf.write_text(f'server_name: leaf\njetstream {{ domain: "leaf" }}\nleafnodes {{ remotes [ {remote} ] }}\n')
        with nats_server(tmp_path / "leaf", "-c", str(leaf)) as second:
            yield first, second


async def reaches(there: NatsServer, subject: str) -> None:
    """Wait until what is said at one of them reaches whoever hears it, at the other."""
    client = await connect(Stores(f"{there.address}/chat").place, "test")
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.request(subject, headers=NOWHERE, timeout=1)
                break
            except Error:
                await asyncio.sleep(0.05)
    await close(client)


async def test_chat_of_one_domain_is_one_however_it_is_joined(joined: Joined) -> None:
    """Nobody else keeps a chat of that name."""
    stores = Stores(f"{joined[1].address}/chat")
    follower = await Follower(await stores()).start()
    follower.journal.propose(batch(1))
    await follower.wait_for(entries=1)
    assert follower.failures == []
    await stores.close()


async def test_server_that_would_be_a_second_chat_in_another_domain_makes_nothing_there(joined: Joined) -> None:
    """The chat that there is goes on."""
    here, there = [Stores(f"{each.address}/chat") for each in joined]
    follower = await Follower(await here()).start()
    await reaches(joined[1], there.place.subject)
    with pytest.raises(ConfigurationError, match=r"kept in another domain .* lead all servers to one domain"):
        await there()
    client = await connect(there.place, "test")
    with pytest.raises(NotFoundError):
        await (await jetstream(client, there.place)).stream_info(there.place.stream)
    await close(client)
    follower.journal.propose(batch(1))
    await follower.wait_for(entries=1)
    assert follower.failures == []
    await here.close()


async def made(stores: Stores) -> None:
    """Make the stream of a chat, as from before the two were joined."""
    client = await connect(stores.place, "test")
    await (await jetstream(client, stores.place)).add_stream(_config(stores.place))
    await close(client)


async def test_server_does_not_start_where_another_domain_keeps_the_same_chat(joined: Joined) -> None:
    """It would have what others say there, and they what is said here, and numbers that are taken twice."""
    here, there = [Stores(f"{each.address}/chat") for each in joined]
    await here()
    await reaches(joined[1], here.place.subject)
    await made(there)
    refused = await there()
    with pytest.raises(ConfigurationError, match=r"kept in another domain .* lead all servers to one domain"):
        await Follower(refused).start()
    await here.close()
    await there.close()


async def test_server_ends_where_what_it_says_is_kept_in_another_domain_too(joined: Joined) -> None:
    """As soon as that one acknowledges it."""
    here, there = [Stores(f"{each.address}/chat") for each in joined]
    follower = await Follower(await here()).start()
    await made(there)
    async with asyncio.timeout(PATIENCE):
        while not follower.failures:
            follower.journal.propose(batch(len(follower.entries) + 1))
            await asyncio.sleep(0.05)
    assert "kept in another domain of JetStream as well" in str(follower.failures[0])
    await here.close()
