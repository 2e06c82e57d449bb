"""What some people may do where that is not what everybody may: `--limit`, and tables of the file with settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from chatcore.errors import ConfigurationError
from chatcore.limits import PEOPLE, USERNAME_MAX, USERNAME_MIN, OwnLimits
from chatcore.server.signing_in.terms import Accounts
from chatcore.text.names import is_username, written_twice
from chatcore_cli.settings.config import settings_in

SETTINGS = tuple(name.replace("_", "-") for name in OwnLimits.model_fields)
"""Names of what may be otherwise for some people."""

Said = dict[str, dict[str, Any]]
"""Settings, by who they are for, as they were written."""


def people_in(path: str, table: str, people: Mapping[str, Any]) -> Said:
    """Return what the tables of a file say.

    Args:
        path: of the file, for people.
        table: what stands in front of who it is, `serve.limits`.
        people: the tables.

    Raises:
        ConfigurationError: one of them says what it cannot say.
    """
    said: Said = {}
    for who, settings in people.items():
        name = f"{table}.{who}"
        said[who] = settings_in(path, name, settings, SETTINGS)
        for key, value in said[who].items():
            _check(who, key, value, f"{path}, {name}")
    if twice := written_twice(said):
        name, other = twice
        sentence = "In {file}, {name} and {other} in [{table}] are one account."
        raise ConfigurationError(sentence, file=path, name=name, other=other, table=table)
    return said


def people_from(options: Iterable[str], source: str, said: Said) -> Said:
    """Return what the file says, with what options say in its place.

    Args:
        options: each is `WHO.SETTING=VALUE`.
        source: what the option is called where it was given.
        said: what the file says.

    Raises:
        ConfigurationError: one of them cannot be meant.
    """
    both = {who: dict(settings) for who, settings in said.items()}
    given: dict[tuple[str, str], str] = {}
    for option in options:
        left, equals, value = option.partition("=")
        who, _dot, key = left.rpartition(".")
        key = key.replace("_", "-")
        if not (equals and who) or key not in SETTINGS:
            raise ConfigurationError(
                "{option}: {value!r} is not WHO.SETTING=VALUE, like guest.request-burst=20; a SETTING is {settings}.",
                option=source,
                value=option,
                settings=", ".join(SETTINGS),
            )
        _check(who, key, value, source)
        other = given.setdefault((who, key), value)
        if other != value:
            raise ConfigurationError(
                "{option}: {setting} is said to be {other} and {value}; say one of them.",
                option=source,
                setting=f"{who}.{key}",
                other=other,
                value=value,
            )
        both.setdefault(who, {})[key] = value
        if twice := written_twice(both):
            name, other = twice
            raise ConfigurationError(
                "{option}: {name} and {other} are one account; write its name in one way wherever it has limits.",
                option=source,
                name=name,
                other=other,
            )
    return both


def limits_of(said: Said) -> dict[str, OwnLimits]:
    """Return what was said and checked as `chatcore.limits.Limits` takes it."""
    return {who: _limits(settings) for who, settings in said.items()}


def check_accounts(names: Iterable[str], source: str, accounts: str, accounts_source: str) -> None:
    """Raise `ConfigurationError` for what is no name, or when no name belongs to anybody.

    Args:
        names: what the option names.
        source: what that is called where it was given.
        accounts: whether there are accounts (`chatcore.server.signing_in.terms.Accounts`).
        accounts_source: what says so.
    """
    for name in names:
        _check_name(name, source)
        if accounts == Accounts.OFF:
            raise ConfigurationError(
                "{option} is of no use: it names an account, and with {accounts} there are none.",
                option=source,
                accounts=f"{accounts_source} {accounts}",
            )


def _check(who: str, key: str, value: Any, source: str) -> None:
    if who.startswith("@"):
        _check_name(who[1:], source)
    elif who not in PEOPLE:
        raise ConfigurationError(
            "{option}: {value!r} is nobody: it is {people}, or @NAME for one account.",
            option=source,
            value=who,
            people=", ".join(PEOPLE),
        )
    try:
        _limits({key: value})
    except ValidationError as error:
        raise ConfigurationError(
            "{option}: {value!r} is not a possible value of {key}.", option=source, value=str(value), key=key
        ) from error


def _check_name(name: str, source: str) -> None:
    if not is_username(name, USERNAME_MAX):
        raise ConfigurationError(
            "{option}: {value!r} is no name of a user: {least} to {most} letters of one script, digits, _ or -.",
            option=source,
            value=name,
            least=USERNAME_MIN,
            most=USERNAME_MAX,
        )


def _limits(settings: Mapping[str, Any]) -> OwnLimits:
    return OwnLimits.model_validate({key.replace("-", "_"): value for key, value in settings.items()})
