"""Says whether a simulated history kept what is promised. It sees what clients see, and what nodes have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from chatcore.chat.chat import Chat
from chatcore.commands import Position
from chatcore.events import DirectPosted, GapFound, Posted, RoomEntered
from chatcore.ports.journal import Entry
from chatcore.records import NodeLeft
from chatcore.text.names import name_key

if TYPE_CHECKING:
    from tests.simulation.cluster import Node

# Every text says whose it is, the how manieth, and what kind: `ann:7:m`, `ann:8:d:bob`, `ann:9:u`, `ann:10:ghost`.

# Sums of many times are not quite those of few.
_ALIKE: Final = 1e-6


class Silences:
    """Reckons for how long each node was not heard of, at one of the nodes, and says where leases are not kept to.

    Seconds in which nobody was heard of for more than half a lease are not counted: it was the journal then.

    Args:
        lease: of every node, in seconds.
    """

    def __init__(self, lease: float) -> None:
        self._lease = lease
        self._clock = 0.0
        self._numbers: dict[int, int] = {}
        self._silent: dict[int, float] = {}

    def copy(self) -> Silences:
        """Return the same for a node that begins from a snapshot of this one."""
        other = Silences(self._lease)
        other._clock, other._numbers, other._silent = self._clock, dict(self._numbers), dict(self._silent)
        return other

    def see(self, entry: Entry, chat: Chat) -> Iterator[str]:
        """Look at what an entry has come to; yield what is not as it should be."""
        number, before = entry.batch.node, self._numbers
        after = self._numbers = {incarnation: node.number for incarnation, node in chat.nodes.up.items()}
        quiet = entry.clock - self._clock
        heard = 0.0 if quiet > self._lease / 2 else quiet
        if chat.position != entry.position:
            in_time = self._silent.get(number, 0.0) + heard <= self._lease - _ALIKE
            if before.get(number, -1) + 1 == entry.batch.number and in_time:
                yield f"{number} is there, and its next batch does not count"
            return
        self._clock = entry.clock
        silent = self._silent = {each: seconds + heard for each, seconds in self._silent.items()}
        if silent.get(number, 0.0) > self._lease + _ALIKE:
            yield f"what {number} says counts {silent[number]:.1f} s after it was heard of"
        silent[number] = 0.0
        left = {number} if any(isinstance(record, NodeLeft) for record in entry.batch.records) else set()
        for gone in before.keys() - after.keys() - left:
            if silent[gone] < self._lease - _ALIKE:
                yield f"{gone} is given up {silent[gone]:.1f} s after it was heard of"
        self._silent = {each: silent.get(each, 0.0) for each in after}
        for each, seconds in self._silent.items():
            if seconds > self._lease + _ALIKE:
                yield f"{each} is taken to be there {seconds:.1f} s after it was heard of"


class Oracle:
    """Collects a history. Every check has a name, with which what it finds begins."""

    def __init__(self, usernames: Iterable[str]) -> None:
        self.usernames = frozenset(usernames)
        self.acks = 0
        """How many sends were acknowledged."""
        self.found: list[str] = []
        """What went wrong."""
        self._sent: dict[str, list[str]] = defaultdict(list)
        self._acknowledged: set[str] = set()
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._last: dict[str, dict[str, Position]] = defaultdict(dict)
        self._digests: dict[int, tuple[str, int]] = {}

    # What clients see.

    def sent(self, who: str, text: str) -> None:
        """Somebody posts a numbered text."""
        self._sent[who].append(text)

    def acknowledged(self, who: str, text: str) -> None:
        """Somebody is told that a text has its place."""
        self.acks += 1
        if text in self._acknowledged:
            self.found.append(f"acknowledged: {text} is acknowledged to {who} twice")
        self._acknowledged.add(text)

    def refused(self, who: str, text: str, code: str) -> None:
        """Somebody is told that a text has no place."""
        self._sent[who].remove(text)
        # The others only where somebody looks after the rooms.
        if code not in {"no_such_user", "not_in_room", "muted", "banned"}:
            self.found.append(f"refused: {text} is refused: {code}")

    def welcomed(self, who: str, positions: Mapping[str, Position], *, resumed: bool) -> None:
        """What follows goes on after these: of a log that is known, after what was shown of it.

        A session that goes on may be in another room meanwhile; from a new one its client goes back to where it was.
        """
        last = self._last[who]
        if resumed:
            last = self._last[who] = {name: last[name] for name in map(name_key, positions) if name in last}
        for name, position in positions.items():
            known = last.get(name_key(name))
            if known is None or known.epoch != position.epoch:
                last[name_key(name)] = position
            elif known.seq != position.seq:
                self.found.append(f"dense: {who} goes on in {name} after {position.seq}, and was shown {known.seq}")

    def last_shown(self, who: str, room: str) -> int:
        """Return how far somebody was shown a room."""
        position = self._last[who].get(name_key(room))
        return 0 if position is None else position.seq

    def told(self, who: str, event: object) -> None:
        """Somebody is told something else."""
        last = self._last[who]
        if isinstance(event, RoomEntered):
            last.setdefault(name_key(event.room), event.position)
            kept = {name_key(event.room), "@", "*"}
            self._last[who] = {log: position for log, position in last.items() if log in kept}
        elif isinstance(event, GapFound):
            last[name_key(event.room)] = Position(event.epoch, event.last)

    def shown(self, who: str, username: str, entry: Posted) -> None:
        """Somebody is shown a text."""
        text, log = entry.text, name_key(entry.log)
        if text in self._seen[who]:
            self.found.append(f"once: {who} is shown {text} twice")
        self._seen[who].add(text)
        last = self._last[who].get(log)
        if last is None or entry.seq != last.seq + 1:
            self.found.append(f"dense: {who} is shown {entry.seq} of {log} after {last}")
        self._last[who][log] = Position("" if last is None else last.epoch, entry.seq)
        if isinstance(entry, DirectPosted) and username not in (entry.sender, text.rpartition(":")[2]):
            self.found.append(f"direct: {who} is shown {text}")

    # What nodes have.

    def compare(self, node: Node) -> None:
        """Compare a node with those that were at the same position."""
        position, digest = node.port.position, node.digest()
        name, other = self._digests.setdefault(position, (node.name, digest))
        if digest != other:
            self.found.append(f"equal: {node.name} and {name} are not alike at {position}")
        self.found += [f"holder: {problem}, at {node.name}" for problem in node.problems()]

    def look_at(self, node: Node) -> None:
        """Look at everything that was ever said, as a node knows it at the end."""
        self.found += [f"mistake: {mistake!r}" for mistake in node.mistakes]
        self.found += [f"lease: {problem}, at {node.name}" for problem in node.unkept]
        times = Counter((row.key, row.entry.text) for row in node.said)
        self.found += [f"exactly once: {text} is {n} times in {key}" for (key, text), n in times.items() if n > 1]
        there = {text for _key, text in times}
        lost = sorted(self._acknowledged - there)
        self.found += [f"exactly once: {text} is acknowledged and nowhere in {node.name}" for text in lost]
        self.found += [f"fenced: {text}" for text in sorted(there) if text.endswith(":ghost")]
        for who, texts in self._sent.items():
            order = {text: index for index, text in enumerate(texts)}
            said = [order[row.entry.text] for row in node.said if row.entry.text in order]
            firsts = list(dict.fromkeys(said))  # a direct message stands in several logs
            if firsts != sorted(firsts):
                self.found.append(f"order: what {who} said is not in its order in {node.name}")
