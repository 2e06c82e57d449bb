"""Files between users: what is on offer, what is under way, and what became of it, as cards."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Coroutine, Iterable
from itertools import count
from typing import Any, Final

from chatcore import events as e
from chatcore.aio.client import Client
from chatcore.aio.threads import in_thread
from chatcore.errors import ChatcoreError, ErrorCode, FileError, RequestRefused
from chatcore.events import FileEnd, FileFailed, FileOffered, FileProgressed, FileReceived, FileSent
from chatcore.text import slash
from chatcore.text.file_names import clean_name, suggested_name
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_text
from chatcore_files import DownloadFolder
from chatcore_qt.presenters.conversation.acquaintance import Acquaintance, Wanted
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.conversations import Conversations
from chatcore_qt.presenters.conversation.notifications import Attention
from chatcore_qt.presenters.files import texts as file_texts
from chatcore_qt.presenters.files.card import FileCard, Side, Why
from chatcore_qt.presenters.files.made import MadeFiles
from chatcore_qt.presenters.reasons import why
from chatcore_qt.presenters.signals import PerFrame, Signal, is_running

_FRAME: Final = 0.1
_TICK: Final = 1.0  # what stands still tells nothing by itself
_KEPT: Final = 20  # cards of what is over

FileHappened = FileOffered | FileProgressed | FileReceived | FileSent | FileFailed
"""What the client tells of files."""
Back = Callable[[Conversation], object]
"""Gets back what was to be offered in a conversation, and is not."""


class FileCards:
    """Every file of one server.

    Args:
        conversations: where they are offered.
        start: runs a coroutine, and keeps a reference to it.
        folder: where files that are received go.
        acquaintance: does what is wanted for users, once it is certain who they are.
    """

    def __init__(
        self,
        conversations: Conversations,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        folder: str,
        acquaintance: Acquaintance,
    ) -> None:
        self.changed: Signal[[]] = Signal()
        """At most ten times a second."""
        self.cards: list[FileCard] = []
        """The latest first."""
        self.store = DownloadFolder(folder)
        self.reading_picture = asyncio.Lock()
        """Held while one is read: each may take much memory."""
        self._conversations = conversations
        self._start = start
        self._acquaintance = acquaintance
        self._again: dict[FileCard, Wanted] = {}
        """What is to be offered again, as soon as it is certain to whom."""
        self._client: Client | None = None
        self._most_bytes: int | None = None
        self._numbers = count(1)
        self._frames = PerFrame(self._show, _FRAME)
        self._timer: asyncio.TimerHandle | None = None
        self.made = MadeFiles()
        """Long texts and pictures."""

    @property
    def folder(self) -> str:
        """Where files that are received go; those that are under way stay where they are."""
        return self.store.path

    @folder.setter
    def folder(self, path: str) -> None:
        self.store = DownloadFolder(path)

    @property
    def connected(self) -> bool:
        """Whether anything can move."""
        return self._client is not None and self._client.connected

    @property
    def shown(self) -> list[FileCard]:
        """The files of the conversation that is shown."""
        place = self._conversations.shown
        return [card for card in self.cards if place is not None and card.conversation.key == place.key]

    @property
    def elsewhere(self) -> list[FileCard]:
        """Those of the others that are not over."""
        here = self.shown
        return [card for card in self.cards if not card.over and card not in here]

    @property
    def under_way(self) -> int:
        """How many files are on their way, wherever."""
        return sum(bool(card.moving) for card in self.cards)

    # The client comes and goes.

    def attach(self, client: Client) -> None:
        """Go on with a client that is logged in."""
        self.detach()  # from another one, if there was one
        self._client = client

    def welcomed(self, event: e.Welcomed) -> None:
        """Keep the server's limits. A session that could not be resumed took its offers with it."""
        told = event.limits.get("file_bytes")
        self._most_bytes = told if type(told) is int else None
        if not event.resumed:
            for card in self.cards:
                if card.to_answer:
                    card.sides[card.user].failed(ErrorCode.NO_SUCH_FILE, "")
        self._want()

    def detach(self) -> None:
        """Let go of a client that has ended for good."""
        self._client = None
        for card in self.cards:
            card.waits = False
            if card.state == "preparing":
                card.refusal = Why(FileEnd.CLOSED)
            for side in card.sides.values():
                if not side.over:
                    side.failed(FileEnd.CLOSED, "")
        self._want()

    def reset(self) -> None:
        """Forget everything: the next client is another server's."""
        self.cards.clear()
        self._again.clear()
        self._show()

    def stop(self) -> None:
        """Say nothing more, and read no more."""
        self._frames.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for card in self.cards:
            if card.source is not None and card.state == "preparing":
                card.refusal = Why(FileEnd.CLOSED)
                card.source.close()
        self.made.remove()

    # What the user wants.

    def offer(self, paths: Iterable[str]) -> None:
        """Offer files in the conversation that is shown: to everyone in the room, or to the other user."""
        place = self.place_to_offer()
        if place is not None:
            self.offer_in(place, tuple(paths))

    def place_to_offer(self) -> Conversation | None:
        """Return the conversation that is shown, if files can be offered there."""
        shown = self._conversations.shown
        if shown is None or not self.may_offer() or self._acquaintance.is_in_doubt(shown):
            return None
        return shown

    def offer_in(self, place: Conversation, paths: tuple[str, ...], back: Back = lambda _place: None) -> None:
        """Offer files in a conversation, wherever the user looks by now."""
        self._offer_to(() if place.kind == "room" else (place,), paths, place, back)

    def may_offer(self) -> bool:
        """Tell whether files can be offered here: not in a room that the user is not in, and then that is said."""
        room = self._conversations.previewed
        if room is not None:
            self._conversations.tell(file_texts.not_there(room.name))
        return room is None

    def offer_text(self, text: str, back: Back) -> bool:
        """Offer a text that is too long for a message, as a file; returns whether that can be done here.

        Args:
            text: the text.
            back: gets it back, and where it was to be offered, if that is not done after all.
        """
        place = self.place_to_offer()
        if place is None:
            return False
        name = file_texts.name_of_text(next(self._numbers))
        try:
            path = self.made.write(name, text.replace("\n", os.linesep).encode("utf-8", "replace"))
        except OSError as error:
            self._not_written(name, error, place)
            return False
        self.offer_in(place, (path,), back)
        return True

    def offer_picture(self, as_png: Callable[[], bytes], back: Back) -> bool:
        """Offer a picture that is in no file yet; returns whether that can be done here.

        Args:
            as_png: returns what its file has in it, in a thread; nothing where that does not work.
            back: as in `offer_text`.
        """
        place = self.place_to_offer()
        if place is not None:
            self._start(self._write_and_offer(place, as_png, back))
        return place is not None

    async def _write_and_offer(self, place: Conversation, as_png: Callable[[], bytes], back: Back) -> None:
        name = file_texts.name_of_picture(next(self._numbers))
        try:
            data = await in_thread(as_png)
            if not data:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            path = await in_thread(self.made.write, name, data)
        except OSError as error:
            self._not_written(name, error, place)
            back(place)
        else:
            self.offer_in(place, (path,), back)

    def _not_written(self, name: str, error: OSError, place: Conversation) -> None:
        self._conversations.tell(file_texts.not_written(name, error.strerror or str(error)), place)

    def send(self, action: slash.SendPath, shown: Conversation) -> None:
        """Offer a file as it was typed in a conversation."""
        place = self._conversations.room if action.room else shown
        if len(action.to) == 1:
            place = self._conversations.with_user(action.to[0])
        if place is not None:
            self._conversations.show(place)
            self._offer_to(tuple(map(self._conversations.of_user, action.to)), (action.path,), place)

    def answer(self, action: slash.AnswerFile) -> None:
        """Carry out `/accept`, `/decline` or `/cancel`."""
        fitting = [card for card in self.cards if card.to_answer or (action.answer == "cancel" and card.can_cancel)]
        if action.file is not None:
            fitting = [card for card in fitting if card.file == action.file]
        elif len(fitting) > 1:
            here = self.shown
            fitting = [card for card in fitting if card in here] or fitting
        if len(fitting) != 1:
            self._conversations.tell(file_texts.which(action.answer, fitting))
            return
        {"accept": self.accept, "decline": self.decline, "cancel": self.cancel}[action.answer](fitting[0])

    def accept(self, card: FileCard) -> None:
        """Receive a file."""
        if card.to_answer and self._client is not None:
            card.task = self._start(self._accept(self._client, card))
            self._want()

    def decline(self, card: FileCard) -> None:
        """Turn a file down."""
        if card.to_answer and self._client is not None:
            self._remove(card)
            self._conversations.tell(file_texts.declined(card), card.conversation)
            self._start(self._end(self._client.decline_file(card.file)))

    def cancel(self, card: FileCard) -> None:
        """End what is under way, or take an offer back; what is to be offered again stays as it failed."""
        if card.waits:
            self._wait_no_more(card)
            self._want()
            return
        if card.over or card not in self.cards:
            return
        if card.file and not card.sending and not card.to_answer and self._client is not None:
            card.unwanted = True
            self._start(self._cancel(self._client, card))
            return
        self._remove(card)
        self._conversations.tell(file_texts.cancelled(card), card.conversation)
        if card.file and self._client is not None:
            self._start(self._end(self._client.cancel_file(card.file)))
        elif card.task is not None:
            card.task.cancel()
            if card.source is not None:
                card.source.close()  # or it would be read to its end

    def retry(self, card: FileCard) -> None:
        """Offer a file again to whom it did not reach."""
        if not card.can_retry:
            return
        to = card.receivers(card.to if card.refusal is not None else card.retry_to)
        people = () if card.room and not to else tuple(map(self._conversations.of_user, to))

        def again() -> None:
            self._again.pop(card, None)
            if card not in self.cards:
                return  # it was another server's
            self._remove(card)
            self._offer(card.path, people, card.conversation)

        def back() -> str:
            self._wait_no_more(card)
            self._want()
            return ""

        card.waits = True
        self._again[card] = wanted = Wanted(people, again, back)
        self._acquaintance.ask(wanted)
        self._want()

    def _wait_no_more(self, card: FileCard) -> None:
        card.waits = False
        wanted = self._again.pop(card, None)
        if wanted is not None:
            self._acquaintance.forget(wanted)

    def run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something with a file that takes a while; it ends with the client at the latest."""
        return self._start(work)

    def dismiss(self, card: FileCard) -> None:
        """Take a file that is over off the list."""
        if card.over:
            self._remove(card)

    def _offer_to(
        self,
        people: tuple[Conversation, ...],
        paths: tuple[str, ...],
        place: Conversation,
        back: Back = lambda _place: None,
    ) -> None:
        """Offer files to users, once it is certain who they are, or to everyone in the room."""

        def offer() -> None:
            for path in paths:
                self._offer(path, people, place)

        def give_back() -> str:
            back(place)
            return ""

        self._acquaintance.ask(Wanted(people, offer, give_back))

    def _offer(self, path: str, people: tuple[Conversation, ...], place: Conversation) -> None:
        name = safe_text(suggested_name(os.path.basename(path)))
        to = tuple(one.name for one in people)
        known = {name_key(one.name): one for one in people}
        card = FileCard(f"file/{next(self._numbers)}", place, True, name, room=not to, to=to, people=known, path=path)
        self._add(card)
        card.task = self._start(self._prepare(card))

    async def _prepare(self, card: FileCard) -> None:
        client = self._client
        try:
            card.source = await in_thread(self.store.open_source, card.path)
            card.size = card.source.size
            if client is None:
                card.refusal = Why(FileEnd.CLOSED)
            elif self._most_bytes is not None and card.size > self._most_bytes:
                card.refusal = Why(ErrorCode.TOO_LARGE, values={"file_bytes": self._most_bytes})
            elif card.room and name_key(client.room) != name_key(card.conversation.name):
                card.refusal = Why("here", file_texts.not_there(card.conversation.name))
            else:
                made = await client.offer_file(card.source, to=card.receivers(card.to), room=card.room)
                card.file = made.file
                card.sides = {user: Side() for user in made.to}
        except RequestRefused as error:
            card.refusal = Why(error.code, error.message, error.values)
            for place in card.people.values():
                place.note_refusal(error.code, error.values)
        except FileError as error:
            folder = await in_thread(_is_folder, card.path)
            card.refusal = card.refusal or Why("here", file_texts.is_folder() if folder else why(error))
        except ChatcoreError:
            card.refusal = Why(FileEnd.CLOSED)
        finally:
            if card.source is not None and not card.file:
                card.source.close()
            card.source = card.task = None
            self._want()

    async def _accept(self, client: Client, card: FileCard) -> None:
        try:
            await client.accept_file(card.file, self.store)
        except ChatcoreError as error:
            # Otherwise an event tells of it.
            if isinstance(error, RequestRefused):
                card.sides[card.user].failed(error.code, error.message)
            elif isinstance(error, FileError):
                card.sides[card.user].failed("here", why(error))
        finally:
            card.task = None
            self._want()

    async def _cancel(self, client: Client, card: FileCard) -> None:
        """End one that comes. It may be there before that, and then it stays on the list."""
        try:
            await client.cancel_file(card.file)
        except RequestRefused:
            return
        self._cancelled(card)

    def _cancelled(self, card: FileCard) -> None:
        if card in self.cards:
            self._remove(card)
            self._conversations.tell(file_texts.cancelled(card), card.conversation)

    async def _end(self, asking: Coroutine[Any, Any, None]) -> None:
        try:
            await asking
        except RequestRefused:
            pass  # it is over already

    # What happens.

    def take(self, event: FileHappened) -> None:
        """Take what happened to a file."""
        card = self._found(event.file)
        match event:
            case FileOffered():
                self._offered(event, card)
            case _ if card is None:
                return
            case FileFailed(code=FileEnd.CANCELLED_HERE) if card.unwanted:
                self._cancelled(card)
            case FileProgressed() | FileFailed():
                card.take(event)
            case FileReceived():
                card.sides[card.user].state = "done"
                card.place, card.name = event.place, safe_text(os.path.basename(event.place))
                self._conversations.tell(file_texts.received(card, safe_text(event.name)), card.conversation)
            case FileSent() if event.user in card.sides:
                card.sides[event.user].state = "done"
                self._conversations.tell(file_texts.sent(card, event.user), card.conversation)
        self._want()

    def _offered(self, event: FileOffered, known: FileCard | None) -> None:
        if known is not None:
            known.sides = {event.sender: Side()}  # it is told again
            return
        if event.room is None:
            place = self._conversations.with_user(event.sender)
        else:
            place = self._conversations.of_room(event.room)
        card = FileCard(
            f"file/{next(self._numbers)}",
            place,
            False,
            safe_text(clean_name(event.name, windows=os.name == "nt")),
            size=event.size,
            file=event.file,
            room=event.room is not None,
            sides={event.sender: Side()},
        )
        self._add(card)
        self._conversations.tell(file_texts.offered(card), place)
        self._conversations.call(Attention("file", event.sender, card.name, place))

    # Helpers.

    def _found(self, file: str) -> FileCard | None:
        return next((card for card in self.cards if card.file == file), None)

    def _add(self, card: FileCard) -> None:
        self.cards.insert(0, card)
        for old in [one for one in self.cards if one.over and not one.waits][_KEPT:]:
            self.cards.remove(old)
        self._want()

    def _remove(self, card: FileCard) -> None:
        self._wait_no_more(card)
        if card in self.cards:
            self.cards.remove(card)
        self._want()

    def _want(self) -> None:
        self._frames.want()
        if self._timer is None and self.under_way and is_running():
            self._timer = asyncio.get_running_loop().call_later(_TICK, self._look)

    def _look(self) -> None:
        """See whether what moved still does."""
        self._timer = None
        for status in self._client.files if self._client is not None else ():
            card = self._found(status.file)
            if card is not None:
                card.take(status)
        self._want()

    def _show(self) -> None:
        self.changed.emit()


def _is_folder(path: str) -> bool:
    return os.path.isdir(os.path.expanduser(path))
