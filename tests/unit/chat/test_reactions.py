"""Emojis below messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.commands import React, SendMessage
from chatcore.dialects.chat.decode import decode_event
from chatcore.dialects.chat.usual import posted_payload
from chatcore.events import Accepted, BroadcastPosted, MessagePosted, Reaction, Refused
from chatcore.limits import Limits
from chatcore.ports.archive import Reacted
from chatcore.text.emoji import is_emoji
from tests.unit.chat.test_some_at_a_time import House
from tests.unit.playbook import Client, Frame, Server


@pytest.fixture(params=[False, True], ids=["at once", "later"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server(late=request.param)
    yield server
    assert server.mistakes() == []


def below(client: Client, room: str = "lobby") -> tuple[dict[str, int], list[str]]:
    """Return what stands below the first message of a room, and what of it is the reader's own."""
    (message, *_) = client.ask("history", room=room)["messages"]
    return {each["emoji"]: each["count"] for each in message.get("reactions", ())}, message.get("mine", [])


def reaction(by: str, emoji: str, count: int, change: int, **more: object) -> Frame:
    told = {"type": "reaction", "room": "lobby", "seq": 1, "emoji": emoji, "from": by, "count": count}
    return {**told, "change": change, **more}


def test_everybody_is_told_of_an_emoji_and_history_has_how_many_and_whether_it_is_one_s_own(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="it works")
    ana.take()
    assert ben.ask("react", seq=1, emoji="👍")["type"] == "ok"
    ana.ask("react", seq=1, emoji="👍")
    ana.ask("react", seq=1, emoji="🎉")
    told = [reaction("ben", "👍", 1, 1), reaction("ana", "👍", 2, 2), reaction("ana", "🎉", 1, 3)]
    assert ana.take("reaction") == ben.take("reaction") == told
    assert below(ana) == ({"👍": 2, "🎉": 1}, ["👍", "🎉"])
    assert below(ben) == ({"👍": 2, "🎉": 1}, ["👍"])
    assert below(server.login("carl")) == ({"👍": 2, "🎉": 1}, [])


def test_emoji_that_is_taken_back_is_gone_with_the_last_one(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="it works")
    for client in (ana, ben):
        client.ask("react", seq=1, emoji="👍")
    ana.take()
    ben.ask("unreact", seq=1, emoji="👍")
    ana.ask("unreact", seq=1, emoji="👍")
    assert ana.take("reaction") == [
        reaction("ben", "👍", 1, 3, removed=True),
        reaction("ana", "👍", 0, 4, removed=True),
    ]
    assert below(ana) == ({}, [])


def test_the_same_again_is_ok_and_told_nobody(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="it works")
    for _ in range(3):
        assert ana.ask("react", seq=1, emoji="👍")["type"] == "ok"
    assert len(ana.take("reaction")) == 1
    assert ana.ask("unreact", seq=1, emoji="🎉")["type"] == "ok"
    assert ana.take("reaction") == []


def test_one_s_own_stays_one_s_own_through_a_rename_and_another_connection(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="it works")
    ana.ask("react", seq=1, emoji="👍")
    ana.ask("rename", username="anna")
    ana.drop()
    back = server.login("anna", client=ana.welcome["client"], token=ana.token)
    assert below(back) == ({"👍": 1}, ["👍"])
    stranger = server.login("ana")
    assert below(stranger) == ({"👍": 1}, [])


def test_messages_that_are_not_there_or_deleted_get_none(server: Server) -> None:
    ana = server.login("ana")
    assert ana.refused("react", seq=1, emoji="👍") == "no_such_message"
    ana.ask("send_message", text="oops")
    ana.ask("react", seq=1, emoji="👍")
    ana.ask("delete_message", seq=1)
    assert below(ana) == ({}, [])
    assert ana.refused("react", seq=1, emoji="👍") == "no_such_message"
    assert ana.refused("unreact", seq=1, emoji="👍") == "no_such_message"
    assert ana.refused("react", seq=1, emoji="👍", room="nowhere") == "no_such_room"


def test_edited_message_keeps_what_is_below_it(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="it wroks")
    ana.ask("react", seq=1, emoji="👍")
    ana.ask("edit_message", seq=1, text="it works")
    assert below(ana) == ({"👍": 1}, ["👍"])


