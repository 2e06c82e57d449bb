"""Brings the translations of the desktop app up to date: `python scripts/translations.py`.

Reads the texts of the code into the `.ts` files (`pylupdate6`), in which people translate, and writes the `.qm` files
that Qt reads. What the library says is among them, in a context of its own; it is translated in the catalogue of the
terminal, which is brought up to date first (`chatcore_cli/saying/texts.py` says how). Whoever translates may type the
apostrophes and spaces of the keyboard: in both catalogues, and in the words of the page, they become those of print.
PyQt6 has no lrelease, so what it would do is done here; `QTranslator::do_translate` in Qt's sources is what reads the
format. English has its plural forms only: everything else is the text of the code.
"""

from __future__ import annotations

import re
import shlex
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ROOT / "src" / "gui" / "chatcore_qt"
LIBRARY: Final = "Library"
"""The context of what the library says."""
CATALOGUES: Final = SOURCES / "i18n"
LANGUAGES: Final = ("en", "fr")

_APOSTROPHE: Final = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_]|[{«&])")
"""One between letters, or between a letter and a value or a key; quotation marks around code stay."""
_SPACE: Final = re.compile(r"(?<=\S) (?=[?!;:»](?!\w))|(?<=«) ")
"""One at whose place no line may end; not one before code, as in ` :smile:`."""
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"(\s*:)?')
"""One in the words of the page, with what follows a key: English is the key, French the value."""
WORDS_OF_THE_PAGE: Final = ROOT / "src" / "gui" / "chatcore_web" / "page" / "words" / "french.js"

# Packages whose sentences are for those who run a server.
_OF_SERVERS: Final = frozenset({"chatcore_sqlite", "chatcore_nats"})

_MAGIC: Final = bytes.fromhex("3cb86418caef9c95cd211cbf60a1bddd")
_LANGUAGE, _HASHES, _MESSAGES, _RULES = 0xA7, 0x42, 0x69, 0x88  # sections of a file
_END, _TRANSLATION, _SOURCE, _CONTEXT, _COMMENT = 1, 3, 6, 7, 8  # parts of a message
# When the singular is used: for 1 (operator 1, "equal") in English, for 0 and 1 (operator 3, "at most") in French.
_PLURALS: Final = {"en": bytes((1, 1)), "fr": bytes((3, 1))}


@dataclass(frozen=True, slots=True)
class Message:
    """One text of a `.ts` file."""

    context: str
    source: str
    comment: str
    forms: tuple[str, ...]
    """The translation; with a number, one for each plural form. Empty ones are missing."""
    numerus: bool

    @property
    def translated(self) -> bool:
        """Whether nothing is missing."""
        return all(self.forms) and len(self.forms) == (2 if self.numerus else 1)


def read(language: str, folder: Path = CATALOGUES) -> Iterator[Message]:
    """Yield the texts of a language's `.ts` file."""
    for context in ET.parse(folder / f"chatcore_{language}.ts").getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type") in ("vanished", "obsolete"):
                continue
            numerus = message.get("numerus") == "yes"
            forms = (
                [form.text or "" for form in translation.iter("numerusform")] if numerus else [translation.text or ""]
            )
            yield Message(
                context.findtext("name") or "",
                message.findtext("source") or "",
                message.findtext("comment") or "",
                tuple(forms),
                numerus,
            )


def compiled(language: str) -> bytes:
    """Return the `.qm` file of a language."""
    messages = bytearray()
    hashes = []
    for message in read(language):
        if message.translated:
            hashes.append((_hash(message.source + message.comment), len(messages)))
            messages += _record(message)
    table = b"".join(struct.pack(">II", *entry) for entry in sorted(hashes))
    sections = (
        (_LANGUAGE, language.encode()),
        (_HASHES, table),
        (_MESSAGES, bytes(messages)),
        (_RULES, _PLURALS[language]),
    )
    return _MAGIC + b"".join(struct.pack(">BI", tag, len(data)) + data for tag, data in sections)


def _record(message: Message) -> bytes:
    parts = [(_TRANSLATION, form.encode("utf-16-be")) for form in message.forms]
    parts += [
        (_COMMENT, message.comment.encode()),
        (_SOURCE, message.source.encode()),
        (_CONTEXT, message.context.encode()),
    ]
    return b"".join(struct.pack(">BI", tag, len(data)) + data for tag, data in parts) + bytes((_END,))


def _hash(text: str) -> int:
    """Return the ELF hash of a text, as Qt computes it."""
    value = 0
    for byte in text.encode():
        value = (value << 4) + byte
        high = value & 0xF0000000
        if high:
            value ^= high >> 24
        value &= ~high & 0xFFFFFFFF
    return value or 1


