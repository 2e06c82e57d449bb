"""Who is still there: a silent peer is asked, and given up when it does not answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chatcore_net.link import Verdict

# By how much sooner than it has to be a peer is asked, so that everything is over in time.
_EARLY: Final = 0.95
# What was lost is missed a round trip later, and there after another one; where a slow link has a long queue, a round
# trip takes as long as that.
_ROUND_TRIPS: Final = 3.0


class QuicLiveness:
    """Watches one connection. Knows no clock: call `check` at `due`, or later.

    Args:
        interval: after how much silence the peer is asked, in seconds.
        timeout: how long the answer may take.
        stall: how long a peer may take nothing although it answers.
        now: the time.
    """

    __slots__ = ("_asked", "_began", "_heard", "_interval", "_stall", "_taken", "_taken_at", "_timeout", "due")

    def __init__(self, interval: float, timeout: float, stall: float, now: float) -> None:
        self._interval = interval * _EARLY
        self.due = now + self._interval
        """When to call `check`."""
        self._began = now
        self._timeout = timeout
        self._stall = stall
        self._asked = False
        self._heard = now
        """The last sign of life before the question. A coarse clock shows the same time for a question and its answer,
        but not for two signs of life with a silence between them."""
        self._taken: list[int | None] = []
        self._taken_at: list[float] = []

    def check(
        self, now: float, *, heard: float | None, taken: Sequence[int | None], round_trip: float = 0.0
    ) -> Verdict:
        """Look at the connection.

        Args:
            now: the time.
            heard: when the last sign of life came.
            taken: how many bytes the peer took so far, of each stream; None where nothing waits to be taken.
            round_trip: how long an answer takes, in seconds.
        """
        late = now - self.due > self._timeout / 2
        heard = self._since(heard)
        since = self._stands_since(now, taken)
        if not late and now - since >= max(self._stall, _ROUND_TRIPS * round_trip):
            return Verdict.STALLED
        if self._asked and heard > self._heard:
            self._asked = False
        if not self._asked and now < heard + self._interval:
            return self._again(heard + self._interval)
        if late:
            # We ourselves were held up: what came meanwhile is not read yet.
            return self._again(now + self._timeout / 5)
        if not self._asked:
            self._ask(heard, now + self._timeout)
            return Verdict.ASK
        return Verdict.DEAD

    def hurry(self, now: float, within: float, *, heard: float | None) -> float:
        """Begin to wait for a peer that is being asked for a reason; returns when to `check`.

        Args:
            now: the time.
            within: how long the answer may take.
            heard: when the last sign of life came.
        """
        if not self._asked or self.due > now + within:
            self._ask(self._since(heard), now + within)
        return self.due

    def _stands_since(self, now: float, taken: Sequence[int | None]) -> float:
        """Return since when the peer has taken nothing of a stream where something waits."""
        before = self._taken + [None] * (len(taken) - len(self._taken))
        at = self._taken_at + [now] * (len(taken) - len(self._taken_at))
        self._taken = list(taken)
        self._taken_at = [
            then if count is not None and count == last else now
            for count, last, then in zip(taken, before, at, strict=True)
        ]
        return min(self._taken_at, default=now)

    def _ask(self, heard: float, due: float) -> None:
        self._asked, self._heard, self.due = True, heard, due

    def _since(self, heard: float | None) -> float:
        return self._began if heard is None else max(heard, self._began)

    def _again(self, when: float) -> Verdict:
        self.due = when
        return Verdict.WAIT
