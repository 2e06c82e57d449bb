"""The door: who knows the password of a server. What is asked there is no record, and nothing of it is kept."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable
from typing import Final, NamedTuple

from chatcore.errors import ErrorCode, Refusal

# After the first wrong password from a place nobody may try there for so many seconds, after each one twice as long.
_FIRST_DELAY: Final = 1.0
_LONGEST_DELAY: Final = 60.0
# More often the first delay need not be doubled, and a power of some thousand is no float any more.
_DOUBLINGS: Final = 6
# After so many seconds without another one, those before are forgotten.
_MEMORY: Final = 3600.0
# How many places are remembered.
_MOST_PLACES: Final = 10_000


class _Wrong(NamedTuple):
    """The wrong passwords that came from a place."""

    tries: int
    since: float
    until: float


class Delays:
    """Lets a place wait longer after each wrong password that came from it."""

    def __init__(self) -> None:
        self._wrong: dict[str, _Wrong] = {}
        """By place, the last one at the end."""
        self.tell: Callable[[str], None] | None = None
        """Is told the place of each wrong one that came in here."""

    def check(self, place: str, now: float) -> None:
        """Raise `Refusal` (`rate_limited`) while nobody may try there, be it with the right one: so it says nothing."""
        wrong = self._wrong.get(place)
        if wrong is not None and now < wrong.until:
            seconds = wrong.until - now
            raise Refusal(ErrorCode.RATE_LIMITED, retry_after=seconds, what="logins", seconds=math.ceil(seconds))

    def add(self, place: str, now: float) -> None:
        """Take note of a wrong one that came in here; `now` is in seconds of the monotonic clock."""
        self.count(place, now)
        if self.tell is not None:
            self.tell(place)

    def count(self, place: str, now: float) -> None:
        """Take note of a wrong one, wherever it came in. Each has its time, also those that came in at once."""
        wrong = self._wrong.pop(place, None)
        tries = 1 if wrong is None or now - wrong.since > _MEMORY else wrong.tries + 1
        if len(self._wrong) >= _MOST_PLACES:
            del self._wrong[next(iter(self._wrong))]
        delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(tries - 1, _DOUBLINGS))
        begin = now if wrong is None else max(now, wrong.until)
        self._wrong[place] = _Wrong(tries, now, begin + delay)

    def forget(self, place: str) -> None:
        """Forget what was wrong there."""
        self._wrong.pop(place, None)


class Door:
    """Lets in who knows the password.

    Args:
        password: what it is; None lets everybody in.
    """

    def __init__(self, password: str | None) -> None:
        self._digest = None if password is None else _digest(password)
        self.delays = Delays()

    def change(self, password: str | None) -> bool:
        """Let in who knows another password from now on; whoever is in stays. Returns whether it is another one."""
        before = self._digest
        self._digest = None if password is None else _digest(password)
        return self._digest != before

    @property
    def is_open(self) -> bool:
        """True when nothing has to be said there."""
        return self._digest is None

    def check(self, password: str | None, place: str, now: float) -> bool:
        """Raise `Refusal` unless somebody from a place may come in; returns False for a password that is wrong.

        It does not matter how much of a password is right, nor who asks: nothing else is looked at before.

        Args:
            password: what was said; None for nothing, which is no try.
            place: of the network.
            now: in seconds of the monotonic clock.
        """
        if self._digest is None:
            return True
        self.delays.check(place, now)
        if password is None:
            raise Refusal(ErrorCode.WRONG_PASSWORD)
        if hmac.compare_digest(_digest(password), self._digest):
            self.delays.forget(place)
            return True
        self.delays.add(place, now)
        return False


def _digest(password: str) -> bytes:
    """Return what is compared: of one length, whatever the password is."""
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()
