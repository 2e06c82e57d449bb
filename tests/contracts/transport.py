"""What every `chatcore.ports.transport.Transport` has to keep. Subclass it and say which one, and with which TLS."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.network_address import ConnectionCount
from chatcore.ports.transport import (
    Binary,
    CloseReason,
    ConnectOptions,
    Link,
    Listener,
    ListenOptions,
    Lost,
    LostReason,
    Transport,
)
from tests.patience import PATIENCE


class User:
    """The user of one link: takes everything down in the order it came. Implements `LinkHandler`."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.payloads: list[bytes] = []
        self.said: list[str] = []
        """`paused`, `resumed` and `lost`."""
        self.reason: Lost
        self.late: list[bytes] = []
        """What came after `lost`, or between `hold` and `go_on`."""
        self.echoes = False
        self._held = False
        self._news = asyncio.Event()

    @property
    def lost(self) -> bool:
        """True once the link is gone."""
        return "lost" in self.said

    def data_received(self, payload: bytes) -> None:
        """Take one payload."""
        if self.lost or self._held:
            self.late.append(payload)
        self.payloads.append(payload)
        if self.echoes:
            self.link.write(self.link.frame(payload))
        self._news.set()

    def writing_paused(self) -> None:
        """Take note that the peer reads too slowly."""
        self._say("paused")

    def writing_resumed(self) -> None:
        """Take note that there is room again."""
        self._say("resumed")

    def connection_lost(self, reason: Lost) -> None:
        """Take note that the link is gone."""
        self.reason = reason
        self._say("lost")

    def say(self, *payloads: bytes) -> None:
        """Send payloads, one write each."""
        for payload in payloads:
            self.link.write(self.link.frame(payload))

    def hold(self) -> None:
        """Read no more for now."""
        self._held = True
        self.link.pause_reading()

    def go_on(self) -> None:
        """Read again."""
        before = len(self.payloads)
        self.link.resume_reading()
        assert len(self.payloads) == before, "data must not be handed over from inside resume_reading"
        self._held = False

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something is so that the link tells."""
        async with asyncio.timeout(PATIENCE):
            while not happened():
                self._news.clear()
                await self._news.wait()

    async def heard(self, *payloads: bytes) -> None:
        """Wait for these payloads, in this order and no others before them."""
        wanted = b"".join(payloads)
        await self.until(lambda: sum(map(len, self.payloads)) >= len(wanted))
        if self.link.keeps_boundaries:
            assert self.payloads == list(payloads)
        else:
            assert b"".join(self.payloads) == wanted

    async def leaves(self) -> Lost:
        """Wait until the link is gone; returns why."""
        await self.until(lambda: self.lost)
        return self.reason

    def _say(self, what: str) -> None:
        assert not self.lost, "connection_lost comes last"
        self.said.append(what)
        self._news.set()


class Meeting:
    """A listener, and those who met there."""

    def __init__(self, transport: Transport, options: ConnectOptions) -> None:
        self.transport = transport
        self.listener: Listener
        self.served: list[User] = []
        """The server's users, in the order in which they came."""
        self.guests: list[User] = []
        self._options = options
        self._came = asyncio.Event()

    def accept(self, link: Link) -> User:
        """Take a new connection at the server."""
        self.served.append(User(link))
        self._came.set()
        return self.served[-1]

    def forget(self) -> None:
        """Keep nobody who was here."""
        self.served.clear()
        self.guests.clear()

    async def join(self, **changes: object) -> tuple[User, User]:
        """Connect once more; returns the client's user and the server's."""
        users: list[User] = []

        def accept(link: Link) -> User:
            users.append(User(link))
            return users[0]

        count = len(self.served)
        options = replace(self._options, **changes)  # type: ignore[arg-type]
        link = await self.transport.connect(self.listener.url, options, accept)
        guest = users.pop()  # or a link that keeps `accept` keeps the user
        assert guest.link is link
        self.guests.append(guest)
        async with asyncio.timeout(PATIENCE):
            while len(self.served) == count:
                self._came.clear()
                await self._came.wait()
        return guest, self.served[count]


Meet = Callable[..., Awaitable[Meeting]]


