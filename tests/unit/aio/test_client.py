"""The client on asyncio: connecting, everything it can be asked for, and its end."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable

import pytest

from chatcore import Client, ConnectionClosed, ConnectionFailed, LoginRefused, RequestRefused, connect
from chatcore.aio.routes import DirectRoute
from chatcore.client.session import ClientSession
from chatcore.commands import SendDirect, SendMessage
from chatcore.dialects.chat import dialect
from chatcore.errors import ConfigurationError
from chatcore.events import (
    Accepted,
    BroadcastPosted,
    ConnectionLost,
    DirectPosted,
    Dismissed,
    MessagePosted,
    RoomEntered,
    RoomsListed,
    SendAcknowledged,
    SendRefused,
    UserRenamed,
    Welcomed,
)
from chatcore.limits import OBJECT_BYTES
from chatcore.ports.transport import Accept, ConnectOptions, Link
from chatcore.testing import MemoryNetwork
from tests.unit.aio.house import Connection, Frame, House, Puppet, in_virtual_time, next_of, rest_of, texts

# Connecting.


@in_virtual_time
async def test_client_raises_connection_failed_when_nothing_listens() -> None:
    """At once, with the address."""
    with pytest.raises(ConnectionFailed, match=r"^nothing listens at memory://127\.0\.0\.1:9$"):
        await connect("memory://127.0.0.1:9", username="alice", transport=MemoryNetwork())


@in_virtual_time
async def test_client_raises_the_same_when_it_is_entered() -> None:
    """`async with` and `await` are two ways to the same client."""
    with pytest.raises(ConnectionFailed, match="nothing listens"):
        async with connect("memory://127.0.0.1:9", username="alice", transport=MemoryNetwork()):
            pytest.fail("there is nothing to enter")


@pytest.mark.parametrize(
    ("username", "code"), [("alice", "name_taken"), ("ALICE", "name_taken"), ("x", "bad_name"), ("al ice", "bad_name")]
)
@in_virtual_time
async def test_client_raises_login_refused_when_the_server_does_not_want_the_name(username: str, code: str) -> None:
    """With the server's code and text."""
    async with House() as house:
        await house.guest("alice")
        with pytest.raises(LoginRefused) as caught:
            await house.guest(username)
        assert caught.value.code == code
        assert str(caught.value) == f"{caught.value.message} ({code})"


@in_virtual_time
async def test_client_raises_login_refused_when_the_server_is_full_at_the_first_login() -> None:
    """Somebody waits for an answer, so nothing is tried again."""
    async with House(sessions=1) as house:
        await house.guest("alice")
        with pytest.raises(LoginRefused) as caught:
            await house.guest("bob")
        assert caught.value.code == "server_full"


@in_virtual_time
async def test_client_is_logged_in_when_it_is_awaited() -> None:
    """Who, where, with whom."""
    async with House() as house:
        client = await connect(house.url, username="Alice", transport=house.network, client_id="my-own-id-0123456")
        assert (client.username, client.room, client.members) == ("Alice", "lobby", ("Alice",))
        assert client.connected
        assert client.pending == 0
        assert client.url == house.url
        assert [room.name for room in client.rooms.values()] == ["lobby"]
        await client.close()


@in_virtual_time
async def test_client_that_was_started_before_says_so_instead_of_beginning_a_second_life() -> None:
    """Neither while it is up nor after its end: whoever waited for its events would wait for ever."""
    async with House() as house:
        client = await connect(house.url, username="alice", transport=house.network)
        with pytest.raises(RuntimeError, match="was started before"):
            await client.start()
        assert client.connected
        await client.close()
        with pytest.raises(RuntimeError, match="was started before"):
            await client.start()


@in_virtual_time
async def test_one_connect_makes_one_client() -> None:
    """Whoever waits for it, or enters it, once more is told."""
    async with House() as house:
        once = connect(house.url, username="alice", transport=house.network)
        async with once:
            pass
        with pytest.raises(RuntimeError, match="was started before"):
            async with once:
                pytest.fail("it is over")


