"""Options that several commands have, and how options are explained to people."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import click
from click.types import OptionHelpExtra

from chatcore.limits import MAX_INTEGER
from chatcore.ports.server_address import without_login
from chatcore_cli.run_state import RunState
from chatcore_cli.saying.logs import LEVELS
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.paths import DIRECTORY, KEPT_FILE
from chatcore_cli.settings.sources import SettingsCommand


def subcommand(group: click.Group, name: str, about: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that makes a command of a group, with variables such as CHATCORE_STORE_CHECK_PATH."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        function = log_level_option("warning")(function)
        group.add_command(click.command(f"{group.name}-{name}", cls=SettingsCommand, help=about)(function), name)
        return function

    return decorate


def log_level_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that gives a command `--log-level`."""
    return click.option(
        "--log-level",
        type=click.Choice(LEVELS, case_sensitive=False),
        default=default,
        show_default=True,
        is_eager=True,
        callback=_note_debug,
        help=_("The least important records to write; debug also shows where a mistake of ours happened."),
    )


def color_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that gives a command `--color`: what NO_COLOR says in the environment, as an option."""
    return click.option(
        "--color",
        type=click.Choice(("auto", "never"), case_sensitive=False),
        default="auto",
        show_default=True,
        is_eager=True,
        expose_value=False,
        callback=_note_color,
        help=_("Whether to use colours where the terminal has them."),
    )


def _note_color(_ctx: click.Context, _param: click.Parameter, value: str) -> None:
    if value == "never":
        os.environ["NO_COLOR"] = "1"  # which the libraries for terminals know too


def state_dir_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that gives a command `--state-dir`."""
    return click.option("--state-dir", type=DIRECTORY, help=text)


def remember_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the decorator that gives a command `--remember-session`."""
    return click.option(
        "--remember-session/--no-remember-session",
        default=True,
        show_default=True,
        help=_("Whether it comes back into its session after it was killed; what that takes is kept in a file."),
    )


def trust_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which server is trusted: `tls_ca` and `fingerprints`."""
    by_authority = click.option(
        "--tls-ca", type=KEPT_FILE, help=_("PEM file with certificates to trust instead of the system's.")
    )
    by_key = click.option(
        "--fingerprint",
        "fingerprints",
        multiple=True,
        metavar="SHA256",
        help=_("Trust the server with this key or certificate, in hex; it is remembered for the next time."),
    )
    return by_authority(by_key(command))


def _note_debug(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    state = ctx.find_object(RunState)
    if state is not None:
        state.debug = value == "debug"
    return value


class WholeNumber(click.IntRange):
    """A whole number in a range that has a least one."""

    name = _("number")

    def __init__(self, min: int = 0, max: int = MAX_INTEGER, **how: Any) -> None:
        super().__init__(min, max, **how)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or say what it could be."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            text = _("{value!r} is not a whole number {range}.")
            self.fail(text.format(value=str(value), range=range_text(self, value)), param, ctx)


class Number(click.FloatRange):
    """A number in a range that has a least one."""

    name = _("number")

    def __init__(self, min: float = 0, max: float = MAX_INTEGER, **how: Any) -> None:
        super().__init__(min, max, **how)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or say what it could be."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):  # JSON has no infinity to tell clients of
            text = _("{value!r} is not a number {range}.")
            self.fail(text.format(value=str(value), range=range_text(self, value)), param, ctx)
        return number


class HostPort(click.ParamType[tuple[str, int]]):
    """A place to listen at: `127.0.0.1:9100`, `[::1]:9100`."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Return host and port, or say what it could be."""
        try:
            parts = urlsplit(f"//{value}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or port is None or parts.netloc != value or "@" in value:
            self.fail(
                _("{value!r} is not HOST:PORT, like 127.0.0.1:9100.").format(value=without_login(str(value))),
                param,
                ctx,
            )
        return host, port


def range_text(kind: click.IntRange | click.FloatRange, value: Any = None) -> str:
    """Return which numbers there are; of a value beyond what anybody needs, where they end."""
    if kind.max != MAX_INTEGER:
        return _("from {least} to {most}").format(least=kind.min, most=kind.max)
    try:
        beyond = MAX_INTEGER < float(value) < math.inf
    except (TypeError, ValueError):
        beyond = False
    except OverflowError:
        beyond = True
    if beyond:
        return _("up to {most}").format(most=MAX_INTEGER)
    return (_("above {least}") if kind.min_open else _("from {least} up")).format(least=kind.min)


class NumberOption(click.Option):
    """An option that is a number: its help tells the range and the default in words."""

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return what stands in brackets behind the help."""
        extra = super().get_help_extra(ctx)
        if isinstance(self.show_default, str):
            extra["default"] = self.show_default
        elif isinstance(self.default, float) and self.default.is_integer() and "default" in extra:
            extra["default"] = str(int(self.default))
        if isinstance(self.type, click.IntRange | click.FloatRange):
            extra["range"] = range_text(self.type)
        if "default" in extra and "range" in extra:  # else click puts its own sign between them
            extra["default"] = _("{default}; {range}").format(default=extra["default"], range=extra.pop("range"))
        return extra


class SectionedCommand(SettingsCommand):
    """A command with so many options that its help puts them into sections.

    Args:
        sections: titles, and the names of the parameters that belong there; what belongs nowhere comes last.
    """

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        records = {param.name: param.get_help_record(ctx) for param in self.get_params(ctx)}
        for title, names in self.sections.items():
            self._write(formatter, title, [records.pop(name) for name in names])
        self._write(formatter, _("Other options"), list(records.values()))

    def _write(self, formatter: click.HelpFormatter, title: str, records: list[tuple[str, str] | None]) -> None:
        with formatter.section(title):
            formatter.write_dl([record for record in records if record is not None])
