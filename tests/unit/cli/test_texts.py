"""The catalogues of texts are complete, correct and compiled."""

from __future__ import annotations

import ast
import shlex
import string
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from chatcore import errors
from chatcore.errors import ChatcoreError, ConnectionClosed, ConnectionFailed, FileError, RequestRefused
from chatcore.ports.transport import Lost, LostReason
from chatcore.text.reasons import lost_sentence
from chatcore_cli.chatting.showing.help import help_lines
from chatcore_cli.chatting.showing.render import ONLY_GOODBYE
from chatcore_cli.saying import texts
from chatcore_cli.saying.texts import told

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
import translations  # found by the line above

SOURCES = Path(__file__).parents[3] / "src"
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


@cache
def texts_in_the_code() -> set[Text]:
    """Return what the command in the docstring of `texts` finds."""
    command = shlex.split(str(texts.__doc__).partition("pybabel extract ")[2].partition("pybabel update")[0])
    words = [word for flag, word in pairwise(command) if flag == "-k"]
    folders = [SOURCES.parent / word for word in command if word.startswith("src/")]
    keywords = DEFAULT_KEYWORDS | parse_keywords(words)
    found = [one for folder in folders for one in extract_from_dir(folder, keywords=keywords)]
    return {text for _file, _line, text, _comments, _context in found}


@cache
def nodes(folder: str) -> list[ast.AST]:
    """Return everything that stands in the code of this folder."""
    return [node for path in (SOURCES / folder).rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))]


@cache
def sentences() -> list[ast.Call]:
    """Return every place in the code that makes an error or a sentence of words of its own."""
    made = {"Sentence", *(name for name, kind in vars(errors).items() if is_sentence(kind))}
    calls = [node for folder in ("chatcore", "adapters", "cli") for node in nodes(folder) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in made]


def is_sentence(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, ChatcoreError) and not issubclass(kind, RequestRefused)


def fields(text: str) -> set[str | None]:
    return {field for _literal, field, _spec, _conversion in string.Formatter().parse(text) if field is not None}


def test_no_text_stands_in_an_f_string_where_it_is_not_found_to_be_translated() -> None:
    """Before Python 3.12 those are one word to `pybabel`, whatever is called in them."""
    inside = [part for node in nodes(".") if isinstance(node, ast.JoinedStr) for part in ast.walk(node)]
    calls = [
        part
        for part in inside
        if isinstance(part, ast.Call) and any(isinstance(arg, ast.Constant) for arg in part.args)
    ]
    marks = {"_", "ngettext", "N_", "NN_", "Sentence"}
    assert [ast.unparse(call) for call in calls if ast.unparse(call.func) in marks] == []


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


def test_french_has_the_apostrophes_and_spaces_of_print() -> None:
    """Everywhere, as the desktop app and the page have."""
    french = [text for entry in catalogue() if entry.id for text in _strings(entry.string)]
    assert [text for text in french if "'" in text] == []
    assert [text for text in french if translations.typeset(text) != text] == [], "run: python scripts/translations.py"


def test_compiled_catalogue_is_up_to_date() -> None:
    """What is installed is what the translators wrote."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = {_strings(entry.id): _strings(entry.string) for entry in read_mo(file) if entry.id}
    written = {_strings(entry.id): _strings(entry.string) for entry in catalogue() if entry.id}
    assert compiled == written, "run: pybabel compile (texts.py says how)"


def test_sentences_of_the_library_are_written_out_where_they_are_made() -> None:
    """With a value for each field: only then they are found, and can be said in another language."""
    assert len(sentences()) > 100
    for call in sentences():
        given = {word.arg for word in call.keywords}
        match call.args[0]:
            case ast.JoinedStr() | ast.BinOp():
                pytest.fail(f"this cannot be translated: {ast.unparse(call)}")
            case ast.Constant(value=str(text)) if given:
                assert fields(text) == given, text


def test_goodbye_that_is_no_more_than_that_is_said_as_expected() -> None:
    """Else it would be told twice."""
    assert ONLY_GOODBYE in {node.value for node in nodes("adapters") if isinstance(node, ast.Constant)}


@pytest.mark.usefixtures("french")
def test_errors_are_told_in_the_language_of_the_user() -> None:
    """What is in them is told too: other errors, and what the system says."""
    refused = ConnectionFailed(
        "nothing listens at {place} (is the server running, and is the port right?)", place="[::1]:8765"
    )
    assert told(refused) == "rien n’écoute à [::1]:8765 (le serveur est-il lancé, et le port est-il le bon\xa0?)"
    unreachable = ConnectionFailed("cannot reach {place}: {why}", place="moon:1", why="No route to host")
    both = ConnectionFailed("by WebSocket: {one}; by QUIC: {other}", one=refused, other=unreachable)
    assert (
        told(both)
        == f"par WebSocket\xa0: {told(refused)}\xa0; par QUIC\xa0: moon:1 est injoignable\xa0: aucun chemin vers l’hôte"
    )
    lost = ConnectionFailed(
        "the connection to {url} was lost before the login: {why}", url="u", why=lost_sentence(Lost(LostReason.STALLED))
    )
    assert told(lost) == "la connexion à u a été perdue avant l’identification\xa0: plus rien ne passe"
    assert told(refused.sentence) == told(refused)
    assert told(lost_sentence(Lost(LostReason.VANISHED))) == "l’autre côté a disparu"


@pytest.mark.usefixtures("french")
def test_what_is_told_is_harmless_and_no_more_than_was_said() -> None:
    """Values are strangers' words: they are neither texts to look up nor templates. Unknown texts stay as they are."""
    assert told(FileError("{path} is not a file", path="file\x1b{path}")) == "file\\x1b{path} n’est pas un fichier"
    assert told(FileError("{path} is not a file", path="path")) == "path n’est pas un fichier"
    assert told(ConnectionFailed("the pigeon {is} \x1bdead")) == "the pigeon {is} \\x1bdead"
    assert told(ConnectionFailed("the {bird} is dead", bird="pigeon")) == "the pigeon is dead"
    assert told(ConnectionClosed("")) == ""


@pytest.mark.usefixtures("french")
def test_french_is_spoken_when_asked_for() -> None:
    """Texts, plurals and the list of commands follow the language."""
    assert texts._("this name is taken") == "ce nom est déjà pris"
    assert texts.ngettext("{names} left {room}.", "{names} left {room}.", 2).endswith("ont quitté {room}.")
    assert any("voir tous les salons" in line for line in help_lines())


def test_unknown_language_falls_back_to_english() -> None:
    """Nobody is left without words."""
    texts.use("tlh")
    assert texts._("this name is taken") == "this name is taken"
    texts.use()


def _strings(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())
