"""Why something went wrong, in the user's language where it is known what it means."""

from __future__ import annotations

from typing import Final

from chatcore.errors import ChatcoreError, ErrorCode, RequestRefused
from chatcore.safe_text import safe_text
from chatcore_qt.texts import QT_TRANSLATE_NOOP, translate

REASONS: Final = {
    ErrorCode.BAD_REQUEST: QT_TRANSLATE_NOOP("Reasons", "The server did not understand this."),
    ErrorCode.TOO_LARGE: QT_TRANSLATE_NOOP("Reasons", "This is too long."),
    ErrorCode.RATE_LIMITED: QT_TRANSLATE_NOOP("Reasons", "Too many messages at once."),
    ErrorCode.BAD_NAME: QT_TRANSLATE_NOOP(
        "Reasons", "A name has letters, digits, _ and - only, and is neither too short nor too long."
    ),
    ErrorCode.NAME_TAKEN: QT_TRANSLATE_NOOP("Reasons", "This name is taken."),
    ErrorCode.NO_SUCH_USER: QT_TRANSLATE_NOOP("Reasons", "There is no such user."),
    ErrorCode.NO_SUCH_ROOM: QT_TRANSLATE_NOOP("Reasons", "There is no such room."),
    ErrorCode.ROOM_EXISTS: QT_TRANSLATE_NOOP("Reasons", "This room exists already."),
    ErrorCode.FORBIDDEN: QT_TRANSLATE_NOOP("Reasons", "This is not allowed."),
    ErrorCode.NOT_IN_ROOM: QT_TRANSLATE_NOOP("Reasons", "You are not in that room any more."),
    ErrorCode.NO_SUCH_FILE: QT_TRANSLATE_NOOP("Reasons", "This file is not on offer any more."),
    ErrorCode.FILE_LIMIT: QT_TRANSLATE_NOOP("Reasons", "There are too many files on their way; try again later."),
    ErrorCode.NO_FILES: QT_TRANSLATE_NOOP("Reasons", "That user's program cannot receive files."),
    ErrorCode.BAD_CHUNK: QT_TRANSLATE_NOOP("Reasons", "It arrived out of order."),
    ErrorCode.BAD_HASH: QT_TRANSLATE_NOOP("Reasons", "What arrived is not what was offered; it was deleted."),
    ErrorCode.FILE_IDLE: QT_TRANSLATE_NOOP("Reasons", "Nothing moved for too long."),
    ErrorCode.SERVER_FULL: QT_TRANSLATE_NOOP("Reasons", "The server is full."),
    ErrorCode.SHUTTING_DOWN: QT_TRANSLATE_NOOP("Reasons", "The server is shutting down."),
    ErrorCode.INTERNAL: QT_TRANSLATE_NOOP("Reasons", "The server made a mistake."),
    ErrorCode.REPLACED: QT_TRANSLATE_NOOP("Reasons", "You connected from somewhere else."),
}


def reason(code: str, message: str) -> str:
    """Return why something was refused: in our words where we have some, in the server's otherwise."""
    try:
        ours = REASONS[ErrorCode(code)]
    except (KeyError, ValueError):
        return safe_text(message)
    return translate("Reasons", ours)


def why(error: ChatcoreError) -> str:
    """Return what an error says, as one line."""
    return reason(error.code, error.message) if isinstance(error, RequestRefused) else safe_text(str(error))
