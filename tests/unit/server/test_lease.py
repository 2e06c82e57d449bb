"""A node among others is heard of, insists on what is lost, and sends its users away when it is cut off."""

from __future__ import annotations

import pytest

from chatcore.errors import FileError
from chatcore.limits import Limits
from chatcore.ports.journal import Batch
from chatcore.ports.transport import CloseReason
from chatcore.records import RULES, NodeUp
from chatcore.text.names.tables import UNICODE
from tests.unit.fakes import LateJournal
from tests.unit.playbook import Server


def leased() -> tuple[Server, LateJournal]:
    """Return a node with a lease of four seconds."""
    server = Server(late=True, lease=4.0, grace=30)
    assert isinstance(server.journal, LateJournal)
    return server, server.journal


class Other:
    """Another node, of which nothing is to be seen but its batches."""

    def __init__(self, journal: LateJournal, **limits: object) -> None:
        usual = {"grace": 30, "requests_per_second": 0, "lines_per_second": 0}
        record = Limits(**usual | limits).model_dump(mode="json")  # type: ignore[arg-type]
        journal.order(Batch(0, 1, (NodeUp("of another node", record, lease=4.0, rules=RULES, unicode=UNICODE),)))
        self._journal = journal
        self._node, self._number = len(journal.entries), 1

    def shows_life(self, server: Server, seconds: int) -> None:
        """Propose nothing, every second."""
        for _ in range(seconds):
            server.advance(1)
            self._number += 1
            self._journal.order(Batch(self._node, self._number, ()))
            server.settle()


def test_server_that_is_alone_does_nothing_when_nothing_happens() -> None:
    """No sign of life, and no timer."""
    server = Server(late=True)
    assert isinstance(server.journal, LateJournal)
    server.advance(60)
    assert (len(server.journal.entries), server.clock.timers) == (1, 0)


def test_node_of_which_nothing_is_heard_shows_life_every_second() -> None:
    """And not more often."""
    server, journal = leased()
    server.advance(10)
    assert 9 <= len(journal.entries) - 1 <= 11
    assert all(entry.batch.records == () for entry in journal.entries[1:])


def test_what_is_lost_on_the_way_goes_again_in_its_order() -> None:
    """Each send is acknowledged once, and stands in the log once."""
    server, journal = leased()
    alice, bob = server.logins("alice", "bob")
    journal.lost = True
    alice.say("send_message", text="one", cid=1)
    journal.lost = False
    alice.say("send_message", text="two", cid=2)
    assert alice.take("message") == []
    server.advance(1.5)
    assert [frame["cid"] for frame in alice.take("message")] == [1, 2]
    assert bob.texts() == ["one", "two"]


def test_node_whose_first_record_is_lost_says_it_again() -> None:
    """And comes up once, however often it was said."""
    journal = LateJournal(Server(late=True).clock)
    journal.lost = True
    server = Server(journal=journal, lease=4.0)
    early = server.connect()
    server.settle()
    assert early.link.closed is CloseReason.GOING_AWAY
    journal.lost = False
    server.advance(1)
    assert server.login("alice").welcome["type"] == "welcome"
    (first,) = journal.entries[0].batch.records
    assert isinstance(first, NodeUp)
    journal.order(Batch(0, 1, (first,)))
    assert len(server.chat.nodes.up) == 1


def test_node_that_begins_again_has_lost_nothing_more() -> None:
    """Its users would be told once more that they may lack something."""
    server = Server(late=True, lease=4.0, grace=30, lost=True)
    journal = server.journal
    assert isinstance(journal, LateJournal)
    other = Other(journal)
    other.shows_life(server, 1)
    journal.lost = True
    other.shows_life(server, 6)
    journal.lost = False
    other.shows_life(server, 2)
    begun = [each for entry in journal.entries for each in entry.batch.records if isinstance(each, NodeUp)]
    assert [each.lost for each in begun] == [True, False, False]


