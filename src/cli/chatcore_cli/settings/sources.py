"""Where settings come from: the command line, variables of the environment, a file; and how each is called there."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import click
from click.core import ParameterSource

from chatcore.errors import ChatcoreError, ConfigurationError, Sentence
from chatcore.ports.server_address import without_login
from chatcore_cli.saying.logs import json_formatter
from chatcore_cli.saying.out import complain, tell
from chatcore_cli.saying.texts import _, ngettext, told
from chatcore_cli.settings.text_files import TextFiles

_PREFIX: Final = "CHATCORE_"
_STATE_DIR: Final = "CHATCORE_STATE_DIR"
"""The state directory for every command, and for programs with the library."""
PASSWORD: Final = "CHATCORE_CONNECT_PASSWORD"
"""The password of the server, for `connect`: no option, because everybody sees those of a program that runs."""
# Not about one command, not for people, or no option.
_COMMON: Final = frozenset({_STATE_DIR, PASSWORD, "CHATCORE_STARTED_BY_MAKE"})
_NEAR: Final = 0.8
_NEAR_END: Final = 0.6
# Kubernetes gives every program such variables for every service of its namespace; a service called chatcore-serve
# thus makes one that is called like a setting, CHATCORE_SERVE_PORT=tcp://10.0.0.5:80.
_OF_A_SERVICE: Final = re.compile(
    r".*(_SERVICE_HOST|_SERVICE_PORT(_\w+)?|_PORT_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?)"
)
# Who somebody is, in an address or as the part of one: a password may stand in it.
_USERINFO: Final = re.compile(r"(?<=//)[^/\s]*(?=@)|\A[^/\s]*(?=@\Z)")
_LIKE_A_SERVICE: Final = re.compile(r"(tcp|udp|sctp)://\S+:\d+")
_OF_KUBERNETES: Final = Sentence(
    "It looks like a variable that Kubernetes makes for a service of that name; enableServiceLinks: false in the "
    "specification of the pod switches them off."
)

# Where in `Context.meta` it stands what was typed behind the command.
_WORDS: Final = "chatcore.words"
# The same of files that were read.
_FILES: Final = "chatcore.files"

SETTINGS_FILE: Final = "chatcore.settings_file"
"""Where in `Context.meta` the path of the file with settings stands."""


def setting_name(parameter: click.Parameter) -> str:
    """Return what a setting is called in a file: an option like itself, without the dashes in front."""
    if isinstance(parameter, click.Option):
        return next(name for name in parameter.opts if name.startswith("--")).removeprefix("--")
    return str(parameter.name)


def variable_name(command: str, parameter: click.Parameter) -> str:
    """Return what a setting is called in the environment: `--log-level` of `serve` is CHATCORE_SERVE_LOG_LEVEL."""
    return f"{_PREFIX}{command}_{setting_name(parameter)}".upper().replace("-", "_")


def _variables(command: str, parameter: click.Parameter) -> list[str]:
    common = [_STATE_DIR] if setting_name(parameter) == "state-dir" else []
    return [variable_name(command, parameter), *common]


def _variable_used(command: str, parameter: click.Parameter) -> str:
    """Return the variable that a setting was read from."""
    return next(name for name in _variables(command, parameter) if os.environ.get(name))


class SettingsCommand(click.Command):
    """A command whose parameters are settings: each may also be a variable of the environment.

    A variable that is empty is as good as none. What is given elsewhere may not be empty. Errors of the library that
    are about a value tell where it came from.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Take the settings from where they are."""
        for parameter in self.params:
            parameter.envvar = _variables(str(self.name), parameter)
        words = tuple(args)
        try:
            ctx = super().make_context(info_name, args, parent, **extra)
            ctx.meta[_WORDS] = words
            for parameter in self.params:
                _refuse_empty(ctx, parameter)
        except click.BadParameter as error:
            raise _bad_value(error) or error from None
        return ctx

    def invoke(self, ctx: click.Context) -> Any:
        """Say which variables nothing reads, and run the command."""
        for sentence in unread(os.environ, _commands(ctx)):
            _note(ctx, sentence)
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            raise with_origin(ctx, error, ctx.params) from error


def read_again(ctx: click.Context) -> click.Context:
    """Return the settings of a command as they are now: its file and the environment may say something else.

    Raises `ConfigurationError` when they cannot be used.
    """
    root = ctx.find_root()
    # Another one, since what stands in `meta` is of a context and all below it.
    anew = click.Context(root.command, info_name=root.info_name, obj=root.obj, **root.command.context_settings)
    files = anew.meta[_FILES] = text_files_of(ctx)
    files.wait_no_more()
    try:
        return ctx.command.make_context(ctx.info_name, list(ctx.meta[_WORDS]), anew)
    except click.ClickException as error:
        raise ConfigurationError(error.format_message()) from error


def text_files_of(ctx: click.Context) -> TextFiles:
    """Return the files that the settings of a command are read from."""
    files: TextFiles = ctx.meta.setdefault(_FILES, TextFiles())
    return files


def _note(ctx: click.Context, sentence: str) -> None:
    """Say something about the settings on standard error, in the form of the log if there is one."""
    if ctx.params.get("log_format") == "json":
        record = {"levelname": "WARNING", "msg": "unread_setting", "fields": {"text": sentence}}
        tell(json_formatter().format(logging.makeLogRecord(record)))
    else:
        complain(sentence)


def _refuse_empty(ctx: click.Context, parameter: click.Parameter) -> None:
    value = ctx.params.get(str(parameter.name))
    if value == "" or (isinstance(value, tuple) and "" in value):
        source = ctx.get_parameter_source(str(parameter.name))
        if source in (ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP):
            raise click.BadParameter(_("it is empty; leave it out instead."), ctx, parameter)


def origin(ctx: click.Context, name: str) -> str:
    """Return what a setting is called where it was given.

    Args:
        ctx: of the command.
        name: of the parameter in Python.
    """
    parameter = next(one for one in ctx.command.params if one.name == name)
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.ENVIRONMENT:
        return _variable_used(str(ctx.command.name), parameter)
    if source is ParameterSource.DEFAULT_MAP:
        return _("{key} in {file}").format(key=setting_name(parameter), file=ctx.meta[SETTINGS_FILE])
    return f"--{setting_name(parameter)}"


def without_userinfo(text: str) -> str:
    """Return a text, such as an error of click, with asterisks for who logs in by the addresses in it."""
    return _USERINFO.sub("***", text)


def was_given(ctx: click.Context, name: str) -> bool:
    """Tell whether somebody gave a setting, wherever: it is not just the default."""
    return ctx.get_parameter_source(name) is not ParameterSource.DEFAULT


def _bad_value(error: click.BadParameter) -> ConfigurationError | None:
    """Return the error for a value that stands in the environment or in the file; None for another one."""
    if error.ctx is None or error.param is None:
        return None
    source = error.ctx.get_parameter_source(str(error.param.name))
    if source is ParameterSource.DEFAULT_MAP:
        return ConfigurationError(
            "In {file}: Invalid value for {key}: {problem}",
            file=error.ctx.meta[SETTINGS_FILE],
            key=setting_name(error.param),
            problem=without_userinfo(error.message),
        )
    if source is not ParameterSource.ENVIRONMENT:
        return None
    variable = _variable_used(str(error.ctx.command.name), error.param)
    value = os.environ.get(variable, "")
    message = without_userinfo(error.message)
    if isinstance(error.param.type, click.types.BoolParamType):
        message = _("{value!r} is neither true nor false.").format(value=value)
    problem = ConfigurationError(
        "Invalid value for {variable} in the environment: {problem}", variable=variable, problem=message
    )
    if not _LIKE_A_SERVICE.fullmatch(value):
        return problem
    return ConfigurationError("{problem} {hint}", problem=problem, hint=_OF_KUBERNETES)


def with_origin(ctx: click.Context, error: ConfigurationError, settings: Mapping[str, object]) -> ConfigurationError:
    """Return an error with the places where the values that it is about were given, if not on the command line.

    What it says has no passwords of addresses in it: it may go to a log.

    Args:
        ctx: of the command.
        error: what is wrong.
        settings: the values, by the name of the parameter in Python.
    """
    error = ConfigurationError(_without_userinfo(error.sentence))
    said = list(_values(error))
    places = []
    for parameter in ctx.command.params:
        name = str(parameter.name)
        if ctx.get_parameter_source(name) not in (ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP):
            continue
        place = origin(ctx, name)
        given = settings.get(name)
        for value in given if isinstance(given, tuple) else (given,):
            forms = [value, without_userinfo(value), without_login(value)] if isinstance(value, str) else [value]
            # The same number may stand for many things; the same text hardly does.
            shown = [
                found
                for key, found in said
                if value and found in forms and (isinstance(value, str) or key == setting_name(parameter))
            ]
            if place not in str(error) and shown:
                places.append(_("{name} is {value}").format(name=place, value=shown[0]))
    if not places:
        return error
    return ConfigurationError("{problem} ({places})", problem=error, places=", ".join(places))


def _without_userinfo(said: Sentence) -> Sentence:
    values = dict(said.values)
    for name, value in said.values.items():
        if isinstance(value, ChatcoreError | Sentence):
            values[name] = _without_userinfo(value.sentence if isinstance(value, ChatcoreError) else value)
        elif isinstance(value, str):
            values[name] = without_userinfo(value)
    return Sentence(said.text, **values)


def _values(said: ChatcoreError | Sentence) -> Iterator[tuple[str, object]]:
    for name, value in said.values.items():
        if isinstance(value, ChatcoreError | Sentence):
            yield from _values(value)
        else:
            yield name, value


def unread(environ: Mapping[str, str], commands: Iterable[click.Command]) -> list[str]:
    """Return a sentence for each variable of ours that no command reads, with the name that was probably meant.

    Args:
        environ: the variables.
        commands: the one that runs, and the others that a variable may be for.
    """
    known = {*_COMMON, *(variable_name(str(one.name), parameter) for one in commands for parameter in one.params)}
    strange = sorted(name for name in environ if name.upper().startswith(_PREFIX) and name not in known)
    services = [name for name in strange if _OF_A_SERVICE.fullmatch(name) or _LIKE_A_SERVICE.fullmatch(environ[name])]
    sentences = [_unread(name, known) for name in strange if name not in services]
    if services:
        text = ngettext(
            "Nothing reads {name} in the environment.",
            "Nothing reads {name} and {others} more in the environment.",
            len(services),
        ).format(name=services[0], others=len(services) - 1)
        sentences.append(f"{text} {told(_OF_KUBERNETES)}")
    return sentences


def _unread(name: str, known: Iterable[str]) -> str:
    near = _nearest(name.upper(), sorted(known))
    if near is None:
        return _("Nothing reads the environment variable {name}.").format(name=name)
    text = _("Nothing reads the environment variable {name}. Did you mean {close}?")
    return text.format(name=name, close=near)


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the variable that was probably meant: one that is near as a whole, or else but for its command."""
    # What they all begin with makes none of them near.
    word = name.removeprefix(_PREFIX)
    command, _line, rest = word.partition("_")
    commands = {variable.split("_")[1] for variable in known}
    whole = {variable.removeprefix(_PREFIX): variable for variable in known}
    ends = {variable.split("_", 2)[2]: variable for variable in known if variable not in _COMMON}
    near = get_close_matches(word, whole, 1, _NEAR)
    if near:
        return whole[near[0]]
    near = get_close_matches(rest if command in commands else word, ends, 1, _NEAR_END)
    return ends[near[0]] if near else None


def _commands(ctx: click.Context) -> list[click.Command]:
    """Return the command that runs, and those that a variable seems to be for: no other one needs to be loaded."""
    found = [ctx.command]
    root = ctx.find_root()
    if isinstance(root.command, click.Group):
        for name in root.command.list_commands(root):
            if any(one.upper().startswith(f"{_PREFIX}{name.upper()}_") for one in os.environ):
                other = root.command.get_command(root, name)
                found += other.commands.values() if isinstance(other, click.Group) else filter(None, [other])
    return found
