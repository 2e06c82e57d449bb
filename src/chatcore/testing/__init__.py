"""For those who test a bot or a client: a network in memory and a clock that jumps.

::

    from chatcore import ChatServer, connect
    from chatcore.testing import MemoryNetwork, run


    def test_what_is_said_stands_in_the_log() -> None:
        async def story() -> None:
            network = MemoryNetwork()
            async with ChatServer(transport=network, port=0) as server:
                async with connect(server.urls[0], username="alice", transport=network) as alice:
                    await alice.send("hello")
                    assert [entry.text for entry in await alice.history()] == ["hello"]

        run(story())
"""

from __future__ import annotations

from chatcore.testing.dialog import verify_dialog
from chatcore.testing.loop import VirtualLoop, run
from chatcore.testing.network import MemoryNetwork
from chatcore.testing.sessions import MemorySessions

__all__ = ["MemoryNetwork", "MemorySessions", "VirtualLoop", "run", "verify_dialog"]
