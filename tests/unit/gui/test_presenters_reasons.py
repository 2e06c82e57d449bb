"""What went wrong, in words that can be translated: told by what is behind an error, never by its text."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
from PyQt6.QtWidgets import QApplication

from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConfigurationError,
    ConnectionFailed,
    ErrorCode,
    FileError,
    LoginRefused,
    UntrustedCertificate,
)
from chatcore_qt.presenters.reasons import REASONS, known, why
from tests.unit.gui.test_i18n import speaking

_SILENT = {
    # The library deals with these by itself, or a text has more to say than a code.
    ErrorCode.NOT_LOGGED_IN,
    ErrorCode.ALREADY_LOGGED_IN,
    ErrorCode.CID_GAP,
    ErrorCode.CID_CONFLICT,
    ErrorCode.LOGGED_OUT,
}


def because(error: ChatcoreError, cause: Exception) -> ChatcoreError:
    """Return an error with its cause, as `raise ... from` makes it."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (TimeoutError(), "The server did not answer in time."),
        (TimeoutError(errno.ETIMEDOUT, "timed out"), "The server did not answer in time."),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "This machine is not known; is its name right?"),
        (UnicodeError("label too long"), "This machine is not known; is its name right?"),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
            "Nothing listens there; is the server running, and is the port right?",
        ),
        (ConnectionResetError(), "What answers there hung up at once; is the transport right?"),
        (
            ssl.SSLError(1, "wrong version number"),
            "What answers there does not encrypt as expected; is the transport right?",
        ),
        (OSError(errno.EHOSTUNREACH, "no route"), "There is no way to this machine; is there a network?"),
        (OSError(errno.EBADF, "odd"), ""),
        (ValueError("odd"), ""),
    ],
)
def test_failed_connection_is_told_by_the_error_behind_it(cause: Exception, sentence: str) -> None:
    assert known(because(ConnectionFailed("in English"), cause)) == sentence
    between = because(ConnectionFailed("one of two transports"), cause)
    assert known(because(ConnectionFailed("in English"), between)) == sentence


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOENT, "There is no such file."),
        (errno.EACCES, "You are not allowed to read or write there."),
        (errno.EROFS, "Nothing can be written there."),
        (errno.ENOSPC, "The disk is full."),
        (errno.EAGAIN, "This file is being received already."),
        (errno.EBADF, ""),
    ],
)
def test_file_error_is_told_by_the_error_behind_it(number: int, sentence: str) -> None:
    assert known(because(FileError("in English"), OSError(number, "in English"))) == sentence


def test_error_without_words_of_ours_is_told_in_those_of_the_library() -> None:
    assert known(ConnectionFailed("odd\x1b")) == ""
    assert why(ConnectionFailed("odd\x1b")) == "odd\\x1b"
    assert why(ConfigurationError("install it")) == "install it"


def test_certificates_are_told_by_their_kind() -> None:
    changed = CertificateChanged("in English", "host:1", "aa", "bb", "cc")
    assert why(changed) == "The server at host:1 shows another certificate than before."
    assert (
        why(UntrustedCertificate("in English"))
        == "This server's certificate is not one that you trust, or that has the fingerprint you gave."
    )


def test_every_code_that_a_user_meets_has_words() -> None:
    assert set(ErrorCode) - set(REASONS) == _SILENT


def test_french_window_says_it_in_french(qapp: QApplication) -> None:
    refused = because(ConnectionFailed("in English"), ConnectionRefusedError())
    with speaking(qapp, "fr"):
        assert known(refused) == "Rien n'écoute là ; le serveur est-il lancé, et le port est-il le bon ?"
        assert known(LoginRefused("name_taken", "in English")) == "Ce nom est déjà pris."
        full = because(FileError("in English"), OSError(errno.ENOSPC, "in English"))
        assert known(full) == "Le disque est plein."
