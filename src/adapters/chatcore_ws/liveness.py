"""Who is still there: a silent peer is asked, and given up when its machine does not answer either.

A peer whose program does not read (a stopped process, a laptop under load) cannot answer a ping, but its machine
still acknowledges what it is sent. Linux tells that (TCP_INFO), so that the slow get more time than the dead.
"""

from __future__ import annotations

from collections.abc import Callable

from chatcore_net.link import Verdict
from chatcore_net.sockets import SocketLike, tcp_info


class WsLiveness:
    """Watches one connection. Knows no clock: set `heard` at every sign of life, and call `check` at `due`.

    Args:
        interval: after how much silence the peer is asked, in seconds.
        timeout: how long the answer may take.
        stall: how much silence is forgiven to a peer whose machine still answers; 0: no more than to others.
        now: the time.
    """

    __slots__ = ("_asked", "_buffered", "_interval", "_slow", "_stall", "_suspected", "_timeout", "due", "heard")

    def __init__(self, interval: float, timeout: float, stall: float, now: float) -> None:
        self.heard = now
        """When the last sign of life came."""
        self.due = now + interval
        """When to call `check`."""
        self._interval = interval
        self._timeout = timeout
        self._stall = stall
        self._asked: float | None = None
        self._suspected = False
        self._slow = False
        self._buffered = 0

    def check(self, now: float, *, buffered: int, patient: bool, answers: Callable[[float], bool | None]) -> Verdict:
        """Look at the connection.

        Args:
            now: the time.
            buffered: how many bytes wait to be taken by the peer; fewer than before is a sign of life.
            patient: True when it is our own doing that nothing is heard.
            answers: says whether the peer's machine answered in the last so many seconds; None: cannot tell.
        """
        late = now - self.due > self._timeout / 2
        if buffered < self._buffered:
            self.heard = now
        self._buffered = buffered
        silence = now - self.heard
        if self._asked is not None and self.heard > self._asked:
            self._asked = None
        if silence < self._interval:
            self._slow = self._suspected = False
            self._asked = None
            return self._again(self.heard + self._interval)
        if late:
            # We ourselves were held up: what came meanwhile is not read yet.
            return self._again(now + self._timeout / 5)
        if self._slow and not patient and self._stall and silence >= self._stall:
            return Verdict.STALLED
        if self._asked is None:
            self._asked = now
            self._suspected = False
            self.due = now + self._timeout * 4 / 5
            return Verdict.ASK
        return self._judge(now, patient, answers(now - self._asked))

    def _judge(self, now: float, patient: bool, answered: bool | None) -> Verdict:
        """Nothing was heard since the question: slow, or dead?"""
        if answered is None:
            answered = patient or self._buffered > 0
        if not self._stall and not patient:
            answered = False
        if answered:
            self._slow = True
            self._asked = None
            soon = now + self._interval
            return self._again(soon if patient or not self._stall else min(soon, self.heard + self._stall))
        if self._suspected:
            return Verdict.DEAD
        # What was sent a moment ago cannot be acknowledged yet: look twice.
        self._suspected = True
        return self._again(now + self._timeout / 5)

    def _again(self, when: float) -> Verdict:
        self.due = when
        return Verdict.WAIT


MachineAnswers = Callable[[SocketLike | None, float], bool | None]
"""What `machine_answers` is."""


def machine_answers(sock: SocketLike | None, since: float) -> bool | None:
    """Say whether the peer's machine acknowledges what it is sent, or at least did in the last `since` seconds.

    Returns None where the system does not tell.
    """
    info = tcp_info(sock)
    if info is None:
        return None
    if not info.unacknowledged or info.window == 0:
        return True  # nothing is under way, or the peer said that it has no room: its program does not read
    # The last acknowledgement came after our last segment, or since the question.
    return info.last_acknowledged <= info.last_sent or info.last_acknowledged < since * 1000
