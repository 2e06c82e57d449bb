"""Emojis below messages: what is there, and what the user puts there or takes back."""

from __future__ import annotations

from dataclasses import replace

from chatcore.errors import ErrorCode
from chatcore.events import ReactionChanged
from chatcore.text.names import name_key
from chatcore.text.reasons import refuse
from chatcore_qt.presenters.conversation.asking import Asking
from chatcore_qt.presenters.conversation.conversation import OwnName
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.entries.timeline import Entry, MessageEntry, Reacted
from chatcore_qt.presenters.reasons import why
from chatcore_qt.presenters.signals import Signal


def after(there: tuple[Reacted, ...], event: ReactionChanged, names: OwnName) -> tuple[Reacted, ...]:
    """Return what stands below a message once somebody has put an emoji there, or has taken it back."""
    known = next((each for each in there if each.emoji == event.emoji), None)
    now = known or Reacted(event.emoji, 0)
    by = tuple(name for name in now.by if name_key(name) != name_key(event.by))
    own = bool(event.by) and names.is_me(event.by)
    if event.by and not own and not event.removed:
        by = (*by, event.by)
    now = replace(now, count=event.count, mine=not event.removed if own else now.mine, by=by)
    changed = [now if each is known else each for each in there] + ([] if known else [now])
    return tuple(each for each in changed if each.count > 0)


def with_names(read: tuple[Reacted, ...], known: tuple[Reacted, ...]) -> tuple[Reacted, ...]:
    """Return what was read of a message with the names that are known, of what is as it was."""
    by = {(each.emoji, each.count, each.mine): each.by for each in known}
    return tuple(replace(each, by=by.get((each.emoji, each.count, each.mine), ())) for each in read)


class Reacting:
    """Puts emojis below messages of the room that is shown.

    Args:
        conversations: of the server.
        asking: asks the server.
    """

    def __init__(self, conversations: Conversations, asking: Asking) -> None:
        self.asked: Signal[[str]] = Signal()
        """The user wants to choose an emoji for the message of that key."""
        self._all = conversations
        self._asking = asking

    def may_react(self, entry: Entry) -> bool:
        """Tell whether a message is one of the room that is shown, and still says something."""
        place = self._all.shown
        return place is not None and place.has(entry)

    def choose(self, key: str | None = None) -> None:
        """Let the user choose an emoji for the message of that key; the newest when it is left out."""
        place = self._all.shown
        if place is not None and key is None:
            key = next((entry.key for entry in reversed(place.timeline.entries) if self.may_react(entry)), None)
        found = None if place is None or key is None else place.timeline.find(key)
        if key is not None and found is not None and self.may_react(found):
            self.asked.emit(key)

    def toggle(self, key: str, emoji: str) -> None:
        """Put an emoji below the message of that key, or take it back."""
        place = self._all.shown
        entry = None if place is None else place.timeline.find(key)
        if place is None or not isinstance(entry, MessageEntry):
            return
        if entry.seq is None or not self.may_react(entry):  # it was deleted while the user was choosing
            self._all.tell(why(refuse(ErrorCode.NO_SUCH_MESSAGE)))
            return
        client = self._asking.connected()
        if client is None:
            return
        mine = any(each.mine and each.emoji == emoji for each in entry.reactions)
        ask = client.unreact if mine else client.react
        self._asking.start(ask(entry.seq, emoji, room=place.name, epoch=place.epoch), place)
