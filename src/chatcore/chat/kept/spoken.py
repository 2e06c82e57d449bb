"""Who has said something in a slow room, and when: so that it counts at every node, and after a restart."""

from __future__ import annotations

from typing import Final

# So many persons are remembered in a room; who spoke the longest time ago is forgotten first.
_MOST: Final = 10_000


class Spoken:
    """The last message of each person who has to wait, by the journal's clock."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        """In seconds, by person; the latest come last."""

    def wait(self, person: str, seconds: int, clock: float) -> float:
        """Return for how many seconds a person has to wait, who may say something every so many; 0 for not at all."""
        last = self.at.get(person)
        return 0.0 if last is None else max(0.0, round(last + seconds - clock, 3))

    def note(self, person: str, seconds: int, clock: float) -> None:
        """Take note that a person has said something, and forget those who need not wait any more."""
        self.at.pop(person, None)
        self.at[person] = clock
        while len(self.at) > _MOST or self.at[next(iter(self.at))] + seconds <= clock:
            del self.at[next(iter(self.at))]

    def follow(self, guest: str, person: str) -> None:
        """Take note that a guest is another person from now on, who has to wait for what the guest has said too."""
        last = self.at.pop(guest, None)
        if last is not None:
            spoken = self.at | {person: max(last, self.at.get(person, last))}
            self.at = dict(sorted(spoken.items(), key=lambda each: each[1]))
