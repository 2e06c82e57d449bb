"""What a server has proposed to the stream, and what is known of each try: from answers alone, in whatever order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from chatcore.errors import Sentence
from chatcore.ports.journal import Batch
from chatcore_nats.shortness import Shortness

Refused = Sequence[tuple[Batch, str]]
"""Batches that are refused, in their order, and why."""


class Tries:
    """One batch is under way at a time, the first one; it may be sent more than once, and each time is a try.

    What is refused with it are all those behind it. `now` is the time in seconds of the loop's clock.

    Args:
        loss: after so many seconds of refusals the tries of which nobody has said anything may be given up.
        go: has the first one sent, for the first time or once more.
    """

    def __init__(self, loss: float, go: Callable[[], None]) -> None:
        self._go = go
        self.sent = 0
        """How many tries there were, which is the number of the last one."""
        self._queue: deque[tuple[Batch, bytes]] = deque()
        """What was proposed and is not in the stream yet, as far as is known."""
        self._stored: deque[tuple[Batch, bytes, int]] = deque()
        """What is in the stream, where it is at the latest, and has not come back."""
        self._unanswered: set[int] = set()
        """The tries of the first one that may be in the stream: those of which nobody has said anything."""
        self._is_unheard = False  # whether nobody at all has heard of one of its tries
        self._deaf: Sentence | None = None
        """Why nobody hears what is proposed, when it is known."""
        self._refusal: Sentence | None = None
        """Why the stream goes on refusing it, while nobody knows of all its tries that they are not there."""
        self._refusing = Shortness(loss)
        self._given_up: set[bytes] = set()
        """What was refused for that, though nobody has said of all its tries that they are not there."""

    @property
    def is_over(self) -> bool:
        """True when all that was proposed has come back, or was refused."""
        return not self._queue and not self._stored

    @property
    def awaited(self) -> int | None:
        """Where the first one that the stream has is at the latest; None when all of them have come back."""
        return self._stored[0][2] if self._stored else None

    @property
    def end(self) -> int:
        """How far the stream has to go at least, by its own answers; 0 when all that it has taken has come back."""
        return max((at for _batch, _data, at in self._stored), default=0)

    @property
    def wants_a_look(self) -> bool:
        """True while it counts how the stream is: nobody has heard of a try, or it goes on refusing the first one."""
        return self._is_unheard or self._refusal is not None

    def add(self, batch: Batch, data: bytes) -> None:
        """Propose a batch, or the same once more: then what is under way goes again."""
        if not batch.node:  # nothing becomes of what was proposed before
            self._queue.clear()
            self._stored.clear()
            self._given_up.clear()
        self._given_up.discard(data)  # it may be there: it is wanted again
        if any(data == known for _batch, known, *_at in (*self._queue, *self._stored)):
            self._go()
            return
        self._queue.append((batch, data))
        if len(self._queue) == 1:
            self._begin_first()

    def send(self) -> tuple[int, bytes] | None:
        """Return number and content of one more try; None when there is nothing to be sent."""
        if not self._queue:
            return None
        self.sent += 1
        self._unanswered.add(self.sent)
        return self.sent, self._queue[0][1]

    def is_unanswered(self, number: int) -> bool:
        """Tell whether an answer to this try says anything: not once its batch has come back, or was refused."""
        return number in self._unanswered

    # What is said of a try that is unanswered.

    def heard_by_nobody(self, number: int) -> Refused:
        """Take note that nobody was there who would have taken it, or somebody else."""
        self._unanswered.discard(number)
        self._is_unheard = True
        return self._refuse_unheard()

    def stored(self, at: int) -> None:
        """Take note that the stream has the first one, there at the latest: the next one is the first now."""
        self.listens()
        self._stored.append((*self._queue.popleft(), at))
        self._begin_first()

    def refused(self, number: int, why: Sentence, now: float) -> Refused:
        """Take note that the stream has refused it.

        The batch is refused when each of its tries was; or, after a look, for so long that those without an answer
        are lost.
        """
        self.listens()
        self._unanswered.discard(number)
        if not self._unanswered:
            return self.refuse_all(why)
        if self._refusing.is_loss(now):
            self._refusal = why
        return ()

    def put_off(self, number: int) -> None:
        """Take note that the stream cannot take it at present."""
        self.listens()
        self._unanswered.discard(number)

    # What a look at the stream has shown.

    def all_arrived(self) -> Refused:
        """Take note that everything that is in the stream has come: what it goes on refusing is not there.

        Whoever could still write down a try that had no answer would have done so by now, or leads no more.
        """
        if self._refusal is None:
            return ()
        self._given_up.add(self._queue[0][1])
        return self.refuse_all(self._refusal)

    def listens(self) -> None:
        """Take note that the stream hears what is proposed."""
        self._deaf = None

    def is_deaf(self, why: Sentence) -> Refused:
        """Take note that it does not: what nobody has heard is refused."""
        self._deaf = why
        return self._refuse_unheard()

    # What comes out of the stream.

    def came_back(self, data: bytes) -> Batch | None:
        """Return the batch of this server that has come out of the stream, if it is one; the next one may go then."""
        if self._stored and self._stored[0][1] == data:
            batch = self._stored.popleft()[0]
        elif self._queue and self._queue[0][1] == data:
            batch = self._queue.popleft()[0]
            self._begin_first()
        else:
            return None
        self._given_up.clear()  # its number is taken: whatever was refused counts for nothing now
        return batch

    def was_given_up(self, data: bytes) -> bool:
        """Tell whether this was refused, and nobody could know for sure that it is not there."""
        return data in self._given_up

    # The end of all of them.

    def refuse_all(self, why: str) -> Refused:
        """Return what was proposed and is not in the stream: it is forgotten here."""
        batches, self._queue = self._queue, deque()
        self._begin_first()
        return [(batch, why) for batch, _data in batches]

    def _refuse_unheard(self) -> Refused:
        if self._deaf is None or not self._queue or not self._is_unheard or self._unanswered:
            return ()
        return self.refuse_all(self._deaf)

    def _begin_first(self) -> None:
        """Know nothing of the first one, and have it sent: it is another one."""
        self._unanswered.clear()
        self._is_unheard = False
        self._refusal = None
        self._refusing.end()
        if self._queue:
            self._go()