@in_virtual_time
async def test_sends_are_numbered_on_by_a_program_that_keeps_its_client_id() -> None:
    """The server is told what is made of it: with that alone, nobody else goes on counting."""
    async with House() as house:
        mine = "my-own-id-0123456"
        for number in (1, 2, 3):
            async with connect(house.url, username="alice", transport=house.network, client_id=mine) as alice:
                posted = await alice.send("hello")
                assert posted is not None
                assert posted.cid == number
                (told,) = house.server.chat.state.clients
                assert told != mine
            async with connect(house.url, username="mallory", transport=house.network, client_id=told) as mallory:
                posted = await mallory.send("poison")
                assert posted is not None
                assert posted.cid == number
                assert told not in house.server.chat.state.clients


def lose_every_login(frame: Frame, connection: Connection) -> None:
    """Hang up instead of an answer."""
    connection.hang_up()


@in_virtual_time
async def test_client_gives_up_the_first_login_after_five_tries() -> None:
    """A server that hangs up is tried again, but not for ever."""
    async with Puppet(lose_every_login) as puppet:
        with pytest.raises(ConnectionFailed, match="was lost before the login: closed by the peer"):
            await connect(puppet.url, username="alice", transport=puppet.network)
        assert len(puppet.connections) == 5


@in_virtual_time
async def test_client_gives_up_the_first_login_after_one_try_when_it_is_not_to_reconnect() -> None:
    """There is one connection only."""
    async with Puppet(lose_every_login) as puppet:
        with pytest.raises(ConnectionFailed, match="was lost before the login"):
            await connect(puppet.url, username="alice", transport=puppet.network, reconnect=False)
        assert len(puppet.connections) == 1


@in_virtual_time
async def test_client_gives_up_the_first_login_when_the_server_goes_away_meanwhile() -> None:
    """Whoever waits for the login hears that it cannot be had."""

    def answer(frame: Frame, connection: Connection) -> None:
        puppet.listener.stop_accepting()
        connection.hang_up()

    async with Puppet(answer) as puppet, asyncio.timeout(60):
        with pytest.raises(ConnectionFailed, match="nothing listens"):
            await connect(puppet.url, username="alice", transport=puppet.network)


@in_virtual_time
async def test_client_logs_in_when_a_later_try_succeeds() -> None:
    """One lost login is no reason to give up."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login" and len(puppet.connections) < 3:
            connection.hang_up()
        elif frame["type"] == "login":
            connection.welcome()
        else:
            connection.say("bye", code="logged_out", message="goodbye")
            connection.hang_up()

    async with Puppet(answer) as puppet:
        async with connect(puppet.url, username="alice", transport=puppet.network) as client:
            assert client.connected
        assert [type(event) for event in await rest_of(client)] == [Welcomed, Dismissed]


@in_virtual_time
async def test_nothing_is_left_when_connecting_is_cancelled() -> None:
    """Neither a connection nor a user."""

    def answer(frame: Frame, connection: Connection) -> None:
        """Let it wait."""

    async with Puppet(answer) as puppet:
        connecting = connect(puppet.url, username="alice", transport=puppet.network)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3), connecting:
                pytest.fail("nobody was welcomed")
        await asyncio.sleep(1)
        assert puppet.network.links == {}


@in_virtual_time
async def test_client_raises_connection_failed_when_the_scheme_is_unknown() -> None:
    """The sentence names those that there are."""
    with pytest.raises(ConnectionFailed, match=r"^'gopher://x' is not an address that can .* begins with .*ws://"):
        await connect("gopher://x", username="alice")


@in_virtual_time
async def test_client_raises_configuration_error_when_the_dialect_is_unknown() -> None:
    """The sentence names those that there are."""
    with pytest.raises(ConfigurationError, match=r"no dialect called 'chta', only .*chat.*; did you mean 'chat'\?$"):
        await connect("memory://127.0.0.1:9", username="alice", transport=MemoryNetwork(), dialect="chta")


@in_virtual_time
async def test_connecting_ends_when_a_transport_makes_a_mistake() -> None:
    """A bug in somebody's transport is raised, and nobody waits for ever."""

    class Broken(MemoryNetwork):
        async def connect(self, url: str, options: ConnectOptions, accept: Accept) -> Link:
            raise ZeroDivisionError("a bug")

    with pytest.raises(ConnectionFailed, match="ZeroDivisionError") as caught:
        await connect("memory://127.0.0.1:9", username="alice", transport=Broken())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


# What it can be asked for.


