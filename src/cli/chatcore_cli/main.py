"""The `chatcore` command: finds the subcommand, and says in one sentence what went wrong."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

import click

import chatcore
from chatcore.errors import ChatcoreError
from chatcore_cli.run_state import EXIT_INTERRUPTED, RunState
from chatcore_cli.saying.logs import ShownLogs
from chatcore_cli.saying.out import Stdout, complain, give_up_output, open_standard_streams, show, tell
from chatcore_cli.saying.texts import N_, _, speak_click, told
from chatcore_cli.saying.troubles import trouble_of

EXIT_CONFIGURATION: Final = 2
EXIT_OUR_MISTAKE: Final = 70

# Imported when they are asked for, so that `chatcore --help` is quick: module, and one line about it.
_COMMANDS: Final = {
    "serve": ("chatcore_cli.commands.serve", N_("Start a chat server.")),
    "connect": ("chatcore_cli.commands.connect", N_("Join a chat, from a terminal or a script.")),
    "doctor": ("chatcore_cli.commands.doctor", N_("Find out why a server cannot be reached, or how well it can.")),
    "gui": ("chatcore_cli.commands.gui", N_("Open the desktop app.")),
    "config": ("chatcore_cli.commands.config", N_("Check the settings of a server, or show where they come from.")),
    "admin": ("chatcore_cli.commands.admin", N_("Look after a server that runs, as an operator.")),
    "invite": ("chatcore_cli.commands.invite", N_("Make links that let people in, as an operator.")),
    "handout": ("chatcore_cli.commands.handout", N_("Write a page to print, with how to get into a chat.")),
    "store": ("chatcore_cli.commands.store", N_("Look after the file in which a server keeps its chat.")),
    "cluster": ("chatcore_cli.commands.cluster", N_("Look after several servers that are one chat.")),
    "schema": ("chatcore_cli.commands.schema", N_("Write the description of the protocol into files.")),
}


class LazyGroup(click.Group):
    """A group that imports a subcommand only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a subcommand; None when there is none of that name."""
        if name not in _COMMANDS:
            return None
        command = import_module(_COMMANDS[name][0]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; of one that there is not, say which one was probably meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=_COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(about)) for name, (_module, about) in _COMMANDS.items()])


_ABOUT: Final = (
    _("Chat rooms from the command line: start a server, or join one.")
    + """

\b
  chatcore serve
  chatcore connect ws://127.0.0.1:8765 --username alice
  echo "the build is done" | chatcore connect ws://127.0.0.1:8765 --username bot
"""
)


@click.group(
    cls=LazyGroup,
    help=_ABOUT,
    epilog=_(
        "Every option can also be an environment variable, for example CHATCORE_SERVE_PORT=9000, and so can an "
        "address: CHATCORE_CONNECT_URL."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(chatcore.__version__, message="%(prog)s %(version)s", help=_("Show the version and exit."))
def cli() -> None:
    """Carry out a subcommand."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run `chatcore` and exit."""
    _let_it_be_ended()
    sys.exit(run(args))


def _let_it_be_ended() -> None:
    """As process 1, which is what a container runs, no signal ends a program that has not asked for it: ask."""
    if os.getpid() == 1 and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda number, _frame: os._exit(128 + number))


def run(args: Sequence[str] | None = None) -> int:
    """Run `chatcore` and return its exit code; no exception leaves here as a traceback."""
    output = open_standard_streams()
    speak_click()
    logging.lastResort = ShownLogs(logging.WARNING)
    code = _invoke(args, RunState(), output)
    try:
        sys.stdout.flush()
    except OSError as failure:
        failed = give_up_output(failure)
        return code or failed
    return code


def _invoke(args: Sequence[str] | None, state: RunState, output: Stdout) -> int:
    try:
        code: Any = cli.main(args=args, prog_name="chatcore", standalone_mode=False, obj=state)
    except click.ClickException as error:
        show(error)
        return error.exit_code
    except SystemExit as end:  # a signal's
        return end.code if isinstance(end.code, int) else 0
    except (click.Abort, KeyboardInterrupt):
        tell("")
        return EXIT_INTERRUPTED
    except ChatcoreError as error:
        complain(told(error))
        return EXIT_CONFIGURATION
    except Exception as error:
        if error is output.failure:
            return give_up_output(output.failure)
        return _not_foreseen(error, state)
    return code if isinstance(code, int) else 0


def _not_foreseen(error: Exception, state: RunState) -> int:
    if state.debug:
        import traceback

        tell("".join(traceback.format_exception(error)).rstrip("\n"))
    trouble = trouble_of(error)
    if trouble is not None:
        complain(told(trouble))
        return EXIT_CONFIGURATION
    text = _("This is a mistake in chatcore, not yours ({error}); --log-level debug shows where it happened.")
    complain(text.format(error=f"{type(error).__name__}: {error}"))
    return EXIT_OUR_MISTAKE


if __name__ == "__main__":
    main()
