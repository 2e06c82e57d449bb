"""What the user says: pending until the server has it, then sent; or failed, to be sent again or given up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from chatcore.aio.client import Client
from chatcore.commands import Send, SendBroadcast, SendDirect, SendMessage
from chatcore.errors import ChatcoreError, ErrorCode
from chatcore.events import SendRefused
from chatcore.text.names import name_key
from chatcore.text.reasons import NOT_REPEATED
from chatcore.text.telling import name_asked
from chatcore_qt.presenters.conversation.conversation import Conversation, OwnName
from chatcore_qt.presenters.entries.timeline import MessageEntry
from chatcore_qt.presenters.kept import KeptSend
from chatcore_qt.presenters.reasons import reason, why
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import translate


@dataclass(slots=True)
class Sent:
    """Something of the user's own that is not acknowledged yet, or failed."""

    send: Send
    key: str
    places: tuple[Conversation, ...]
    at: datetime
    cid: int | None = None
    """The number under which it was on its way when its client ended: the server may have it."""
    note: str = ""
    """Why it failed the last time."""

    @property
    def kept(self) -> KeptSend:
        """It, as it is kept between runs."""
        send = self.send
        if isinstance(send, SendMessage) and send.room is None:
            send = replace(send, room=self.places[0].name)
        return KeptSend(send, self.at.timestamp(), self.cid)