@in_virtual_time
async def test_second_reader_of_the_events_is_told_that_there_is_one() -> None:
    """It would take events away from the first one, and miss others itself; who comes behind it gets them all."""
    async with House() as house:
        alice = await house.guest("alice")
        reading = asyncio.ensure_future(next_of(alice, MessagePosted, 1))
        await asyncio.sleep(1)
        with pytest.raises(RuntimeError, match=r"^another task waits for the next event .*: let one task iterate"):
            await anext(alice)
        await alice.send("one")
        assert [posted.text for posted in await reading] == ["one"]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(texts(alice, 1), 1)
        await alice.send("two")
        assert await texts(alice, 1) == ["two"]


@in_virtual_time
async def test_send_returns_the_message_as_it_stands_in_the_log() -> None:
    """In the room, directly and to everyone; the others are told the same."""
    async with House() as house:
        alice, bob, carol = await house.guests("alice", "bob", "carol")
        said = await alice.send("hello")
        assert isinstance(said, MessagePosted)
        assert (said.room, said.seq, said.sender, said.text) == ("lobby", 1, "alice", "hello")
        direct = await alice.send_direct("bob", "psst")
        assert isinstance(direct, DirectPosted)
        assert direct.to == ("bob",)
        both = await alice.send_direct(["bob", "carol"], "both of you")
        assert isinstance(both, DirectPosted)
        assert both.to == ("bob", "carol")
        everyone = await alice.broadcast("lunch")
        assert isinstance(everyone, BroadcastPosted)
        assert await texts(bob, 4) == ["hello", "psst", "both of you", "lunch"]
        assert await texts(carol, 3) == ["hello", "both of you", "lunch"]


@in_virtual_time
async def test_send_returns_none_when_the_entry_has_left_the_log() -> None:
    """It was acknowledged, and nobody knows any more where."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()
        elif frame["type"] == "send_message":
            connection.say("ok", id=frame["id"], cid=frame["cid"])
        else:
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as client:
        assert await client.send("hello") is None


@in_virtual_time
async def test_send_raises_request_refused_when_the_server_refuses_it() -> None:
    """With the server's code, or with the same one before it was sent."""
    async with House(text_bytes=100) as house:
        alice = await house.guest("alice")
        for sending, code in [
            (alice.send_direct("nobody", "hi"), "no_such_user"),
            (alice.send(""), "bad_request"),
            (alice.send("x" * 101), "too_large"),
            (alice.send_direct((), "hi"), "bad_request"),
            (alice.broadcast("😀" * 26), "too_large"),
        ]:
            with pytest.raises(RequestRefused) as caught:
                await sending
            assert caught.value.code == code
        said = await alice.send("the next one is fine")
        assert said is not None
        assert alice.pending == 0


@in_virtual_time
async def test_rooms_are_created_joined_and_left() -> None:
    """Each returns the room, and is an event too."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        room = await alice.create("Python")
        assert (room.room, room.users, alice.room, alice.members) == ("Python", ("alice",), "Python", ("alice",))
        assert (await bob.join("python")).users == ("alice", "bob")
        assert (await bob.leave()).room == "lobby"
        assert bob.room == "lobby"
        assert [event.room for event in await next_of(bob, RoomEntered, 2)] == ["Python", "lobby"]
        await asyncio.sleep(2)
        assert alice.members == ("alice",)
        assert {name: room.users for name, room in bob.rooms.items()} == {"lobby": 1, "python": 1}


@in_virtual_time
async def test_enter_brings_the_user_into_the_room_whether_it_is_there_or_not() -> None:
    """Created, joined, or nothing to do."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        await alice.enter("python")
        await bob.enter("PYTHON")
        await bob.enter("python")
        assert alice.members == ("alice",)
        assert bob.members == ("alice", "bob")
        assert len(await next_of(bob, RoomEntered)) == 1
        with pytest.raises(RequestRefused) as caught:
            await bob.enter("no room")
        assert caught.value.code == "bad_name"


@in_virtual_time
async def test_enter_raises_what_else_the_server_refuses() -> None:
    """A room that may not be joined is not created either."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()
        elif frame["type"] == "join_room":
            connection.say("error", id=frame["id"], code="forbidden", message="not you")
        else:
            assert frame["type"] == "logout"
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as client:
        with pytest.raises(RequestRefused) as caught:
            await client.enter("secrets")
        assert str(caught.value) == "not you (forbidden)"


@in_virtual_time
async def test_rename_changes_the_name() -> None:
    """For the user and everyone in the room."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        await alice.rename("Eve")
        assert alice.username == "Eve"
        assert await next_of(bob, UserRenamed) == [UserRenamed("alice", "Eve")]
        assert bob.members == ("Eve", "bob")
        with pytest.raises(RequestRefused) as caught:
            await alice.rename("Bob")
        assert caught.value.code == "name_taken"


