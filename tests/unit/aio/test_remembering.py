"""A client program that was killed comes back into its session, and what it says again counts once."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import Any

import pytest

from chatcore import Client, ConnectionClosed, LoginRefused, connect
from chatcore.commands import SendMessage
from chatcore.events import MessagePosted, Welcomed
from chatcore.ports.session_store import KeptSend, KeptSession
from chatcore.testing import MemorySessions
from tests.contracts.session_store import SessionStoreContract
from tests.unit.aio.house import Cable, House, in_virtual_time, next_of, rest_of, texts

PLACE = "127.0.0.1:1"


class TestMemorySessions(SessionStoreContract):
    """Keeps what the port promises."""

    @pytest.fixture
    def sessions(self) -> MemorySessions:
        """Return a store in which nothing is kept."""
        return MemorySessions()


class Program:
    """A program that may be killed, on a cable of its own."""

    def __init__(self, house: House, sessions: MemorySessions, client_id: str | None = None) -> None:
        self.cable = Cable(house.network)
        self._connecting = connect(
            house.url, username="alice", client_id=client_id, transport=self.cable, sessions=sessions, reconnect=False
        )
        self._sessions = sessions

    async def start(self) -> Client:
        """Start it."""
        self.client = await self._connecting
        return self.client

    async def kill(self) -> None:
        """End it as SIGKILL does: it says and keeps nothing more."""
        self._sessions.crash()
        self.cable.pull()
        await rest_of(self.client)
        await self.client.close()


async def run_and_kill(house: House, sessions: MemorySessions, *said: str) -> None:
    """Be alice for a while."""
    program = Program(house, sessions)
    alice = await program.start()
    for text in said:
        await alice.send(text)
    await program.kill()


@in_virtual_time
async def test_program_that_was_killed_comes_back_into_its_session_at_once() -> None:
    """In its room, with what was said meanwhile."""
    sessions = MemorySessions()
    async with House() as house:
        bob = await house.guest("bob")
        await bob.create("tea")
        program = Program(house, sessions)
        alice = await program.start()
        await alice.join("tea")
        await alice.send("here I am")
        await program.kill()
        await bob.send("where are you?")
        alice = await house.guest("alice", sessions=sessions)
        (welcomed,) = await next_of(alice, Welcomed)
        assert (welcomed.resumed, alice.room) == (True, "tea")
        assert "where are you?" in await texts(alice, 1)


@in_virtual_time
async def test_without_it_the_name_is_taken_and_for_how_long_is_told() -> None:
    """In seconds, rounded up: a name that is free is not waited for."""
    async with House(grace=40) as house:
        sessions = MemorySessions()
        await run_and_kill(house, sessions, "hello")
        await asyncio.sleep(9.5)
        with pytest.raises(LoginRefused) as caught:
            await house.guest("alice")
        assert caught.value.code == "name_taken"
        assert caught.value.values == {"name": "alice", "seconds": 31}
        assert caught.value.message.startswith("the name alice is kept for 31 s more")


@in_virtual_time
async def test_second_program_does_not_take_over_the_session_of_the_first() -> None:
    """It is told that the name is taken, and the first goes on."""
    sessions = MemorySessions()
    async with House() as house:
        alice = await house.guest("alice", sessions=sessions)
        with pytest.raises(LoginRefused) as caught:
            await house.guest("alice", sessions=sessions)
        assert caught.value.values == {"name": "alice"}
        assert (await alice.send("still here")).seq == 1  # type: ignore[union-attr]


@in_virtual_time
async def test_nothing_is_kept_of_a_session_that_was_left() -> None:
    """The next one begins anew; nor of one that was refused."""
    sessions = MemorySessions()
    async with House() as house:
        async with connect(house.url, username="alice", transport=house.network, sessions=sessions) as alice:
            await alice.send("hello")
            assert sessions.kept[PLACE, "alice"].token
        with pytest.raises(LoginRefused):
            await house.guest("x", sessions=sessions)
        assert sessions.kept == {}


@in_virtual_time
async def test_session_is_kept_under_the_name_that_its_user_has_now() -> None:
    """That is the name that is taken."""
    sessions = MemorySessions()
    async with House() as house:
        program = Program(house, sessions)
        alice = await program.start()
        await alice.rename("anna")
        await alice.send("hello")
        await program.kill()
        assert list(sessions.kept) == [(PLACE, "anna")]
        anna = await house.guest("anna", sessions=sessions)
        (welcomed,) = await next_of(anna, Welcomed)
        assert welcomed.resumed


async def killed_with_sends_under_way(house: House, sessions: MemorySessions, *said: str, arrive: bool) -> None:
    """Say something, and be killed before the answer; whether it arrives is chance."""
    program = Program(house, sessions)
    alice = await program.start()
    await alice.send("before")
    link = program.cable.links[0]
    if arrive:
        link.pause_reading()
    else:
        link.write = lambda frames: None  # type: ignore[method-assign]
    for text in said:
        alice.post(SendMessage(text))
    await asyncio.sleep(1)
    await program.kill()
    await asyncio.sleep(1)


async def heard(client: Client, last: str) -> list[str]:
    """Return all texts up to that one."""
    found: list[str] = []
    while last not in found:
        found += await texts(client, 1)
    return found


@pytest.mark.parametrize("arrive", [True, False])
@in_virtual_time
async def test_what_is_said_again_after_the_end_counts_once(arrive: bool) -> None:
    """Whether the first try arrived or not: in the same order, under the same numbers."""
    sessions = MemorySessions()
    async with House() as house:
        bob = await house.guest("bob")
        await killed_with_sends_under_way(house, sessions, "one", "one", "two", arrive=arrive)
        alice = await house.guest("alice", sessions=sessions)
        for text in ("one", "one", "two", "three"):
            await alice.send(text)
        assert await heard(bob, "three") == ["before", "one", "one", "two", "three"]


@pytest.mark.parametrize("arrive", [True, False])
@in_virtual_time
async def test_what_is_said_otherwise_after_the_end_is_said(arrive: bool) -> None:
    """Nothing of it is taken for something else, and from there on everything is new."""
    sessions = MemorySessions()
    async with House() as house:
        bob = await house.guest("bob")
        await killed_with_sends_under_way(house, sessions, "one", "two", arrive=arrive)
        alice = await house.guest("alice", sessions=sessions)
        for text in ("one", "other", "two"):
            await alice.send(text)
        first = ["before", "one", "two"] if arrive else ["before", "one"]
        assert await heard(bob, "other") == [*first, "other"]
        assert await texts(bob, 1) == ["two"]


@in_virtual_time
async def test_what_is_said_again_a_minute_later_is_new() -> None:
    """People say ok more than once."""
    sessions = MemorySessions()
    async with House() as house:
        bob = await house.guest("bob")
        await killed_with_sends_under_way(house, sessions, "ok", arrive=True)
        alice = await house.guest("alice", sessions=sessions)
        await asyncio.sleep(31)
        await alice.send("ok")
        await alice.send("end")
        assert await heard(bob, "end") == ["before", "ok", "ok", "end"]


@in_virtual_time
async def test_what_was_answered_is_not_taken_for_what_is_said_next() -> None:
    """Only what had no answer may be said again."""
    sessions = MemorySessions()
    async with House() as house:
        bob = await house.guest("bob")
        await run_and_kill(house, sessions, "ok")
        alice = await house.guest("alice", sessions=sessions)
        await alice.send("ok")
        await alice.send("end")
        assert await heard(bob, "end") == ["ok", "ok", "end"]


@in_virtual_time
async def test_after_the_grace_period_everything_begins_anew() -> None:
    """What is kept of a session ends with it."""
    sessions = MemorySessions()
    async with House(grace=20) as house:
        bob = await house.guest("bob")
        await killed_with_sends_under_way(house, sessions, "ok", arrive=True)
        await asyncio.sleep(30)
        alice = await house.guest("alice", sessions=sessions)
        (welcomed,) = await next_of(alice, Welcomed)
        assert not welcomed.resumed
        await alice.send("ok")
        await alice.send("end")
        assert await heard(bob, "end") == ["before", "ok", "ok", "end"]


@in_virtual_time
async def test_program_that_is_killed_again_and_again_says_everything_once() -> None:
    """What was kept and not said again yet is kept for the next one."""
    sessions = MemorySessions()
    async with House() as house:
        bob = await house.guest("bob")
        await killed_with_sends_under_way(house, sessions, "one", "two", "three", arrive=False)
        program = Program(house, sessions)
        alice = await program.start()
        await alice.send("one")
        await program.kill()
        alice = await house.guest("alice", sessions=sessions)
        for text in ("two", "three", "four"):
            await alice.send(text)
        assert await heard(bob, "four") == ["before", "one", "two", "three", "four"]


@in_virtual_time
async def test_kept_session_that_means_nothing_to_the_server_does_no_harm() -> None:
    """It begins anew."""
    sessions = MemorySessions()
    sessions.kept[PLACE, "alice"] = KeptSession("c" * 20, "no-such-token.nor-this", (KeptSend(70, "x"),))
    async with House() as house:
        alice = await house.guest("alice", sessions=sessions)
        posted = await alice.send("hello")
        assert isinstance(posted, MessagePosted)
        assert posted.cid == 1


OWN = "a-client-id-of-the-program-itself"


@in_virtual_time
async def test_program_that_numbers_its_sends_itself_comes_back_with_its_numbers() -> None:
    """It knows what it has sent, so what it says next is new."""
    sessions = MemorySessions()
    async with House() as house:
        program = Program(house, sessions, client_id=OWN)
        alice = await program.start()
        await alice.send("one")
        program.cable.links[0].pause_reading()
        alice.post(SendMessage("two"))
        await asyncio.sleep(1)
        await program.kill()
        alice = await house.guest("alice", client_id=OWN, sessions=sessions)
        (welcomed,) = await next_of(alice, Welcomed)
        assert (welcomed.resumed, welcomed.cid) == (True, 2)
        said = await alice.send("two")
        assert said is not None
        assert (said.cid, said.seq) == (3, 3)


@in_virtual_time
async def test_program_with_its_own_numbers_is_told_when_the_session_has_others() -> None:
    """It is back in its session, and may not take for sent what these numbers say."""
    sessions = MemorySessions()
    async with House() as house:
        await run_and_kill(house, sessions, "hello")
        alice = await house.guest("alice", client_id=OWN, sessions=sessions)
        (welcomed,) = await next_of(alice, Welcomed)
        assert (welcomed.resumed, alice.counts_by_client_id) == (True, False)
        bob = await house.guest("bob", client_id=OWN[::-1], sessions=sessions)
        assert bob.counts_by_client_id


class Sessions(MemorySessions):
    """Kept sessions, with what was claimed, on a disk that may be full."""

    def __init__(self) -> None:
        super().__init__()
        self.claimed: list[str] = []
        self.full_for: set[str] = set()
        """What is kept of these users does not fit any more."""

    def claim(self, place: str, username: str) -> Any:
        """Return what is kept of a session."""
        self.claimed.append(username)
        claim = super().claim(place, username)
        if claim is not None:
            save = claim.save

            def save_what_fits(kept: KeptSession) -> None:
                if username in self.full_for:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                save(kept)

            claim.save = save_what_fits  # type: ignore[method-assign]  # a disk of its own
        return claim


def quietly() -> None:
    """Let the mistakes of stores go untold."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)


