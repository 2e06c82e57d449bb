"""The oracle: says whether a recorded history kept the promises of delivery.

Feed it what happened, in any interleaving of clients but in each client's own order, then ask for `problems`.
It knows nothing of how the chat works, and is used by every layer of tests.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a message stands."""

    log: str
    epoch: str
    seq: int


@dataclass(slots=True)
class _View:
    """What one observer was shown of one log."""

    epoch: str = ""
    last: int = 0
    shown: set[LogPlace] = field(default_factory=set)
    announced: set[LogPlace] = field(default_factory=set)
    spans: list[tuple[str, int, int | None]] = field(default_factory=list)
    """When the observer listened: epoch, after which seq, up to which (None: to the end)."""

    def owes(self, place: LogPlace) -> bool:
        """Tell whether the observer has to have been shown what stands at `place`."""
        return any(
            epoch == place.epoch and after < place.seq and (end is None or place.seq <= end)
            for epoch, after, end in self.spans
        )

    def end_span(self) -> None:
        """End the time of listening with what was shown last."""
        if self.spans and self.spans[-1][2] is None:
            epoch, after, _ = self.spans[-1]
            self.spans[-1] = (epoch, after, self.last)


class Checker:
    """Collects a history and finds what was lost, shown twice, out of order, or different for different observers."""

    def __init__(self) -> None:
        self._sent: dict[tuple[str, int], str] = {}
        self._acknowledged: dict[tuple[str, int], LogPlace] = {}
        self._views: dict[tuple[str, str], _View] = defaultdict(_View)
        self._texts: dict[LogPlace, str] = {}
        self._problems: list[str] = []

    @property
    def acknowledged(self) -> int:
        """How many sends were acknowledged."""
        return len(self._acknowledged)

    @property
    def shown(self) -> int:
        """How many times a message was shown to somebody."""
        return sum(len(view.shown) for view in self._views.values())

    def sent(self, sender: str, number: int, text: str) -> None:
        """Somebody asked for a text to be sent; `number` is the sender's own."""
        self._sent[sender, number] = text

    def was_acknowledged(self, sender: str, number: int, log: str, epoch: str, seq: int) -> None:
        """The server told the sender where the message stands."""
        place = LogPlace(log, epoch, seq)
        if (sender, number) not in self._sent:
            self._problems.append(f"{sender} got an acknowledgement for {number}, which was never sent")
        if (sender, number) in self._acknowledged:
            self._problems.append(f"{sender} got two acknowledgements for {number}")
        self._acknowledged[sender, number] = place
        self._same_text(place, self._sent.get((sender, number), ""), sender)

    def listens(self, observer: str, log: str, epoch: str, seq: int) -> None:
        """An observer is going to be shown everything after `seq` of a log."""
        view = self._views[observer, log]
        view.end_span()
        view.epoch, view.last = epoch, seq
        view.spans.append((epoch, seq, None))

    def stops_listening(self, observer: str, log: str) -> None:
        """An observer has left: what comes later is none of its business."""
        self._views[observer, log].end_span()

    def was_shown(self, observer: str, log: str, seq: int, text: str) -> None:
        """An observer was shown a message."""
        view = self._views[observer, log]
        place = LogPlace(log, view.epoch, seq)
        if place in view.shown:
            self._problems.append(f"{observer} was shown {log} {seq} twice")
        elif seq <= view.last:
            self._problems.append(f"{observer} was shown {log} {seq} after {view.last}")
        elif seq > view.last + 1:
            self._problems.append(f"{observer} was shown {log} {seq} right after {view.last}")
        view.last = max(view.last, seq)
        view.shown.add(place)
        self._same_text(place, text, observer)

    def gap_announced(self, observer: str, log: str, epoch: str, last: int) -> None:
        """An observer was told that nothing up to `last` can be shown."""
        view = self._views[observer, log]
        if epoch != view.epoch:
            self.listens(observer, log, epoch, last)
            return
        view.announced |= {LogPlace(log, epoch, seq) for seq in range(view.last + 1, last + 1)}
        view.last = max(view.last, last)

    def problems(self, *, complete: bool = True) -> list[str]:
        """Return what went wrong, in words; empty when everything was kept.

        With `complete`, everything is over: every acknowledged message has to be with every observer that listened.
        """
        found = list(self._problems)
        places: dict[LogPlace, tuple[str, int]] = {}
        for send, place in self._acknowledged.items():
            other = places.setdefault(place, send)
            if other != send:
                found.append(f"{send} and {other} were both acknowledged as {place}")
        if complete:
            found += self._lost(places)
        return found

    def _lost(self, places: dict[LogPlace, tuple[str, int]]) -> list[str]:
        by_log: dict[str, list[LogPlace]] = defaultdict(list)
        for place in places:
            by_log[place.log].append(place)
        found = []
        for (observer, log), view in self._views.items():
            for place in by_log[log]:
                if place not in view.shown and place not in view.announced and view.owes(place):
                    sender, number = places[place]
                    found.append(f"{observer} was never shown {place}, acknowledged to {sender} as {number}")
        return found

    def _same_text(self, place: LogPlace, text: str, who: str) -> None:
        known = self._texts.setdefault(place, text)
        if known != text:
            self._problems.append(f"{who} saw {text!r} at {place}, others saw {known!r}")
