"""The catalogues of texts are complete, correct and compiled."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import chatcore_cli
from chatcore_cli import texts
from chatcore_cli.slash import help_lines

CATALOGUE = texts.LOCALE / "fr" / "LC_MESSAGES" / "chatcore.po"
Text = str | tuple[str, ...]


@pytest.fixture
def french() -> Iterator[None]:
    """Speak French for one test."""
    texts.use("fr")
    yield
    texts.use()


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="fr", domain=texts.DOMAIN, abort_invalid=True)


def texts_in_the_code() -> set[Text]:
    keywords = DEFAULT_KEYWORDS | {"N_": None, "NN_": (1, 2)}
    found = extract_from_dir(Path(chatcore_cli.__file__).parent, keywords=keywords)
    return {text for _file, _line, text, _comments, _context in found}


def fields(text: str) -> set[str | None]:
    return {field for _literal, field, _spec, _conversion in string.Formatter().parse(text) if field is not None}


def test_every_text_of_the_code_is_translated_and_no_other() -> None:
    """A text is added to the catalogue when it is added to the code, and leaves it with it."""
    entries = {entry.id for entry in catalogue() if entry.id}
    assert entries == texts_in_the_code()
    assert [entry.id for entry in catalogue() if entry.id and (entry.fuzzy or not all(_strings(entry.string)))] == []
    assert not catalogue().obsolete


def test_translations_have_the_fields_of_their_texts() -> None:
    """A field that is misspelt in a translation would be an error on somebody's screen."""
    for entry in catalogue():
        known = set().union(*map(fields, _strings(entry.id)))
        for translation in _strings(entry.string) if entry.id else ():
            assert fields(translation) <= known, entry.id


def test_compiled_catalogue_is_up_to_date() -> None:
    """What is installed is what the translators wrote."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = {_strings(entry.id): _strings(entry.string) for entry in read_mo(file) if entry.id}
    written = {_strings(entry.id): _strings(entry.string) for entry in catalogue() if entry.id}
    assert compiled == written, "run: pybabel compile (texts.py says how)"


@pytest.mark.usefixtures("french")
def test_french_is_spoken_when_asked_for() -> None:
    """Texts, plurals and the list of commands follow the language."""
    assert texts._("This name is taken.") == "Ce nom est déjà pris."
    assert texts.ngettext("{names} left {room}.", "{names} left {room}.", 2).endswith("ont quitté {room}.")
    assert any("voir tous les salons" in line for line in help_lines())


def test_unknown_language_falls_back_to_english() -> None:
    """Nobody is left without words."""
    texts.use("tlh")
    assert texts._("This name is taken.") == "This name is taken."
    texts.use()


def _strings(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())
