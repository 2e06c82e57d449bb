"""`chatcore connect` as a filter: lines in, messages out; for scripts and other programs."""

from __future__ import annotations

import asyncio
import errno
import os
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any, Final

import click

from chatcore import events as e
from chatcore.aio.asking import answer_to_last, ask
from chatcore.aio.client import Client
from chatcore.aio.signals import on_signals
from chatcore.commands import CreateRoom, JoinRoom, LogOut, Read, RoomChange, Send, SendMessage
from chatcore.errors import ConnectionClosed, ConnectionFailed, ErrorCode, FileError, LoginRefused, RequestRefused
from chatcore.events import FileState
from chatcore.events import files as f
from chatcore.text.names import name_key
from chatcore.text.reasons import refuse
from chatcore.text.slash import AnswerFile, Help, NotUnderstood, Parsed, ReplyToLast, SendPath, ShowLink, parse
from chatcore_cli.chatting.files import FilePlaces, carry_out
from chatcore_cli.chatting.filter_output import JsonEvents, PersonEvents, ScriptEvents, Shown
from chatcore_cli.chatting.joining.absence import Absence
from chatcore_cli.chatting.joining.asking import ASKS_OWN_PASSWORD, AskingLogin
from chatcore_cli.chatting.joining.wishes import (
    LAST_ANSWERS,
    TRY_ANOTHER_NAME,
    ConnectWishes,
    connected,
    leave_on_signals,
)
from chatcore_cli.chatting.showing.help import help_lines
from chatcore_cli.chatting.showing.links import link_lines
from chatcore_cli.chatting.showing.outcomes import tell_left, told_when_done, why_refused
from chatcore_cli.chatting.showing.render import (
    Renderer,
)
from chatcore_cli.chatting.streams import (
    LineReader,
    OtherEncodingError,
    Output,
    TooLongError,
    broken_off_by_signals,
    show_typing,
)
from chatcore_cli.chatting.typed_password import TypedPassword, lacks_password
from chatcore_cli.run_state import EXIT_INTERRUPTED, EXIT_NOT_CONNECTED, EXIT_REFUSED
from chatcore_cli.saying.out import complain, give_up_output
from chatcore_cli.saying.refusals import login_reason, reason
from chatcore_cli.saying.texts import _, whole

# No more than this many messages are on their way at a time; the input waits.
_WINDOW: Final = 256


async def run_filter(wishes: ConnectWishes, *, as_json: bool, commands: bool, stay: bool) -> int:
    """Pass lines from standard input to the chat and messages to standard output; returns the exit code."""
    assert wishes.username is not None  # only a terminal can be asked for it
    try:
        login = AskingLogin(wishes, _asked).connected if wishes.for_people else partial(connected, wishes)
        client = await login(wishes.username)
    except click.Abort:  # at a question
        return 0
    except LoginRefused as error:
        return _login_refused(error, wishes.username)
    except (ConnectionFailed, ConnectionClosed) as error:
        complain(wishes.why_not(error))
        return EXIT_NOT_CONNECTED
    chat_filter = Filter(client, wishes, as_json=as_json, commands=commands, stay=stay)
    try:
        if wishes.operator_token is not None:
            await client.become_operator(wishes.operator_token)
        return await chat_filter.run()
    except RequestRefused as error:
        complain(reason(error))
        return EXIT_REFUSED
    finally:
        await client.close()


def _login_refused(error: LoginRefused, username: str) -> int:
    """Say why a login was refused, and what helps; returns the exit code."""
    complain(login_reason(error, username))
    if error.code == ErrorCode.WRONG_PASSWORD:
        complain(_("Give it with --password-file FILE, or in CHATCORE_CONNECT_PASSWORD."))
    elif error.code in ASKS_OWN_PASSWORD:
        complain(_("Give the password of your name with --account-password-file FILE."))
    elif error.code not in (ErrorCode.BAD_INVITATION, ErrorCode.NOT_ALLOWED, *TRY_ANOTHER_NAME):
        return EXIT_NOT_CONNECTED
    return EXIT_REFUSED


async def _asked(question: str) -> str:
    with broken_off_by_signals():
        answer: str = click.prompt(question, prompt_suffix="", hide_input=True)
    return answer