class OwnMessages:
    """The user's own messages, until they stand where they belong.

    Args:
        names: tells the user's own name.
        places: returns the conversations that a message is shown in.
        flush: hands over to the timelines what was gathered, so that this comes after it.
        now: tells the time of day.
    """

    def __init__(
        self,
        names: OwnName,
        places: Callable[[Send], tuple[Conversation, ...]],
        flush: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self.posted: Signal[[tuple[Conversation, ...]]] = Signal()
        """The user has said something, which is shown in these."""
        self._names = names
        self._places = places
        self._flush = flush
        self._now = now
        self._client: Client | None = None
        self._numbers = count(1)
        self._pending: dict[int, Sent] = {}
        self._held: dict[str, Sent] = {}
        """What waits until the user is where it is to be said, or it is known to whom."""
        self._failed: dict[str, Sent] = {}
        self._awaited: dict[str, Sent] = {}
        self._to_repeat: list[Sent] = []
        """What has not arrived before the connection was lost, and is held until it is known who has the name now."""
        self._restored: dict[str, Sent] = {}
        """What failed in an earlier run, and the user has not decided about."""

    def __len__(self) -> int:
        """Return how many messages are not acknowledged."""
        return len(self._pending) + len(self._held)

    @property
    def places(self) -> set[Conversation]:
        """Where something stands that is not sent."""
        waiting = (*self._pending.values(), *self._held.values(), *self._failed.values())
        return {place for sent in waiting for place in sent.places}

    # The client comes and goes.

    def attach(self, client: Client) -> None:
        """Go on with a client that is logged in."""
        self._client = client

    def rename_receiver(self, old: str, new: str) -> None:
        """Send what waits, or failed and is sent again, to whoever has taken another name."""
        for sent in (*self._held.values(), *self._failed.values()):
            if isinstance(sent.send, SendDirect):
                to = tuple(new if name_key(name) == name_key(old) else name for name in sent.send.to)
                sent.send = replace(sent.send, to=to)

    def move(self, other: Conversation, place: Conversation) -> None:
        """Take it that what stood in one conversation stands in another one now."""
        for sent in (*self._pending.values(), *self._held.values(), *self._failed.values(), *self._awaited.values()):
            sent.places = tuple(dict.fromkeys(place if one is other else one for one in sent.places))

    def detach(self) -> None:
        """Let go of a client that has ended for good: what is pending will not arrive."""
        note = translate("Conversation", "Not sent: the connection ended.")
        self._note_numbers()
        self._client = None
        for sent in (*self._pending.values(), *self._held.values()):
            self._fail(sent, note)
        self._pending.clear()
        self._held.clear()
        self._to_repeat.clear()

    def reset(self) -> None:
        """Forget everything: the next client is another server's."""
        for kept in (self._pending, self._held, self._failed, self._awaited, self._restored):
            kept.clear()
        self._to_repeat.clear()

    # What is not sent when the app ends.

    @property
    def unsent(self) -> list[KeptSend]:
        """What is not sent: pending, failed, or left from an earlier run."""
        self._note_numbers()
        return [sent.kept for sent in (*self._pending.values(), *self._held.values(), *self._failed.values())]

    @property
    def restored(self) -> int:
        """How much is left from an earlier run, and not decided about."""
        return len(self._restored)

    def restore(self, kept: Iterable[KeptSend]) -> None:
        """Show what an earlier run has left as not sent, once its conversation is read."""
        for one in kept:
            places = self._places(one.send)
            if places:
                sent = Sent(one.send, f"own/{next(self._numbers)}", places, datetime.fromtimestamp(one.at, UTC))
                self._failed[sent.key] = self._restored[sent.key] = sent
            for place in places:
                place.unknown |= place.kind == "direct"
        for place in {place for sent in self._restored.values() for place in sent.places}:
            if place.kind == "direct" or (place.epoch and not place.loading):
                self.show_restored(place)
        self.changed.emit()

    def show_restored(self, place: Conversation) -> None:
        """Show in a conversation what is left from an earlier run there."""
        here = [sent for sent in self._restored.values() if place in sent.places]
        for sent in here:
            sent.note = translate("Conversation", "It was not sent the last time.")
        place.timeline.append([self._entry(sent, "failed", sent.note) for sent in here])

    def take_restored(self) -> list[Sent]:
        """Return what is left from an earlier run: it is decided about now."""
        found = list(self._restored.values())
        self._restored.clear()
        self.changed.emit()
        return found

    def arrived_before(self, cid: int, *, numbered: bool) -> None:
        """Take off what the server has under its number after all; with other numbers, nothing is known of that."""
        for sent in list(self._failed.values()):
            if numbered and sent.cid is not None and sent.cid <= cid:
                del self._failed[sent.key]
                self.done(sent)
            sent.cid = None

    @property
    def failed(self) -> list[Sent]:
        """What could not be sent."""
        return list(self._failed.values())

    def _note_numbers(self) -> None:
        unsent = {} if self._client is None else self._client.unsent
        for handle, sent in self._pending.items():
            sent.cid = unsent[handle].cid if handle in unsent else sent.cid

    # What the user wants.

    def post(self, send: Send) -> None:
        """Say something: it is shown as pending until it is acknowledged, and as failed when it was refused."""
        places = self._places(send)
        if places:
            sent = self._show(send, places)
            self._hand_over(sent)
            self.posted.emit(places)

    def _show(self, send: Send, places: tuple[Conversation, ...]) -> Sent:
        sent = Sent(send, f"own/{next(self._numbers)}", places, self._now())
        self._flush()
        for place in places:
            if place.marked:
                place.timeline.mark_unread_after(None)
                place.marked = False
            place.timeline.append([self._entry(sent, "pending")])
        return sent

    def fail_again(self, sent: Sent) -> None:
        """Show what was held, and had failed before, as it was then, unless that is over."""
        if self._held.pop(sent.key, None) is not None:
            self._fail(sent, sent.note)
            self.changed.emit()

    def retry(self, key: str) -> None:
        """Send again what failed."""
        sent = self._take_failed(key)
        if sent is not None:
            self._hand_over(sent)

    def _take_failed(self, key: str) -> Sent | None:
        sent = self._failed.pop(key, None)
        self._restored.pop(key, None)
        if sent is not None:
            sent.at, sent.cid = self._now(), None
            self.replace(sent, self._entry(sent, "pending"))
        return sent

    # What waits until the user is in another room.

    def hold(self, send: Send) -> Sent:
        """Show as pending what is to be said as soon as the user is in its room, or it is certain to whom it goes."""
        sent = self._show(send, self._places(send))
        self._held[sent.key] = sent
        self.changed.emit()
        self.posted.emit(sent.places)
        return sent

    def hold_again(self, key: str) -> bool:
        """Show as pending again what failed; tells whether it was there."""
        sent = self._take_failed(key)
        if sent is not None:
            self._held[key] = sent
            self.changed.emit()
        return sent is not None

    def release(self, sent: Sent, room: str = "") -> None:
        """Say what was held, unless that is over; what is said in a room, in this one: there the user is now."""
        if self._held.pop(sent.key, None) is None:
            return
        if isinstance(sent.send, SendMessage) and sent.send.room != room:
            sent.send = replace(sent.send, room=room)
            places = self._places(sent.send)
            if places != sent.places:
                for place in sent.places:
                    place.timeline.remove(sent.key)
                sent.places = places
                for place in places:
                    place.timeline.append([self._entry(sent, "pending")])
        self._hand_over(sent)

    def withdraw(self, sent: Sent) -> str:
        """Take back what was held, and return what it says; nothing when that is over."""
        if self._held.pop(sent.key, None) is None:
            return ""
        for place in sent.places:
            place.timeline.remove(sent.key)
        self.changed.emit()
        return sent.send.text

    def give_up(self, sent: Sent, reason: str) -> None:
        """Show what was held as failed, unless that is over."""
        if self._held.pop(sent.key, None) is not None:
            self._fail(sent, _not_sent(reason))
            self.changed.emit()

    def discard(self, key: str) -> None:
        """Give up what failed."""
        sent = self._failed.pop(key, None)
        self._restored.pop(key, None)
        if sent is not None:
            for place in sent.places:
                place.timeline.remove(key)
            self.changed.emit()

    # What becomes of it.

    def refused(self, event: SendRefused) -> None:
        """Show it as failed: the server did not want it."""
        sent = self._pending.pop(event.cid, None)
        if sent is not None:
            why_not = reason(event.code, event.message, event.values, name=name_asked(sent.send))
            note = _not_sent(why_not)
            for place in sent.places:
                place.note_refusal(event.code, event.values)
            if isinstance(sent.send, SendMessage) and event.code == ErrorCode.NO_SUCH_MESSAGE:
                sent.send = replace(sent.send, reply_to=None, epoch="")
                note = translate(
                    "Conversation", "Not sent: what it answers is not there any more. Sent again, it answers nothing."
                )
            if event.code == NOT_REPEATED:
                sent.note, sent.cid = note, None
                self._held[sent.key] = sent
                self._to_repeat.append(sent)
            else:
                self._fail(sent, note)
            self.changed.emit()

    def take_to_repeat(self) -> list[Sent]:
        """Return what is held since the server did not have it: it is asked now for whom it is."""
        found, self._to_repeat = self._to_repeat, []
        return found

    def acknowledged(self, cid: int) -> Sent | None:
        """Take it off the list, since the server has it, and return it: `replace` it, or `expect` it."""
        sent = self._pending.pop(cid, None)
        if sent is not None:
            self.changed.emit()
        return sent

    def done(self, sent: Sent) -> None:
        """Show that it is sent, where it is: it may have left its log already."""
        self.replace(sent, self._entry(sent, "sent"))

    def expect(self, sent: Sent, key: str) -> None:
        """Wait until it comes from its log under this key: its turn comes with the messages before it."""
        self._awaited[key] = sent

    def arrived(self, key: str) -> Sent | None:
        """Return what was expected under that key, if anything was."""
        return self._awaited.pop(key, None)

    def replace(self, sent: Sent, entry: MessageEntry) -> bool:
        """Show it as this entry, behind everything that came before; tells whether it was shown anywhere."""
        self._flush()
        found = [place.timeline.replace(sent.key, entry) for place in sent.places]
        self._flush()  # what is shown is read
        return any(found)

    def _hand_over(self, sent: Sent) -> None:
        try:
            if self._client is None:
                self._fail(sent, translate("Conversation", "Not sent: there is no connection."))
            else:
                self._pending[self._client.post(sent.send)] = sent
        except ChatcoreError as error:
            self._fail(sent, _not_sent(why(error)))
        self.changed.emit()

    def _fail(self, sent: Sent, note: str) -> None:
        sent.note = note
        self._failed[sent.key] = sent
        self.replace(sent, self._entry(sent, "failed", note))

    def _entry(self, sent: Sent, state: Any, note: str = "") -> MessageEntry:
        send = sent.send
        kind: Any = {SendMessage: "message", SendDirect: "direct", SendBroadcast: "broadcast"}[type(send)]
        to = send.to if isinstance(send, SendDirect) else ()
        said = MessageEntry(
            sent.key, self._names.me, send.text, sent.at, own=True, kind=kind, to=to, state=state, note=note
        )
        if isinstance(send, SendMessage) and send.reply_to is not None:
            return replace(said, answers=f"{send.epoch}/{send.reply_to}")
        return said


def _not_sent(text: str) -> str:
    return translate("Conversation", "Not sent. {reason}").format(reason=text)
