"""Who has said something in a slow room, and when: so that it counts at every node, and after a restart."""

from __future__ import annotations

from typing import Final

# So many persons are remembered in a room; who spoke the longest time ago is forgotten first.
_MOST: Final = 10_000


class Spoken:
    """The last message of each person who has to wait, by the journal's clock."""

    __slots__ = ("at", "left")

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        """In seconds, by person; the latest come last."""
        self.left: dict[str, tuple[str, float]] = {}
        """Those of them who are away: of which network place they were, and since when."""

    def wait(self, person: str, seconds: int, clock: float) -> float:
        """Return for how many seconds a person has to wait, who may say something every so many; 0 for not at all."""
        last = self.at.get(person)
        return 0.0 if last is None else max(0.0, round(last + seconds - clock, 3))

    def note(self, person: str, seconds: int, clock: float) -> None:
        """Take note that a person has said something, and forget those who need not wait any more."""
        self.at.pop(person, None)
        self.at[person] = clock
        while len(self.at) > _MOST or self.at[next(iter(self.at))] + seconds <= clock:
            first = next(iter(self.at))
            del self.at[first]
            self.left.pop(first, None)

    def leave(self, person: str, place: str, clock: float) -> None:
        """Take note that a person is away, who was at that place."""
        if place and person in self.at:
            self.left[person] = (place, clock)

    def come_back(self, person: str) -> None:
        """Take note that a person is there again."""
        self.left.pop(person, None)

    def take_over(self, person: str, place: str, seconds: int, clock: float, since: float) -> None:
        """Let a person who is new wait for what was said by the last one who had left that place before, if anybody.

        It may be the same one under another name. Of several who come from there, one waits for one who left.
        """
        for gone, (where, left) in reversed(self.left.items()):
            if where == place and left <= since and self.wait(gone, seconds, clock):
                del self.left[gone]
                self._put(person, self.at[gone])
                return

    def follow(self, guest: str, person: str) -> None:
        """Take note that a guest is another person from now on, who has to wait for what the guest has said too."""
        last = self.at.pop(guest, None)
        if last is not None:
            self.left.pop(guest, None)
            self._put(person, max(last, self.at.get(person, last)))

    def _put(self, person: str, last: float) -> None:
        self.at = dict(sorted((self.at | {person: last}).items(), key=lambda each: each[1]))
