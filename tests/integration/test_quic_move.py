"""Clients whose address changes (RFC 9000, section 9): the session stays theirs, and nobody is flooded for it."""

from __future__ import annotations

import asyncio

from chatcore.ports.transport import CloseReason
from tests.integration.quic_place import QuicAddress, guest, place
from tests.integration.quic_proxy import LossyProxy
from tests.patience import PATIENCE

__all__ = ["place"]


async def test_session_goes_on_when_the_clients_port_changes_in_the_middle(place: QuicAddress) -> None:
    """A NAT gives the client another port again and again: everything arrives once and in order, both ways."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port)
        said = []
        for number in range(300):
            word = b"number %d;" % number
            said.append(word)
            client.say(word)
            if number % 75 == 50:
                await proxy.rebind()
            await asyncio.sleep(0.001)
        await client.heard(*said)
        [user] = place.users
        assert b"".join(user.payloads) == b"".join(said)
        assert not user.lost
        client.link.close(CloseReason.NORMAL)
        await user.leaves()
        await client.leaves()


async def test_new_address_is_validated_by_a_challenge(place: QuicAddress) -> None:
    """The server sends to where the client is now, and knows soon that it is heard there."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port)
        [server] = place.listener.links
        paths = server.quic._network_paths
        before = paths[0].addr
        await proxy.rebind()
        client.say(b"from here")
        await client.heard(b"from here")
        async with asyncio.timeout(PATIENCE):
            while not paths[0].is_validated:
                await asyncio.sleep(0.001)
        assert paths[0].addr == proxy.address() != before
        client.link.abort()
        await client.leaves()


async def test_stranger_who_repeats_a_packet_gets_three_bytes_for_one(place: QuicAddress) -> None:
    """Whoever sends a client's packet from another address does not get the conversation, and does not end it."""
    async with LossyProxy(place.port) as proxy:
        client = await guest(place, proxy.port)
        [user] = place.users
        user.echoes = False
        before = proxy.address()
        await proxy.spoof()
        client.say(b"?")
        await user.heard(b"?")
        answer = b"x" * 200_000
        user.say(answer)
        await client.heard(answer)
        assert 0 < proxy.answered <= 3 * proxy.spoofed
        [server] = place.listener.links
        assert server.quic._network_paths[0].addr == before
        assert not user.lost
        client.link.abort()
        await client.leaves()
