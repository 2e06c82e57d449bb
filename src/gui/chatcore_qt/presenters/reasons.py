"""Why something went wrong, in the user's language where it is known what it means."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final

from chatcore.client.outbox import CONNECTION_LOST
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConnectionFailed,
    ErrorCode,
    FileError,
    RequestRefused,
    UntrustedCertificate,
)
from chatcore.text.safe_text import safe_text
from chatcore_qt.texts import QT_TRANSLATE_NOOP, translate

REASONS: Final = {
    ErrorCode.BAD_JSON: QT_TRANSLATE_NOOP("Reasons", "The server did not understand this."),
    ErrorCode.BAD_REQUEST: QT_TRANSLATE_NOOP("Reasons", "The server did not understand this."),
    ErrorCode.UNKNOWN_TYPE: QT_TRANSLATE_NOOP("Reasons", "The server did not understand this."),
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
    ErrorCode.DISK: QT_TRANSLATE_NOOP("Reasons", "The other side cannot read or write the file."),
    ErrorCode.NO_SPACE: QT_TRANSLATE_NOOP("Reasons", "There is no space left for it there."),
    ErrorCode.SERVER_FULL: QT_TRANSLATE_NOOP("Reasons", "The server is full."),
    ErrorCode.TOO_MANY_CONNECTIONS: QT_TRANSLATE_NOOP("Reasons", "There are too many connections from your network."),
    ErrorCode.UNAVAILABLE: QT_TRANSLATE_NOOP("Reasons", "The server cannot write anything down at present."),
    ErrorCode.SHUTTING_DOWN: QT_TRANSLATE_NOOP("Reasons", "The server is shutting down."),
    ErrorCode.INTERNAL: QT_TRANSLATE_NOOP("Reasons", "The server made a mistake."),
    ErrorCode.REPLACED: QT_TRANSLATE_NOOP("Reasons", "You connected from somewhere else."),
    ErrorCode.LOGIN_TIMEOUT: QT_TRANSLATE_NOOP("Reasons", "The login took too long."),
    ErrorCode.UNRESPONSIVE: QT_TRANSLATE_NOOP("Reasons", "Nothing was heard from the other side for too long."),
}
_NETWORK: Final = {
    errno.ENETDOWN: QT_TRANSLATE_NOOP("Reasons", "There is no way to this machine; is there a network?"),
    errno.ENETUNREACH: QT_TRANSLATE_NOOP("Reasons", "There is no way to this machine; is there a network?"),
    errno.EHOSTUNREACH: QT_TRANSLATE_NOOP("Reasons", "There is no way to this machine; is there a network?"),
}
_DISK: Final = {
    errno.ENOENT: QT_TRANSLATE_NOOP("Reasons", "There is no such file."),
    errno.EACCES: QT_TRANSLATE_NOOP("Reasons", "You are not allowed to read or write there."),
    errno.EPERM: QT_TRANSLATE_NOOP("Reasons", "You are not allowed to read or write there."),
    errno.EROFS: QT_TRANSLATE_NOOP("Reasons", "Nothing can be written there."),
    errno.ENOSPC: QT_TRANSLATE_NOOP("Reasons", "The disk is full."),
    errno.EDQUOT: QT_TRANSLATE_NOOP("Reasons", "The disk is full."),
    errno.EFBIG: QT_TRANSLATE_NOOP("Reasons", "The file is too large for this disk."),
    errno.EIO: QT_TRANSLATE_NOOP("Reasons", "The disk has an error."),
    errno.EEXIST: QT_TRANSLATE_NOOP("Reasons", "The folder cannot be made: a file has its name."),
    errno.ENOTDIR: QT_TRANSLATE_NOOP("Reasons", "The folder cannot be made: a file has its name."),
    errno.EAGAIN: QT_TRANSLATE_NOOP("Reasons", "This file is being received already."),
}


def reason(code: str, message: str) -> str:
    """Return why something was refused: in our words where we have some, in the server's otherwise."""
    if code == CONNECTION_LOST:
        return translate("Reasons", "The connection ended each time that this was sent; it may have arrived.")
    try:
        ours = REASONS[ErrorCode(code)]
    except (KeyError, ValueError):
        return safe_text(message)
    return translate("Reasons", ours)


def why(error: ChatcoreError) -> str:
    """Return what an error says, as one line: in our words where we have some, in the library's otherwise."""
    return known(error) or safe_text(str(error))


def known(error: ChatcoreError) -> str:
    """Return what an error means, as a sentence of ours; nothing when we have none for it.

    The library's texts are English. What they say is told by the error's kind, and by the system's error behind it.
    """
    match error:
        case RequestRefused():
            return reason(error.code, error.message)
        case CertificateChanged():
            text = translate("Connecting", "The server at {place} shows another certificate than before.")
            return text.format(place=safe_text(error.place))
        case UntrustedCertificate():
            return translate(
                "Reasons", "This server's certificate is not one that you trust, or that has the fingerprint you gave."
            )
        case ConnectionFailed():
            return _network(_cause(error))
        case FileError():
            cause = _cause(error)
            text = _DISK.get(cause.errno or 0, "") if isinstance(cause, OSError) else ""
            return translate("Reasons", text) if text else ""
    return ""


def _cause(error: BaseException) -> BaseException | None:
    cause = error.__cause__
    while cause is not None and not isinstance(cause, OSError | UnicodeError):
        cause = cause.__cause__
    return cause


def _network(cause: BaseException | None) -> str:
    match cause:
        case TimeoutError():
            return translate("Reasons", "The server did not answer in time.")
        case socket.gaierror() | UnicodeError():
            return translate("Reasons", "This machine is not known; is its name right?")
        case ssl.SSLError():
            return translate("Reasons", "What answers there does not encrypt as expected; is the transport right?")
        case ConnectionRefusedError():
            return translate("Reasons", "Nothing listens there; is the server running, and is the port right?")
        case ConnectionError():
            return translate("Reasons", "What answers there hung up at once; is the transport right?")
        case OSError(errno=number) if number in _NETWORK:
            return translate("Reasons", _NETWORK[number])
    return ""
