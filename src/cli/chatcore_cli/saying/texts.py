"""Every text that people read goes through `_`, in the language of the environment.

`N_` marks a text that is looked up later, when it is shown. Texts with values have named fields and are whole
sentences, so that a translator can put the parts in another order: `_("{name} is here.").format(name=name)`.
The library speaks English; what its errors say is in the catalogue too, and `told` says it.

After a change of a text, write the catalogues anew, translate what is new, and compile them (a test says so when
this was forgotten). The last command takes what the library says to the desktop app::

    pybabel extract -k N_ -k NN_:1,2 -k Sentence -k ConfigurationError -k ConnectionFailed -k UntrustedCertificate \
        -k CertificateChanged -k ConnectionClosed -k FileError --omit-header --no-location -o chatcore.pot \
        src/cli/chatcore_cli src/chatcore src/adapters
    pybabel update --domain chatcore --no-fuzzy-matching -i chatcore.pot -d src/cli/chatcore_cli/locale
    pybabel compile --domain chatcore -d src/cli/chatcore_cli/locale
    python scripts/translations.py
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from chatcore.errors import ChatcoreError

DOMAIN: Final = "chatcore"
LOCALE: Final = Path(__file__).parents[1] / "locale"

_current: _gettext.NullTranslations = _gettext.translation(DOMAIN, LOCALE, fallback=True)


def use(language: str | None = None) -> None:
    """Switch to a language, or back to the one that LANGUAGE, LC_ALL, LC_MESSAGES or LANG name."""
    global _current  # noqa: PLW0603 -- a process speaks one language
    _current = _gettext.translation(DOMAIN, LOCALE, None if language is None else [language], fallback=True)


def languages() -> dict[str, Callable[[str], str]]:
    """Return the languages of the catalogue beside English, each with what looks a text up in it."""
    codes = sorted(file.parts[-3] for file in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return {code: _gettext.translation(DOMAIN, LOCALE, [code]).gettext for code in codes}


def speak_click() -> None:
    """Let click's own words, which it looks up in the process-wide domain, come from our catalogue as well."""
    _gettext.bindtextdomain(DOMAIN, LOCALE)
    _gettext.textdomain(DOMAIN)
    click.Context.formatter_class = _HelpFormatter


def _(text: str) -> str:
    """Return the text in the language of the environment."""
    return _current.gettext(text)


class _HelpFormatter(click.HelpFormatter):
    """Writes help with the signs of the language: French has a space before a colon."""

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        text = _("{heading}:").format(heading=heading)
        self.write(f"{'':>{self.current_indent}}{text}\n")


def ngettext(one: str, many: str, number: int) -> str:
    """Return the text that fits the number."""
    return _current.ngettext(one, many, number)


def N_(text: str) -> str:
    """Mark a text for translation, and return it as it is."""
    return text


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark a text with a number for translation, and return it as it is."""
    return one, many


def told(said: ChatcoreError | str) -> str:
    """Return what an error or a sentence of the library says, in the language of the environment; harmless."""
    from chatcore.text import telling  # what it takes is not needed to show help

    return telling.told(said, _)


def whole(said: ChatcoreError | str, *, keep_layout: bool = False) -> str:
    """Return the same as a whole sentence; with `keep_layout` on as many lines as it has."""
    from chatcore.text import telling  # what it takes is not needed to show help

    return telling.whole(said, _, keep_layout=keep_layout)


# What click says to people who use our commands. They stand here so that they are found and translated.
CLICK: Final = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Positional arguments"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("default: {default}"),
    N_("env var: {var}"),
    N_("required"),
    N_("(dynamic)"),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Option {name!r} does not take a value."),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("Aborted!"),
    NN_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    NN_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    NN_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    NN_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
)