@pytest.mark.unmeasured
@in_virtual_time
async def test_lists_are_complete_when_they_do_not_fit_into_a_frame() -> None:
    """The client asks page by page."""
    async with House(names_per_frame=3, rooms_per_frame=3) as house:
        names = [f"user{number:02}" for number in range(10)]
        guests = await house.guests(*names)
        assert [user.name for user in await guests[0].list_users()] == names
        assert [user.name for user in await guests[0].list_users("lobby")] == names
        for guest in guests[1:]:
            await guest.create(f"room{guest.username[-2:]}")
        rooms = ["lobby", *[f"room{number:02}" for number in range(1, 10)]]
        assert [room.name for room in await guests[0].list_rooms()] == rooms
        assert {user.room for user in await guests[0].list_users()} == set(rooms)
        assert [user.name for user in await guests[0].list_users("room05")] == ["user05"]
        with pytest.raises(RequestRefused) as caught:
            await guests[0].list_users("nowhere")
        assert caught.value.code == "no_such_room"


@in_virtual_time
async def test_lists_end_when_a_server_has_more_and_more_of_nothing() -> None:
    """An empty page is the last one, whatever it says."""

    def answer(frame: Frame, connection: Connection) -> None:
        match frame["type"]:
            case "login":
                connection.welcome()
            case "list_rooms":
                connection.say("rooms", id=frame["id"], rooms=[], more=True)
            case "list_users":
                connection.say("users", id=frame["id"], users=[], more=True)
            case _:
                connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as client:
        assert await client.list_rooms() == ()
        assert await client.list_users() == ()


@in_virtual_time
async def test_whois_tells_about_a_user() -> None:
    """Where, since when, and by what means."""
    async with House() as house:
        alice, _ = await house.guests("alice", "bob")
        bob = await alice.whois("BOB")
        assert (bob.username, bob.room, bob.transport, bob.dialect, bob.connected, bob.address) == (
            "bob",
            "lobby",
            "memory",
            "chat",
            True,
            None,
        )
        with pytest.raises(RequestRefused) as caught:
            await alice.whois("nobody")
        assert caught.value.code == "no_such_user"


@in_virtual_time
async def test_history_returns_the_messages_that_are_asked_for() -> None:
    """The newest, those before, those after; of this room or of another log."""
    async with House() as house:
        alice = await house.guest("alice")
        for number in range(1, 8):
            await alice.send(f"message {number}")
        await alice.broadcast("lunch")

        async def seqs(**options: int) -> list[int]:
            return [entry.seq for entry in await alice.history(**options)]  # type: ignore[arg-type]

        assert await seqs() == [1, 2, 3, 4, 5, 6, 7]
        assert await seqs(limit=2) == [6, 7]
        assert await seqs(before=4, limit=2) == [2, 3]
        assert await seqs(after=4, limit=2) == [5, 6]
        assert [entry.text for entry in await alice.history("*")] == ["lunch"]
        with pytest.raises(RequestRefused) as caught:
            await alice.history("nowhere")
        assert caught.value.code == "no_such_room"