def test_there_are_only_so_many_kinds_of_a_user_and_below_a_message(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="it works")
    emojis = [chr(0x1F600 + number) for number in range(24)]
    for emoji in emojis[:5]:
        ana.ask("react", seq=1, emoji=emoji)
    assert ana.refused("react", seq=1, emoji=emojis[5]) == "too_large"
    for number in range(3):
        other = server.login(f"other{number}")
        for emoji in emojis[5 * (number + 1) :][:5]:
            other.ask("react", seq=1, emoji=emoji)
    last = server.login("last")
    assert last.refused("react", seq=1, emoji=emojis[20]) == "too_large"
    assert last.ask("react", seq=1, emoji=emojis[0])["type"] == "ok"


def react_at_once(server: Server, clients: Sequence[Client], emojis: Sequence[str]) -> list[str]:
    """Let users put an emoji each below the first message before any of them is there; return what they are told."""
    for client, emoji in zip(clients, emojis, strict=True):
        frame = json.dumps({"type": "react", "id": "at once", "seq": 1, "emoji": emoji}).encode()
        client.link.sends(frame if client.link.keeps_boundaries else frame + b"\n")
    server.settle()
    answers = [frame for client in clients for frame in client.take() if frame.get("id") == "at once"]
    assert len(answers) == len(clients)
    return [str(frame.get("code", "ok")) for frame in answers]


@pytest.mark.parametrize("late", [False, True])
def test_there_are_only_so_many_kinds_when_several_react_at_once(late: bool) -> None:
    server = Server(late=late)
    ana, ben, carl, dora = server.logins("ana", "ben", "carl", "dora")
    ana.ask("send_message", text="it works")
    emojis = [chr(0x1F600 + number) for number in range(21)]
    for number in range(18):
        server.login(f"early{number}").ask("react", seq=1, emoji=emojis[number])
    told = react_at_once(server, (ana, ben, carl, dora), (emojis[18], emojis[0], emojis[19], emojis[20]))
    assert told == ["ok", "ok", "ok", "too_large"]
    assert len(below(ana)[0]) == 20
    assert ana.ask("unreact", seq=1, emoji=emojis[18]) == {"type": "ok"}
    assert react_at_once(server, (dora, carl), (emojis[20], emojis[20])) == ["ok", "ok"]


@pytest.mark.parametrize("late", [False, True])
def test_there_are_only_so_many_kinds_of_many_who_are_the_first_to_react(late: bool) -> None:
    server = Server(late=late)
    clients = list(server.logins(*(f"user{number}" for number in range(24))))
    clients[0].ask("send_message", text="it works")
    told = react_at_once(server, clients, [chr(0x1F600 + number) for number in range(24)])
    assert told == ["ok"] * 20 + ["too_large"] * 4
    assert len(below(clients[0])[0]) == 20


def test_there_are_only_so_many_in_all_when_several_react_at_once() -> None:
    """What has changed since the message was looked at counts, whatever it is: nobody looks again."""
    house = House(3)
    house.asks(0, SendMessage("it works"))
    epoch = house.chat.log.position("lobby").epoch
    last = {"seq": 1, "room": "lobby", "epoch": epoch, "emoji": "👍", "seen": 0, "left": 0}
    assert house.asks(0, React(**last, count=1000)) == Accepted()
    refused = house.asks(1, React(**last, count=1000))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.values) == ("too_large", {"what": "reactions"})
    assert house.asks(1, React(**last | {"seen": 1}, count=1000)) == Accepted()


def test_record_of_before_says_not_how_many_there_may_be_and_counts() -> None:
    house = House(2)
    house.asks(0, SendMessage("it works"))
    epoch = house.chat.log.position("lobby").epoch
    for number in range(2):
        for kind in range(15):
            react = React(1, chr(0x1F600 + 15 * number + kind), "lobby", epoch, count=1)
            assert house.asks(number, react) == Accepted()


def test_who_reacts_from_another_room_is_told_too_and_private_rooms_are_closed(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="it works")
    ben.ask("create_room", room="python")
    ben.take()
    ben.ask("react", seq=1, emoji="👍", room="lobby")
    assert ben.take("reaction") == [reaction("ben", "👍", 1, 1)]
    ben.ask("send_message", text="secret")
    ben.ask("set_private", private=True)
    assert ana.refused("react", seq=1, emoji="👍", room="python") == "room_private"


