"""A conversation on a terminal: lines come in above the line that is being typed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from time import monotonic
from typing import Any, Final

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import ConditionalCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_focus
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle

from chatcore import events as e
from chatcore.aio.asking import ask
from chatcore.aio.client import Client
from chatcore.commands import (
    CloseRoom,
    Command,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    LogOut,
    Position,
    Read,
    Search,
    Send,
    SendMessage,
)
from chatcore.errors import ChatcoreError, ConnectionClosed, ConnectionFailed, ErrorCode, FileError, RequestRefused
from chatcore.events import FileOffered, FileProgressed, RoomModerated
from chatcore.limits import ROOM_NAME_MAX
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name
from chatcore.text.sendable import check
from chatcore.text.slash import (
    AnswerFile,
    ChangeLast,
    Help,
    NotUnderstood,
    Parsed,
    SendPath,
    ShowLink,
    one_by_one,
    parse,
)
from chatcore.text.telling.room_sentences import puts_out
from chatcore_cli.chatting.files import FilePlaces, carry_out
from chatcore_cli.chatting.joining.absence import Absence
from chatcore_cli.chatting.joining.wishes import LAST_ANSWERS, ConnectWishes, leave_on_signals
from chatcore_cli.chatting.showing.help import help_lines
from chatcore_cli.chatting.showing.links import link_lines
from chatcore_cli.chatting.showing.outcomes import tell_left, told_when_done, why_refused
from chatcore_cli.chatting.showing.render import Renderer, notice, warning
from chatcore_cli.chatting.terminal.activity import Activity
from chatcore_cli.chatting.terminal.ahead import TypedAhead, Unfinished
from chatcore_cli.chatting.terminal.completing import Names, completed
from chatcore_cli.chatting.terminal.history import TypedHistory
from chatcore_cli.chatting.terminal.job_control import JobControl
from chatcore_cli.chatting.terminal.last_messages import LastMessages, read_up_to
from chatcore_cli.chatting.terminal.pages import SearchPages
from chatcore_cli.chatting.terminal.prompting import hardened, typed
from chatcore_cli.chatting.terminal.screen import Screen
from chatcore_cli.chatting.terminal.state_line import StateLine, state_text
from chatcore_cli.chatting.terminal.style import STYLE
from chatcore_cli.chatting.typed_password import TypedPassword, lacks_password
from chatcore_cli.run_state import EXIT_NOT_CONNECTED
from chatcore_cli.saying.out import complain, styled
from chatcore_cli.saying.refusals import reason
from chatcore_cli.saying.texts import _, whole

# Most messages are acknowledged sooner than this; only the others are worth a word.
_UNSENT_AFTER: Final = 0.3


class Terminal:
    """One conversation, on a client that is logged in."""

    def __init__(self, client: Client, wishes: ConnectWishes) -> None:
        self._client = client
        self._wishes = wishes
        self._renderer = Renderer(asks=not wishes.accept_files)
        self._places = FilePlaces()
        self._history = TypedHistory()
        self._password = TypedPassword(lambda text: self._screen.say(warning(text)))
        self._prompt = hardened(
            PromptSession(
                self._message,
                history=self._history,
                is_password=Condition(lambda: bool(self._password.question)),
                completer=ConditionalCompleter(Names(client), Condition(lambda: not self._password.question)),
                complete_while_typing=False,
                complete_style=CompleteStyle.READLINE_LIKE,
                erase_when_done=True,
                style=STYLE,
                key_bindings=self._keys(),
            )
        )
        self._screen = Screen(self._prompt)
        self._jobs = JobControl(self._prompt)
        self._state_line = StateLine(self._prompt, self._state, self._goes_on)
        self._last_messages = LastMessages(client, self._renderer, self._screen, self._start)
        self._prompt.default_buffer.accept_handler = self._accept
        self._unfinished = Unfinished(monotonic)
        self._prompt.default_buffer.on_text_changed += lambda buffer: self._unfinished.changed(buffer.text)
        self._ahead = TypedAhead()
        self._activity = Activity()
        self._search = SearchPages()
        self._below = ""  # what was typed below a command that asks for a password, or leaves
        self._unsent: dict[int, Send] = {}
        self._unposted = 0  # messages that came too late to be sent
        self._tasks: set[asyncio.Task[object]] = set()
        self._asking: set[asyncio.Task[object]] = set()  # those of them that ask the server for something
        self._undone = 0  # requests to change something that nobody will answer any more
        self._room = ""  # where the user is, by what was shown; the client may be further already
        self._last: Position | None = None  # of the last message of the room that was shown
        self._was_connected = False
        self._absence = Absence(wishes.retry_for, lambda: client.connected, self._give_up)
        self._over = False
        self._closing = False  # nothing is sent any more
        self._code = 0
        self._failure: ChatcoreError | None = None
        self._mistake: Exception | None = None

    async def run(self) -> int:
        """Talk until the user leaves or the connection is lost for good; returns the exit code."""
        leave_on_signals(self._signalled)
        self._jobs.begin()
        with patch_stdout():
            printing = asyncio.create_task(self._screen.print_all())
            following = asyncio.create_task(self._follow())
            for task in (printing, following):
                task.add_done_callback(lambda _task: self._leave())
            if self._wishes.operator_token is not None:
                self._start(self._become_operator(self._wishes.operator_token))
            if self._wishes.room is not None:
                self._go(self._enter(self._wishes.room), self._wishes.room)
            try:
                await self._read()
                self._over = True
                await self._last_answers()
            finally:
                self._over = self._closing = True
                await self._client.close()  # what was posted goes out first
                printing.cancel()
                results = await asyncio.gather(following, printing, *self._tasks, return_exceptions=True)
                self._absence.forget()
                self._state_line.end()
                self._screen.print_now()
        for mistake in (self._mistake, *results):
            if isinstance(mistake, Exception):
                raise mistake
        return self._farewell()

    async def _last_answers(self) -> None:
        """Wait until what was typed last is done, unless that takes long: nobody has to stay for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_ANSWERS):
                while self._asking and self._client.connected:
                    await asyncio.wait(self._asking, return_when=asyncio.FIRST_COMPLETED)

    def _farewell(self) -> int:
        code = self._code
        if self._failure is not None:
            complain(self._wishes.why_lost(self._failure))
            code = code or EXIT_NOT_CONNECTED
        unsent = len(self._unsent) + self._unposted + self._ahead.messages
        undone = self._undone + self._ahead.commands
        commands, rest = one_by_one(self._below, room="")
        while commands:
            undone += sum(not isinstance(parse(line, room=""), Read) for line in commands)
            commands, rest = one_by_one(rest, room="")
        unsent += bool(rest)
        left = tell_left(unsent, undone)
        return code or left

    # What the user types.

    async def _read(self) -> None:
        while not self._over:
            below, self._below = self._below, ""
            self._unfinished.changed(below)
            try:
                await typed(self._prompt, default=below)
            except KeyboardInterrupt:
                if self._password.question:
                    self._password.give_up()
                    continue
                if not self._prompt.default_buffer.text:
                    return
                # Only the line is given up.
            except EOFError:
                return

    def _accept(self, buffer: Buffer) -> bool:
        """Take what was typed and let the prompt go on: between two prompts, keys would get lost."""
        left = ""
        try:
            if self._password.question:
                self._password_typed(buffer.text)
            else:
                left = self._text_typed(buffer.text)
            if not self._password.question and not self._over:
                left, self._below = left or self._below, ""
        except Exception as error:
            self._mistake = error
            self._leave()
        if left != buffer.text:
            buffer.reset(Document(left))
        self._unfinished.changed(left)
        return bool(left)

    def _text_typed(self, text: str) -> str:
        """Take a message, or commands, one a line; returns what is to be in the prompt again."""
        commands, below = one_by_one(text, room=self._client.room)
        written_for = self._unfinished.take() if commands else None
        left = []
        for line in commands or [text]:
            self._history.keep(line)
            if self._typed(line):
                left.append(line)
        if not commands:
            return "".join(left)
        if written_for is not None:
            self._unfinished.belongs_to(written_for)
        kept = "\n".join([*left, below] if below else left)
        if not self._password.question and not self._over:
            return kept
        self._below = kept
        return ""

    def _password_typed(self, password: str) -> None:
        command = self._password.typed(password)
        if command is not None:
            self._request(command)

    def _typed(self, line: str) -> bool:
        """Take a line that was typed; returns whether to keep it in the prompt."""
        with suppress(NotUnderstood):
            command = parse(line, room=self._client.room)
            written_for = self._unfinished.take()
            if written_for is not None and name_key(written_for) == name_key(self._client.room):
                written_for = None  # the user is there again
            if written_for is not None and isinstance(command, SendMessage):
                text = _("This was written in {old}, and you are in {new} now: Enter says it here.")
                if not written_for:
                    text = _("This was written for another room, and you are in {new}: Enter says it here.")
                self._screen.say(warning(text.format(old=safe_name(written_for), new=safe_name(self._client.room))))
                return True
            if self._ahead.keeps(line, command):
                self._state_line.update_within(_UNSENT_AFTER)
                return False
        return self._carry_out(line)

    def _carry_out(self, line: str) -> bool:
        """Do what a line says; returns whether to keep it in the prompt, to be repaired."""
        try:
            command = parse(line, room=self._client.room)
            if isinstance(command, Help):
                self._screen.say(*(notice(line) for line in help_lines()))
            elif isinstance(command, ShowLink):
                self._screen.say(*(notice(line) for line in link_lines(self._client, self._wishes.known_servers)))
            elif isinstance(command, LogOut):
                self._leave()
            elif isinstance(command, Send):
                if isinstance(command, SendMessage):  # the client knows best, also while it goes back there
                    command = replace(command, room=None)
                self._unsent[self._client.post(command)] = command
                self._state_line.update_within(_UNSENT_AFTER)
            elif isinstance(command, SendPath | AnswerFile):
                self._start(self._about_file(command))
            elif lacks_password(command):
                with self._complaining(reason):
                    self._password.ask_for(command, self._client.server)
            elif command is not None:
                if not isinstance(command, ChangeLast):
                    check(command)
                self._request(command)
        except NotUnderstood as error:
            self._screen.say(warning(whole(error.sentence)))
            return "\n" in line  # which is more than a word to type anew
        except RequestRefused as error:
            self._screen.say(self._renderer.not_sent(line, reason(error)))
            return True
        except ConnectionClosed:
            self._unposted += 1  # nothing else is said at once
            self._leave()
        return False

    def _start(self, doing: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._state_line.update_within(_UNSENT_AFTER)
        return task

    def _start_asking(self, asking: Coroutine[Any, Any, object]) -> None:
        task = self._start(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def _request(self, command: Command | ChangeLast) -> None:
        match command:
            case CreateRoom(room=room) | JoinRoom(room=room):
                self._go(self._ask(command), room)
            case LeaveRoom() | CloseRoom():
                self._go(self._ask(command), "")
            case _:
                self._start_asking(self._ask(command))

    def _go(self, asking: Coroutine[Any, Any, bool], room: str) -> None:
        """Ask for another room, empty for the default one. What is typed for it waits until the user is there."""
        self._ahead.set_out(room)
        self._start_asking(self._going(asking))

    async def _going(self, asking: Coroutine[Any, Any, bool]) -> None:
        done = await asking
        there = self._ahead.arrived(done, self._client.room)
        if there is None or self._closing or (self._over and not there):
            return
        lines = self._ahead.take()
        if there:
            for line, command in lines:
                if not self._ahead.keeps(line, command) and self._carry_out(line):
                    self._put_back(line)
        else:
            self._give_back(lines)

    def _give_back(self, lines: list[tuple[str, Parsed]]) -> None:
        """Say nothing elsewhere of what was typed for a room where the user is not; not before the user says so."""
        if not (len(lines) == 1 and isinstance(lines[0][1], SendMessage) and self._put_back(lines[0][0])):
            why = _("It was written for another room, and you are in {new}.")
            for line, _command in lines:
                self._screen.say(self._renderer.not_sent(line, why.format(new=safe_name(self._client.room))))
            if lines:
                self._unfinished.goes_on()
        self._unfinished.belongs_to("")

    def _put_back(self, line: str) -> bool:
        """Let a line be in the prompt again, unless there is another one; tell whether it is."""
        buffer = self._prompt.default_buffer
        if self._password.question or buffer.text:
            return False
        buffer.document = Document(line)
        return True

    async def _enter(self, room: str) -> bool:
        with self._complaining(lambda error: reason(error, name=room, asked="--room")):
            await self._client.enter(room)
            return True
        return False

    async def _become_operator(self, token: str) -> None:
        with self._complaining(reason):
            await self._client.become_operator(token)

    async def _ask(self, command: Command | ChangeLast) -> bool:
        """Ask for something, and show the answer; returns whether it was done."""
        with self._complaining(lambda error: why_refused(error, command)):
            if isinstance(command, Search):
                command = self._search.next(command)
            try:
                answer = await ask(self._client, command)
            except ConnectionClosed:
                self._undone += not isinstance(command, Read)
                raise
            if isinstance(answer, e.MessagesFound) and isinstance(command, Search):
                self._search.found(command, answer)
            if answer is not None:
                self._screen.say(*self._renderer.lines(answer))
            done = told_when_done(command, self._client.username)
            if done is not None:
                self._screen.say(notice(done))
            return True
        return False

    async def _about_file(self, action: SendPath | AnswerFile) -> None:
        with self._complaining(lambda error: why_refused(error, action)):
            said = await carry_out(self._client, action)
            if said is not None:
                self._screen.say(notice(said))
            self._state_line.update()

    @contextmanager
    def _complaining(self, why: Callable[[RequestRefused], str]) -> Iterator[None]:
        """Say what goes wrong; `why` tells why the server refused something."""
        try:
            yield
        except RequestRefused as error:
            self._screen.say(warning(why(error)))
        except ChatcoreError as error:
            if isinstance(error, FileError) or not self._over:
                self._screen.say(warning(whole(error)))

    def _signalled(self, code: int) -> None:
        if self._code:
            os._exit(code)  # asked for the second time: at once
        self._code = code
        self._leave()

    def _leave(self) -> None:
        self._over = True
        app = self._prompt.app
        if app.is_running and not app.is_done:
            app.exit(exception=EOFError)

    # Keys of our own.

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        keys.add("c-z")(lambda _event: self._jobs.suspend())
        keys.add("tab", filter=has_focus(DEFAULT_BUFFER))(lambda event: self._complete(event.current_buffer))
        return keys

    def _complete(self, buffer: Buffer) -> None:
        """Complete what is typed, or say above it what there is to choose from."""
        choice = completed(buffer)
        if choice:
            self._screen.offer(choice)

    # What the server says.

    async def _follow(self) -> None:
        try:
            async for event in self._client:
                self._event(event)
        except ChatcoreError as error:
            self._failure = error

    def _event(self, event: e.ClientEvent) -> None:
        self._renderer.me = self._client.username
        match event:
            case e.Welcomed() if self._was_connected:
                self._back(event)
            case e.Welcomed():
                self._was_connected = True
                self._room, self._last = event.room, event.position
                self._screen.say(*self._renderer.welcome(event))
                if self._wishes.room is None:
                    self._last_messages.recall(event.room, event.position.seq)
            case e.Dismissed(code=ErrorCode.LOGGED_OUT):
                pass  # the answer to our own farewell
            case e.RoomsListed():
                self._state_line.update()  # nobody has asked for it: a fresh picture behind a replay
            case e.SendAcknowledged(cid=cid):
                self._unsent.pop(cid, None)
            case e.SendRefused(cid=cid):
                send = self._unsent.pop(cid)
                self._screen.say(self._renderer.not_sent(send.text, why_refused(event, send)))
            case _:
                self._note(event)
                self._screen.say(*self._renderer.lines(event))
                if isinstance(event, e.RoomEntered):
                    self._last_messages.recall(event.room, event.position.seq)
        if isinstance(event, e.Welcomed | e.RoomsChanged | e.RoomEntered):
            self._activity.look(self._client.rooms, self._client.room)
        told = isinstance(event, e.Welcomed | e.RoomsChanged | e.RoomEntered | e.UnreadChanged | FileProgressed)
        if told or not self._unsent or not self._client.connected:
            self._state_line.update()

    def _note(self, event: e.ClientEvent) -> None:
        self._places.note(event)
        match event:
            case e.MessagePosted(room=room, seq=seq):
                if self._last is not None:
                    self._last = self._last._replace(seq=seq)
                read_up_to(self._client, room, seq)
            case e.GapFound(room=room, epoch=epoch, last=last) if name_key(room) == name_key(self._room):
                self._last = Position(epoch, last)
            case e.RoomEntered(room=room, position=position):
                self._room, self._last = room, position
            case RoomModerated() if puts_out(event, self._client.username):
                self._unfinished.belongs_to(event.room)
            case FileOffered() if self._wishes.accept_files:
                self._start(self._places.accept(self._client, event))
            case e.ConnectionLost(attempt=attempt):
                self._absence.lost(attempt)

    def _back(self, event: e.Welcomed) -> None:
        before, elsewhere = self._room, name_key(event.room) != name_key(self._room)
        put_out = elsewhere and not self._ahead.on_the_way  # or it may be where the user asked to go
        if put_out:
            self._unfinished.belongs_to(before)
        last = None if elsewhere else self._last
        self._screen.say(*self._renderer.welcome_back(event, last, before if put_out else ""))
        if elsewhere or not event.resumed:
            self._room, self._last = event.room, event.position
        if put_out and event.resumed:
            self._last_messages.recall(event.room, event.position.seq)

    def _give_up(self) -> None:
        self._failure = ConnectionFailed("The server did not come back; giving up.")
        self._leave()

    # What the prompt shows, and the line below it.

    def _message(self) -> FormattedText:
        if self._password.question:
            return styled([("", self._password.question)])
        room, name = _short(self._client.room), _short(self._client.username)
        return styled([("class:room", f"[{room}]"), ("", f" {name}> ")])

    def _state(self) -> str:
        return state_text(
            connected=self._client.connected,
            patience=self._client.patience,
            unsent=len(self._unsent) + len(self._ahead),
            asked=len(self._asking),
            files=self._client.files,
            news=self._activity.text(self._client.rooms, self._client.unread),
        )

    def _goes_on(self) -> bool:
        return bool(self._unsent or self._ahead or self._tasks or self._client.patience)


def _short(name: str) -> str:
    """Return a name for the prompt, which no line may begin within."""
    return safe_name(name if len(name) <= ROOM_NAME_MAX else f"{name[: ROOM_NAME_MAX - 1]}…")