def test_node_that_is_cut_off_sends_its_users_away_and_goes_on_when_it_is_back() -> None:
    """Half a second before its lease would be over, with words that let a client come back by itself."""
    server, journal = leased()
    (alice,) = server.logins("alice")
    journal.lost = True
    alice.say("send_message", text="hi", cid=1)
    server.advance(3)
    assert alice.link.closed is None
    server.advance(1)
    assert alice.last()["code"] == "unavailable"
    assert alice.link.closed is CloseReason.GOING_AWAY
    alice.drop()
    journal.lost = False
    server.advance(1)
    back = server.login("alice", token=alice.token)
    assert back.welcome["resumed"]
    assert (back.welcome["cid"], server.chat.log.head("lobby")) == (1, 1)
    assert len(server.chat.nodes.up) == 1, "nobody was heard meanwhile, so its lease was not over"
    told = [fields["why"] for what, fields in server.records if what == "cut_off"]
    assert told == ["nothing comes back from the journal"]


def test_node_whose_journal_takes_nothing_keeps_its_users_and_says_why_once() -> None:
    """Others are no better off; they read on, and what is sent is refused for now."""
    server, journal = leased()
    alice, bob = server.logins("alice", "bob")
    journal.full = "there is no space"
    for _ in range(10):
        assert alice.ask("send_message", text="hi", cid=1)["code"] == "unavailable"
        assert len(bob.ask("list_users", room="lobby")["users"]) == 2
        server.advance(3)
    assert (alice.link.closed, server.switchboard.journal_side.apart) == (
        None,
        "nothing can be kept: there is no space",
    )
    journal.full = ""
    server.advance(1)
    assert alice.ask("send_message", text="hi", cid=1)["seq"] == 1
    assert (bob.texts(), server.switchboard.journal_side.apart) == (["hi"], None)
    told = [what for what, _fields in server.records if what in ("not_kept", "kept_again", "cut_off")]
    assert told == ["not_kept", "kept_again"]


def test_node_that_was_given_up_begins_anew_once_its_journal_takes_something_again() -> None:
    """It insists: what is refused meanwhile is not its end."""
    server, journal = leased()
    other = Other(journal)
    journal.lost = True
    other.shows_life(server, 6)
    journal.full, journal.lost = "there is no space", False
    server.advance(10)
    assert server.switchboard.journal_side.apart == "nothing comes back from the journal"
    journal.full = ""
    server.advance(2)
    assert server.login("alice").welcome["type"] == "welcome"
    assert server.switchboard.journal_side.apart is None


def test_node_that_the_others_have_given_up_begins_anew() -> None:
    """What it still had under way counts for nothing; its users come back, here or elsewhere."""
    server, journal = leased()
    other = Other(journal)
    (alice,) = server.logins("alice")
    journal.lost = True
    alice.say("send_message", text="hi", cid=1)
    other.shows_life(server, 6)
    assert alice.link.closed is CloseReason.GOING_AWAY
    alice.drop()
    assert [session.connection for session in server.chat.users.values()] == [None]
    journal.lost = False
    server.advance(1)
    back = server.login("alice", token=alice.token)
    assert (back.welcome["resumed"], back.welcome["cid"]) == (True, 0)
    assert back.ask("send_message", text="hi", cid=1)["seq"] == 1
    assert len(server.chat.nodes.up) == 2


def test_node_that_nobody_is_left_to_give_up_goes_on() -> None:
    """What came when its lease was over counted for nothing; it counts when it comes once more, and nobody else did."""
    server, journal = leased()
    other = Other(journal)
    (alice,) = server.logins("alice")
    journal.lost = True
    alice.say("send_message", text="hi", cid=1)
    other.shows_life(server, 4)
    alice.drop()
    journal.lost = False
    server.advance(1)
    assert server.chat.log.head("lobby") == 0
    server.advance(3)
    assert server.chat.log.head("lobby") == 1
    assert server.login("alice", token=alice.token).welcome["cid"] == 1


