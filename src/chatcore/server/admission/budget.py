"""The request budget: what one session, and one network address, may ask for.

One connection must not be able to take the server away from everybody else, so every request costs (`admission` says
what). A session gets `Limits.requests_per_second` tokens a second; all connections of one network address together get
as many times that as there may be of them (docs/decisions/0011-request-budget.md).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from chatcore.chat.kept.paces import Pace
from chatcore.errors import ErrorCode, Refusal
from chatcore.limits import Limits
from chatcore.records import Origin
from chatcore.server.admission.token_bucket import TokenBucket

# A refusal is for so many seconds at least: what was on its way when it came is refused with it, and overtakes nothing.
_PAUSE: Final = 1.0
# How many addresses are remembered; the one from which nobody has come for the longest time goes first.
_PLACES: Final = 10_000


def take_token(bucket: TokenBucket, now: float, what: str) -> None:
    """Take a token. Raises `Refusal` (`rate_limited`, of this kind) when there is none."""
    wait = bucket.wait(now)
    if wait:
        raise _too_often(what, wait)
    bucket.spend()


def _too_often(what: str, retry_after: float) -> Refusal:
    return Refusal(ErrorCode.RATE_LIMITED, retry_after=retry_after, what=what)


class Budget:
    """What one session may ask for, or one connection before its login.

    Args:
        own: its own tokens.
        address: those of its network address, None for no such limit.
        keep: which share of the address's tokens it leaves to others, 0 to 1.
        pause: how long a refusal counts at least, in seconds.
    """

    __slots__ = ("_keep", "_own", "_pause", "_refusals", "_until", "address")

    def __init__(self, own: TokenBucket, address: TokenBucket | None, keep: float, pause: float) -> None:
        self.address = address
        self._own = own
        self._keep = keep
        self._refusals: TokenBucket | None = None
        """How many refusals it is told, then it is not read until it may ask again; None before the first one."""
        self._pause = pause
        self._until = 0.0

    def change(self, pace: Pace, now: float) -> None:
        """Let its own tokens come by another pace."""
        self._own.change(pace.requests_per_second, pace.request_burst, now)
        if self._refusals is not None:
            self._refusals.change(pace.requests_per_second, pace.request_burst, now)

    def check(self, now: float) -> None:
        """Raise `Refusal` (`rate_limited`) unless something may be asked for now."""
        wait = self._own.wait(now)
        if self.address is not None:
            wait = max(wait, self.address.wait(now, self._keep))
        if wait and self._until <= now:
            self._until = now + max(wait, self._pause)
        if now < self._until:
            raise _too_often("requests", round(self._until - now + 0.001, 3))

    def spend(self, tokens: float) -> None:
        """Take the cost of a request that was checked."""
        self._own.spend(tokens)
        if self.address is not None:
            self.address.spend(tokens)

    def is_told(self, now: float) -> bool:
        """Take a refusal; returns False when there were so many that it should be held back instead."""
        if self._refusals is None:
            self._refusals = self._own.fresh(now)
        if self._refusals.wait(now):
            return False
        self._refusals.spend()
        return True


class Budgets:
    """Gives everybody a budget.

    Args:
        limits: how large they are.
    """

    def __init__(self, limits: Limits) -> None:
        self._places: OrderedDict[str, TokenBucket] = OrderedDict()
        self.change(limits, 0.0)

    def change(self, limits: Limits, now: float) -> None:
        """Let budgets be so large from now on; those of addresses, too, which have what is left to them."""
        self._rate, self._burst = limits.requests_per_second, limits.request_burst
        self._share = limits.connections_per_address
        for bucket in self._places.values() if self._rate and self._share else ():
            bucket.change(self._rate * self._share, self._burst * self._share, now)

    def of_newcomer(self, origin: Origin, now: float) -> Budget | None:
        """Return a budget for who has not logged in, who leaves half of what the address has to those who have.

        None when there is no limit.
        """
        if not self._rate:
            return None
        return self._made(origin, self._rate, self._burst, 0.5, now)

    def of(self, origin: Origin, pace: Pace, now: float) -> Budget:
        """Return a fresh budget for somebody who has a limit."""
        return self._made(origin, pace.requests_per_second, pace.request_burst, 0.0, now)

    def _made(self, origin: Origin, rate: float, burst: int, keep: float, now: float) -> Budget:
        return Budget(
            TokenBucket(rate, burst, now),
            self.of_place(origin.place, now),
            keep,
            0.0 if origin.paced else _PAUSE,
        )

    def of_place(self, place: str, now: float) -> TokenBucket | None:
        """Return what all of a network address may ask for together; None when there is no limit."""
        if not place or not self._share or not self._rate:
            return None
        bucket = self._places.get(place)
        if bucket is None:
            bucket = self._places[place] = TokenBucket(self._rate * self._share, self._burst * self._share, now)
            if len(self._places) > _PLACES:
                self._places.popitem(last=False)
        else:
            self._places.move_to_end(place)
        return bucket
