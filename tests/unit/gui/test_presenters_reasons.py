"""What went wrong, in the language of the window: from what was told, never from what is behind an error."""

from __future__ import annotations

import errno

from PyQt6.QtWidgets import QApplication

from chatcore.errors import (
    CertificateChanged,
    ConfigurationError,
    ConnectionFailed,
    FileError,
    LoginRefused,
    RequestRefused,
    Sentence,
    UntrustedCertificate,
)
from chatcore_qt.presenters.reasons import why
from tests.unit.gui.test_i18n import speaking

NOBODY = ConnectionFailed(
    "nothing listens at {place} (is the server running, and is the port right?)", place="host:1\x1b"
)
FULL = FileError("{path} cannot be written: {why}", path="x", why="No space left on device")
SHORT = LoginRefused("bad_name", "in English", {"shortest": 2, "longest": 12})


def test_error_is_told_as_a_whole_sentence_that_is_harmless() -> None:
    assert why(NOBODY) == "Nothing listens at host:1\\x1b (is the server running, and is the port right?)."
    assert why(FULL) == "x cannot be written: No space left on device."
    assert why(ConfigurationError("install it")) == "Install it."


def test_the_error_behind_it_changes_nothing() -> None:
    error = ConnectionFailed("{place} did not answer in time", place="host:1")
    error.__cause__ = OSError(errno.ENOSPC, "full")
    assert why(error) == "host:1 did not answer in time."


def test_window_says_how_long_a_name_may_be() -> None:
    rule = "A name has 2 to 12 letters of one script, digits, _ or -."
    assert why(SHORT) == rule
    assert why(SHORT, name="a b") == f"There is a space in 'a b'. {rule}"


def test_certificates_are_told_by_their_kind() -> None:
    changed = CertificateChanged("in English", "host:1", "aa", "bb", "cc")
    assert why(changed) == (
        "The server at host:1 shows another key than before. Somebody may be listening in, or the server was set up "
        "anew; ask whoever runs it."
    )
    untrusted = UntrustedCertificate("the certificate of {place} is not to be trusted: {why}", place="host", why="odd")
    assert why(untrusted) == "The certificate of host is not to be trusted: odd."


def test_french_window_says_it_in_french(qapp: QApplication) -> None:
    with speaking(qapp, "fr"):
        assert why(NOBODY).startswith("Rien n’écoute à host:1\\x1b (le serveur est-il lancé")
        assert why(LoginRefused("name_taken", "in English"), name="bob") == "Le nom bob est déjà pris."
        assert why(SHORT) == "Un nom a de 2 à 12 lettres d’une seule écriture, chiffres, _ ou -."
        assert why(FULL) == "x ne peut pas être écrit\xa0: le disque est plein."
        here = RequestRefused("disk", Sentence("{path} cannot be written: {why}", path="x", why="odd"))
        assert why(here) == "x ne peut pas être écrit\xa0: odd."