@pytest.mark.parametrize("given_up", [False, True])
def test_node_leaves_also_when_its_last_word_is_lost_or_nobody_waits_for_it(given_up: bool) -> None:
    """Its sessions wait for other connections, and it beats no more."""
    server, journal = leased()
    other = Other(journal)
    server.logins("alice")
    left: list[bool] = []
    server.switchboard.stop("bye")
    journal.lost = True
    server.switchboard.leave(lambda: left.append(True))
    server.settle()
    assert left == []
    if given_up:
        other.shows_life(server, 6)
    else:
        journal.lost = False
        server.advance(1.5)
    assert (left, len(server.chat.nodes.up)) == ([True], 1)
    before = len(journal.entries)
    server.advance(60)
    assert len(journal.entries) == before


def test_node_leaves_also_when_the_journal_is_out_of_reach() -> None:
    """After a while; what the journal refuses later is nobody's any more."""
    server, journal = leased()
    server.logins("alice")
    left: list[bool] = []
    server.switchboard.stop("bye")
    journal.lost = True
    server.switchboard.leave(lambda: left.append(True))
    server.advance(1.9)
    assert left == []
    server.advance(0.2)
    assert left == [True]
    journal.full = "the server ends"
    journal.order(Batch(1, 2, ()))
    server.advance(60)
    assert left == [True]


def test_node_whose_journal_has_failed_says_nothing_more() -> None:
    """There is nobody to say it to."""
    server, journal = leased()
    before = len(journal.entries)
    journal.fail(FileError("the disk is gone"))
    server.advance(10)
    assert (server.switchboard.stopping, len(journal.entries)) == (True, before)
    assert [fields for what, fields in server.records if what == "store_failed"] == [{"why": "the disk is gone"}]
    assert server.mistakes() == []


def test_node_that_allows_something_else_does_not_begin_while_others_are_up() -> None:
    """It asks as long as they may be dead, and says then what is not alike."""
    server = Server(late=True)
    assert isinstance(server.journal, LateJournal)
    other = Other(server.journal, text_bytes=100)
    unlike = Server(journal=server.journal, life="second", lease=4.0, grace=30)
    assert unlike.switchboard.node == 0
    other.shows_life(unlike, 12)
    assert "text_bytes" in str(unlike.switchboard.unbegun)
    count = len(server.journal.entries)
    unlike.advance(30)
    assert len(server.journal.entries) == count


def test_node_that_allows_something_else_begins_once_the_others_are_dead() -> None:
    """What it allows holds from there on."""
    server = Server(late=True)
    assert isinstance(server.journal, LateJournal)
    Other(server.journal, text_bytes=100)
    unlike = Server(journal=server.journal, life="second", lease=4.0, grace=30)
    assert unlike.switchboard.node == 0
    unlike.advance(7)
    assert unlike.switchboard.node
    assert unlike.switchboard.unbegun is None
    (alice,) = unlike.logins("alice")
    assert alice.welcome["limits"]["text_bytes"] == unlike.limits.text_bytes


def test_server_stops_although_very_many_are_lost_at_that_moment() -> None:
    """All of them are forgotten before it leaves: what it says behind that does not count, and would never come."""
    server = Server(late=True, connections_per_address=200)
    clients = [server.login(f"user{number}") for number in range(120)]
    for client in clients:
        client.link.breaks()
    left: list[bool] = []
    server.switchboard.leave(lambda: left.append(True))
    server.settle()
    assert left == [True]
    assert not any(session.connection for session in server.chat.users.values())


def test_server_stops_although_something_is_said_behind_its_last_word() -> None:
    """That does not count any more, and is not proposed once more."""
    server = Server(late=True)
    alice, _bob = server.logins("alice", "bob")
    left: list[bool] = []
    server.switchboard.leave(lambda: left.append(True))
    alice.link.breaks()
    server.settle()
    assert left == [True]