@in_virtual_time
async def test_request_raises_connection_failed_when_it_is_answered_by_something_else() -> None:
    """A server that makes no sense is not believed."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()
        elif frame["type"] == "list_rooms":
            connection.say("users", id=frame["id"], users=[])
        else:
            connection.hang_up()

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as client:
        with pytest.raises(ConnectionFailed, match=r"^the server answered ListRooms with UsersListed$"):
            await client.list_rooms()


@in_virtual_time
async def test_posts_are_followed_by_events() -> None:
    """Nobody waits for them, so the program is told."""
    async with House() as house:
        alice = await house.guest("alice")
        assert [alice.post(SendMessage("hi")), alice.post(SendDirect(("nobody",), "hi"))] == [1, 2]
        assert alice.pending == 2
        (acknowledged,) = await next_of(alice, SendAcknowledged)
        assert acknowledged.cid == 1
        assert acknowledged.posted.text == "hi"
        (refused,) = await next_of(alice, SendRefused)
        assert (refused.cid, refused.code) == (2, "no_such_user")


@in_virtual_time
async def test_flush_waits_until_everything_is_acknowledged() -> None:
    """Also what was refused is over, and nothing posted is nothing to wait for."""
    async with House(MemoryNetwork(latency=(0.1, 0.2))) as house:
        alice = await house.guest("alice")
        await alice.flush()
        for number in range(300):
            alice.post(SendMessage(str(number)))
        alice.post(SendDirect(("nobody",), "hi"))
        await alice.flush()
        assert alice.pending == 0
        assert [entry.text for entry in house.server.chat.log.read("lobby", 0, 500)] == [str(n) for n in range(300)]


@in_virtual_time
async def test_sends_wait_when_the_server_asks_for_patience() -> None:
    """All of them arrive, in order, at the pace that the server allows."""
    async with House(messages_per_second=2.0, message_burst=5) as house:
        alice = await house.guest("alice")
        await asyncio.sleep(1)
        start = asyncio.get_running_loop().time()
        for number in range(25):
            alice.post(SendMessage(str(number)))
        await alice.flush()
        assert asyncio.get_running_loop().time() - start == pytest.approx(10, abs=0.5)
        assert [entry.text for entry in house.server.chat.log.read("lobby", 0, 50)] == [str(n) for n in range(25)]


@in_virtual_time
async def test_longest_text_arrives() -> None:
    """What the limits allow fits into a frame, for every receiver."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        text = "\\" * 30_000
        await alice.send(text)
        assert await texts(bob, 1) == [text]
        assert len(text) * 2 < OBJECT_BYTES


# Cancelling.


@in_virtual_time
async def test_request_that_is_cancelled_is_forgotten() -> None:
    """Its answer is shown to nobody, and the next one is right."""
    async with House(MemoryNetwork(latency=(1.0, 1.0))) as house:
        alice = await house.guest("alice")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await alice.list_rooms()
        assert (await alice.whois("alice")).username == "alice"
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await alice.whois("nobody")
        await asyncio.sleep(5)
        await alice.close()
        assert not any(isinstance(event, RoomsListed) for event in await rest_of(alice))


@in_virtual_time
async def test_send_that_is_cancelled_is_still_sent() -> None:
    """It was asked for; only the waiting has ended."""
    async with House(MemoryNetwork(latency=(1.0, 1.0))) as house:
        alice = await house.guest("alice")
        for sending in (alice.send("hi"), alice.send_direct("nobody", "hi")):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await sending
        assert alice.pending == 2
        await alice.flush()
        assert [entry.text for entry in await alice.history()] == ["hi"]


# The end.


@in_virtual_time
async def test_close_waits_for_what_was_posted_and_logs_out() -> None:
    """The name is free at once, and everybody heard everything."""
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house:
        bob = await house.guest("bob")
        async with connect(house.url, username="alice", transport=house.network) as alice:
            for number in range(100):
                alice.post(SendMessage(str(number)))
        assert alice.pending == 0
        assert not alice.connected
        assert house.server.chat.users.keys() == {"bob"}
        assert await texts(bob, 100) == [str(number) for number in range(100)]
        await house.guest("alice")


@in_virtual_time
async def test_close_waits_for_nothing_that_is_posted_after_it() -> None:
    """A task that goes on saying things would keep it for all of its time; it hears at once that this is over."""
    async with House(MemoryNetwork(latency=(0.1, 0.1))) as house:
        bob, alice = await house.guest("bob"), await house.guest("alice")
        said = 0

        async def go_on() -> None:
            nonlocal said
            while True:
                await alice.send(str(said))
                said += 1

        going_on = asyncio.ensure_future(go_on())
        await texts(bob, 3)
        loop = asyncio.get_running_loop()
        began = loop.time()
        closing = asyncio.ensure_future(alice.close())
        with pytest.raises(ConnectionClosed, match=r"^the client is closed$"):
            await going_on
        assert loop.time() - began < 0.3
        await closing
        assert loop.time() - began < 1
        assert await texts(bob, said - 3) == [str(number) for number in range(3, said)]
        assert alice.pending == 0