@in_virtual_time
async def test_what_was_kept_before_a_save_that_failed_is_forgotten() -> None:
    """Else something new would have the number of something old, and count as said."""
    sessions = Sessions()
    async with House() as house:
        quietly()
        program = Program(house, sessions)
        alice = await program.start()
        program.cable.links[0].pause_reading()
        alice.post(SendMessage("ok"))
        await asyncio.sleep(1)
        assert sessions.kept[PLACE, "alice"].sends
        sessions.full_for.add("alice")
        program.cable.links[0].resume_reading()
        await alice.flush()
        await alice.send("second")
        await program.kill()
    assert sessions.kept == {}


@in_virtual_time
async def test_session_that_cannot_be_kept_under_a_new_name_is_kept_under_the_old_one() -> None:
    """It is forgotten there once it is kept here, and not before."""
    sessions = Sessions()
    sessions.full_for.add("anna")
    async with House() as house:
        quietly()
        program = Program(house, sessions)
        alice = await program.start()
        await alice.rename("anna")
        await alice.send("hello")
        await program.kill()
    assert list(sessions.kept) == [(PLACE, "alice")]


@in_virtual_time
async def test_session_whose_new_name_another_program_keeps_is_claimed_there_once() -> None:
    """It is kept under the old one; a claim looks at every file, and cannot be made anew with each message."""
    sessions = Sessions()
    async with House() as house:
        other = sessions.claim(PLACE, "anna")
        program = Program(house, sessions)
        alice = await program.start()
        await alice.rename("anna")
        for _ in range(10):
            await alice.send("hello")
        assert sessions.claimed == ["anna", "alice", "anna"]
        other.release()
        await alice.rename("alice")
        await alice.rename("anna")
        await program.kill()
    assert list(sessions.kept) == [(PLACE, "anna")]