def update(folder: Path = CATALOGUES) -> None:
    """Read the texts of the code into the `.ts` files of a folder."""
    from PyQt6.lupdate.lupdate import lupdate  # noqa: PLC0415 - slow to import

    files = [folder / f"chatcore_{language}.ts" for language in LANGUAGES]
    lupdate([str(SOURCES)], [str(file) for file in files], no_obsolete=True)
    typeset_library()
    library = library_texts()
    for language, file in zip(LANGUAGES, files, strict=True):
        tree = ET.parse(file)
        tree.getroot().append(_library(library if language != "en" else dict.fromkeys(library, "")))
        for message in tree.getroot().iter("message"):
            for place in message.findall("location"):
                message.remove(place)  # line numbers would change with every change of the code
        for text in (*tree.getroot().iter("translation"), *tree.getroot().iter("numerusform")):
            text.text = typeset(text.text) if text.text and language == "fr" else text.text
        ET.indent(tree)
        tree.write(file, encoding="utf-8", xml_declaration=True)


def typeset(french: str) -> str:
    """Return a French text with the apostrophes of print, and with spaces that no line breaks at where print has them.

    They are all U+00A0: the narrow one, which print has before some signs, is missing in many typefaces.
    """
    return _SPACE.sub("\N{NO-BREAK SPACE}", _APOSTROPHE.sub("’", french))


def typeset_library() -> None:
    """Bring what is of print into the catalogue of the terminal, and compile it."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - needed here only
    from babel.messages.pofile import read_po, write_po  # noqa: PLC0415 - needed here only

    from chatcore_cli.saying import texts  # noqa: PLC0415 - needed here only

    path = texts.LOCALE / "fr" / "LC_MESSAGES" / f"{texts.DOMAIN}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="fr", domain=texts.DOMAIN)
    for message in catalogue:
        if message.id:
            forms = message.string
            message.string = typeset(forms) if isinstance(forms, str) else tuple(map(typeset, forms))
    with path.open("wb") as file, path.with_suffix(".mo").open("wb") as compiled_file:
        # A text that has left the code leaves the catalogue.
        write_po(file, catalogue, no_location=True, include_lineno=False, ignore_obsolete=True)
        write_mo(compiled_file, catalogue)


def typeset_page() -> None:
    """Bring what is of print into the words of the page."""
    text = WORDS_OF_THE_PAGE.read_text(encoding="utf-8")
    printed = _STRING.sub(lambda found: found.group() if found.group(1) else typeset(found.group()), text)
    WORDS_OF_THE_PAGE.write_text(printed, encoding="utf-8")


def library_texts() -> dict[str, str]:
    """Return what the library of a client says, in the order of the alphabet, each text with its French."""
    from babel.messages.extract import extract_from_dir  # noqa: PLC0415 - needed here only
    from babel.messages.frontend import parse_keywords  # noqa: PLC0415 - needed here only
    from babel.messages.pofile import read_po  # noqa: PLC0415 - needed here only

    from chatcore_cli.saying import texts  # noqa: PLC0415 - needed here only

    command = shlex.split(str(texts.__doc__).partition("pybabel extract ")[2].partition("pybabel update")[0])
    keywords = parse_keywords([word for flag, word in pairwise(command) if flag == "-k"])
    found: set[str] = set()
    for folder in (ROOT / "src" / "chatcore", *sorted((ROOT / "src" / "adapters").iterdir())):
        if folder.name not in _OF_SERVERS:
            entries = extract_from_dir(folder, keywords=keywords)
            found |= {text for _file, _line, text, _comments, _context in entries if isinstance(text, str)}
    with (texts.LOCALE / "fr" / "LC_MESSAGES" / f"{texts.DOMAIN}.po").open("rb") as file:
        french = read_po(file, locale="fr", domain=texts.DOMAIN)
    return {text: str(french[text].string) if text in french else "" for text in sorted(found)}


def _library(translations: dict[str, str]) -> ET.Element:
    context = ET.Element("context")
    ET.SubElement(context, "name").text = LIBRARY
    for text, translation in translations.items():
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = text
        element = ET.SubElement(message, "translation")
        if translation:
            element.text = translation
        else:
            element.set("type", "unfinished")
    return context


def main() -> None:
    """Update and compile; say what is not translated."""
    update()
    typeset_page()
    missing = 0
    for language in LANGUAGES:
        (CATALOGUES / f"chatcore_{language}.qm").write_bytes(compiled(language))
        for message in read(language):
            if not message.translated and (message.numerus or language != "en"):
                missing += 1
                print(f"{language}: {message.context}: {message.source!r} is not translated")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
