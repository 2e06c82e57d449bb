"""Requests that change nothing: answered where they are asked, from the logs in memory or from where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from chatcore.chat.chat import Chat
from chatcore.chat.kept.model import Session
from chatcore.chat.requests.messages import Span
from chatcore.commands import Command, MarkRead, ReadHistory, Search
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Posted, ServerEvent
from chatcore.ports.archive import Unreadable
from chatcore.ports.clock import Clock
from chatcore.ports.search import Page
from chatcore.records import Confirmed
from chatcore.server.connections.catch_up import Fetch
from chatcore.server.journal.proposals import Asked, Proposals
from chatcore.server.reading.marks import Marks
from chatcore.server.reading.searching import SearchLogs
from chatcore.text.names import name_key


class Reads:
    """Answers what users read.

    Args:
        chat: the chat, as far as the journal has brought it.
        clock: what time it is.
        proposals: takes what changes the chat all the same: that a session is confirmed.
        marks: takes how far users say that they have read.
        fetch: gets what is no longer in memory.
        search: looks for messages.
        answer_with: answers a request with what a function makes, if it makes something; it may raise `Refusal`.
        read_on: told of a request whose connection need not wait for it any more.
    """

    def __init__(
        self,
        chat: Chat,
        clock: Clock,
        *,
        proposals: Proposals,
        marks: Marks,
        fetch: Fetch | None,
        search: SearchLogs,
        answer_with: Callable[[Asked, Callable[[], ServerEvent | None]], None],
        read_on: Callable[[Asked], None],
    ) -> None:
        self._chat = chat
        self._clock = clock
        self._proposals = proposals
        self._marks = marks
        self._fetch = fetch
        self._search = search
        self._answer_with = answer_with
        self._read_on = read_on

    def read(self, asked: Asked, session: Session | None) -> None:
        """Answer now, or once what is asked for was fetched."""
        connection = asked.connection
        if session is not None:
            if not session.confirmed:
                self._proposals.add(Confirmed(connection.number))
            connection.heads = self._chat.heads(connection.number)
        self._answer_with(asked, partial(self._answer_to, asked.command, asked, session))

    def _answer_to(self, command: Command, asked: Asked, session: Session | None) -> ServerEvent | None:
        """Return the answer to what changes nothing; None when it comes later. Raises `Refusal`."""
        number = asked.connection.number
        if isinstance(command, ReadHistory) and self._is_fetched(asked, command):
            return None
        if isinstance(command, Search):
            query = self._chat.query(number, command, time=self._clock.time())
            asked.connection.begin_request()
            self._search(query, partial(self._searched, asked))
            return None
        answer = self._chat.answer(number, command, time=self._clock.time())
        if isinstance(command, MarkRead) and session is not None and session.room is not None:
            key = name_key(command.room or session.room.name)
            if command.epoch in ("", self._chat.log.position(key).epoch):
                self._marks.note(number, key, command.seq)
        return answer

    def _searched(self, asked: Asked, page: Page | None) -> None:
        asked.connection.end_request()
        self._answer_with(asked, partial(self._found, asked, page))
        self._read_on(asked)

    def _found(self, asked: Asked, page: Page | None) -> ServerEvent:
        if page is None:
            raise Refusal(ErrorCode.UNREADABLE)
        return self._chat.found(asked.connection.number, page)

    def _is_fetched(self, asked: Asked, command: ReadHistory) -> bool:
        """Get what a history needs from where it is kept; returns False when all of it is in memory."""
        if self._fetch is None:
            return False
        connection = asked.connection
        span = self._chat.span(connection.number, command)
        if span.after + 1 >= self._chat.log.floor(span.key):
            return False
        connection.begin_request()
        self._fetch(span.key, span.after, span.limit, partial(self._fetched, asked, command, span))
        return True

    def _fetched(
        self, asked: Asked, command: ReadHistory, span: Span, found: Sequence[Posted | Unreadable] | None
    ) -> None:
        asked.connection.end_request()
        self._answer_with(asked, partial(self._history, asked, command, span, found))
        self._read_on(asked)

    def _history(
        self, asked: Asked, command: ReadHistory, span: Span, found: Sequence[Posted | Unreadable] | None
    ) -> ServerEvent:
        """Return what was fetched. Raises `Refusal`: it may be gone, or the user."""
        answer = self._chat.answer(asked.connection.number, command, time=self._clock.time())
        if found is None:
            raise Refusal(ErrorCode.UNREADABLE)
        if not found:
            return answer
        readable = [each for each in found if not isinstance(each, Unreadable)]
        history = self._chat.history(span, readable)
        if not history.messages and len(readable) < len(found):
            raise Refusal(ErrorCode.UNREADABLE)
        return history