@in_virtual_time
async def test_claim_under_a_new_name_that_fails_ends_no_connection() -> None:
    """It is told, and the chat goes on."""

    class Once(MemorySessions):
        def claim(self, place: str, username: str) -> Any:
            if username == "anna":
                raise ZeroDivisionError(username)
            return super().claim(place, username)

    reported: list[str] = []
    async with House() as house:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["message"]))
        alice = await house.guest("alice", sessions=Once(), reconnect=False)
        await alice.rename("anna")
        assert (await alice.send("hello")).seq == 1  # type: ignore[union-attr]  # none where it was forgotten long ago
    assert reported == ["Once, which keeps sessions, has a mistake"]


class MistakenClaim:
    """A claim with a mistake in one of its methods."""

    kept = None

    def __init__(self, where: str) -> None:
        self.where = where
        self.done: list[str] = []

    def save(self, kept: KeptSession) -> Any:
        """Keep it."""
        return self._do("save")

    def forget(self) -> None:
        """Keep nothing."""
        self._do("forget")

    def release(self) -> None:
        """Let others have it."""
        self._do("release")

    def _do(self, what: str) -> Any:
        self.done.append(what)
        if self.where == what:
            raise ZeroDivisionError(what)
        return None


class MistakenSessions:
    """A store of sessions whose claims have a mistake."""

    def __init__(self, where: str) -> None:
        self.claims: list[MistakenClaim] = []
        self.where = where

    def claim(self, place: str, username: str) -> MistakenClaim:
        """Return what keeps a session."""
        self.claims.append(MistakenClaim(self.where))
        return self.claims[-1]


