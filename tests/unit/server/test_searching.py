"""Looking for messages in what a server has in memory: by word, sender, room and time, and only where one may look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from chatcore.chat.kept.room_log import MemoryLog
from chatcore.events import MessagePosted, Posted
from chatcore.limits import Limits
from chatcore.text.finding.words import has_all, sought, words_of
from tests.unit.playbook import Client, Server

DAY = 86_400.0


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server, which may not have made a mistake in the end."""
    server = Server()
    yield server
    assert server.mistakes() == []


def found(client: Client, words: str = "", **fields: object) -> list[str]:
    answer = client.ask("search", words=words, **fields)
    assert answer["type"] == "found", answer
    return [each["text"] for each in answer["messages"]]


def test_messages_are_found_in_all_rooms_the_newest_first(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_message", text="Where is the key?")
    server.advance(1.0)
    ben.ask("create_room", room="office")
    ben.ask("send_message", text="The KEYS are here")
    server.advance(1.0)
    ana.ask("send_message", text="no, the kéy of the office")
    assert found(ana, "key") == ["no, the kéy of the office", "The KEYS are here", "Where is the key?"]
    assert found(ana, "key office") == ["no, the kéy of the office"]
    assert found(ana, "key", room="Office") == ["The KEYS are here"]
    assert found(ana, "key", **{"from": "BEN"}) == ["The KEYS are here"]
    assert found(ana, "ey") == []


def test_messages_are_found_by_their_time(server: Server) -> None:
    ana = server.login("ana")
    for number in range(3):
        ana.ask("send_message", text=f"day {number}")
        server.advance(DAY)
    (_first, second, third) = (each["at"] for each in ana.ask("history", room="lobby")["messages"])
    assert found(ana, since=second) == ["day 2", "day 1"]
    assert found(ana, until=second) == ["day 0"]
    assert found(ana, since=second, until=third) == ["day 1"]
    assert ana.refused("search", since="yesterday") == "bad_request"


def test_deleted_messages_are_not_found_and_edited_ones_by_what_they_say_now(server: Server) -> None:
    ana = server.login("ana")
    for text in ("secret one", "secret two"):
        ana.ask("send_message", text=text)
    ana.ask("delete_message", seq=1)
    ana.ask("edit_message", seq=2, text="nothing at all")
    assert found(ana, "secret") == []
    assert found(ana, "nothing") == ["nothing at all"]


def test_rooms_that_one_may_not_read_are_not_searched(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ben.ask("create_room", room="office")
    ben.ask("send_message", text="the plan")
    assert found(ana, "plan") == ["the plan"]
    ben.ask("set_private", private=True)
    assert found(ana, "plan") == []
    assert ana.refused("search", words="plan", room="office") == "room_private"
    ben.ask("invite", username="ana")
    assert found(ana, "plan") == ["the plan"]
    ben.ask("set_private", private=False)
    ben.ask("ban", username="ana")
    assert found(ana, "plan") == []
    assert ana.refused("search", words="plan", room="office") == "banned"
    assert found(ben, "plan") == ["the plan"]


def test_direct_messages_and_broadcasts_are_not_searched(server: Server) -> None:
    ana, ben = server.logins("ana", "ben")
    ana.ask("send_direct", to="ben", text="the plan")
    ana.ask("broadcast", text="the plan")
    assert found(ben, "plan") == []


def test_pages_go_on_where_the_one_before_ended_whatever_is_said_meanwhile(server: Server) -> None:
    ana = server.login("ana")
    for number in range(25):
        ana.ask("send_message", text=f"number {number}")
    answer = ana.ask("search", words="number", limit=10)
    texts = [each["text"] for each in answer["messages"]]
    while "before" in answer:
        ana.ask("send_message", text="number again")
        answer = ana.ask("search", words="number", limit=10, before=answer["before"])
        texts += [each["text"] for each in answer["messages"]]
    assert texts == [f"number {number}" for number in reversed(range(25))]


def test_page_has_no_more_than_fits_into_a_frame(server: Server) -> None:
    ana = server.login("ana")
    for number in range(10):
        ana.ask("send_message", text=f"long {number} " + "x" * 20_000)
    answer = ana.ask("search", words="long")
    assert len(answer["messages"]) == 2
    more = ana.ask("search", words="long", before=answer["before"])
    assert more["messages"][0]["text"].startswith("long 7")


@pytest.mark.unmeasured
def test_search_takes_turns_so_that_nobody_waits_for_it() -> None:
    server = Server(log_messages=20_000)
    ana, ben = server.logins("ana", "ben")
    for number in range(1200):
        ana.ask("send_message", text=f"number {number}")
    request = b'{"type":"search","words":"nothing-like-that","id":"s"}'
    ana.link.sends(request)
    turns = 0
    while not any(frame.get("id") == "s" for frame in ana.peek()):
        server.clock.turn()
        turns += 1
        assert turns < 100
    assert turns >= 1200 // 200
    assert ben.ask("ping")["type"] == "pong"


def test_what_is_asked_behind_a_search_is_answered_behind_it(server: Server) -> None:
    ana = server.login("ana")
    ana.link.sends(b'{"type":"search","words":"x","id":"1"}')
    ana.link.sends(b'{"type":"list_rooms","id":"2"}')
    server.settle()
    assert [frame.get("id") for frame in ana.take("found", "rooms")] == ["1", "2"]


def test_nothing_to_look_for_is_refused(server: Server) -> None:
    ana = server.login("ana")
    assert ana.refused("search") == ana.refused("search", words=" - !") == "bad_request"
    assert ana.refused("search", words="x", room="nowhere") == "no_such_room"
    assert server.connect().refused("search", words="x") == "not_logged_in"


def test_cursor_that_is_none_begins_with_the_newest(server: Server) -> None:
    ana = server.login("ana")
    ana.ask("send_message", text="number")
    assert found(ana, "number", before="rubbish") == ["number"]


def test_user_who_has_gone_meanwhile_is_told_nothing(server: Server) -> None:
    ana = server.login("ana")
    ana.link.sends(b'{"type":"search","words":"x","id":"1"}')
    ana.drop()
    server.advance(1.0)


def test_a_search_costs_as_much_as_several_small_requests() -> None:
    server = Server(requests_per_second=1, request_burst=20)
    ana = server.login("ana")
    refused = [ana.ask("search", words="x")["type"] for _ in range(5)]
    assert refused == ["found"] * 4 + ["error"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Größe", "grosse"),
        ("ça va?", "ca va"),
        ("ελλάδα", "ΕΛΛΑΔΑ"),
        ("данные", "ДАН"),
        ("私は今日", "今日"),
        ("snake_case", "case"),
        ("it's", "it s"),
        ("10:30", "10 30"),
    ],
)
def test_words_are_compared_without_case_and_accents_from_their_beginnings_on(text: str, words: str) -> None:
    assert has_all(text, sought(words))


@pytest.mark.parametrize(
    ("text", "words"), [("carpet", "pet"), ("今 朝日", "今日"), ("plain", "größe"), ("one", "one two")]
)
def test_other_words_are_not_found(text: str, words: str) -> None:
    assert not has_all(text, sought(words))


def test_texts_without_words_have_none() -> None:
    assert (words_of("?! … 👍"), sought(" ?! ")) == ("", ())


def test_search_ends_early_where_its_room_is_closed_or_forgets_meanwhile(server: Server) -> None:
    """What was found until then is told, unless its room is gone: there nobody finds anything."""
    for closes in (True, False):
        ana, ben = server.logins("ana", "ben")
        ben.ask("create_room", room="office")
        for number in range(450):
            ben.ask("send_message", text=f"number {number}")
        ana.link.sends(b'{"type":"search","words":"number 449 ","id":"s"}')
        server.clock.turn()
        if closes:
            ben.say("close_room")
        else:
            server.log.trim("office", 450)
        server.settle()
        (answer,) = ana.take("found")
        assert [each["seq"] for each in answer["messages"]] == ([] if closes else [450])
        for client in (ana, ben):
            client.ask("logout")


@pytest.mark.parametrize(
    ("what", "fields", "told"),
    [("delete_message", {}, []), ("edit_message", {"text": "no more than this"}, ["no more than this"])],
)
def test_what_is_changed_while_it_is_looked_for_is_told_as_it_is(
    server: Server, what: str, fields: dict[str, str], told: list[str]
) -> None:
    """What it said before is told to nobody behind the news that it says something else, or nothing any more."""
    ana, ben = server.logins("ana", "ben")
    ben.ask("create_room", room="office")
    for number in range(450):
        ben.ask("send_message", text=f"number {number}")
    ana.link.sends(b'{"type":"search","words":"number 449","id":"s"}')
    server.clock.turn()  # it is found in this one, and told in a later one
    ben.say(what, seq=450, **fields)
    server.settle()
    (answer,) = ana.take("found")
    assert [each["text"] for each in answer["messages"]] == told


@pytest.mark.unmeasured
def test_search_looks_at_so_many_messages_and_says_where_to_go_on() -> None:
    server = Server(log_messages=20_000)
    ana = server.login("ana")
    ana.ask("send_message", text="the key")
    (first,) = server.log.read("lobby", 0, 1)
    assert isinstance(first, MessagePosted)
    for seq in range(2, 10_002):
        server.log.append("lobby", replace(first, seq=seq, text="no"))
    answer = ana.ask("search", words="key")
    assert answer["messages"] == []
    assert [each["seq"] for each in ana.ask("search", words="key", before=answer["before"])["messages"]] == [1]


class CountingLog(MemoryLog):
    """A log that counts how often it is read."""

    reads = 0

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        self.reads += 1
        return super().read(key, after, limit)


class StumblingLog(CountingLog):
    """A log that cannot be read twice."""

    def read(self, key: str, after: int, limit: int) -> Sequence[Posted]:
        if self.reads == 1:
            self.reads += 1
            raise OSError("the disk reports an error")
        return super().read(key, after, limit)


def test_a_mistake_in_the_middle_of_a_search_leaves_nobody_waiting() -> None:
    """Neither whoever asked nor those who look for something at the same time; the operator is told."""
    server = Server(log=StumblingLog(Limits()))
    ana, ben = server.logins("ana", "ben")
    for number in range(60):
        ana.ask("send_message", text=f"number {number}")
    for client in (ana, ben):
        client.link.sends(b'{"type":"search","words":"nothing-like-that"}')
    server.settle()
    assert [each["code"] for each in ana.take("error", "found")] == ["unreadable"]
    assert [each["messages"] for each in ben.take("error", "found")] == [[]]
    assert found(ana, "number 59") == ["number 59"]
    assert [str(mistake) for mistake in server.mistakes()] == ["the disk reports an error"]


def test_however_many_search_a_turn_looks_at_as_many_messages_as_for_one() -> None:
    """Each is served in its turn, so whoever looks for what is soon found does not wait for the end of the others."""
    log = CountingLog(Limits())
    server = Server(log=log)
    clients = list(server.logins(*(f"c{number}" for number in range(20))))
    for number in range(1000):
        clients[0].link.sends(b'{"type":"send_message","text":"entry %d"}' % number)
    server.settle()
    for client in clients:
        client.take()
        client.link.sends(b'{"type":"search","words":"%s"}' % (b"entry" if client is clients[7] else b"nowhere"))
    answered: list[int] = []
    while len(answered) < len(clients):
        before = log.reads
        server.clock.turn()
        assert log.reads - before <= 5  # with fifty messages each
        answered += [number for number, client in enumerate(clients) if client.take("found")]
    assert answered[0] == 7
    assert server.mistakes() == []