@in_virtual_time
async def test_close_before_the_start_does_nothing() -> None:
    """There is nothing to close yet, and nothing can be sent."""
    session = ClientSession("alice", "client")
    url = "memory://127.0.0.1:9"
    client = Client(url, session, DirectRoute(MemoryNetwork(), url, ConnectOptions()), dialect, reconnect=True)
    await client.close()
    with pytest.raises(ConnectionClosed):
        await client.send("hi")


@in_virtual_time
async def test_iteration_ends_after_close() -> None:
    """What came before is still shown; closing again does nothing."""
    async with House() as house:
        alice = await house.guest("alice")
        await alice.send("hi")
        await alice.close()
        await alice.close()
        shown = [event async for event in alice]
        assert isinstance(shown[0], Welcomed)
        assert [event.text for event in shown if isinstance(event, MessagePosted)] == ["hi"]
        assert isinstance(shown[-1], Dismissed)
        assert not any(isinstance(event, Accepted) for event in shown)  # the answer to its own logout
        assert [event async for event in alice] == []


@in_virtual_time
async def test_iteration_that_waits_ends_when_the_client_is_closed() -> None:
    """Somebody else closes it meanwhile."""
    async with House() as house:
        alice = await house.guest("alice")
        following = asyncio.ensure_future(rest_of(alice))
        await asyncio.sleep(1)
        await alice.close()
        assert isinstance((await following)[-1], Dismissed)


@in_virtual_time
async def test_everything_raises_connection_closed_after_close() -> None:
    """Nothing can be sent any more."""
    async with House() as house:
        alice = await house.guest("alice")
        await alice.close()
        for asking in (alice.send("hi"), alice.broadcast("hi"), alice.join("x"), alice.list_rooms(), alice.rename("x")):
            with pytest.raises(ConnectionClosed, match=r"^the client is closed$"):
                await asking
        with pytest.raises(ConnectionClosed):
            alice.post(SendMessage("hi"))


@in_virtual_time
async def test_whoever_waits_hears_that_the_client_was_closed() -> None:
    """A request whose answer never comes ends with the client."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()

    async with Puppet(answer) as puppet:
        client = await connect(puppet.url, username="alice", transport=puppet.network)
        loop = asyncio.get_running_loop()
        waiting = [
            asyncio.ensure_future(asking)
            for asking in (client.send("hi"), client.list_rooms(), client.flush(), client.whois("bob"))
        ]
        await asyncio.sleep(1)
        start = loop.time()
        await client.close()
        assert loop.time() - start == pytest.approx(5.0)  # a goodbye takes no longer
        for future in waiting[:2] + waiting[3:]:
            with pytest.raises(ConnectionClosed, match=r"^the client was closed$"):
                await future
        with pytest.raises(ConnectionClosed, match=r"^the client is closed$"):
            await waiting[2]


@in_virtual_time
async def test_client_ends_with_its_first_connection_when_it_is_not_to_reconnect() -> None:
    """Iteration raises why, and so does everything else."""
    async with House() as house:
        alice = await house.guest("alice", reconnect=False)
        house.cut()
        with pytest.raises(ConnectionClosed, match=r"^the peer vanished$"):
            await next_of(alice, ConnectionLost)
        with pytest.raises(ConnectionClosed, match=r"^the client is closed$") as caught:
            await alice.send("hi")
        assert isinstance(caught.value.__cause__, ConnectionClosed)
        with pytest.raises(ConnectionClosed, match=r"^the peer vanished$"):
            await anext(alice)


@in_virtual_time
async def test_client_ends_for_good_when_another_connection_has_its_session() -> None:
    """To come back would throw out the other one, and so on."""
    async with House() as house:
        alice = await house.guest("alice")
        session = ClientSession("alice", alice._session.client)
        session.token = alice._session.token
        other = Client(
            house.url, session, DirectRoute(house.network, house.url, ConnectOptions()), dialect, reconnect=True
        )
        await other.start()
        with pytest.raises(ConnectionClosed, match="you connected from somewhere else"):
            await next_of(alice, ConnectionLost)
        await asyncio.sleep(60)
        assert other.connected
        assert len(house.network.links) == 2
        await other.close()


# Inside the loop.


@in_virtual_time
async def test_everything_may_be_awaited_inside_the_loop() -> None:
    """An answer does not wait for events that nobody takes meanwhile."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        for number in range(20):
            bob.post(SendMessage(f"question {number}"))
        answers = 0
        async for event in alice:
            if isinstance(event, MessagePosted) and event.sender == "bob":
                assert (await alice.whois(event.sender)).room == "lobby"
                await alice.send(f"answer to {event.text}")
                answers += 1
                if answers == 20:
                    break
        heard = await texts(bob, 40)
        assert [text for text in heard if text.startswith("answer")] == [f"answer to question {n}" for n in range(20)]


