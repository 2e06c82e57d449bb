"""What becomes of what a server proposes to a stream, by the answers alone: nothing is said twice or too early."""

from __future__ import annotations

import pytest

from chatcore.errors import Sentence
from chatcore.ports.journal import Batch
from chatcore_nats.tries import Tries

LOSS = 5.0
FULL = Sentence("there is no space left in the stream")
DEAF = Sentence("somebody has changed what the stream listens to; it has to be {subject}", subject="here")


class Proposer:
    """Whoever proposes batches, of which number 3 is written as `b"3"`, and sends what is to be sent at once."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.tries = Tries(LOSS, self._send)

    def propose(self, *numbers: int) -> None:
        """Propose these batches of the first node."""
        for number in numbers:
            self.tries.add(Batch(1, number, ()), b"%d" % number)

    def _send(self) -> None:
        tried = self.tries.send()
        assert tried is not None
        assert tried[0] == len(self.sent) + 1
        self.sent.append(tried[1])

    def come_back(self, number: int) -> bool:
        """Let the stream deliver a batch; tell whether it was one of these."""
        own = self.tries.came_back(b"%d" % number)
        assert own in (None, Batch(1, number, ()))
        return own is not None


@pytest.fixture
def proposer() -> Proposer:
    """Give one that has proposed nothing yet."""
    return Proposer()


def test_one_batch_is_under_way_at_a_time(proposer: Proposer) -> None:
    """The next one goes when it is known where the first one is, or when that has come back."""
    proposer.propose(1, 2, 3)
    assert proposer.sent == [b"1"]
    proposer.tries.stored(7)
    assert proposer.sent == [b"1", b"2"]
    assert proposer.come_back(1)
    assert proposer.sent == [b"1", b"2"]
    assert proposer.come_back(2)
    assert proposer.sent == [b"1", b"2", b"3"]
    assert proposer.come_back(3)
    assert proposer.tries.is_over


def test_what_is_proposed_again_is_sent_again_as_long_as_it_is_under_way(proposer: Proposer) -> None:
    """What is first goes: also where the one that is wanted is behind it, or is on its way back."""
    proposer.propose(1, 1, 2, 2)
    assert proposer.sent == [b"1", b"1", b"1"]
    proposer.tries.stored(1)
    proposer.propose(1)
    assert proposer.sent == [b"1", b"1", b"1", b"2", b"2"]
    assert proposer.come_back(1)
    assert not proposer.come_back(1)


def test_batch_without_a_node_makes_an_end_of_what_was_proposed_before(proposer: Proposer) -> None:
    """Nothing becomes of that any more."""
    proposer.propose(1, 2)
    proposer.tries.stored(4)
    proposer.tries.add(Batch(0, 1, ()), b"first of another node")
    assert proposer.sent[-1] == b"first of another node"
    assert not proposer.come_back(1)
    assert proposer.tries.awaited is None
    assert proposer.tries.came_back(b"first of another node") == Batch(0, 1, ())
    assert proposer.tries.is_over


def test_it_is_known_how_far_the_stream_goes_by_its_own_answers(proposer: Proposer) -> None:
    """Until what stands there has come back."""
    proposer.propose(1, 2)
    proposer.tries.stored(7)
    proposer.tries.stored(9)
    assert (proposer.tries.awaited, proposer.tries.end) == (7, 9)
    proposer.come_back(1)
    assert (proposer.tries.awaited, proposer.tries.end) == (9, 9)
    proposer.come_back(2)
    assert (proposer.tries.awaited, proposer.tries.end) == (None, 0)


def test_batch_is_refused_with_those_behind_it_when_each_of_its_tries_was(proposer: Proposer) -> None:
    """As long as one had no answer, it may be there."""
    proposer.propose(1, 1, 1, 2)
    assert not proposer.tries.refused(1, FULL, 100.0)
    assert not proposer.tries.refused(3, FULL, 100.0)
    assert proposer.tries.refused(2, FULL, 100.0) == [(Batch(1, 1, ()), FULL), (Batch(1, 2, ()), FULL)]
    assert proposer.tries.is_over
    assert not proposer.tries.was_given_up(b"1")


def test_answer_to_a_try_counts_while_that_batch_is_first_and_once(proposer: Proposer) -> None:
    """Another answer is of one that has come back, or was refused."""
    proposer.propose(1, 2)
    assert proposer.tries.is_unanswered(1)
    proposer.come_back(1)
    assert not proposer.tries.is_unanswered(1)
    assert proposer.tries.is_unanswered(2)
    proposer.tries.put_off(2)
    assert not proposer.tries.is_unanswered(2)


def test_try_without_an_answer_is_given_up_when_all_others_are_refused_for_long(proposer: Proposer) -> None:
    """And when a look has shown that all that is in the stream has come."""
    proposer.propose(1, 1, 1, 1)
    for number, now in ((2, 100.0), (3, 100.0 + LOSS)):
        assert not proposer.tries.refused(number, FULL, now)
        assert not proposer.tries.wants_a_look
        assert not proposer.tries.all_arrived()
    assert not proposer.tries.refused(4, FULL, 101.0 + LOSS)
    assert proposer.tries.wants_a_look
    assert proposer.tries.all_arrived() == [(Batch(1, 1, ()), FULL)]
    assert proposer.tries.was_given_up(b"1")


def test_what_was_given_up_is_remembered_until_its_number_is_taken_or_it_is_wanted_again(proposer: Proposer) -> None:
    """Until then it must not come all the same: whoever waits for the next one would be told that it was kept."""
    _give_up_first(proposer)
    proposer.propose(1)
    assert not proposer.tries.was_given_up(b"1")
    assert proposer.come_back(1)
    _give_up_first(proposer, number=2)
    proposer.tries.add(Batch(1, 2, ()), b"another one of that number")
    assert proposer.tries.was_given_up(b"2")
    assert proposer.tries.came_back(b"another one of that number") == Batch(1, 2, ())
    assert not proposer.tries.was_given_up(b"2")


def _give_up_first(proposer: Proposer, number: int = 1) -> None:
    proposer.propose(number, number, number)
    last = proposer.tries.sent
    proposer.tries.refused(last - 1, FULL, 100.0)
    proposer.tries.refused(last, FULL, 101.0 + LOSS)
    assert proposer.tries.all_arrived()


def test_next_batch_is_refused_for_as_long_by_itself(proposer: Proposer) -> None:
    """How long the one before it was refused says nothing of it."""
    proposer.propose(1, 1)
    assert not proposer.tries.refused(2, FULL, 100.0)
    proposer.propose(2)
    proposer.tries.stored(1)
    proposer.propose(2)
    assert not proposer.tries.refused(proposer.tries.sent, FULL, 101.0 + LOSS)
    assert not proposer.tries.wants_a_look


def test_what_nobody_has_heard_is_refused_once_it_is_known_that_nobody_hears(proposer: Proposer) -> None:
    """Whichever of the two is known first; until then it goes again."""
    proposer.propose(1)
    assert not proposer.tries.heard_by_nobody(1)
    assert proposer.tries.wants_a_look
    assert proposer.tries.is_deaf(DEAF) == [(Batch(1, 1, ()), DEAF)]
    proposer.propose(2)
    assert proposer.tries.heard_by_nobody(2) == [(Batch(1, 2, ()), DEAF)]


@pytest.mark.parametrize("heard", ["a look", "stored", "refused", "put off"])
def test_what_nobody_has_heard_is_not_refused_while_somebody_may_hear(proposer: Proposer, heard: str) -> None:
    """The stream listens again by then."""
    proposer.tries.is_deaf(DEAF)
    proposer.propose(1, 1, 1)
    match heard:
        case "a look":
            proposer.tries.listens()
        case "stored":
            proposer.propose(2, 2)
            proposer.tries.stored(1)
        case "refused":
            assert not proposer.tries.refused(1, FULL, 100.0)
        case _:
            proposer.tries.put_off(1)
    unanswered = [number for number in range(1, proposer.tries.sent + 1) if proposer.tries.is_unanswered(number)]
    assert unanswered
    for number in unanswered:
        assert not proposer.tries.heard_by_nobody(number)


def test_what_may_be_there_is_not_refused_for_what_nobody_has_heard(proposer: Proposer) -> None:
    """One of its tries had no answer."""
    proposer.propose(1, 1)
    assert not proposer.tries.heard_by_nobody(2)
    assert not proposer.tries.is_deaf(DEAF)
    assert proposer.come_back(1)


def test_what_waits_when_a_server_ends_is_refused_and_what_is_in_the_stream_is_not(proposer: Proposer) -> None:
    """That may have come to others already."""
    proposer.propose(1, 2, 3)
    proposer.tries.stored(5)
    why = Sentence("the server ends")
    assert proposer.tries.refuse_all(why) == [(Batch(1, 2, ()), why), (Batch(1, 3, ()), why)]
    assert not proposer.tries.is_over
    assert proposer.come_back(1)
    assert proposer.tries.is_over
