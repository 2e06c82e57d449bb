"""`chatcore config`: the settings of a server, before it starts: whether they are right, and where each comes from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click
from click.core import ParameterSource

from chatcore.errors import ConfigurationError, Sentence
from chatcore.ports.server_address import without_login
from chatcore_cli.commands import serve
from chatcore_cli.hosting.keeping import Keeping
from chatcore_cli.saying.out import complain, say
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.paths import FILE
from chatcore_cli.settings.sources import SETTINGS_FILE, origin, setting_name, unread, was_given

_ADDRESS: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)*//(?!/)")  # a path may have doubled slashes further on


@click.group("config", help=_("Check the settings of a server, or show where they come from."))
def command() -> None:
    """Carry out a subcommand."""


def _arguments(function: Any) -> Any:
    """Give a subcommand a file, and the options of `serve`."""
    function = click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar=_("[FILE] [OPTION]..."))(function)
    settings = {"ignore_unknown_options": True, "allow_interspersed_args": False}
    return command.command(context_settings=settings, options_metavar="")(function)


@_arguments
def check(arguments: tuple[str, ...]) -> None:
    """Say whether the file and the environment are right."""
    ctx = _context(arguments)
    serve.usable_settings_of(ctx)
    for sentence in unread(os.environ, [ctx.command]):
        complain(sentence)
    file = ctx.meta.get(SETTINGS_FILE)
    if file is None:
        say(_("The settings are right, as far as that shows without starting the server."))
    else:
        say(_("{file} is right, as far as that shows without starting the server.").format(file=file))


@_arguments
def show(arguments: tuple[str, ...]) -> None:
    """Write every setting, as a file would have it, with where it comes from."""
    ctx = _context(arguments)
    serve.usable_settings_of(ctx)
    say("\n".join(_lines(ctx)))


check.help = _(
    "Say whether a server can start with the settings in FILE, in the environment, and OPTIONs of chatcore serve."
)
show.help = _(
    "Write the settings that a server has with FILE, the environment, and OPTIONs of chatcore serve: each with where "
    "it comes from, in the form of a file with settings."
)


def _context(arguments: tuple[str, ...]) -> click.Context:
    """Read the settings as `chatcore serve` does. Raises what that raises."""
    words = list(arguments)
    file = words[0] if words and not words[0].startswith("-") else None
    if file is not None and os.path.isdir(file):
        raise ConfigurationError("{file} is a folder; name the file with settings", file=file)
    if file is not None:
        words[0:1] = ["--config", file]
    try:
        ctx = serve.command.make_context("serve", words, click.get_current_context().find_root())
    except click.UsageError as error:
        error.ctx = click.get_current_context()  # it is this command that was typed
        raise
    if file is not None and os.path.realpath(ctx.meta[SETTINGS_FILE]) != os.path.realpath(
        FILE.convert(file, None, ctx)
    ):
        why = Sentence("{option} says otherwise", option="--config")
        raise ConfigurationError("{option} is of no use: {why}.", option=file, why=why)
    return ctx


def _lines(ctx: click.Context) -> Iterator[str]:
    yield f"[{ctx.command.name}]"
    for parameter in ctx.command.params:
        name = str(parameter.name)
        if name not in ctx.params:
            continue
        value = ctx.params[name]
        where, mark = _("default"), "" if was_given(ctx, name) or value is None else "#"
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            where = _("option")
        elif ctx.get_parameter_source(name) is ParameterSource.ENVIRONMENT:
            where = origin(ctx, name)
        elif ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP:
            where = str(ctx.meta[SETTINGS_FILE])
        key = setting_name(parameter)
        # What nobody gave is a comment: beside others, some settings may not be given, or mean something else.
        yield f"{mark + _setting(key, value):<40} # {where}"
    rooms: Mapping[str, Keeping] = ctx.meta.get(serve.ROOMS) or {}
    kept = {room: values.model_dump(by_alias=True, exclude_none=True) for room, values in rooms.items()}
    for table, of in (("rooms", kept), ("limits", ctx.meta.get(serve.PEOPLE) or {})):
        for name, settings in of.items():
            yield f"\n[{ctx.command.name}.{table}.{json.dumps(name, ensure_ascii=False)}]"
            for key, value in settings.items():
                yield f"{_setting(key, value):<40} # {ctx.meta[SETTINGS_FILE]}"


def _setting(key: str, value: object) -> str:
    """Return a line of a file; one that is a comment when nothing is set."""
    if value is None:
        return f"#{key} ="
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return f"{key} = [{', '.join(map(_text, value))}]"
    if isinstance(value, tuple):
        host, port = value
        value = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if isinstance(value, bool):
        return f"{key} = {str(value).lower()}"
    return f"{key} = {value}" if isinstance(value, int | float) else f"{key} = {_text(str(value))}"


def _text(text: str) -> str:
    return json.dumps(without_login(text) if _ADDRESS.match(text) else text, ensure_ascii=False)
