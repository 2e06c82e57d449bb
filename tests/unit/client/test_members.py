"""Who in the room is a bot, as a client knows it."""

from __future__ import annotations

from chatcore.client.members import Members
from chatcore.events import PresenceChanged, UserRenamed


def members() -> Members:
    """Return those of a room with two people and a bot."""
    return Members(("ana", "ben", "Robo"), 3, ("Robo",))


def test_bot_is_known_by_its_new_name_and_keeps_its_place() -> None:
    room = members()
    room.renamed(UserRenamed("ROBO", "Roby"))
    room.renamed(UserRenamed("ana", "anna"))
    assert room.bots == {"roby": "Roby"}
    assert list(room.names.values()) == ["anna", "ben", "Roby"]


def test_bots_come_and_go() -> None:
    room = members()
    room.changed(PresenceChanged("lobby", ("cid", "Tick"), ("robo",), 4, bots=("Tick",)))
    assert room.bots == {"tick": "Tick"}


def test_name_of_a_bot_that_is_somebody_elses_now_is_no_bots() -> None:
    """Of a bot that went and a user who came in the same moment, under one name, the coming alone is told."""
    room = members()
    room.changed(PresenceChanged("lobby", ("Robo",), (), 3))
    assert room.bots == {}
