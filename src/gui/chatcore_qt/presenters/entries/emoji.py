"""Emoji by name, in the user's language and in English: what people write between two colons.

The names are Unicode's (CLDR), by the library `emoji`, with those that programmers know: `:tada:`, `:+1:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from emoji import EMOJI_DATA, STATUS, config

from chatcore.text.emoji import is_emoji
from chatcore.text.finding.words import fold
from chatcore.text.slash import Completions
from chatcore_qt.texts import translate

USUAL: Final = ("👍", "❤️", "😄", "🎉", "😮", "👀")
"""What most people want; the page in the browser offers the same."""

_BEGUN: Final = re.compile(r"(?:^|(?<=\s)):([\w+'’-]{2,40}):?$")
_OFFERED: Final = 24
_SKINS: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_ENGLISH: Final = "en"


def _language() -> str:
    """Return the language whose names are shown; English has them all."""
    language = translate("Emojis", "en", "code of your language")
    if language != _ENGLISH:
        config.load_language(language)
    return language


@cache
def _plain(name: str) -> str:
    """Return a name as it is compared: without case, accents, and what stands between its words."""
    return re.sub(r"\W+", "_", fold(name).replace("œ", "oe")).strip("_") or name.strip(":")


@cache
def _names(language: str) -> dict[str, str]:
    """Return all emoji by their names, those of a language first; one has several, and skins are left out."""
    found: dict[str, str] = {}
    for kind in dict.fromkeys((language, "alias", _ENGLISH)):
        for emoji, of in EMOJI_DATA.items():
            if of["status"] == STATUS["fully_qualified"] and not _SKINS.search(emoji):
                for name in _of_kind(of.get(kind, ())):
                    found.setdefault(name, emoji)
    return found


def _of_kind(names: str | list[str]) -> Iterator[str]:
    for name in (names,) if isinstance(names, str) else names:
        bare = name.strip(":")
        yield bare if bare in ("+1", "-1") else _plain(bare)


def named(wanted: str) -> tuple[str, ...]:
    """Return the emoji whose names have this in them, those that begin with it first; an emoji is itself."""
    if is_emoji(wanted.strip()):
        return (wanted.strip(),)
    names, wanted = _names(_language()), next(_of_kind(wanted.strip()))

    def rank(name: str) -> tuple[bool, bool, bool, float]:
        emoji = names[name]
        since: float = EMOJI_DATA[emoji]["E"]
        return name != wanted, not name.startswith(wanted), emoji not in USUAL, since  # the oldest are known best

    fitting = sorted((name for name in names if wanted in name), key=rank)
    return tuple(dict.fromkeys(names[name] for name in fitting))[:_OFFERED]


def name_of(emoji: str) -> str:
    """Return what an emoji is called, for those who do not see it; empty when that is not known."""
    language = _language()
    of = EMOJI_DATA.get(emoji, {})
    return str(of.get(language) or of.get(_ENGLISH, "")).strip(":").replace("_", " ")


def complete(before: str) -> Completions | None:
    """Return the emoji that a name before the cursor may mean; None when no name is begun there.

    `:tada` offers what begins with it, then what has it in its name.
    """
    begun = _BEGUN.search(before)
    if begun is None:
        return None
    names, wanted = _names(_language()), next(_of_kind(begun[1]))
    if begun[0].endswith(":") and wanted in names:
        return Completions(begun[0], (names[wanted],))
    return Completions(begun[0], named(begun[1]))
