"""What the main window shows, and what is done when the user wants something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from chatcore import commands as c
from chatcore.aio.asking import ask
from chatcore.aio.links import room_links
from chatcore.aio.threads import in_thread
from chatcore.errors import ChatcoreError, ConnectionClosed, ErrorCode, RequestRefused
from chatcore.text import slash, telling
from chatcore.text.names import name_key
from chatcore.text.reasons import refuse
from chatcore.text.safe_text import safe_text
from chatcore.text.telling import name_asked
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.entries import emoji, export
from chatcore_qt.presenters.files import texts as file_texts
from chatcore_qt.presenters.following import Following
from chatcore_qt.presenters.kept import KeptStore
from chatcore_qt.presenters.preferences import Preferences
from chatcore_qt.presenters.reasons import why
from chatcore_qt.presenters.signals import is_running
from chatcore_qt.texts import library, translate

_OF_A_ROOM: Final = (
    c.Moderation | c.ListBans | c.ListUsers | c.ReadHistory | slash.ChangeLast | slash.SendPath | slash.ShowLink
)
"""What is meant for the room that it is typed in."""


class ChatPresenter(Following):
    """What the main window shows, and what it asks for.

    Args:
        downloads: folder for files that are received.
        now: tells the time of day.
        preferences: how the user wants it.
        kept: where what is not sent is kept between runs; nowhere when left out.
    """

    def __init__(
        self,
        downloads: str,
        now: Callable[[], datetime],
        preferences: Preferences | None = None,
        kept: KeptStore | None = None,
    ) -> None:
        super().__init__(downloads, now, preferences, kept, lambda line, room: self._carry_out(line, room, room))

    def reconnect_now(self) -> None:
        """Try to connect again, without the rest of the pause."""
        if self.client is not None and self.connection.state == "waiting":
            self._stop_timer()
            self.client.reconnect_now()
            self._trying()

    def submit(self, text: str) -> None:
        """Carry out what was typed into the conversation that is shown: a message, or a command."""
        shown = self.conversations.shown
        room = self.conversations.previewed or self.conversations.room
        if shown is None or room is None:
            return
        if self.editing.entry is not None:
            self.editing.save(text)
            return
        commands, rest = slash.one_by_one(text, room=room.name)
        for line in commands or [rest]:
            self._carry_out(line, shown, room)
        shown.above = commands[-1] if commands and slash.is_secret(commands[-1]) else ""
        if commands and rest:
            self._put_back(shown, rest)  # perhaps it was typed before what came back in front of it
            self.going.draw(shown)

    def _carry_out(self, text: str, shown: Conversation, room: Conversation) -> None:
        """Carry out what was typed in a conversation, while the user is in this room, or reads it."""
        try:
            command = slash.parse(text, room=room.name)
        except slash.NotUnderstood as error:
            self.conversations.tell(telling.whole(error.sentence, library))
            if "\n" in text:
                self._put_back(shown, text)  # more than a word to be repaired
            return
        ahead, outside = self.going.is_ahead(shown), shown is self.conversations.previewed
        ahead = ahead and not (shown.kind == "direct" and _is_private(command))
        waiting = _OF_A_ROOM if ahead else slash.ReplyToLast
        match command:
            case None:
                pass
            case c.SendMessage(text=said) if ahead or outside:
                self.going.say(shown, said)
            case _ if isinstance(command, waiting) and not isinstance(command, c.RoomChange) and (ahead or outside):
                self.going.do(shown, text)
                self._tell_that_it_waits(shown, text)
            case slash.ChangeLast() if shown.kind == "direct":
                self.conversations.tell(notices.no_room_shown())
                self._give_back(shown, text)
            case slash.ShowLink() | slash.Help():
                self.conversations.tell((self.link() or "") if command == slash.ShowLink() else notices.help_text())
            case slash.SendPath():
                self.files.send(command, shown)
            case slash.AnswerFile():
                self.files.answer(command)
            case c.LogOut():
                self.quit_wanted.emit()
            case c.ReadHistory():
                self.load_older(shown)
            case c.Search():
                self.searching.asked.emit(text.strip().partition(" ")[2].strip())
            case c.SendMessage() | c.SendDirect() | c.SendBroadcast():
                self._say(command, shown, text)
            case c.RegisterAccount(password=None) | c.Identify(password=None):
                self.password_wanted.emit(command)
            case _ if self.client is None:
                self.conversations.tell(notices.no_connection())
                self._give_back(shown, text)
            case _:
                self._await(self._ask_for(command, shown, text), shown, text)

    def _ask_for(self, command: c.Command | slash.ChangeLast, place: Conversation, line: str) -> asyncio.Task[None]:
        if isinstance(command, c.RoomChange) and not (
            isinstance(command, c.CloseRoom) and place is self.conversations.previewed  # the user is not in that one
        ):
            return self.going.go(command, place)
        if isinstance(command, slash.ChangeLast) and command.text is not None:
            return self._start(self._change_last(command, place, line), place)
        return self._start(self._ask(command, place), place)

    async def _change_last(self, command: slash.ChangeLast, place: Conversation, line: str) -> None:
        """Carry out a command with something written in it, and give that back where it is refused."""
        if not await self._is_done(command, place):
            self._give_back(place, line)

    def _await(self, asking: asyncio.Task[None], place: Conversation, line: str) -> None:
        """Keep what was typed until it is answered, in sight while there is no connection."""
        self.conversations.wait(place, line)
        self._tell_that_it_waits(place, line)
        asking.add_done_callback(partial(self._over, place, line))

    def _over(self, place: Conversation, line: str, asking: asyncio.Task[None]) -> None:
        """Give back what was typed where there will be no answer any more."""
        self.conversations.wait_no_more(place, line)
        if asking.cancelled() or isinstance(asking.exception(), ChatcoreError):
            self._give_back(place, line)

    def _tell_that_it_waits(self, place: Conversation, line: str) -> None:
        if self.connection.state in ("waiting", "trying"):
            self.conversations.tell(notices.waits(line), place)

    def _say(self, send: c.Send, shown: Conversation, text: str) -> None:
        if isinstance(send, c.SendMessage) and shown.kind == "direct":
            self.acquaintance.write(c.SendDirect((shown.name,), send.text), text)
            return
        if isinstance(send, c.SendMessage):
            self.conversations.outbox.post(self.replies.answer_with(send))
            return
        if isinstance(send, c.SendDirect):
            self.acquaintance.write(send, text)
            self.conversations.show(self.conversations.with_user(send.to[0]))
        else:
            self.conversations.outbox.post(send)

    def prove(self, command: c.RegisterAccount | c.Identify, password: str) -> None:
        """Make the name the user's own, or show that it is, by a password."""
        asking = self._start(self._ask(replace(command, password=password), self.conversations.shown))
        if self.conversations.shown is not None:
            self._await(
                asking, self.conversations.shown, "/register" if isinstance(command, c.RegisterAccount) else "/identify"
            )

    def link(self) -> str | None:
        """Return a link to the room that the user is in, the one that most can follow; say why when there is none."""
        if self.client is None:
            self.conversations.tell(notices.no_connection())
            return None
        try:
            return room_links(self.client, self.trust)[0]
        except ChatcoreError as error:
            self.conversations.tell(why(error))
            return None

    def export(self, path: str, place: Conversation) -> None:
        """Write what is loaded of a conversation into a file, and say so."""
        self.conversations.flush()
        self._start(self._export(path, place), place)

    async def _export(self, path: str, place: Conversation) -> None:
        room = place.name if place.kind == "room" else ""
        try:
            count = await in_thread(export.write, path, tuple(place.timeline.entries), room)
        except OSError as error:
            self.conversations.tell(file_texts.not_written(path, error.strerror or str(error)))
        else:
            text = translate("Notices", "%n entries are written to {path}.", "", count)
            self.conversations.tell(text.format(path=safe_text(path)))

    async def find_users(self) -> tuple[str, ...]:
        """Return who is on the server beside the user; nobody without a connection."""
        if self.client is None:
            return ()
        users = await self.client.list_users()
        return tuple(user.name for user in users if not self.conversations.names.is_me(user.name))

    def complete(self, text: str) -> slash.Completions:
        """Return what the word before the cursor may become."""
        found = emoji.complete(text)
        if found is not None:
            return found
        me = name_key(self.username)
        users = [name for name in self.members.names if name_key(name) != me]
        shown = self.conversations.shown
        if shown is not None and shown.kind == "direct" and shown.name not in users:
            users.append(shown.name)
        return slash.complete(text, users=users, rooms=self.rooms.names)

    def open(self, room: str) -> None:
        """Show a room; one that the user is not in can be read, and entered then."""
        place = self.conversations.of_room(room)
        self.conversations.show(place)
        if place is self.conversations.previewed:
            self._start(self._look_into(place))
            self.messages.history.renew(place, None)

    @property
    def people(self) -> int:
        """How many are in the room that is shown, or else in the user's own."""
        room = self.conversations.previewed
        if room is None:
            return self.members.count
        row = self.rooms.row(room.name)
        return 0 if row is None else row.users

    def is_gone(self, room: Conversation) -> bool:
        """Tell whether there is no such room any more."""
        return self.rooms.complete and self.rooms.row(room.name) is None

    def bars(self, room: Conversation) -> str:
        """Return why the user cannot enter a room, as far as that is known; nothing where they can."""
        if self.is_gone(room):
            return why(refuse(ErrorCode.NO_SUCH_ROOM, name=room.name))
        return "" if room.barred is None else why(room.barred, name=room.name)

    def names_in(self, room: Conversation) -> tuple[str, ...]:
        """Return who was in a room when it was opened without being entered."""
        return self._looked_into[1] if self._looked_into[0] is room else ()

    def enter(self, room: str) -> None:
        """Show a room: enter it, unless the user is there already."""
        present = self.conversations.room
        if present is not None and name_key(present.name) == name_key(room):
            self.conversations.show_room()
        else:
            shown = self.conversations.shown
            self.going.go(c.JoinRoom(room), shown)
            if shown is not None:
                self._tell_that_it_waits(shown, f"/join {room}")

    async def create(self, room: str) -> str | None:
        """Create a room and enter it; returns why that was refused, if it was."""
        if self.client is None or not self.connected:
            return notices.no_connection()
        try:
            await self.client.create(room)
        except ChatcoreError as error:
            return why(error, name=room)
        return None

    def write_to(self, username: str) -> None:
        """Show the conversation with a user."""
        self.conversations.show(self.conversations.with_user(username))

    def describe(self, username: str) -> None:
        """Ask the server about a user."""
        shown = self.conversations.shown
        self._start(self._ask(c.WhoIs(username), shown), shown)
        if shown is not None:
            self._tell_that_it_waits(shown, f"/whois {username}")

    def load_older(self, conversation: Conversation) -> None:
        """Read what was said before the first message shown."""
        if is_running():
            self.messages.history.load_older(conversation)

    async def _ask(self, command: c.Command | slash.ChangeLast, place: Conversation | None = None) -> None:
        await self._is_done(command, place)

    async def _is_done(self, command: c.Command | slash.ChangeLast, place: Conversation | None) -> bool:
        """Ask for something, and show the answer; returns whether it was done."""
        client = self.client
        if client is None:
            self.conversations.tell(notices.no_connection())
            raise ConnectionClosed("the client was closed")
        try:
            answer = await ask(client, command)
        except RequestRefused as error:
            self.conversations.tell(why(error, name=name_asked(command)), place)
            return False
        if answer is not None:
            self.conversations.tell(notices.answer(answer) or "", place)
        elif isinstance(command, c.RegisterAccount):
            self.conversations.tell(notices.registered(self.username), place)
        elif isinstance(command, c.Identify):
            self.conversations.tell(notices.identified(command.account or self.username), place)
        return True

    # What an earlier try has left.

    def send_restored(self) -> None:
        """Send what an earlier run has left."""
        self.going.retry(self.conversations.outbox.take_restored())

    def discard_restored(self) -> None:
        """Give up what an earlier run has left."""
        for sent in self.conversations.outbox.take_restored():
            self.conversations.outbox.discard(sent.key)

    def retry(self, key: str) -> None:
        """Send again what failed, from the room for which it was written."""
        self.going.retry([sent for sent in self.conversations.outbox.failed if sent.key == key])


def _is_private(command: c.Command | slash.Parsed | None) -> bool:
    """Tell whether what is typed in a private conversation is about that one, be it on the way into another room."""
    match command:
        case slash.SendPath(room=room):
            return not room
        case c.SendMessage() | c.ReadHistory() | slash.ChangeLast():
            return True
    return False
