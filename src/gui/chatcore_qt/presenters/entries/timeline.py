"""What a conversation consists of, in order. Plain Python: the window and the presenters both look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final, Literal

from chatcore.text.names import name_key

LIMIT: Final = 100_000
"""How many entries a conversation keeps."""


@dataclass(frozen=True, slots=True)
class Reacted:
    """An emoji below a message."""

    emoji: str
    count: int
    """How many users have put it there."""
    mine: bool = False
    """Whether the user has."""
    by: tuple[str, ...] = ()
    """The names of others who have, as far as that was told: it is, of those who do it while one is there."""


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """Something a user said."""

    key: str
    """Its name in the conversation, unique there."""
    sender: str
    text: str
    at: datetime
    """When; with a time zone."""
    own: bool = False
    mentions: bool = False
    """True when it speaks of the user."""
    kind: Literal["message", "direct", "broadcast"] = "message"
    to: tuple[str, ...] = ()
    """The receivers of a direct message."""
    seq: int | None = None
    """Its number in its log; None until the server has given it one."""
    state: Literal["sent", "pending", "failed"] = "sent"
    note: str = ""
    """Why it failed, as a sentence."""
    change: Literal["", "edited", "deleted"] = ""
    """What has become of it since it was said."""
    answers: str = ""
    """Key of the message that it answers; empty when it answers none. That one need not be loaded."""
    reactions: tuple[Reacted, ...] = ()
    """The emojis below it, in the order in which they came."""
    bot: bool = False
    """True when a bot said it."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Who came into a room and who left it: everybody once, by what they did last."""

    came: tuple[str, ...]
    left: tuple[str, ...]

    def and_then(self, came: tuple[str, ...], left: tuple[str, ...]) -> Presence:
        """Return this and what followed."""
        now = {name_key(name) for name in came + left}
        return Presence(
            tuple(name for name in self.came if name_key(name) not in now) + came,
            tuple(name for name in self.left if name_key(name) not in now) + left,
        )


@dataclass(frozen=True, slots=True)
class NoticeEntry:
    """Something that happened: somebody came, the connection was lost."""

    key: str
    text: str
    at: datetime
    presence: Presence | None = None
    """Who came and went, when it tells that."""
    whole: str = ""
    """All of it, where the text is short for more."""


@dataclass(frozen=True, slots=True)
class GapEntry:
    """Messages that are missing here."""

    key: str
    missing: int
    """How many; 0 when nobody knows."""
    at: datetime


Entry = MessageEntry | NoticeEntry | GapEntry


