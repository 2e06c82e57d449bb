"""Text from the network as it is shown: nothing that steers or piles up, and its links. Plain Python."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from chatcore.text.safe_text import safe_text

_MARKS: Final = 6
"""More combining marks than this on one letter are written as escapes: no script needs them."""
_CODE: Final = re.compile(
    r"(?<!`)`{3,}(?!`)(?:(?:[A-Za-z0-9_+#.-]{1,20})?[\t ]*\n)?(?P<block>(?:(?!```).)+)`{3,}"
    r"|(?<!`)`(?P<line>[^`\n]+)`(?!`)",
    re.DOTALL,
)
_SLICE: Final = 4000
_LINK: Final = re.compile(
    r"(?<![\w/])https?://[^\s<>\"'`{}|\\^\[\]\u00ad\u061c\u200b-\u200f\u2060-\u2069]+", re.IGNORECASE
)
_LINK_CHARS: Final = 2048
_AFTER_LINK: Final = ".,;:!?*_~"


def visible(text: str, *, lines: bool = True) -> str:
    """Return `text` with what steers its reader written as escapes such as ``\\x1b``, and few marks on a letter.

    Args:
        text: the text.
        lines: True for a text of its own, whose newlines and tabs stay; False for one that stands among others.
    """
    text = safe_text(with_newlines(text), keep_layout=True, isolated=False) if lines else safe_text(text)
    return text if text.isascii() else _fewer_marks(text)


def with_newlines(text: str) -> str:
    """Return a text with the line ends of this program."""
    return text.replace("\r\n", "\n")


def beginning(text: str, most: int) -> tuple[str, bool]:
    """Return at most so many characters of a text as it is shown, and whether that is all. Long texts cost no more."""
    shown = ""
    at = 0
    while at < len(text) and len(shown) < most:
        shown += visible(text[at : at + _SLICE])
        at += _SLICE
    return shown[:most], at >= len(text) and len(shown) <= most


def links(text: str) -> list[tuple[int, int, str]]:
    """Return where the links of a text begin and end, and their addresses: http and https only.

    An address with a user name in it (``https://bank.example@evil.example``) is text, not a link.
    """
    found = []
    for match in _LINK.finditer(text):
        address = match.group().rstrip(_AFTER_LINK)
        if address.endswith(")") and address.count("(") < address.count(")"):
            address = address[:-1].rstrip(_AFTER_LINK)
        if len(address) <= _LINK_CHARS and _leads_somewhere(address):
            found.append((match.start(), match.start() + len(address), address))
    return found


def code_in(text: str) -> list[tuple[int, int, str]]:
    """Return where the code of a text begins and ends, with its marks, and the code without them.

    Code stands between backticks on one line, or between three of them and more, also on several lines, where the name
    of a language may stand first. What is never closed is none, and neither are spaces alone.
    """
    if "`" not in text:
        return []
    found = []
    for match in _CODE.finditer(text):
        code = match["line"] or match["block"].rstrip().lstrip("\n")
        if code.strip():
            found.append((match.start(), match.end(), code))
    return found


def utf16_units(text: str) -> int:
    """Return how many UTF-16 code units, in which Qt counts, a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def characters_in(text: str, units: int) -> int:
    """Return how many characters the first UTF-16 code units of a text are."""
    if text.isascii():
        return units
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))


def _leads_somewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _fewer_marks(text: str) -> str:
    marks = 0
    shown = []
    for char in text:
        marks = marks + 1 if char > "\u02ff" and unicodedata.category(char) in {"Mn", "Me"} else 0
        shown.append(char if marks <= _MARKS else _escaped(char))
    return "".join(shown)
