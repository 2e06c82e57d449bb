"""What the main window shows, and what is done when the user wants something."""

from __future__ import annotations

from dataclasses import replace

from chatcore import commands as c
from chatcore.aio.asking import ask
from chatcore.aio.links import room_links
from chatcore.aio.threads import in_thread
from chatcore.errors import ChatcoreError, ErrorCode, RequestRefused
from chatcore.text import slash, telling
from chatcore.text.names import name_key
from chatcore.text.reasons import refuse
from chatcore.text.safe_text import safe_text
from chatcore.text.telling import name_asked
from chatcore_qt.presenters.conversation import notices
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.presenters.conversation.own_messages import Sent
from chatcore_qt.presenters.entries import emoji, export
from chatcore_qt.presenters.following import Following
from chatcore_qt.presenters.reasons import why
from chatcore_qt.presenters.signals import is_running
from chatcore_qt.texts import library, translate


class ChatPresenter(Following):
    """What the main window shows, and what it asks for; made like a `Following`."""

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
        try:
            command = slash.parse(text, room=room.name)
        except slash.NotUnderstood as error:
            self.conversations.tell(telling.whole(error.sentence, library))
            return
        match command:
            case None:
                pass
            case slash.ShowLink() | slash.Help():
                self.conversations.tell((self.link() or "") if command == slash.ShowLink() else notices.help_text())
            case slash.SendPath():
                self.files.send(command)
            case slash.AnswerFile():
                self.files.answer(command)
            case c.LogOut():
                self.quit_wanted.emit()
            case c.ReadHistory():
                self.load_older(shown)
            case c.Search():
                self.searching.asked.emit(text.strip().partition(" ")[2].strip())
            case c.SendMessage() | slash.ReplyToLast() if shown is self.conversations.previewed:
                self._start(self._join_and_say(shown, command, text), shown)
            case c.SendMessage(text=said) if shown.kind == "direct":
                self.conversations.outbox.post(c.SendDirect((shown.name,), said))
            case c.SendDirect(to=to):
                self.conversations.outbox.post(command)
                self.conversations.show(self.conversations.with_user(to[0]))
            case c.SendMessage():
                self.conversations.outbox.post(self.replies.answer_with(command))
            case c.SendBroadcast():
                self.conversations.outbox.post(command)
            case _:
                self._carry_out(command, shown, text)

    def _carry_out(self, command: c.Command | slash.ChangeLast, shown: Conversation, text: str) -> None:
        if isinstance(command, slash.ChangeLast) and shown.kind == "direct":
            self.conversations.tell(notices.no_room_shown())
            self.returned.emit(shown, text)
        elif isinstance(command, c.RegisterAccount | c.Identify) and command.password is None:
            self.password_wanted.emit(command)
        else:
            self._start(self._ask(command, shown), shown)

    def prove(self, command: c.RegisterAccount | c.Identify, password: str) -> None:
        """Make the name the user's own, or show that it is, by a password."""
        self._start(self._ask(replace(command, password=password), self.conversations.shown))

    def link(self) -> str | None:
        """Return a link to the room that the user is in, the one that most can follow; say why when there is none."""
        if self.client is None:
            self.conversations.tell(translate("Notices", "There is no connection."))
            return None
        try:
            return room_links(self.client, self.trust)[0]
        except ChatcoreError as error:
            self.conversations.tell(why(error))
            return None

    def export(self, path: str) -> None:
        """Write what is loaded of the conversation that is shown into a file, and say so."""
        shown = self.conversations.shown
        if shown is not None:
            self.conversations.flush()
            self._start(self._export(path, shown), shown)

    async def _export(self, path: str, place: Conversation) -> None:
        room = place.name if place.kind == "room" else ""
        try:
            count = await in_thread(export.write, path, tuple(place.timeline.entries), room)
        except OSError as error:
            text = translate("Notices", "{path} cannot be written: {reason}.")
            self.conversations.tell(text.format(path=safe_text(path), reason=safe_text(error.strerror or str(error))))
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
            self._start(self._ask(c.JoinRoom(room)))

    async def _join_and_say(self, place: Conversation, said: c.SendMessage | slash.ReplyToLast, text: str) -> None:
        """Enter the room that is shown, and say there what was written for it; give it back where that is refused."""
        try:
            if self.client is None:
                self.conversations.tell(translate("Notices", "There is no connection."), place)
            else:
                await self.client.join(place.name)
                if isinstance(said, slash.ReplyToLast):
                    await ask(self.client, said)
                else:
                    self.conversations.outbox.post(replace(said, room=place.name))
                return
        except RequestRefused as error:
            self.conversations.bar(place, error)
            self.conversations.tell(why(error, name=place.name), place)
        self.returned.emit(place, text)

    async def create(self, room: str) -> str | None:
        """Create a room and enter it; returns why that was refused, if it was."""
        if self.client is None:
            return translate("Notices", "There is no connection.")
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

    def load_older(self, conversation: Conversation) -> None:
        """Read what was said before the first message shown."""
        if is_running():
            self.messages.history.load_older(conversation)

    async def _ask(self, command: c.Command | slash.ChangeLast, place: Conversation | None = None) -> None:
        client = self.client
        if client is None:
            self.conversations.tell(translate("Notices", "There is no connection."))
            return
        try:
            answer = await ask(client, command)
        except RequestRefused as error:
            if isinstance(command, c.JoinRoom):
                self.conversations.bar(self.conversations.of_room(command.room), error)
            self.conversations.tell(why(error, name=name_asked(command)), place)
        else:
            if answer is not None:
                self.conversations.tell(notices.answer(answer) or "", place)
            elif isinstance(command, c.RegisterAccount):
                self.conversations.tell(notices.registered(self.username), place)
            elif isinstance(command, c.Identify):
                self.conversations.tell(notices.identified(command.account or self.username), place)

    # What an earlier try has left.

    def send_restored(self) -> None:
        """Send what an earlier run has left."""
        self._start(self._retry(self.conversations.outbox.take_restored()))

    def discard_restored(self) -> None:
        """Give up what an earlier run has left."""
        for sent in self.conversations.outbox.take_restored():
            self.conversations.outbox.discard(sent.key)

    def retry(self, key: str) -> None:
        """Send again what failed, from the room for which it was written."""
        self._start(self._retry([sent for sent in self.conversations.outbox.failed if sent.key == key]))

    async def _retry(self, failed: list[Sent]) -> None:
        for sent in failed:
            room = sent.places[0].name if isinstance(sent.send, c.SendMessage) else ""
            here = self.conversations.room
            if self.client is not None and room and here is not None and name_key(room) != name_key(here.name):
                try:
                    await self.client.enter(room)
                except RequestRefused as error:
                    self.conversations.tell(why(error, name=room))
                    continue
            self.conversations.outbox.retry(sent.key)
