"""Text from the network as it is shown: nothing that steers or piles up, and its links. Plain Python."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from ipaddress import IPv6Address
from typing import Final

from chatcore.text.safe_text import safe_text

_MARKS: Final = 6
"""More combining marks than this on one letter are written as escapes: no script needs them."""
_CODE: Final = re.compile(
    r"(?<!`)`{3,}(?!`)(?:(?:[A-Za-z0-9_+#.-]{1,20})?[\t ]*\n)?(?P<block>(?:(?!```).)+)`{3,}"
    r"|(?<!`)`(?P<line>[^`\n]+)`(?!`)",
    re.DOTALL,
)
_SLICE: Final = 4000
_OUTSIDE: Final = (
    r"\s<>\"`\\\u00ab\u00ad\u00bb\u037e\u0589\u060c\u061b\u061c\u061f\u06d4\u0964\u0965\u104a\u104b\u1361-\u1368\u17d4\u17d5"
    r"\u200b-\u200f\u201c-\u201f\u2025\u2026\u2039\u203a\u2060-\u2069\u3001\u3002\u3008-\u3011\u3014-\u301b\u301d-\u301f"
    r"\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b-\uff5d\uff5f-\uff64\ufeff"
)
"""No address has these: spaces, quotes, marks of print that no script spaces out, and what cannot be seen."""
_LINK: Final = re.compile(rf"(?<![A-Za-z0-9_/])[Hh][Tt]{{2}}[Pp][Ss]?://(?P<authority>[^{_OUTSIDE}/?#]*)")
_HOST: Final = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|[A-Za-z0-9]+(?:(?:\.|[_-]+)[A-Za-z0-9]+)*\.?)(?::(?P<port>[0-9]{0,5}))?"
)
_MORE_OF_HOST: Final = re.compile(r"[._:-]*[A-Za-z0-9%$&+=]")
"""It would be another one."""
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_TURN: Final = re.compile(rf"[{_OUTSIDE}()\[\]{{}}'\u2019]")
"""Where an address may end."""
_OPENING: Final = {")": "(", "]": "[", "}": "{"}
_CLOSING: Final = {"'": "'", "\u2018": "\u2019"}
_LINK_CHARS: Final = 2048
_AFTER_LINK: Final = ".,;:!?*_~|^([{'\u2018\u2019\u2013\u2014"
_LAST_PORT: Final = 65_535


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
    """Return at most so many characters of a text as it is shown, and whether that is all. Long texts cost no more.

    It ends in front of an address that may go on behind it: that would lead elsewhere.
    """
    shown = ""
    at = 0
    while at < len(text) and len(shown) < most:
        shown += visible(text[at : at + _SLICE])
        at += _SLICE
    if at >= len(text) and len(shown) <= most:
        return shown, True
    shown = shown[:most]
    begun = next((match.start() for match, end in _addresses(shown) if len(shown) in (match.end(), end)), None)
    return shown[:begun], False


def links(text: str) -> list[tuple[int, int, str]]:
    """Return where the links of a text begin and end, and their addresses: http and https only."""
    found = []
    for match, end in _addresses(text):
        address = text[match.start() : end].rstrip(_AFTER_LINK)
        if address and len(address) <= _LINK_CHARS:
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


def _addresses(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield what begins like an address, with its host, and where the address ends: 0 where it is none."""
    at = 0
    while match := _LINK.search(text, at):
        end = _end_of_link(text, match)
        yield match, end
        at = end or match.end()


def _end_of_link(text: str, match: re.Match[str]) -> int:
    """Return where an address ends: at a bracket that it did not open, its quote, or what no address has.

    0 says that it is none: one with a user name in it (``https://bank.example@evil.example``) does not lead where it
    says, nor does one with a host that goes on behind what can be in its name.
    """
    authority = _NOT_ASCII.sub(_letter_or_mark, match["authority"])
    host = _HOST.match(authority)
    if host is None or "@" in authority or _MORE_OF_HOST.match(authority, host.end()) or not _can_be_reached(host):
        return 0
    if host.end() < len(authority):
        return match.start("authority") + host.end()
    quote = _CLOSING.get(text[match.start() - 1 : match.start()])
    opened = dict.fromkeys(_OPENING.values(), 0)
    for turn in _TURN.finditer(text, match.end()):
        mark = turn.group()
        if mark in opened:
            opened[mark] += 1
        elif opened.get(_OPENING.get(mark, "")):
            opened[_OPENING[mark]] -= 1
        elif mark not in "'\u2019" or mark == quote:
            return turn.start()
    return len(text)


def _letter_or_mark(match: re.Match[str]) -> str:
    """Return a letter for what can be in the name of a host: letters, numbers and what belongs to them."""
    return "x" if unicodedata.category(match.group())[0] in "LMN" else "!"


def _can_be_reached(host: re.Match[str]) -> bool:
    try:
        IPv6Address(host["v6"] or "::")
    except ValueError:
        return False
    return int(host["port"] or 0) <= _LAST_PORT


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
