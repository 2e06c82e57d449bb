"""An account of NATS that keeps nothing without a bound: the address says which."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatcore.errors import ConfigurationError
from chatcore_nats.connection.connecting import close, connect, jetstream
from chatcore_nats.place import parse_place
from tests.contracts.journal import Follower, batch
from tests.integration.nats_house import Stores, nats_server

_ACCOUNT = """
jetstream: enabled
accounts { A {
  users: [ { user: chat, password: secret } ]
  jetstream { max_store: 1G, max_bytes_required: true }
} }
"""


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[str]:
    """Give the address of a chat at such an account."""
    (tmp_path / "nats.conf").write_text(_ACCOUNT)
    with nats_server(tmp_path / "nats", "-c", str(tmp_path / "nats.conf")) as nats:
        yield nats.fresh_chat().replace("://", "://chat:secret@")


async def test_account_that_wants_a_bound_is_said_to_and_with_one_it_keeps_the_chat(chat: str) -> None:
    """The stream has it, and so has what the snapshots are in; later, the address need not say it."""
    with pytest.raises(ConfigurationError) as refused:
        await Stores(chat).another()
    assert str(refused.value) == (
        f"the account at {parse_place(chat).text} keeps nothing without a bound; write into the address how much a "
        "chat may have: max-bytes=10G"
    )
    stores = Stores(f"{chat}?max-bytes=20M")
    follower = await Follower(await stores()).start()
    follower.journal.propose(batch(1))
    await follower.wait_for(entries=1)
    client = await connect(stores.place, "test")
    js = await jetstream(client, stores.place)
    for stream in (stores.place.stream, f"OBJ_{stores.place.stream}"):
        assert (await js.stream_info(stream)).config.max_bytes == 20 * 2**20
    await close(client)
    again = await Stores(chat).another()
    assert (await Follower(again).start()).batches == [batch(1)]
    await again.close()
    await stores.close()


@pytest.mark.parametrize(("text", "count"), [("5000000", 5_000_000), ("3K", 3 * 2**10), ("1T", 2**40)])
def test_bound_is_a_number_of_bytes(text: str, count: int) -> None:
    """K, M, G and T are 1,024 times as much each."""
    assert parse_place(f"//one/chat?max-bytes={text}").max_bytes == count


@pytest.mark.parametrize("text", ["", "0", "-1", "10GB", "1.5G", "\u0661", "999999T"])
def test_bound_that_is_no_number_of_bytes_is_refused(text: str) -> None:
    """Nobody is connected to."""
    with pytest.raises(ConfigurationError, match="max-bytes has to be a number of bytes, like 10G"):
        parse_place(f"//one/chat?max-bytes={text}")
