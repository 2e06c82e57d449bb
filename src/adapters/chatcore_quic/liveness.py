"""Who is still there: a silent peer is asked, and given up when it does not answer."""

from __future__ import annotations

from typing import Final

from chatcore_net.link import Verdict

# By how much sooner than it has to be a peer is asked, so that everything is over in time.
_EARLY: Final = 0.95


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
        self._taken = 0
        self._taken_at = now

    def check(self, now: float, *, heard: float | None, waiting: bool, taken: int) -> Verdict:
        """Look at the connection.

        Args:
            now: the time.
            heard: when the last sign of life came.
            waiting: True when something waits to be taken by the peer.
            taken: how many bytes the peer took so far.
        """
        late = now - self.due > self._timeout / 2
        heard = self._since(heard)
        if taken != self._taken or not waiting:
            self._taken, self._taken_at = taken, now
        elif now - self._taken_at >= self._stall:
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

    def _ask(self, heard: float, due: float) -> None:
        self._asked, self._heard, self.due = True, heard, due

    def _since(self, heard: float | None) -> float:
        return self._began if heard is None else max(heard, self._began)

    def _again(self, when: float) -> Verdict:
        self.due = when
        return Verdict.WAIT
