"""Every text that people read goes through `translate`, which asks Qt once `i18n.install` was called.

This module knows no Qt, so that presenters can use it. The names are the ones that `pylupdate6` looks for. A text with
values has named fields and is a whole sentence: ``translate("Conversation", "{name} joined.").format(name=name)``.
A text with a number says ``%n`` and is called with four arguments, all by position:
``translate("Rooms", "%n people", "", count)``. After a change of a text: ``python scripts/translations.py``.
"""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[[str, str, str, int], str]


def _english(_context: str, text: str, _disambiguation: str, n: int) -> str:
    return text.replace("%n", str(n))


_translate: Translate = _english


def use(function: Translate | None) -> None:
    """Let texts come from a function, such as `QCoreApplication.translate`; None for English as written here."""
    global _translate  # noqa: PLW0603 -- a process speaks one language
    _translate = function or _english


def translate(context: str, text: str, disambiguation: str = "", n: int = -1, /) -> str:
    """Return a text in the user's language.

    Args:
        context: the part of the app it belongs to; the same text may be translated differently elsewhere.
        text: the English text.
        disambiguation: tells two equal texts of one context apart.
        n: the number that takes the place of ``%n``, and decides the plural form.
    """
    return _translate(context, text, disambiguation, n)


def library(text: str) -> str:
    """Return a sentence of the library, or of the system, in the user's language."""
    return translate("Library", text)


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark a text that `translate` is called with elsewhere, and return it as it is."""
    return text
