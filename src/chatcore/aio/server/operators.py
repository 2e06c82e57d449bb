"""For operators: what they are told, as records of Python's logging, and what they ask of the program."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatcore.chat.effects import LineKind
from chatcore.commands import DrainServer, HostRequest
from chatcore.errors import ConfigurationError, ErrorCode, Refusal
from chatcore.server.seldom import Seldom

# Somebody should have a look at these; the others are as things go.
_LEVELS: Final = {
    LineKind.NAMED_BEFORE: logging.WARNING,
    LineKind.NOT_KEPT: logging.WARNING,
    LineKind.KEPT_AGAIN: logging.WARNING,
    LineKind.NOT_ARCHIVED: logging.WARNING,
    LineKind.SNAPSHOT_NOT_KEPT: logging.WARNING,
    LineKind.CUT_OFF: logging.WARNING,
    LineKind.TURNED_AWAY: logging.WARNING,
    LineKind.ACCOUNTS_LOCKED: logging.WARNING,
    LineKind.CLOCK_DOUBTED: logging.WARNING,
    LineKind.STORE_FAILED: logging.ERROR,
    LineKind.STORE_OLDER: logging.ERROR,
    LineKind.UNREADABLE: logging.ERROR,
}


class OperatorLines:
    """Writes one line each: the message says what, the extra attribute `fields` is a dict with the rest.

    Args:
        logger: gets them.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._seldom: Seldom[str] = Seldom()

    def note(self, what: LineKind, fields: Mapping[str, Any], level: int | None = None) -> None:
        """Write a line, on the usual level of its kind unless one is given; of a mistake, with where it was made."""
        error = fields.get("error")
        if isinstance(error, BaseException):
            rest = {name: value for name, value in fields.items() if name != "error"}
            self._logger.error(what, exc_info=error, extra={"fields": rest})
        else:
            usual = _LEVELS.get(what, logging.INFO)
            self._logger.log(usual if level is None else level, what, extra={"fields": fields})

    def mistake(self, error: BaseException) -> None:
        """Tell what went wrong that nobody expects."""
        self.note(LineKind.INTERNAL_ERROR, {"error": error})

    def unreadable(self, fields: Mapping[str, Any]) -> None:
        """Tell what the store does not give, once in a while: whoever asks for it may ask again and again."""
        count = self._seldom.held_back(str(fields.get("log")), asyncio.get_running_loop().time())
        if count is not None:
            self.note(LineKind.UNREADABLE, {**fields, "held_back": count} if count else fields)


def do_as_asked(
    request: HostRequest, *, reload: Callable[[], object] | None, drain: Callable[[], None]
) -> tuple[str, ...]:
    """Do what an operator asks of the program that the server runs in. Raises `Refusal`.

    Returns the names of settings that count from its next start on, if it says so.
    """
    if isinstance(request, DrainServer):
        drain()
        return ()
    if reload is None:
        raise Refusal(ErrorCode.FORBIDDEN, what="host")
    try:
        late = reload()
    except ConfigurationError as error:
        raise Refusal(ErrorCode.FORBIDDEN, what="settings") from error
    return tuple(map(str, late)) if isinstance(late, list | tuple) else ()
