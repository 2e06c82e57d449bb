"""Settings from a TOML file: every long option of a command, in a table named like the command."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from chatcore.errors import ConfigurationError
from chatcore.text.file_text import text_of_file
from chatcore_cli.sources import setting_name
from chatcore_cli.texts import N_


def read_settings(path: str, command: click.Command) -> dict[str, Any]:
    """Return the settings for `command` from a file, by parameter name, for click's `default_map`.

    Raises:
        ConfigurationError: when the file cannot be read or says something unknown.
    """
    tables = _read(path)
    name = str(command.name)
    complaint = N_("{file} has an unknown table or setting {key}; settings belong into [{name}].")
    _check_known(path, tables, [name], complaint, name)
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise ConfigurationError("In {file}, {name} has to be a table: [{name}].", file=path, name=name)
    options = [option for option in command.params if isinstance(option, click.Option) and option.name != "config"]
    known = {setting_name(option): option for option in options}
    for key in table:
        _check_known(path, [_key(key)], known, N_("{file} has an unknown setting {key} in [{name}]."), name)
        if key != _key(key) and _key(key) in table:
            raise ConfigurationError("In {file}, {key} stands twice, with - and with _.", file=path, key=_key(key))
    return {known[_key(key)].name or "": _value(path, key, value, known[_key(key)]) for key, value in table.items()}


def _read(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text_of_file(Path(path).read_bytes(), path))
    except OSError as error:
        raise ConfigurationError(
            "The configuration file {file} cannot be read: {why}.", file=path, why=error.strerror
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            "The configuration file {file} is not TOML: {why}.", file=path, why=str(error)
        ) from error


def _check_known(path: str, keys: Iterable[str], known: Iterable[str], complaint: str, name: str) -> None:
    known = list(known)
    for key in keys:
        if key in known:
            continue
        close = get_close_matches(key, known, 1)
        problem = ConfigurationError(complaint, file=path, key=key, name=name)
        if close:
            raise ConfigurationError("{sentence} Did you mean {close}?", sentence=problem, close=close[0])
        raise problem


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
    if isinstance(value, list | dict):
        raise ConfigurationError("In {file}, {key} has a value that it cannot have.", file=path, key=key)
    return value if option.is_flag else str(value)
