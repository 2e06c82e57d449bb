"""Our client at servers of the courseworks, over real sockets."""

from __future__ import annotations

import asyncio

import pytest

from chatcore import connect
from chatcore.aio.client import Client
from chatcore.errors import ErrorCode, LoginRefused, RequestRefused
from chatcore.events import DirectPosted, MessagePosted, Posted, RoomEntered
from chatcore.text.reasons import CONNECTION_LOST
from tests.integration.simple_courseworks import (
    Coursework,
    JsonCoursework,
    KnownCoursework,
    OneShotCoursework,
    TextCoursework,
    running,
)
from tests.patience import PATIENCE


async def next_posted(client: Client) -> Posted:
    """Return the next thing that is said."""
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, Posted):
                return event
    raise EOFError


@pytest.mark.parametrize("kind", [TextCoursework, JsonCoursework])
async def test_two_of_our_clients_talk_at_their_server(kind: type[Coursework]) -> None:
    """Everything that is sent arrives once, one line or object per `recv`, and the list is understood."""
    dialect = "simple-text" if kind is TextCoursework else "simple-json"
    with running(kind()) as server:
        url = f"tcp+{dialect}://127.0.0.1:{server.port}"
        async with connect(url, username="alice") as alice, connect(url, username="bob") as bob:
            texts = [f"bonjour {number}" for number in range(5)]
            await asyncio.gather(*(alice.send(text) for text in texts))
            heard = [await next_posted(bob) for _ in texts]
            assert [(event.sender, event.text) for event in heard] == [("alice", text) for text in texts]
            assert [event.seq for event in heard] == [1, 2, 3, 4, 5]
            assert [user.name for user in await bob.list_users()] == ["alice", "bob"]
            await bob.send("ça va ?")
            posted = [await next_posted(alice) for _ in range(6)]
            assert posted[-1].text == "ça va ?"
        for _ in range(100):
            if not server.online:
                break
            await asyncio.sleep(0.05)
        assert server.online == {}
        assert server.heard == [*(("alice", text) for text in texts), ("bob", "ça va ?")]


async def test_text_server_tells_who_is_there_and_carries_direct_messages() -> None:
    """The block after the name is the picture; a ping is answered unseen."""
    with running(TextCoursework()) as server:
        url = f"tcp://127.0.0.1:{server.port}"
        async with (
            connect(url, username="alice", dialect="simple-text") as alice,
            connect(url, username="bob", dialect="simple-text") as bob,
        ):
            async with asyncio.timeout(PATIENCE):
                async for event in bob:
                    if isinstance(event, RoomEntered):
                        assert event.users == ("alice", "bob")
                        break
            await alice.send_direct("bob", "psst")
            direct = await next_posted(bob)
            assert (direct.sender, direct.text, isinstance(direct, MessagePosted)) == ("alice", "psst", False)
        assert server.pongs == ["alice", "bob"]


async def test_known_server_is_understood_in_all_that_it_does() -> None:
    """Who is there, direct messages, another name, who has left, a name in use."""
    with running(KnownCoursework()) as server:
        url = f"tcp+simple-text://127.0.0.1:{server.port}"
        async with connect(url, username="rita") as rita:
            async with connect(url, username="bob") as bob:
                assert [user.name for user in await bob.list_users()] == ["rita", "bob"]
                await rita.send_direct("bob", "secret")
                direct = await next_posted(bob)
                assert isinstance(direct, DirectPosted)
                assert (direct.sender, direct.text) == ("rita", "secret")
                await bob.rename("robert")
                assert bob.username == "robert"
                await bob.send("bonjour")
                assert [(await next_posted(rita)).sender for _ in range(2)] == ["rita", "robert"]
                assert [user.name for user in await rita.list_users()] == ["rita", "robert"]
                with pytest.raises(LoginRefused) as caught:
                    await connect(url, username="rita")
                assert caught.value.code == ErrorCode.NAME_TAKEN
            told = await next_posted(rita)
            assert (told.sender, told.text) == ("*", "[9.8.7]-Déconnection de robert")
        assert server.heard == [("robert", "bonjour")]


@pytest.mark.parametrize("kind", [TextCoursework, JsonCoursework])
async def test_name_that_is_taken_is_refused(kind: type[Coursework]) -> None:
    """And what the dialect has no words for is too, without the server."""
    dialect = "simple-text" if kind is TextCoursework else "simple-json"
    with running(kind()) as server:
        url = f"tcp+{dialect}://127.0.0.1:{server.port}"
        async with connect(url, username="alice") as alice:
            with pytest.raises(LoginRefused) as caught:
                await connect(url, username="alice")
            assert caught.value.code == ErrorCode.NAME_TAKEN
            with pytest.raises(RequestRefused) as refused:
                await alice.create("python")
            assert refused.value.code == ErrorCode.UNKNOWN_TYPE


async def test_server_that_hangs_up_behind_each_message_hears_none_twice() -> None:
    """Nothing there removes doubles: whoever said it is told that it may have arrived, and the next one goes out."""
    with running(OneShotCoursework()) as server:
        async with connect(f"tcp+simple-json://127.0.0.1:{server.port}", username="alice") as alice:
            for text in ("un", "deux"):
                with pytest.raises(RequestRefused) as lost:
                    await alice.send(text)
                assert lost.value.code == CONNECTION_LOST
        assert server.heard == [("alice", "un"), ("alice", "deux")]


async def test_words_of_a_server_that_hangs_up_before_the_login_are_told() -> None:
    """A full one is not tried again."""
    callers = []

    async def turn_away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        writer.write(b"Le serveur est plein\n")
        writer.close()

    async with await asyncio.start_server(turn_away, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(LoginRefused, match="Le serveur est plein") as caught:
                await connect(f"tcp+simple-text://127.0.0.1:{port}", username="bob")
    assert caught.value.code == ErrorCode.SERVER_FULL
    assert len(callers) == 1