class Filter:
    """One run of the filter, on a client that is logged in."""

    def __init__(self, client: Client, wishes: ConnectWishes, *, as_json: bool, commands: bool, stay: bool) -> None:
        self._client = client
        self._wishes = wishes
        self._commands = commands
        self._stay = stay
        self._output = Output(failed=self._output_failed)
        renderer = Renderer(asks=commands and not wishes.accept_files)
        lines = PersonEvents if wishes.for_people else ScriptEvents
        self._shown: Shown = JsonEvents(self._output) if as_json else lines(client, self._output, renderer)
        self._lines: dict[int, tuple[int, Send]] = {}
        """Line number and text of each message that is on its way, by its number."""
        self._room = client.room  # where what comes in is to be said, or nowhere; empty for the default one
        self._under_way: Parsed | None = None  # what a line asks for that is being carried out
        self._left: list[Parsed] = []  # what a person typed and left behind
        self._password = TypedPassword(self._password_mistyped)
        self._room_for_more = asyncio.Event()
        self._absence = Absence(wishes.retry_for, lambda: client.connected, self._give_up)
        self._code = 0
        self._places = FilePlaces()
        self._accepting: set[asyncio.Task[None]] = set()
        self._end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The exit code, when the run ends before the input does."""

    async def run(self) -> int:
        """Run until the input ends, the connection is lost for good, or a signal comes."""
        on_signals(("SIGINT",), lambda _number: self._signalled(EXIT_INTERRUPTED))
        leave_on_signals(self._signalled)
        events = asyncio.create_task(self._follow())
        feeding = asyncio.create_task(self._feed())
        ends: set[asyncio.Future[Any]] = {events, feeding, self._end}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if self._end.done() and self._wishes.for_people:
            await asyncio.wait((feeding,))  # which ends by itself then
        feeding.cancel()
        self._give_up_password()
        if self._wishes.for_people or not self._end.done():
            await self._client.close()  # which ends the events, once they are all shown
        if self._end.done():
            await asyncio.wait((events,), timeout=LAST_ANSWERS if self._wishes.for_people else 0)
            events.cancel()
        results = await asyncio.gather(events, feeding, return_exceptions=True)
        self._absence.forget()
        if self._end.done() and not self._wishes.for_people:
            return self._end.result()
        if not self._end.done():
            await self._output.drain()
        return self._verdict([result for result in results if isinstance(result, Exception)])

    def _verdict(self, errors: list[Exception]) -> int:
        code = self._end.result() if self._end.done() else 0
        for error in errors:
            if not isinstance(error, ConnectionClosed | ConnectionFailed | LoginRefused):
                raise error
            complain(self._wishes.why_lost(error))
            code = code or EXIT_NOT_CONNECTED
            break
        code = code or self._code
        if not self._wishes.for_people:
            return code
        messages = [command for command in self._left if isinstance(command, Send)]
        undone = sum(not isinstance(each, Send | Read | Help | ShowLink | LogOut) for each in self._left)
        left = tell_left(len(self._lines) + len(messages), undone)
        return code or left

    def _signalled(self, code: int) -> None:
        if self._end.done():
            self._give_up_password()
            os._exit(code)  # asked for the second time: at once
        by_hand = self._wishes.for_people and code == EXIT_INTERRUPTED
        self._end.set_result(0 if by_hand else code)

    # What goes in.

    async def _feed(self) -> None:
        lines = LineReader().lines()
        if self._wishes.for_people:
            await self._feed_person(lines)
        elif await self._take_all(lines):
            await self._client.flush()
            await self._files_are_over()
            if self._stay:
                await self._output.broken.wait()

    async def _files_are_over(self) -> None:
        """Wait for the files that are under way, and for those that are to be taken and have no place yet."""
        while self._accepting or any(one.sending or one.state is not FileState.OFFERED for one in self._client.files):
            if self._accepting:
                await asyncio.wait(self._accepting)
            else:
                await self._places.next()

    async def _feed_person(self, typed: AsyncIterator[str | Exception]) -> None:
        """Read on while a line waits for its answer: who leaves does not want to wait for a server that is away."""
        left: deque[str | Exception] = deque()
        waiting: asyncio.Queue[str | Exception | None] = asyncio.Queue()

        async def read() -> None:
            async for line in typed:
                left.append(line)
                waiting.put_nowait(line)
                if isinstance(self._meant(line), LogOut):
                    break
            waiting.put_nowait(None)

        async def lines() -> AsyncIterator[str | Exception]:
            while (line := await waiting.get()) is not None:
                left.popleft()
                yield line

        reading, doing = asyncio.create_task(read()), asyncio.create_task(self._take_all(lines()))
        try:
            ends: set[asyncio.Future[Any]] = {reading, doing, self._end}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            reading.cancel()
            waiting.put_nowait(None)
            if self._client.connected:
                await asyncio.wait((doing,), timeout=LAST_ANSWERS)
        finally:
            reading.cancel()
            doing.cancel()
            results = await asyncio.gather(reading, doing, return_exceptions=True)
            self._left = self._left_behind(left)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _meant(self, line: str | Exception) -> Parsed | None:
        """Return what a line asks for, if it can be told."""
        if isinstance(line, str) and self._commands:
            with suppress(NotUnderstood):
                return parse(line, room=self._client.room)
        return SendMessage(line) if isinstance(line, str) and line.strip() and not self._commands else None

    def _left_behind(self, lines: Iterable[str | Exception]) -> list[Parsed]:
        """Return what is under way, and what the lines behind it ask for: passwords are a part of what needs them."""
        left = [] if self._under_way is None else [self._under_way]
        password = copy(self._password)
        for line in lines:
            if password.question and isinstance(line, str):
                password.typed(line)
            elif (command := self._meant(line)) is not None:
                left.append(command)
                if lacks_password(command):
                    with suppress(RequestRefused):
                        password.ask_for(command, self._client.server)
        return left

    async def _take_all(self, lines: AsyncIterator[str | Exception]) -> bool:
        """Carry out line after line; returns whether that was possible at all."""
        if self._wishes.room is not None:
            try:
                await self._client.enter(self._wishes.room)
                self._room = self._wishes.room
            except RequestRefused as error:
                self._refused(reason(error, name=self._wishes.room, asked="--room"))
                return False  # in another room, nothing of it is to be said
        number = 0
        async for line in lines:
            number += 1
            if isinstance(line, TooLongError):
                self._refused(_("Line {number} is too long; it was not sent.").format(number=number))
            elif isinstance(line, OtherEncodingError):
                self._refused(
                    _("The input is in {encoding}; give it in UTF-8. Nothing was sent.").format(encoding=line)
                )
            elif self._commands and isinstance(line, UnicodeDecodeError) and line.object.startswith(b"/send "):
                await self._line(number, os.fsdecode(line.object))  # a path may be of any bytes
            elif isinstance(line, Exception):
                self._refused(_("Line {number} is not UTF-8; it was not sent.").format(number=number))
            elif not await self._line(number, line):
                self._stay = False
                break
        return True

    def _password_mistyped(self, why: str) -> None:
        show_typing(True)  # before anybody can type on
        complain(why)

    def _ask_for_password(self) -> None:
        """Show what is typed, unless it is a password."""
        show_typing(not self._password.question)
        if self._password.question:
            complain(self._password.question.rstrip())

    def _give_up_password(self) -> None:
        if self._password.question:
            self._password.give_up()
            show_typing(True)

    def _understood(self, line: str) -> Parsed | None:
        if self._password.question:
            with_password = self._password.typed(line)
            self._ask_for_password()
            return with_password
        here = self._client.room if self._wishes.for_people else self._room or self._client.room
        command = parse(line, room=here) if self._commands else _message(line)
        if self._wishes.for_people and lacks_password(command):
            self._password.ask_for(command, self._client.server)
            self._ask_for_password()
            return None
        return command

    async def _line(self, number: int, line: str) -> bool:
        """Do what a line says; returns whether its user stays."""
        command: Parsed | None = None
        try:
            command = self._under_way = self._understood(line)
            if isinstance(command, ReplyToLast):  # which is told of as everything else that is said
                command = await answer_to_last(self._client, command)
            if command is not None:
                await self._carry_out(number, command)
        except NotUnderstood as error:
            self._not_done(number, whole(error.sentence))
        except RequestRefused as error:
            why = why_refused(error, None if isinstance(command, Help | ShowLink) else command)
            if isinstance(command, Send):
                self._not_sent(number, why)
            else:
                self._not_done(number, why)
        except FileError as error:
            self._not_done(number, whole(error))
        self._under_way = None
        return not isinstance(command, LogOut)

    async def _carry_out(self, number: int, command: Parsed) -> None:
        if isinstance(command, Help):
            await self._shown.text(help_lines())
        elif isinstance(command, ShowLink):
            await self._shown.text(link_lines(self._client, self._wishes.known_servers))
        elif isinstance(command, Send):
            await self._post(number, command)
        elif isinstance(command, SendPath | AnswerFile):
            if isinstance(command, SendPath) and command.room:
                self._check_room()
            if isinstance(command, SendPath) and not self._wishes.for_people:  # a script has time
                said = await self._places.send(self._client, command, lambda: self._waits(number))
            else:
                said = await carry_out(self._client, command)
            if said is not None:
                complain(said)
        elif not isinstance(command, LogOut):
            if isinstance(command, CreateRoom | JoinRoom) and not self._wishes.for_people:
                self._room = command.room  # what is below it is for there, also when it is refused
            answer = await ask(self._client, command)
            if isinstance(command, RoomChange):
                self._room = command.room if isinstance(command, CreateRoom | JoinRoom) else ""
            if answer is not None:
                await self._shown.answer(answer)
            done = told_when_done(command, self._client.username)
            if done is not None:
                complain(done)

    def _check_room(self) -> None:
        """Offer nothing to another room than that which it is for."""
        here = self._client.room
        if self._room and name_key(self._room) != name_key(here):
            self._follow_person(self._room)
            raise refuse(ErrorCode.NOT_IN_ROOM, room=here, name=self._room)

    def _follow_person(self, room: str | None) -> None:
        """Once they are told that they are not in a room any more, what people type is for where they are."""
        if self._wishes.for_people and room == self._room:
            self._room = self._client.room

    async def _post(self, number: int, send: Send) -> None:
        if isinstance(send, SendMessage):
            send = replace(send, room=self._room or None)
        while len(self._lines) >= _WINDOW:
            self._room_for_more.clear()
            await self._room_for_more.wait()
        self._lines[self._client.post(send)] = number, send

    def _not_sent(self, number: int, why: str) -> None:
        self._refused(_("Line {number} was not sent. {why}").format(number=number, why=why))

    def _not_done(self, number: int, why: str) -> None:
        self._refused(_("Line {number}: {why}").format(number=number, why=why))

    def _waits(self, number: int) -> None:
        text = _("Line {number} waits until a file before it is over, and what is behind it waits too.")
        complain(text.format(number=number))

    def _refused(self, sentence: str) -> None:
        self._code = self._code or EXIT_REFUSED
        complain(sentence)

    # What comes out.

    async def _follow(self) -> None:
        async for event in self._client:
            self._note(event)
            await self._shown.event(event)

    def _note(self, event: e.ClientEvent) -> None:
        self._places.note(event)
        match event:
            case e.SendAcknowledged(cid=cid):
                self._lines.pop(cid, None)
                self._room_for_more.set()
            case e.SendRefused(cid=cid):
                number, send = self._lines.pop(cid)
                self._not_sent(number, why_refused(event, send))
                self._room_for_more.set()
                if event.code == ErrorCode.NOT_IN_ROOM and isinstance(send, SendMessage):
                    self._follow_person(send.room)
            case e.ConnectionLost(attempt=attempt):
                self._absence.lost(attempt)
            case f.FileOffered() if self._wishes.accept_files:
                task = asyncio.create_task(self._places.accept(self._client, event))
                self._accepting.add(task)
                task.add_done_callback(self._accepting.discard)
            case f.FileFailed():
                self._code = self._code or EXIT_REFUSED

    def _give_up(self) -> None:
        complain(_("The server did not come back; giving up."))
        if not self._end.done():
            self._end.set_result(EXIT_NOT_CONNECTED)

    def _output_failed(self, failure: OSError) -> None:
        code = give_up_output(failure)
        if failure.errno != errno.EPIPE:
            self._code = self._code or code


def _message(line: str) -> SendMessage | None:
    return SendMessage(line) if line.strip() else None