@pytest.mark.parametrize("where", ["save", "forget", "release"])
@in_virtual_time
async def test_mistake_of_a_store_of_sessions_is_told_and_the_chat_goes_on(where: str) -> None:
    """Nobody waits for ever because of it, and other programs may have the session."""
    reported: list[str] = []
    sessions = MistakenSessions(where)
    async with House() as house:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context["message"]))
        alice = await house.guest("alice", sessions=sessions)
        listening = asyncio.create_task(rest_of(alice))
        assert (await alice.send("hello")).seq == 1
        await alice.rename("anna")
        await alice.send("hello again")
        await alice.close()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(alice.send("after the end"), 5)
        await asyncio.wait_for(listening, 5)
    assert set(reported) == {"MistakenSessions, which keeps sessions, has a mistake"}
    assert [claim.done[-2:] for claim in sessions.claims] == [["forget", "release"]] * 2


@pytest.mark.parametrize("name", ["save", "forget", "release"])
@in_virtual_time
async def test_claim_that_would_have_to_be_awaited_is_told_at_once(name: str) -> None:
    """Nothing would be kept, and nobody else could have the session."""

    async def later(*_: object) -> None:
        """Be never awaited."""

    class Sessions(MistakenSessions):
        def claim(self, place: str, username: str) -> MistakenClaim:
            made = super().claim(place, username)
            setattr(made, name, later)
            return made

    async with House() as house:
        with pytest.raises(TypeError, match=f"{name} of a claim of Sessions has to be a plain function"):
            await house.guest("alice", sessions=Sessions(""))
