"""Emoji by name: what people write between two colons."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from chatcore.text.emoji import is_emoji
from chatcore.text.slash import Completions

_BEGUN: Final = re.compile(r"(?:^|(?<=\s)):([a-z0-9_+-]{2,40}):?$")
_OFFERED: Final = 24
_RANGES: Final = ((0x2600, 0x27C0), (0x1F300, 0x1F650), (0x1F680, 0x1F700), (0x1F900, 0x1FA00), (0x1FA70, 0x1FB00))
# Names that people know and Unicode does not.
_KNOWN: Final = {
    "+1": "👍", "-1": "👎", "thumbsup": "👍", "thumbsdown": "👎", "smile": "😄",
    "grin": "😁", "joy": "😂", "laughing": "😆", "wink": "😉", "blush": "😊",
    "heart": "❤️", "tada": "🎉", "fire": "🔥", "eyes": "👀", "rocket": "🚀",
    "wave": "👋", "cry": "😢", "sob": "😭", "thinking": "🤔", "shrug": "🤷",
    "clap": "👏", "pray": "🙏", "ok_hand": "👌", "muscle": "💪", "bug": "🐛",
    "sparkles": "✨", "coffee": "☕", "warning": "⚠️", "white_check_mark": "✅", "x": "❌",
    "100": "💯", "sunglasses": "😎", "heart_eyes": "😍", "facepalm": "🤦", "confused": "😕",
    "angry": "😠", "rofl": "🤣",
}  # fmt: skip


@cache
def _names() -> dict[str, str]:
    """Return all emoji by their names, those that people know first."""
    found = dict(_KNOWN)
    for first, end in _RANGES:
        for code in range(first, end):
            name = unicodedata.name(chr(code), "").lower().replace(" ", "_").replace("-", "_")
            if name and unicodedata.category(chr(code)) == "So":
                found.setdefault(name, chr(code))
    return found


def named(wanted: str) -> tuple[str, ...]:
    """Return the emoji whose names have this in them, those that begin with it first; an emoji is itself."""
    if is_emoji(wanted.strip()):
        return (wanted.strip(),)
    wanted = wanted.strip().strip(":").lower().replace(" ", "_")
    fitting = sorted((name for name in _names() if wanted in name), key=lambda name: not name.startswith(wanted))
    return tuple(dict.fromkeys(_names()[name] for name in fitting))[:_OFFERED]


def name_of(emoji: str) -> str:
    """Return what an emoji is called, for those who do not see it; empty when that is not known."""
    return next((name.replace("_", " ") for name, each in _names().items() if each == emoji), "")


def complete(before: str) -> Completions | None:
    """Return the emoji that a name before the cursor may mean; None when no name is begun there.

    `:tada` offers what begins with it, then what has it in its name.
    """
    begun = _BEGUN.search(before)
    if begun is None:
        return None
    wanted = begun[1]
    if begun[0].endswith(":") and wanted in _names():
        return Completions(begun[0], (_names()[wanted],))
    return Completions(begun[0], named(wanted))
