"""What servers of the line-based coursework write: every one as it likes, so each form is read generously.

Nothing here takes longer than the line is long, whoever wrote it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"([\w-]{1,64})"
_TIME: Final = re.compile(r"\[\d\d?[^\w\s]\d\d?(?:[^\w\s]\d\d?)?\]\s?-?\s?")
_SAID: Final = re.compile(_NAME + r"\s?: ?(.*)")
_PRIVATE: Final = re.compile(_NAME + r"\s?vous a envoy(?:ée?|er?) un message priv[ée]\s?: ?(.*)", re.IGNORECASE)
_PRIVATE_OF: Final = re.compile(r"message priv[ée] de " + _NAME + r"\s?: ?(.*)", re.IGNORECASE)
_GONE: Final = re.compile(
    r"d[ée]conn(?:ection|exion) de " + _NAME + r"(?: \(maintenant " + _NAME + r"\))?", re.IGNORECASE
)
_MOVED: Final = re.compile(_NAME + r" a changé de salon")
# Above a list, or in front of it. One user alone is told about with words that name one, as errors do.
_ABOVE_A_LIST: Final = re.compile(
    r"\b(?:connect[ée]+e?s|connected|en ligne|online|liste des)\b"
    r"|^(?:les )?(?:utilisateurs|users|clients|pseudos|membres|participants|personnes)(?: présents)?"
    r"(?: \(\d{1,5}\))? ?\Z",
    re.IGNORECASE,
)
_NO_LIST: Final = re.compile(r"\b(?:pas|non|aucun|personne n)\b", re.IGNORECASE)
_ABOVE_CHARS: Final = 100
# Between two names. A space alone is one where the next name has a mark in front of it.
_BETWEEN: Final = re.compile(r"[,;]|\s[/|&]\s|\s(?:et|and)\s|\s(?=[-*+•·>=]+\s?\w)", re.IGNORECASE)
_LISTED: Final = re.compile(r"(-|=+>|-+>|>|[*+•·]|\d{1,4}[.)])?\s?" + _NAME)
_RULE: Final = re.compile(r"[-=_*#~+]{3,}")
_REMARK: Final = re.compile(r"\s?\([^()]{0,100}\)\Z")


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody says something, in private or to all."""

    sender: str
    text: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class NameGone:
    """Nobody has that name any more; `now` is what that user is called instead, if known."""

    name: str
    now: str | None = None


@dataclass(frozen=True, slots=True)
class ListBegins:
    """A list of users begins, with these."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UserNames:
    """If a list of users is under way, it goes on with these. They may stand alone, without a mark in front."""

    names: tuple[str, ...]
    marked: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that separates."""


Form = Said | NameGone | ListBegins | UserNames | Rule | None


def read(text: str) -> Form:
    """Return what a line says; None for one that is just to be shown."""
    time = _TIME.match(text)
    body = text[time.end() :] if time else text
    if private := _PRIVATE_OF.fullmatch(body) or _PRIVATE.fullmatch(body):
        return Said(private[1], private[2], private=True)
    if gone := _GONE.fullmatch(body):
        return NameGone(gone[1], gone[2])
    if moved := _MOVED.fullmatch(body):
        return NameGone(moved[1])
    if time:
        said = _SAID.fullmatch(body)
        return Said(said[1], said[2]) if said else None
    if _RULE.fullmatch(text):
        return Rule()
    above, colon, behind = text.partition(":")
    if colon and len(above) <= _ABOVE_CHARS and _ABOVE_A_LIST.search(above) and not _NO_LIST.search(above):
        names = _names(_REMARK.sub("", behind.strip()))
        return None if names is None else ListBegins(names.names)
    return _names(text) if text else None


def _names(text: str) -> UserNames | None:
    """Return the names that a text is made of, None when there is something else in it."""
    names: list[str] = []
    marked = True
    for each in _BETWEEN.split(text.strip("[](){} .")):
        part = _REMARK.sub("", each.strip()).strip(" '\"")
        if not part:
            continue
        listed = _LISTED.fullmatch(part)
        if listed is None or not listed[2].strip("-"):
            return None
        marked &= listed[1] is not None
        names.append(listed[2])
    return UserNames(tuple(names), marked)
