"""Makes text from a peer harmless before it reaches a terminal, a log or a window.

Harmful is what steers whoever shows it: controls, line ends where none belong, overrides of the writing direction.
Honest invisible characters stay as they are: marks of direction, joiners between letters, the parts of emoji. Where
they, or letters that run from right to left, would reorder what stands around, the text is isolated.

Source: UAX #9 (sections 2 and 3.1.2) for directions, UAX #44 (Default_Ignorable_Code_Point) for what is invisible.
"""

from __future__ import annotations

import re
from typing import Final

# C0 and C1 controls and DEL; U+2028 and U+2029, which end lines for many; embeddings and overrides; the deprecated
# format characters; a byte-order mark; halves of characters, which cannot be encoded.
_STEERING: Final = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u206a-\u206f\ufeff\ud800-\udfff"
_UNSAFE: Final = re.compile(f"[{_STEERING}]")
_UNSAFE_BUT_LAYOUT: Final = re.compile(f"(?![\n\t])[{_STEERING}]")
_ISOLATE: Final = re.compile("[\u2066-\u2069]")
_POP: Final = "\u2069"
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200e\u200f\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2069\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
SLASH_CHARS: Final = "/\uff0f\u2044\u2215\u2571\u27cb\u29f8"
"""What looks like a slash; keyboards of other languages and telephones write it so."""
_ANY_INVISIBLE: Final = re.compile(f"[{_INVISIBLE}]")
_NOTHING: Final = re.compile(rf"[\s{_INVISIBLE}]*")
_ONLY_INVISIBLE: Final = re.compile(rf"\s*[{_INVISIBLE}][\s{_INVISIBLE}]*")
# Keys such as arrows, as a terminal sends them that edits no lines (ECMA-48, section 5.4), and what nobody sees.
_BEFORE_SEEN: Final = re.compile(rf"(?:\x1b(?:\[[0-9;]*[@-~]|O[@-~])|[\s{_INVISIBLE}{_STEERING}])*")


def safe_text(text: str, *, keep_layout: bool = False, isolated: bool = True) -> str:
    r"""Return `text` for people: whatever could steer its reader is written as an escape such as ``\x1b``.

    A line in which nothing can be seen shows the escapes of what is there. What went through here stays as it is a
    second time.

    Args:
        text: the text.
        keep_layout: True to let newlines and tabs stay as they are; without it the result is a single line.
        isolated: whether a line that runs from right to left is put between U+2068 and U+2069, so that it reorders
            nothing around it. False where a text stands alone: those would hide its direction.
    """
    text = harmless(text, keep_layout=keep_layout)
    if text.isascii():
        return text
    return "\n".join(_shown(line, isolated=isolated) for line in text.split("\n"))


def harmless(text: str, *, keep_layout: bool = False) -> str:
    r"""Return `text` for a program that people may look at: as `safe_text` does, and with nothing added or hidden.

    Isolates (U+2066 to U+2068 with U+2069) that are not closed on their line are escaped too.
    """
    text = (_UNSAFE_BUT_LAYOUT if keep_layout else _UNSAFE).sub(_escape, text)
    if text.isascii() or not _ISOLATE.search(text):
        return text
    return "\n".join(map(_closed, text.split("\n")))


def safe_name(name: str) -> str:
    """Return the name of a user or room for people: as `safe_text` does, with everything invisible escaped."""
    return safe_text(_ANY_INVISIBLE.sub(_escape, name))


def escaped(text: str) -> str:
    """Return `text` for a line of a log: everything invisible is escaped, and all that runs from right to left."""
    text = _UNSAFE.sub(_escape, text)
    return text if text.isascii() else _RIGHT_TO_LEFT.sub(_escape, _ANY_INVISIBLE.sub(_escape, text))


def shows_nothing(text: str) -> bool:
    """Tell whether nothing of a text can be seen."""
    return _NOTHING.fullmatch(text) is not None


def from_first_visible(text: str) -> str:
    """Return what a text begins with for whoever typed it: without what stands unseen in front."""
    return _BEFORE_SEEN.sub("", text, count=1)


def _shown(line: str, *, isolated: bool) -> str:
    if _ONLY_INVISIBLE.fullmatch(line):
        return _ANY_INVISIBLE.sub(_escape, line)
    return f"\u2068{line}{_POP}" if isolated and _RIGHT_TO_LEFT.search(_outside(line)) else line


def _outside(line: str) -> str:
    """Return what of a line is in no isolate; they are all closed."""
    if not _ISOLATE.search(line):
        return line
    out, depth = [], 0
    for character in line:
        depth -= character == _POP
        if not depth:
            out.append(character)
        depth += _ISOLATE.match(character) is not None and character != _POP
    return "".join(out)


def _closed(line: str) -> str:
    """Return a line with every isolate escaped that is not closed, and every end of one that was not begun."""
    characters = list(line)
    begun: list[int] = []
    for match in _ISOLATE.finditer(line):
        if match.group() != _POP:
            begun.append(match.start())
        elif begun:
            begun.pop()
        else:
            characters[match.start()] = _escape(match)
    for at in begun:
        characters[at] = _escaped(line[at])
    return "".join(characters)


def _escape(match: re.Match[str]) -> str:
    return _escaped(match.group())


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
