"""What a server tells of itself in numbers."""

from __future__ import annotations

import pytest

from chatcore.chat.effects import LineKind
from chatcore.dialects.echo import dialect as echo_dialect
from chatcore.errors import ErrorCode
from chatcore.ports.journal import Batch, Entry
from chatcore.ports.observer import BOUNDS, Durations
from chatcore.records import HostActed
from chatcore.server.counting import TimedJournal
from tests.unit.fakes import FakeClock, LateJournal
from tests.unit.playbook import Server


def test_figures_tell_who_is_there(server: Server) -> None:
    """Users in their grace period are users, and have no connection."""
    alice, _bob = server.logins("alice", "bob")
    server.connect()
    alice.ask("create_room", room="tea")
    alice.drop()
    server.settle()
    figures = server.switchboard.figures()
    assert figures.connections == {("fake", "chat"): 2}
    assert (figures.present, figures.sessions, figures.waiting, figures.rooms) == (1, 2, 1, 2)


def test_figures_tell_who_is_present_where_nobody_logs_in(server: Server) -> None:
    """Such as an echo: whoever is there has come as far as one can."""
    server.connect(dialect=echo_dialect)
    server.connect()
    assert server.switchboard.figures().present == 1


def test_figures_tell_what_was_said_and_who_heard_it(server: Server) -> None:
    """A message reaches everybody else once; its sender has a copy of its own. The room list tells everybody."""
    alice, bob, _carol = server.logins("alice", "bob", "carol")
    server.clock.advance(5)
    before = server.switchboard.figures()
    alice.ask("send_message", text="hello", cid=1)
    alice.ask("send_message", text="hello", cid=1)
    alice.ask("send_direct", to="bob", text="psst")
    bob.ask("broadcast", text="listen")
    figures = server.switchboard.figures()
    assert figures.messages == {"room": 2, "direct": 1, "broadcast": 1}
    assert figures.published - before.published == 2 + 2 + 3
    assert figures.told - before.told == 2 + 2 + 1


def test_figures_count_bytes_as_they_are_written(server: Server) -> None:
    """What everybody gets, and what one gets alone, before and behind it."""
    clients = tuple(server.logins("alice", "bob", "carol"))
    alice, bob, _carol = clients
    server.settle()
    written = sum(client.link.bytes_out for client in clients)
    before = server.switchboard.figures()
    alice.ask("send_message", text="hello")
    bob.ask("send_message", text="hello to you")
    bob.ask("list_rooms")
    server.settle()
    figures = server.switchboard.figures()
    assert figures.bytes_out - before.bytes_out == sum(client.link.bytes_out for client in clients) - written
    assert figures.bytes_in > before.bytes_in


def test_bytes_that_came_are_counted_when_their_connection_is_gone(server: Server) -> None:
    """Counters never go back."""
    (alice,) = server.logins("alice")
    before = server.switchboard.figures()
    alice.drop()
    server.settle()
    assert server.switchboard.figures().bytes_in == before.bytes_in > 0


def test_figures_count_refusals_by_code_and_lines_by_kind(server: Server) -> None:
    """Those that the log holds back too, and those that are no requests at all."""
    (alice,) = server.logins("alice")
    for _ in range(3):
        alice.ask("join_room", room="nowhere")
    alice.ask("no_such_request")
    figures = server.switchboard.figures()
    assert {code: count for code, count in figures.refusals.items() if count} == {"no_such_room": 3, "unknown_type": 1}
    assert figures.lines["login"] == 1


def test_figures_say_zero_of_what_has_not_happened(server: Server) -> None:
    """Or whoever looks for an increase now and then would miss the first time."""
    figures = server.switchboard.figures()
    assert (figures.lines["internal_error"], figures.refusals["rate_limited"]) == (0, 0)
    assert (set(figures.lines), set(figures.refusals)) == (set(LineKind), set(ErrorCode))


def test_durations_are_counted_in_classes() -> None:
    """Each class holds the shorter ones too; a bound belongs to its class."""
    durations = Durations()
    for seconds in (0.0, BOUNDS[1], 0.06, 99.0):
        durations.add(seconds)
    counts = dict(durations.cumulated())
    assert (counts[BOUNDS[0]], counts[BOUNDS[1]], counts[0.1], counts[5.0]) == (1, 2, 3, 3)
    assert counts[float("inf")] == 4
    assert durations.total == pytest.approx(99.06 + BOUNDS[1])


class _Follower:
    """Takes what a journal says."""

    def __init__(self) -> None:
        self.delivered: list[Entry] = []
        self.refused: list[Batch] = []

    async def start(self, journal: TimedJournal) -> None:
        await journal.start(0, self.delivered.append, lambda batch, why: self.refused.append(batch), lambda error: None)


async def test_journal_tells_how_long_it_took_from_the_first_time_something_was_proposed() -> None:
    """What is proposed again was proposed before; what is refused was never kept."""
    clock = FakeClock()
    late = LateJournal(clock)
    timed = TimedJournal(late, clock)
    follower = _Follower()
    await follower.start(timed)
    late.lost = True
    timed.propose(Batch(0, 1, ()))
    clock.advance(2)
    late.lost = False
    timed.propose(Batch(0, 1, ()))
    clock.settle()
    assert (len(follower.delivered), timed.durations.total) == (1, 0.0 + 0.0)
    timed.propose(Batch(1, 2, ()))
    clock.now += 3
    assert timed.lag == pytest.approx(3)
    clock.settle()
    assert timed.lag == 0
    late.full = "no space"
    timed.propose(Batch(1, 3, ()))
    clock.now += 50
    clock.settle()
    assert [batch.number for batch in follower.refused] == [3]
    assert timed.durations.total == pytest.approx(3)
    late.full, late.unfit = "", lambda record: True
    with pytest.raises(ValueError, match="cannot be written"):
        timed.propose(Batch(1, 3, (HostActed("reload"),)))
    clock.now += 50
    assert timed.lag == 0
