"""Every text of the app is in the catalogues, translated, and compiled as it is."""

from __future__ import annotations

import shutil
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PyQt6.QtCore import QCoreApplication, QDate, QFileInfo, QLocale, Qt, QTranslator
from PyQt6.QtWidgets import QApplication, QFileIconProvider, QMainWindow

from chatcore_qt import i18n, texts
from chatcore_qt.i18n import CATALOGUES
from chatcore_qt.widgets.actions import Actions

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
import translations  # found by the line above

_LANGUAGES = translations.LANGUAGES


def fields(text: str) -> set[str | None]:
    """Return the names of the places for values."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def key(message: translations.Message) -> tuple[str, str, str, bool]:
    """Return what tells a text apart."""
    return message.context, message.source, message.comment, message.numerus


def test_catalogues_have_the_texts_of_the_code_and_no_others(tmp_path: Path) -> None:
    for language in _LANGUAGES:
        shutil.copy(CATALOGUES / f"chatcore_{language}.ts", tmp_path)
    known = {language: {key(message) for message in translations.read(language)} for language in _LANGUAGES}
    translations.update(tmp_path)
    for language in _LANGUAGES:
        found = {key(message) for message in translations.read(language, tmp_path)}
        assert found == known[language], "run: python scripts/translations.py"


def test_every_text_is_translated() -> None:
    missing = [message for message in translations.read("fr") if not message.translated]
    missing += [message for message in translations.read("en") if message.numerus and not message.translated]
    assert missing == []


def test_french_has_the_apostrophes_and_spaces_of_print() -> None:
    """Whoever translated: one sentence with the one and the next with the other look like carelessness.

    And no line begins with a question mark, or ends with the quotation mark that opens.
    """
    french = [form for message in translations.read("fr") for form in message.forms]
    assert [form for form in french if "'" in form] == []
    assert [form for form in french if translations.typeset(form) != form] == [], "run: python scripts/translations.py"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("l'écran d'{name}", "l’écran d’{name}"),
        ("L'&offrir", "L’&offrir"),
        ("d'« alice »", "d’«\xa0alice\xa0»"),
        ("tapez 'oui'", "tapez 'oui'"),
        ("Envoyer ? « oui » : tout ; sinon rien !", "Envoyer\xa0? «\xa0oui\xa0»\xa0: tout\xa0; sinon rien\xa0!"),
        ("de « ? » {why} : {what}", "de «\xa0?\xa0» {why}\xa0: {what}"),
        ("Nom\xa0: ", "Nom\xa0: "),
        ("comme :smile: ou ?tls=yes, à 12:06", "comme :smile: ou ?tls=yes, à 12:06"),
    ],
)
def test_apostrophes_and_spaces_of_the_keyboard_become_those_of_print_and_code_stays(typed: str, printed: str) -> None:
    assert translations.typeset(typed) == printed


def test_translations_have_the_places_of_their_texts() -> None:
    for language in _LANGUAGES:
        for message in translations.read(language):
            for form in filter(None, message.forms):
                assert fields(form) == fields(message.source), message
                assert form.count("%n") <= 1, message
                assert not message.numerus or ("%n" in form) == ("%n" in message.source), message


@pytest.mark.parametrize("language", _LANGUAGES)
def test_compiled_catalogue_is_up_to_date(language: str) -> None:
    assert (CATALOGUES / f"chatcore_{language}.qm").read_bytes() == translations.compiled(language)


@contextmanager
def speaking(app: QApplication, language: str) -> Iterator[None]:
    """Let texts come from Qt, in a language."""
    translator = QTranslator()
    assert translator.load(QLocale(language), "chatcore", "_", str(CATALOGUES))
    app.installTranslator(translator)
    texts.use(QCoreApplication.translate)
    try:
        yield
    finally:
        texts.use(None)
        app.removeTranslator(translator)


@pytest.mark.parametrize(("language", "singular"), [("en", {1}), ("fr", {0, 1})])
def test_qt_finds_every_text_and_plural_form(qapp: QApplication, language: str, singular: set[int]) -> None:
    with speaking(qapp, language):
        for message in translations.read(language):
            for number in (0, 1, 2, 21) if message.numerus else (-1,):
                if message.translated:
                    form = message.forms[0 if not message.numerus or number in singular else 1]
                    wanted = form.replace("%n", str(number)) if message.numerus else form
                    found = texts.translate(message.context, message.source, message.comment, number)
                    assert found == wanted


@pytest.mark.parametrize("language", _LANGUAGES)
def test_every_entry_of_a_menu_has_a_letter_of_its_own(qapp: QApplication, language: str) -> None:
    """By which Alt and the menu choose it, where most have no other key."""
    with speaking(qapp, language):
        window = QMainWindow()
        bar = window.menuBar()
        assert bar is not None
        Actions(window, bar)
        menus = [bar, *(menu for action in bar.actions() if (menu := action.menu()) is not None)]
        for menu in menus:
            texts = [action.text() for action in menu.actions() if not action.isSeparator()]
            letters = [text.partition("&")[2][:1].lower() for text in texts]
            assert all(letters), texts
            assert len(set(letters)) == len(letters), texts


def test_what_qt_says_of_folders_is_french_too(qapp: QApplication) -> None:
    with speaking(qapp, "fr"):
        assert [QFileIconProvider().type(QFileInfo(path)) for path in ("/", "/usr")] == ["Lecteur", "Dossier"]


def test_region_is_no_obstacle_and_english_is_spoken_without_qt(qapp: QApplication) -> None:
    with speaking(qapp, "fr_CA"):
        assert texts.library("this name is taken") == "ce nom est déjà pris"
    assert texts.translate("ConversationPane", "%n people", "", 3) == "3 people"


@pytest.mark.parametrize(
    ("system", "cancel", "day"),
    [
        ("ar_EG", "Cancel", "Monday, 2 November 2026"),
        ("de_DE", "Cancel", "Monday, 2 November 2026"),
        ("en_US", "Cancel", "Monday, November 2, 2026"),
        ("fr_FR", "Annuler", "lundi 2 novembre 2026"),
    ],
)
def test_qt_speaks_the_language_of_the_app_and_lays_out_windows_by_it(
    qapp: QApplication, system: str, cancel: str, day: str
) -> None:
    """And dates are in it, too, in the form of the country."""
    before = QLocale()
    try:
        i18n.install(qapp, QLocale(system))
        said = QCoreApplication.translate("QPlatformTheme", "Cancel").replace("&", "")
        assert (said, qapp.layoutDirection()) == (cancel, Qt.LayoutDirection.LeftToRight)
        assert QLocale().toString(QDate(2026, 11, 2), QLocale.FormatType.LongFormat) == day
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
        texts.use(None)
        QLocale.setDefault(before)