class TransportContract:
    """The promises of the port. A subclass gives the fixtures `transport`, `listening` and `connecting`."""

    @pytest.fixture
    def transport(self) -> Transport:
        """Return the transport."""
        raise NotImplementedError

    @pytest.fixture
    def listening(self) -> ListenOptions:
        """Return options to listen with, on a free port of this machine."""
        return ListenOptions(port=0, keepalive_interval=60)

    @pytest.fixture
    def connecting(self) -> ConnectOptions:
        """Return options to connect with."""
        return ConnectOptions(connect_timeout=PATIENCE, keepalive_interval=60)

    @pytest.fixture
    async def meet(
        self, transport: Transport, listening: ListenOptions, connecting: ConnectOptions
    ) -> AsyncIterator[Meet]:
        """Return a function that listens, with changed options."""
        meetings: list[Meeting] = []

        async def meet(**changes: object) -> Meeting:
            meeting = Meeting(transport, connecting)
            options = replace(listening, **changes)  # type: ignore[arg-type]
            meeting.listener = await transport.listen(options, meeting.accept)
            meetings.append(meeting)
            return meeting

        yield meet
        for meeting in meetings:
            for user in meeting.guests + meeting.served:
                user.link.abort()
            await meeting.listener.wait_closed()
            for user in meeting.guests + meeting.served:
                await user.leaves()
                assert user.said.count("lost") == 1
                assert user.late == []

    # Payloads.

    async def test_server_hears_payloads_in_order_when_the_client_writes(self, meet: Meet) -> None:
        """What one side writes arrives at the other, whole and in order."""
        client, server = await (await meet()).join()
        said = [f"message {number} 😀\n".encode() for number in range(500)]
        client.say(*said)
        await server.heard(*said)

    async def test_client_hears_payloads_in_order_when_the_server_writes(self, meet: Meet) -> None:
        """The other way too, and frames may be put together in one write."""
        client, server = await (await meet()).join()
        said = [f"message {number}\n".encode() for number in range(500)]
        server.link.write(b"".join(map(server.link.frame, said)))
        await client.heard(*said)

    async def test_users_hear_the_kind_of_payload_when_boundaries_are_kept(self, meet: Meet) -> None:
        """Binary stays binary and text stays text."""
        client, server = await (await meet()).join()
        if not client.link.keeps_boundaries:
            pytest.skip("a stream knows no kinds")
        for one, other in [(client, server), (server, client)]:
            one.say(Binary(b"\xff\x00"), b"text", Binary(b""), b"")
            await other.until(lambda other=other: len(other.payloads) == 4)  # type: ignore[misc]
            assert other.payloads == [b"\xff\x00", b"text", b"", b""]
            assert [isinstance(payload, Binary) for payload in other.payloads] == [True, False, True, False]

    async def test_users_hear_payloads_of_every_size_when_they_are_sent_back(self, meet: Meet) -> None:
        """The sizes around which framings change their headers are nothing special."""
        client, server = await (await meet()).join()
        server.echoes = True
        sizes = [1, 125, 126, 127, 1000, 16_383, 16_384, 16_385, 65_535, 65_536]
        said = [b"x" * size for size in sizes]
        client.say(*said)
        await client.heard(*said)

    async def test_users_lose_nothing_when_a_mebibyte_goes_both_ways(self, meet: Meet) -> None:
        """Many frames at once make the round trip."""
        client, server = await (await meet()).join()
        server.echoes = True
        said = [bytes([97 + number % 26]) * 1024 for number in range(1024)]
        client.say(*said)
        await client.heard(*said)

    async def test_links_of_one_server_have_one_format_when_frames_are_shared(self, meet: Meet) -> None:
        """The server frames a payload once for all clients: the same bytes suit each of them."""
        meeting = await meet()
        (one, its), (other, others) = await meeting.join(), await meeting.join()
        assert its.link.format == others.link.format
        frame = its.link.frame(b"to everybody")
        its.link.write(frame)
        others.link.write(frame)
        await one.heard(b"to everybody")
        await other.heard(b"to everybody")

    async def test_link_describes_itself_when_it_is_made(self, meet: Meet) -> None:
        """Name of the transport, address of the peer, and format are there from the beginning."""
        client, server = await (await meet()).join()
        for user in (client, server):
            assert user.link.transport
            assert user.link.address.startswith("127.0.0.1:")
            assert user.link.format

    # Reading.

    async def test_user_hears_nothing_more_when_it_pauses_reading(self, meet: Meet) -> None:
        """What arrives meanwhile comes afterwards, all of it and in order."""
        client, server = await (await meet()).join()
        said = [f"{number}\n".encode() for number in range(3000)]
        server.hold()
        server.link.pause_reading()
        client.say(*said)
        client.say(b"end")
        await asyncio.sleep(0.05)
        assert server.payloads == []
        server.go_on()
        server.link.resume_reading()
        await server.heard(*said, b"end")

    async def test_user_hears_nothing_more_when_it_pauses_between_two_payloads(self, meet: Meet) -> None:
        """A pause counts at once, in the middle of what one packet brought."""
        client, server = await (await meet()).join()
        if not client.link.keeps_boundaries:
            pytest.skip("a stream has no payloads to pause between")
        said = [b"%d" % number for number in range(100)]

        class Dainty(User):
            def data_received(self, payload: bytes) -> None:
                super().data_received(payload)
                self.hold()
                asyncio.get_running_loop().call_soon(self.go_on)

        dainty = Dainty(server.link)
        server.data_received = dainty.data_received  # type: ignore[method-assign]
        client.link.write(b"".join(map(client.link.frame, said)))
        await dainty.heard(*said)
        assert dainty.late == []

    # Writing to those who do not read.

    async def test_writer_is_told_when_the_peer_does_not_read(self, meet: Meet) -> None:
        """Past the bound the user hears `writing_paused`, later `writing_resumed`, and nothing is lost."""
        bound = 64 * 1024
        client, server = await (await meet(buffer_bytes=bound)).join()
        client.hold()
        chunk = b"x" * 1023 + b"\n"
        count = 0
        while "paused" not in server.said:
            assert count < 64 * 1024, "the system and the transport take 64 MiB for a peer that does not read"
            server.say(chunk)
            count += 1
            if not count % 16:
                await asyncio.sleep(0)
        server.say(b"end")
        assert server.said == ["paused"]
        client.go_on()
        await client.heard(*[chunk] * count, b"end")
        await server.until(lambda: "resumed" in server.said)
        assert server.said == ["paused", "resumed"]

    # Closing.

    @pytest.mark.parametrize("reason", CloseReason)
    async def test_peer_hears_everything_before_the_end_when_a_link_is_closed(
        self, meet: Meet, reason: CloseReason
    ) -> None:
        """What was written before `close` arrives; then both sides hear `connection_lost`."""
        client, server = await (await meet()).join()
        said = [b"x" * 1000 for _ in range(200)]
        server.say(*said)
        server.link.close(reason, "that is all")
        server.link.close(CloseReason.NORMAL)
        await client.leaves()
        await client.heard(*said)
        await server.leaves()
        assert server.reason == LostReason.CLOSED_HERE

    async def test_client_closes_and_the_server_hears_everything_before(self, meet: Meet) -> None:
        """The client's `close` is as clean as the server's."""
        client, server = await (await meet()).join()
        client.say(b"one", b"two")
        client.link.close(CloseReason.NORMAL)
        await server.leaves()
        await server.heard(b"one", b"two")
        await client.leaves()

    async def test_peer_notices_when_a_link_is_aborted(self, meet: Meet) -> None:
        """Without a farewell, but at once."""
        meeting = await meet()
        client, server = await meeting.join()
        client.link.abort()
        client.link.abort()
        await server.leaves()
        await client.leaves()
        client, server = await meeting.join()
        server.link.abort()
        await client.leaves()

    @pytest.mark.parametrize("how", ["close", "abort"])
    async def test_writes_have_no_effect_when_the_link_is_closed(self, meet: Meet, how: str) -> None:
        """Nothing is sent, raised or warned about: before the connection is gone, and after."""
        client, server = await (await meet()).join()
        server.link.close(CloseReason.NORMAL) if how == "close" else server.link.abort()
        server.say(*[b"too late"] * 10)
        await server.leaves()
        await client.leaves()
        server.say(*[b"too late"] * 10)
        client.say(*[b"too late"] * 10)
        for user in (server, client):
            user.link.pause_reading()
            user.link.resume_reading()
            user.link.close(CloseReason.NORMAL)
            user.link.abort()
        await asyncio.sleep(0)
        assert client.payloads == []

    @pytest.mark.parametrize("how", ["close", "abort"])
    async def test_link_that_is_over_leaves_nothing_to_the_garbage_collector(self, meet: Meet, how: str) -> None:
        """Its user goes at once: to look for what nobody has any more stops everybody, the longer the more there is."""
        meeting = await meet()
        client, server = await meeting.join()
        client.say(b"something")
        await server.heard(b"something")
        gc.disable()
        try:
            if how == "close":
                client.link.close(CloseReason.NORMAL)
            else:
                client.link.abort()
            await client.leaves()
            await server.leaves()
            left = [weakref.ref(client), weakref.ref(server)]
            del client, server
            meeting.forget()
            async with asyncio.timeout(PATIENCE):
                while any(user() is not None for user in left):
                    await asyncio.sleep(0)
        finally:
            gc.enable()

    async def test_link_is_lost_when_its_user_makes_a_mistake(self, meet: Meet) -> None:
        """The event loop reports the exception; nothing is handed over behind the hole that it leaves."""
        client, server = await (await meet()).join()
        complaints: list[object] = []  # their kinds: an exception would keep the link, and spoil tests of garbage
        asyncio.get_running_loop().set_exception_handler(
            lambda _loop, context: complaints.append(type(context["exception"]))
        )

        def stumble(payload: bytes) -> None:
            User.data_received(server, payload)
            raise ZeroDivisionError

        server.data_received = stumble  # type: ignore[method-assign]  # its link has it already
        client.say(b"one")
        await server.until(lambda: server.payloads != [])
        client.say(b"two")
        await client.leaves()
        assert await server.leaves() == LostReason.INTERNAL
        assert b"one".startswith(b"".join(server.payloads))
        assert complaints == [ZeroDivisionError]

    async def test_user_is_left_alone_inside_the_links_methods(self, meet: Meet) -> None:
        """`connection_lost` comes in a turn of its own, never from inside `close` or `abort`."""
        client, server = await (await meet()).join()
        client.link.abort()
        assert not client.lost
        server.link.close(CloseReason.NORMAL)
        assert not server.lost

    # Listening.

    async def test_listener_tells_the_real_port_when_any_will_do(self, meet: Meet) -> None:
        """The address names a port that can be connected to."""
        meeting = await meet()
        assert "127.0.0.1:" in meeting.listener.url
        assert not meeting.listener.url.endswith(":0")

    async def test_second_listener_is_refused_when_the_port_is_taken(
        self, meet: Meet, transport: Transport, listening: ListenOptions
    ) -> None:
        """With one sentence that names the port."""
        port = int((await meet()).listener.url.rpartition(":")[2])
        with pytest.raises(ConfigurationError, match=rf"^port {port} on 127\.0\.0\.1 is in use\b"):
            await transport.listen(replace(listening, port=port), User)

    async def test_present_links_stay_when_the_listener_stops(self, meet: Meet) -> None:
        """New ones are refused."""
        meeting = await meet()
        client, server = await meeting.join()
        meeting.listener.stop_accepting()
        meeting.listener.stop_accepting()
        await asyncio.sleep(0)
        with pytest.raises(ConnectionFailed):
            await meeting.join(connect_timeout=0.5)
        server.echoes = True
        client.say(b"still here")
        await client.heard(b"still here")

    async def test_listener_waits_until_every_link_is_gone(self, meet: Meet) -> None:
        """`wait_closed` ends after the last `connection_lost`."""
        meeting = await meet()
        pairs = [await meeting.join() for _ in range(3)]
        waiting = asyncio.ensure_future(meeting.listener.wait_closed())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        for _, server in pairs:
            server.link.close(CloseReason.GOING_AWAY)
        await waiting
        assert all(server.lost for _, server in pairs)

    async def test_connection_is_refused_when_there_are_too_many(self, meet: Meet) -> None:
        """Until one of the present ones leaves."""
        meeting = await meet(max_connections=2)
        (client, server), _ = await meeting.join(), await meeting.join()
        with pytest.raises(ConnectionFailed):
            await meeting.join()
        client.link.close(CloseReason.NORMAL)
        await server.leaves()
        await client.leaves()
        async with asyncio.timeout(PATIENCE):
            while len(meeting.served) < 3:
                with suppress(ConnectionFailed):  # the one that was refused is still leaving
                    await meeting.join()
                await asyncio.sleep(0.01)
        assert len(meeting.served) == 3

    async def test_connections_are_counted_where_those_of_all_places_are(self, meet: Meet) -> None:
        """Each once, while it is there."""
        count = ConnectionCount()
        meeting = await meet(connections=count)
        (client, server), (other, another) = await meeting.join(), await meeting.join()
        assert count.total == 2
        client.link.close(CloseReason.NORMAL)
        other.link.abort()
        await server.leaves()
        await another.leaves()
        async with asyncio.timeout(PATIENCE):
            while count.total:
                await asyncio.sleep(0.01)
        assert count.files == 0

    # Connecting.

    async def test_client_hears_why_when_nothing_listens(
        self, transport: Transport, connecting: ConnectOptions
    ) -> None:
        """One sentence that names the place."""
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
        url = f"{transport.schemes[-1]}://127.0.0.1:{port}"
        with pytest.raises(ConnectionFailed, match=rf"127\.0\.0\.1:{port}") as caught:
            await transport.connect(url, replace(connecting, connect_timeout=PATIENCE), User)
        assert "\n" not in str(caught.value)

    async def test_client_hears_why_when_the_address_makes_no_sense(
        self, transport: Transport, connecting: ConnectOptions
    ) -> None:
        """One sentence again, whatever is wrong with it."""
        for url in ["", "nonsense", f"{transport.schemes[0]}://", f"{transport.schemes[0]}://host:port", "http://x/"]:
            with pytest.raises(ConnectionFailed):
                await transport.connect(url, connecting, User)


