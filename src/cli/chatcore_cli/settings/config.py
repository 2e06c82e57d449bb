"""Settings from a TOML file: every long option of a command, in a table named like the command."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

import click

from chatcore.errors import ConfigurationError
from chatcore_cli.saying.texts import N_
from chatcore_cli.settings.sources import setting_name
from chatcore_cli.settings.text_files import TextFiles

# What the reader of the standard library says, in English, of a key or a table that is there already.
_TWICE: Final = re.compile(
    r"(?:Cannot overwrite|Cannot declare|Duplicate inline table key (?P<key>'.*'))"
    r".*\(at line (?P<line>\d+),",
    re.DOTALL,
)
_KEY: Final = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_NAMES: Final = re.compile(rf"\s*(?P<key>\[[^\]]+\]+|{_KEY}(?:\s*\.\s*{_KEY})*(?=\s*=))")
"""How a line begins that names a table or a key."""


class Settings(NamedTuple):
    """What a file says for a command."""

    options: dict[str, Any]
    """By parameter name, for click's `default_map`."""
    tables: dict[str, dict[str, Any]]
    """What is no option, as it stands there, by its name."""


def read_settings(
    path: str, command: click.Command, tables: Iterable[str] = (), files: TextFiles | None = None
) -> Settings:
    """Return the settings for `command` from a file.

    Args:
        path: of the file.
        command: its options are what there may be.
        tables: names of tables that there may be in that of the command, beside its options.
        files: those of a program that reads it again.

    Raises:
        ConfigurationError: when the file cannot be read or says something unknown.
    """
    found = _read(path, files or TextFiles())
    name = str(command.name)
    complaint = N_("{file} has an unknown table or setting {key}; settings belong into [{name}].")
    _check_known(path, found, [name], complaint, name)
    options = [option for option in command.params if isinstance(option, click.Option) and option.name != "config"]
    known = {setting_name(option): option for option in options}
    said = settings_in(path, name, found.get(name, {}), [*known, *tables])
    return Settings(
        {option.name or "": _value(path, key, said[key], option) for key, option in known.items() if key in said},
        {key: _table(path, f"{name}.{key}", said[key]) for key in tables if key in said},
    )


def _table(path: str, name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError("In {file}, {name} has to be a table: [{name}].", file=path, name=name)
    return value


def settings_in(path: str, name: str, value: object, known: Iterable[str]) -> dict[str, Any]:
    """Return what the table of that name says, with - for _ in its keys. Raises `ConfigurationError`."""
    said = _with_dashes(path, _table(path, name, value))
    _check_known(path, said, known, N_("{file} has an unknown setting {key} in [{name}]."), name)
    return said


def _read(path: str, files: TextFiles) -> dict[str, Any]:
    text = ""
    try:
        text = files.read(path, "settings").text
        found = tomllib.loads(text)
        repr(found)  # of what cannot be shown nothing could be said either
    except OSError as error:
        raise ConfigurationError(
            "The configuration file {file} cannot be read: {why}.", file=path, why=error.strerror
        ) from error
    except tomllib.TOMLDecodeError as error:
        if (again := _TWICE.match(str(error))) is not None:
            key, line = _named_above(text, int(again["line"]))
            raise ConfigurationError(
                "In {file}, {key} stands twice, the second time in line {line}.",
                file=path,
                key=_key(again["key"] or key),
                line=line,
            ) from error
        raise ConfigurationError(
            "The configuration file {file} is not TOML: {why}.", file=path, why=str(error)
        ) from error
    except (RecursionError, ValueError) as error:
        raise ConfigurationError(
            "The configuration file {file} has a number or brackets in brackets beyond what any setting is.", file=path
        ) from error
    return found


def _named_above(text: str, line: int) -> tuple[str, int]:
    """Return what is named in a line, or in the last one before it that names something, and which one that is."""
    lines = text.split("\n")  # as TOML counts them
    for number in range(line, 0, -1):
        if (found := _NAMES.match(lines[number - 1])) is not None:
            return found["key"], number
    return lines[line - 1].strip(), line


def _check_known(path: str, keys: Iterable[str], known: Iterable[str], complaint: str, name: str) -> None:
    """Raise `ConfigurationError` for a key that is not known, with what was probably meant.

    `complaint` has the fields `file`, `key` and `name`, which is that of the table.
    """
    known = list(known)
    for key in keys:
        if key in known:
            continue
        close = get_close_matches(key, known, 1)
        problem = ConfigurationError(complaint, file=path, key=key, name=name)
        if close:
            raise ConfigurationError("{sentence} Did you mean {close}?", sentence=problem, close=close[0])
        raise problem


def _with_dashes(path: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with - for _ in its keys. Raises `ConfigurationError` when one stands there both ways."""
    for key in table:
        if key != _key(key) and _key(key) in table:
            raise ConfigurationError("In {file}, {key} stands twice, with - and with _.", file=path, key=_key(key))
    return {_key(key): value for key, value in table.items()}


def _key(name: str) -> str:
    return name.replace("_", "-")


def _value(path: str, key: str, value: object, option: click.Option) -> object:
    """Return the value as click would get it from the command line, so that click's own checks apply."""
    if option.multiple:
        values = value if isinstance(value, list) else [value]
        return [_one(path, key, one, option) for one in values]
    return _one(path, key, value, option)


def _one(path: str, key: str, value: object, option: click.Option) -> object:
    if option.is_flag and not isinstance(value, bool):
        raise ConfigurationError("In {file}, {key} is either true or false, without quotes.", file=path, key=key)
    # A date or `true` is no text: there is no host, store or room that is called 2026-11-27 or True.
    if not option.is_flag and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise ConfigurationError("In {file}, {key} has a value that it cannot have.", file=path, key=key)
    return value if option.is_flag else str(value)
