"""Finds words in what is loaded of a conversation, and goes on finding them in what comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from chatcore_qt.presenters.entries.timeline import (
    Change,
    Entry,
    Inserted,
    MessageEntry,
    Removed,
    Replaced,
    Timeline,
)
from chatcore_qt.presenters.signals import Signal

_FEW: Final = 5_000
"""So many messages are found sooner by their keys than by looking through all there are."""


class Search:
    """What of a timeline fits some words; looked through anew only where it has changed."""

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self.words = ""
        """What is looked for, without regard to case."""
        self.found: list[str] = []
        """Keys of the messages that fit, oldest first."""
        self.at = -1
        """Which of them is looked at, counted in `found`; -1 for none."""
        self._timeline: Timeline | None = None
        self._end: Callable[[], None] | None = None

    @property
    def key(self) -> str | None:
        """Key of the message that is looked at."""
        return self.found[self.at] if 0 <= self.at < len(self.found) else None

    def begin(self, timeline: Timeline | None) -> None:
        """Look in another conversation; None for none."""
        if self._end is not None:
            self._end()
        self._timeline = timeline
        self._end = None if timeline is None else timeline.observe(self._follow)
        self._look_anew()

    def look_for(self, words: str) -> None:
        """Look for other words, beginning at the newest message."""
        words = words.strip().casefold()
        narrower = bool(self.words) and words.startswith(self.words) and len(self.found) < _FEW
        self.words = words
        if narrower and self._timeline is not None:
            known = map(self._timeline.find, self.found)
            self.found = self._fitting(entry for entry in known if entry is not None)
            self._to_newest()
        else:
            self._look_anew()

    def step(self, step: int) -> None:
        """Go to a newer one (1), or to an older one (-1); round at the ends."""
        if self.found:
            self.at = (self.at + step) % len(self.found)
            self.changed.emit()

    def _look_anew(self) -> None:
        self.found = [] if self._timeline is None else self._fitting(self._timeline.entries)
        self._to_newest()

    def _to_newest(self) -> None:
        self.at = len(self.found) - 1
        self.changed.emit()

    def _fitting(self, entries: Iterable[Entry]) -> list[str]:
        words = self.words
        if not words:
            return []
        return [one.key for one in entries if isinstance(one, MessageEntry) and words in one.text.casefold()]

    def _follow(self, changes: tuple[Change, ...]) -> None:
        if not self.words or self._timeline is None:
            return
        key = self.key
        if all(self._is_followed(change, self._timeline) for change in changes):
            for change in changes:
                self._follow_one(change, self._timeline)
        else:
            self.found = self._fitting(self._timeline.entries)
        self.at = self.found.index(key) if key in self.found else len(self.found) - 1
        self.changed.emit()

    def _is_followed(self, change: Change, timeline: Timeline) -> bool:
        """Tell whether what is found after a change is known without looking through everything."""
        match change:
            case Inserted(at=at, entries=entries):
                return at == 0 or at + len(entries) >= len(timeline.entries) or not self._fitting(entries)
            case Replaced(entry=entry):
                return (entry.key in self.found) == bool(self._fitting((entry,)))
            case Removed(at=at):
                return at == 0
        return True

    def _follow_one(self, change: Change, timeline: Timeline) -> None:
        match change:
            case Inserted(at=0, entries=entries):
                self.found[:0] = self._fitting(entries)
            case Inserted(entries=entries):
                self.found += self._fitting(entries)
            case Removed():
                gone = next((at for at, key in enumerate(self.found) if timeline.find(key)), len(self.found))
                del self.found[:gone]