@dataclass(frozen=True, slots=True)
class Inserted:
    """Entries came in; the first of them stands at `at` now."""

    at: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """`count` entries went, from `at` on."""

    at: int
    count: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another entry stands at `at` now."""

    at: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class UnreadMarked:
    """The first-unread line is behind this entry now, or nowhere."""

    key: str | None


Change = Inserted | Removed | Replaced | UnreadMarked
Observer = Callable[[tuple[Change, ...]], None]
"""Gets the changes of one call at once; carried out one after the other they make the new list of the old one."""


class Timeline:
    """The entries of one conversation, oldest first. Keys are unique: an entry whose key is there already is left out.

    Args:
        limit: how many entries it keeps; past it the oldest go.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: list[Entry] = []
        self._keys: dict[str, Entry] = {}
        self._unread_after: str | None = None
        self._observers: list[Observer] = []

    @property
    def entries(self) -> Sequence[Entry]:
        """All entries, oldest first; not to be changed."""
        return self._entries

    @property
    def unread_after(self) -> str | None:
        """Key of the entry behind which the first-unread line is."""
        return self._unread_after

    def find(self, key: str) -> Entry | None:
        """Return the entry of that key, None when it is not here."""
        return self._keys.get(key)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Call `observer` after each change; returns a function that ends this."""
        self._observers.append(observer)

        def end() -> None:
            if observer in self._observers:
                self._observers.remove(observer)

        return end

    def follow(self, key: str, observer: Callable[[Entry], object]) -> Callable[[], None]:
        """Call `observer` with what the entry of a key becomes; returns a function that ends this."""

        def look(changes: tuple[Change, ...]) -> None:
            for change in changes:
                if isinstance(change, Replaced) and change.entry.key == key:
                    observer(change.entry)

        return self.observe(look)

    def append(self, entries: Iterable[Entry]) -> None:
        """Add entries at the end."""
        added = self._new(entries)
        if len(added) > self._limit:
            self._forget(added[: -self._limit])
            added = added[-self._limit :]
        changes: list[Change] = []
        excess = len(self._entries) + len(added) - self._limit
        if excess > 0:
            self._forget(self._entries[:excess])
            del self._entries[:excess]
            changes.append(Removed(0, excess))
        if added:
            changes.append(Inserted(len(self._entries), tuple(added)))
            self._entries += added
        self._tell(*changes)

    def prepend(self, entries: Iterable[Entry], before: str | None = None) -> None:
        """Add older entries, themselves oldest first; of too many, the newest ones.

        Args:
            entries: what is older.
            before: key of the entry that they come before; the beginning when it is left out, or nowhere.
        """
        added = self._new(entries)
        excess = len(self._entries) + len(added) - self._limit
        if excess > 0:
            self._forget(added[:excess])
            del added[:excess]
        if added:
            at = next((at for at, entry in enumerate(self._entries) if entry.key == before), 0) if before else 0
            self._entries[at:at] = added
            self._tell(Inserted(at, tuple(added)))

    def change(self, key: str, text: str, change: Literal["edited", "deleted"], *, mentions: bool = False) -> None:
        """Let a message say something else, or nothing more, if it is there.

        Args:
            key: that of the message.
            text: what it says now.
            change: what was done to it.
            mentions: whether the text mentions the user.
        """
        found = self.find(key)
        if isinstance(found, MessageEntry):
            reactions = () if change == "deleted" else found.reactions
            calls = mentions and not found.own
            self.replace(key, replace(found, text=text, change=change, mentions=calls, reactions=reactions))

    def replace(self, key: str, entry: Entry) -> bool:
        """Put an entry in the place of another one; tells whether that one was there.

        A message that became sent moves behind those that the server numbered before it. When the new entry came in by
        another way already, the old one just goes.
        """
        if key not in self._keys:
            return False
        at = next(at for at in range(len(self._entries) - 1, -1, -1) if self._entries[at].key == key)
        known = entry.key != key and entry.key in self._keys
        del self._keys[key]
        self._keys.setdefault(entry.key, entry)
        changes: list[Change] = []
        place = self._place(at, entry)
        if not known and place == at:
            self._entries[at] = entry
            changes.append(Replaced(at, entry))
        else:
            del self._entries[at]
            changes.append(Removed(at, 1))
            if not known:
                self._entries.insert(place, entry)
                changes.append(Inserted(place, (entry,)))
        if self._unread_after == key != entry.key:
            self._unread_after = entry.key
            changes.append(UnreadMarked(entry.key))
        self._tell(*changes)
        return True

    def remove(self, key: str) -> None:
        """Take an entry out, if it is there."""
        if key in self._keys:
            at = next(at for at in range(len(self._entries) - 1, -1, -1) if self._entries[at].key == key)
            del self._keys[key]
            del self._entries[at]
            self._tell(Removed(at, 1))

    def mark_unread_after(self, key: str | None) -> None:
        """Draw the first-unread line behind an entry; None for no line."""
        if key != self._unread_after:
            self._unread_after = key
            self._tell(UnreadMarked(key))

    def clear(self) -> None:
        """Forget everything."""
        changes: list[Change] = []
        if self._entries:
            changes.append(Removed(0, len(self._entries)))
        if self._unread_after is not None:
            changes.append(UnreadMarked(None))
        self._entries.clear()
        self._keys.clear()
        self._unread_after = None
        self._tell(*changes)

    def remove_all(self, unwanted: Callable[[Entry], bool]) -> None:
        """Take out what is not wanted."""
        changes: list[Removed] = []
        end = len(self._entries)
        for wanted, group in groupby(reversed(self._entries), lambda entry: not unwanted(entry)):
            entries = list(group)
            end -= len(entries)
            if not wanted:
                changes.append(Removed(end, len(entries)))
                self._forget(entries)
        for change in changes:
            del self._entries[change.at : change.at + change.count]
        self._tell(*changes)

    def keep_unsent(self) -> None:
        """Forget everything but messages that the server does not have."""
        unsent = [one for one in self._entries if isinstance(one, MessageEntry) and one.state != "sent"]
        self.clear()
        self.append(unsent)

    def _new(self, entries: Iterable[Entry]) -> list[Entry]:
        added = list(entries)
        keyed = {entry.key: entry for entry in added}
        if len(keyed) == len(added) and self._keys.keys().isdisjoint(keyed):
            self._keys |= keyed
            return added
        unknown = []
        for entry in added:
            if entry.key not in self._keys:
                self._keys[entry.key] = entry
                unknown.append(entry)
        return unknown

    def _forget(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            del self._keys[entry.key]

    def _place(self, at: int, entry: Entry) -> int:
        """Return where the entry at `at` belongs, counted without it."""
        if isinstance(entry, MessageEntry) and entry.state == "sent" and entry.seq is not None:
            for behind in range(len(self._entries) - 1, at, -1):
                other = self._entries[behind]
                if (
                    isinstance(other, MessageEntry)
                    and other.kind == entry.kind
                    and other.seq is not None
                    and other.seq < entry.seq
                ):
                    return behind
        return at

    def _tell(self, *changes: Change) -> None:
        if changes:
            for observer in tuple(self._observers):
                observer(changes)