@pytest.mark.unmeasured
@in_virtual_time
async def test_requests_are_answered_while_thousands_of_events_wait() -> None:
    """The client reads on for whoever waits, and nothing is lost because of it."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        await anext(alice)
        for number in range(1500):
            bob.post(SendMessage(str(number)))
        await bob.flush()
        assert (await alice.whois("bob")).username == "bob"
        said = await alice.send("me too")
        assert said is not None
        assert said.seq == 1501
        assert await texts(alice, 1501) == [*map(str, range(1500)), "me too"]


# Programs that are slow, and programs that never look.


@pytest.mark.unmeasured
@pytest.mark.parametrize("pause", [3.0, 100.0])
@in_virtual_time
async def test_client_stops_reading_when_nobody_takes_the_events(pause: float) -> None:
    """The server keeps the rest in its logs: memory is bounded, and nothing is lost when it goes on."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        await anext(alice)
        for number in range(2000):
            bob.post(SendMessage(f"{number} {'x' * 500}"))
            if number % 100 == 99:
                await bob.flush()
        await asyncio.sleep(pause)
        assert len(alice._life.events.held) <= 1500
        assert len(house.server.chat.users) == 2
        heard = await texts(alice, 2000)
        assert [text.split()[0] for text in heard] == [str(number) for number in range(2000)]
        await bob.send("live")
        assert await texts(alice, 1) == ["live"]


@pytest.mark.unmeasured
@in_virtual_time
async def test_program_that_never_looks_is_kept_the_newest_thousand() -> None:
    """It may send as much as it likes, and what is said to it costs nothing."""
    async with House() as house:
        alice, bob = await house.guests("alice", "bob")
        for number in range(1500):
            bob.post(SendMessage(str(number)))
        await bob.flush()
        await alice.send("the end")
        assert len(alice._life.events.held) == 1000
        heard = await texts(alice, 1000)
        assert heard == [*(str(number) for number in range(501, 1500)), "the end"]


@pytest.mark.unmeasured
@pytest.mark.parametrize("make", [lambda: MemoryNetwork(boundaries=True), lambda: MemoryNetwork(boundaries=False)])
@in_virtual_time
async def test_client_writes_no_more_than_the_link_takes(make: Callable[[], MemoryNetwork]) -> None:
    """What does not fit waits in the session, not in a buffer; and all of it arrives."""
    async with House(make()) as house:
        options = ConnectOptions(buffer_bytes=10_000)
        alice = await house.guest("alice", options=options)
        (link,) = [link for link in house.network.links if link.address == house.url.removeprefix("memory://")]
        for number in range(200):
            alice.post(SendMessage(f"{number} {'x' * 5000}"))
            await asyncio.sleep(0)
        assert link.waiting_bytes < 400_000
        await alice.flush()
        assert house.server.chat.log.head("lobby") == 200


# What takes more than one request.


@in_virtual_time
async def test_room_that_somebody_else_has_just_created_is_entered() -> None:
    """Between two requests anything may happen."""
    here = {"topic": "", "role": "member"}

    def answer(frame: Frame, connection: Connection) -> None:
        asked = [each["type"] for each in connection.heard if each["type"].endswith("_room")]
        if frame["type"] == "login":
            connection.welcome()
        elif frame["type"] == "create_room":
            connection.say("error", code="room_exists", message="it is there", id=frame["id"])
        elif asked == ["join_room"]:
            connection.say("error", code="no_such_room", message="there is none", id=frame["id"])
        elif frame["type"] == "join_room":
            place = {"epoch": "p", "seq": 0}
            connection.say("room", room="python", users=["alice"], position=place, id=frame["id"], **here)

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        await alice.enter("python")
        assert alice.room == "python"