class NetworkTransportContract(TransportContract):
    """One that strangers reach: none of them may keep the others waiting."""

    @pytest.mark.parametrize("count", [2000, 8000])
    async def test_user_who_takes_long_hears_little_in_one_turn(self, meet: Meet, count: int) -> None:
        """However much has come: others have their turns in between."""
        client, server = await (await meet()).join()
        loop, said = asyncio.get_running_loop(), [b"%d\n" % number for number in range(1000, 1000 + count)]
        turn, bytes_of_turn = 0, Counter[int]()

        def next_turn() -> None:
            nonlocal turn
            turn += 1
            if not server.lost:
                loop.call_soon(next_turn)

        class Slow(User):
            def data_received(self, payload: bytes) -> None:
                super().data_received(payload)
                bytes_of_turn[turn] += len(payload)
                over = time.perf_counter() + 4e-6 * len(payload)  # a turn has time for 250 bytes
                while time.perf_counter() < over:
                    pass

        slow = Slow(server.link)
        server.data_received = slow.data_received  # type: ignore[method-assign]  # its link has it already
        next_turn()
        client.link.write(b"".join(map(client.link.frame, said)))
        await slow.heard(*said)
        assert max(bytes_of_turn.values()) <= 2048

    async def test_user_who_takes_long_hears_everything_before_the_end(self, meet: Meet) -> None:
        """Although the peer has hung up long before."""
        client, server = await (await meet()).join()
        said = [b"%d\n" % number for number in range(1000, 9000)]
        heard = server.data_received

        def takes_long(payload: bytes) -> None:
            heard(payload)
            over = time.perf_counter() + 4e-6 * len(payload)
            while time.perf_counter() < over:
                pass

        server.data_received = takes_long  # type: ignore[method-assign]  # its link has it already
        client.link.write(b"".join(map(client.link.frame, said)))
        client.link.close(CloseReason.NORMAL)
        await server.leaves()
        assert b"".join(server.payloads) == b"".join(said)
        assert server.late == []
