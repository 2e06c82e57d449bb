"""Who is still there. TCP has no ping of its own, but the system knows what the peer's machine has acknowledged.

A silent connection is watched by the system (`chatcore_tcp.sockets.prepare`). What it does not do within seconds is to
give up a peer that was sent something: that is done here. A peer whose machine answers and whose program takes
nothing is slow, and has much more time (docs/decisions/0005).
"""

from __future__ import annotations

from typing import NamedTuple

from chatcore.ports.transport import LostReason
from chatcore_net.sockets import SocketLike, tcp_info


class PeerMachine(NamedTuple):
    """What the system knows about the peer's machine."""

    owes: bool
    """It was sent something that it has not acknowledged."""
    silence: float
    """Seconds since its last acknowledgement of anything."""


class TcpLiveness:
    """Watches one connection. Knows no clock: call `check` every `period` seconds.

    Args:
        interval: together with `timeout`: after how many seconds a dead peer is noticed.
        timeout: see there.
        stall: how long a peer whose machine answers may take nothing, in seconds.
        now: the time.
    """

    __slots__ = ("_buffered", "_interval", "_looked_at", "_owes_since", "_stall", "_taken_at", "period")

    def __init__(self, interval: float, timeout: float, stall: float, now: float) -> None:
        self.period = timeout
        self._interval = interval
        self._stall = stall
        self._looked_at = now
        self._owes_since: float | None = None
        self._taken_at = now
        self._buffered = 0

    def taken(self, now: float) -> None:
        """Begin anew: the peer took something."""
        self._taken_at = now

    def check(self, now: float, buffered: int, machine: PeerMachine | None) -> LostReason | None:
        """Return why the peer is to be given up, None to keep it.

        Args:
            now: the time.
            buffered: how many bytes wait to be taken by the peer.
            machine: what the system knows; None when it does not tell.
        """
        if not buffered or buffered < self._buffered:
            self._taken_at = now
        self._buffered = buffered
        elapsed, self._looked_at = now - self._looked_at, now
        if machine is None or not machine.owes:
            self._owes_since = None
        elif self._owes_since is None or machine.silence < elapsed:
            self._owes_since = now
        elif now - self._owes_since >= self._interval - self.period / 2:
            return LostReason.SILENT
        return LostReason.STALLED if now - self._taken_at >= self._stall else None


def peers_machine(sock: SocketLike | None) -> PeerMachine | None:
    """Return what the system knows about the machine at the other end of a socket; None where it does not tell."""
    info = tcp_info(sock)
    if info is None:
        return None
    return PeerMachine(bool(info.probes or info.unacknowledged), info.last_acknowledged / 1000)
