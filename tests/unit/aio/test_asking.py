"""What people type is carried out, and answered unless the answer arrives among the events."""

from __future__ import annotations

import pytest

from chatcore import commands as c
from chatcore.aio.asking import ask
from chatcore.events import HistoryRead, RoomsListed, UserDescribed, UsersListed
from tests.unit.aio.house import House, in_virtual_time


@in_virtual_time
async def test_what_is_asked_for_is_answered() -> None:
    """Lists, a user, and so many of the last messages as were asked for, by as many requests as that takes."""
    async with House(history_messages=2) as house:
        alice = await house.guest("alice")
        for number in range(5):
            await alice.send(str(number))
        rooms, users, user = [await ask(alice, each) for each in (c.ListRooms(), c.ListUsers(), c.WhoIs("alice"))]
        assert isinstance(rooms, RoomsListed)
        assert isinstance(users, UsersListed)
        assert isinstance(user, UserDescribed)
        for count, texts in ((3, "234"), (9, "01234")):
            history = await ask(alice, c.ReadHistory("lobby", limit=count))
            assert isinstance(history, HistoryRead)
            assert "".join(entry.text for entry in history.messages) == texts


@in_virtual_time
async def test_what_is_told_by_an_event_has_no_answer_of_its_own() -> None:
    """It is done all the same."""
    async with House() as house:
        alice = await house.guest("alice")
        for command, place in (
            (c.CreateRoom("python"), ("python", "alice")),
            (c.Rename("al"), ("python", "al")),
            (c.LeaveRoom(), ("lobby", "al")),
            (c.CreateRoom("rust"), ("rust", "al")),
            (c.JoinRoom("lobby"), ("lobby", "al")),
        ):
            assert await ask(alice, command) is None
            await alice.flush()
            assert (alice.room, alice.username) == place
        with pytest.raises(TypeError, match="is not a request"):
            await ask(alice, c.LogOut())