@in_virtual_time
async def test_search_goes_on_until_something_is_found() -> None:
    """A page without anything is no answer while there are more."""

    def answer(frame: Frame, connection: Connection) -> None:
        if frame["type"] == "login":
            connection.welcome()
        elif frame["type"] == "search":
            more = {None: {"before": "1"}, "1": {"before": "2"}, "2": {}}[frame.get("before")]
            connection.say("found", messages=[], id=frame["id"], **more)

    async with Puppet(answer) as puppet, connect(puppet.url, username="alice", transport=puppet.network) as alice:
        assert (await alice.search("key")).messages == ()
        asked = [each.get("before") for each in puppet.connections[0].heard if each["type"] == "search"]
        assert asked == [None, "1", "2"]


@in_virtual_time
async def test_operator_makes_lists_and_revokes_invitations() -> None:
    """However many there are; one that is revoked lets in nobody."""
    token = "a-token-that-nobody-guesses"
    async with House(operator_token=token) as house:
        boss = await house.guest("boss")
        with pytest.raises(RequestRefused):
            await boss.make_invitation()
        await boss.become_operator(token)
        assert await boss.list_invitations() == ()
        made = [(await boss.make_invitation(uses, seconds=60)).invitation for uses in range(1, 4)]
        assert await boss.list_invitations() == tuple(made)
        await boss.revoke_invitation(made[0].number)
        assert await boss.list_invitations() == tuple(made[1:])
        with pytest.raises(RequestRefused) as caught:
            await boss.revoke_invitation(made[0].number)
        assert caught.value.code == "bad_invitation"


@in_virtual_time
async def test_close_that_is_cancelled_ends_the_client_all_the_same(recwarn: pytest.WarningsRecorder) -> None:
    """As by `asyncio.timeout` or a task group: the name is free, and nobody says that it was not closed."""
    async with House(MemoryNetwork(latency=(0.02, 0.02))) as house:
        for turns in range(8):
            alice = await house.guest("alice")
            closing = asyncio.create_task(alice.close())
            for _ in range(turns):
                await asyncio.sleep(0)
            closing.cancel()
            await asyncio.wait([closing])
            if turns == 0:
                await alice.close()  # it had not begun
            del alice
            gc.collect()
            await asyncio.sleep(5)
            assert "alice" not in house.server.chat.users
    assert not [each for each in recwarn if each.category is ResourceWarning]


@pytest.mark.parametrize("how", ["closed again", "cancelled and closed again", "cancelled with everything else"])
@in_virtual_time
async def test_whatever_comes_while_a_client_logs_out_does_not_cut_that_off(how: str) -> None:
    """Its name is free as soon as the server has heard of it, and not when the grace period is over."""
    async with House(MemoryNetwork(latency=(0.05, 0.05))) as house:
        before = asyncio.all_tasks()
        alice = await house.guest("alice")
        (living,) = (task for task in asyncio.all_tasks() - before if task.get_name().startswith("chatcore client"))
        closing = asyncio.create_task(alice.close())
        await asyncio.sleep(0.01)
        if how != "closed again":
            closing.cancel()
        if how == "cancelled with everything else":
            living.cancel()  # as at the end of `asyncio.run`
        else:
            await alice.close()
        await asyncio.wait([closing, living])
        assert "alice" not in house.server.chat.users


@pytest.mark.parametrize(
    ("go", "there"),
    [
        (lambda chat: chat.join("python"), "python"),
        (lambda chat: chat.enter("python"), "python"),
        (lambda chat: chat.create("rust"), "rust"),
        (lambda chat: chat.leave(), "lobby"),
        (lambda chat: chat.close_room(), "lobby"),
    ],
    ids=["join", "enter", "create", "leave", "close_room"],
)
@pytest.mark.parametrize("patience", [0.01, 1.0])
@in_virtual_time
async def test_message_behind_a_room_change_is_said_where_that_leads_however_long_it_is_waited_for(
    go: Callable[[Client], Awaitable[object]], there: str, patience: float
) -> None:
    """As by `asyncio.timeout`: the user is led there all the same."""
    async with House(MemoryNetwork(latency=(0.05, 0.05))) as house:
        alice, bob = await house.guests("alice", "bob")
        await bob.create("python")
        await alice.create("den")
        going = asyncio.ensure_future(go(alice))
        await asyncio.wait([going], timeout=patience / 2)
        going.cancel()
        said = await alice.send("behind it")
        assert said is not None
        assert said.room == there