def test_replay_has_what_is_below_the_messages_and_what_is_one_s_own(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    epoch = ana.welcome["position"]["epoch"]
    ana.drop()
    ben.ask("send_message", text="it works")
    ben.ask("react", seq=1, emoji="👍")
    since = {"lobby": {"epoch": epoch, "seq": 0}}
    back = server.login("ana", client=ana.welcome["client"], token=ana.token, since=since, settled=False)
    (message,) = back.take("message")
    assert (message["reactions"], "mine" in message) == ([{"emoji": "👍", "count": 1}], False)


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "❤️", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "🇫🇷", "1️⃣", "‼️", "🏳️‍🌈", "☕", "ℹ️", "\U0001fa77"])
def test_what_people_see_as_one_emoji_is_one(emoji: str) -> None:
    assert is_emoji(emoji)


@pytest.mark.parametrize(
    "text",
    ["", "a", "+1", "👍👍", "é", "👍 ", "\u200d", "👍\u200d", "🇫", "🇫🇷🇫🇷", "\u202e", "🏽", "👍" + "\ufe0f" * 16, "1"],
)
def test_texts_several_emojis_and_parts_of_one_are_none(text: str) -> None:
    assert not is_emoji(text)


def test_what_is_no_emoji_is_refused(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="it works")
    answer = ana.ask("react", seq=1, emoji="first!")
    assert (answer["code"], answer["message"]) == ("bad_request", "below a message stands one emoji")


def test_a_message_that_is_told_alone_says_what_of_it_is_the_receiver_s_own() -> None:
    there = (Reaction("👍", 2, by=("a", "b")), Reaction("🎉", 1, by=("b",)))
    said = MessagePosted(seq=2, sender="ana", text="hi", at=0.0, room="lobby", reply_to=1, reactions=there)
    for numbers, own in (("a", {"👍"}), ("b", {"👍", "🎉"}), ("c", set()), (None, set())):
        told = json.loads(posted_payload(said, boundaries=True, numbers=numbers))
        heard, _id = decode_event(told)
        assert isinstance(heard, MessagePosted)
        assert {each.emoji for each in heard.reactions if each.mine} == own
        assert [(each.emoji, each.count) for each in heard.reactions] == [("👍", 2), ("🎉", 1)]


# The log.


def test_log_counts_what_is_below_its_entries() -> None:
    log = MemoryLog(Limits(), archived=True)
    log.open("lobby", "e")
    log.append("lobby", MessagePosted(seq=1, sender="ana", text="it works", at=0.0, room="lobby"))
    before = log.bytes
    log.take_rows()
    assert log.react("lobby", 1, "👍", "a", removed=False) == 1
    assert log.react("lobby", 1, "👍", "b", removed=False) == 2
    assert log.bytes > before
    assert log.react("lobby", 1, "👍", "a", removed=True) == 1
    assert log.react("lobby", 1, "👍", "b", removed=True) == 0
    assert log.bytes == before
    assert log.react("lobby", 2, "👍", "a", removed=False) is None
    rows = [
        Reacted("lobby", 1, "👍", by, removed) for by, removed in (("a", False), ("b", False), ("a", True), ("b", True))
    ]
    assert log.take_rows() == [*rows, Reacted("lobby", 2, "👍", "a", removed=False)]


def test_a_reaction_changes_nothing_twice_and_only_messages_of_rooms() -> None:
    said = MessagePosted(seq=1, sender="ana", text="it works", at=0.0, room="lobby")
    once = Reacted("lobby", 1, "👍", "a", removed=False).of(said)
    assert isinstance(once, MessagePosted)
    assert once.reactions == (Reaction("👍", 1, by=("a",)),)
    assert Reacted("lobby", 1, "👍", "a", removed=False).of(once) == once
    assert Reacted("lobby", 1, "🎉", "a", removed=True).of(once) == once
    everybody = BroadcastPosted(seq=1, sender="ana", text="hear, hear", at=0.0)
    assert Reacted("*", 1, "👍", "a", removed=False).of(everybody) is everybody
    assert MemoryLog(Limits()).opened() == []
