"""`chatcore connect`: its options, and whether a person or a program uses it."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Any, Final

import click

from chatcore.aio.plugins import split_dialect
from chatcore.aio.routes import pins_for
from chatcore.aio.running import run
from chatcore.errors import ConfigurationError
from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN
from chatcore.ports.transport import ConnectOptions
from chatcore.text.telling import bad_name
from chatcore_cli.chatting.files import folder_for
from chatcore_cli.chatting.filter import run_filter
from chatcore_cli.chatting.joining.address import invited
from chatcore_cli.chatting.joining.sessions import sessions_in
from chatcore_cli.chatting.joining.trust import TellingKnownServers, check_trust
from chatcore_cli.chatting.joining.whoami import login_name
from chatcore_cli.chatting.joining.wishes import ConnectWishes
from chatcore_cli.saying.abilities import takes_sequences
from chatcore_cli.saying.logs import Logs
from chatcore_cli.saying.out import tell
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.operators import token_in
from chatcore_cli.settings.options import (
    Number,
    NumberOption,
    color_option,
    log_level_option,
    remember_option,
    state_dir_option,
    trust_options,
)
from chatcore_cli.settings.passwords import password_in
from chatcore_cli.settings.paths import DIRECTORY, FILE
from chatcore_cli.settings.sources import PASSWORD, SettingsCommand, origin

_DEFAULT_URL: Final = "chat://127.0.0.1:8765"
_FILTER_RETRY: Final = 60.0

_EXAMPLES: Final = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore connect
  chatcore connect 192.168.1.5 --username alice --room python
  chatcore connect "https://192.168.1.5:8765/#room=python" --username alice
  chatcore connect quic://chat.example.org:8765 --fingerprint 3f8a...
  echo "the build is done" | chatcore connect --username bot
  chatcore connect --username log --json --stay < /dev/null > chat.jsonl""",
        _(
            "An address is chat://HOST:PORT, which takes QUIC or WebSocket, whichever connects first; quic:// or ws:// "
            "or wss:// to choose. A server that no authority vouches for is trusted the first time and recognised by "
            "its key from then on."
        ),
        _("On a terminal, /help lists the commands and Ctrl-D logs out."),
        _(
            "When standard input or output is not a terminal, every line that comes in is a message to the room, and "
            'messages of others go out, one a line: "name: text", "name -> alice,bob: text" for direct messages and '
            '"name -> *: text" for those to everyone. When the input ends, it waits until everything is acknowledged '
            "and logs out. Exit codes: 0 when everything was sent; 1 when something was refused, be it a name; 2 when "
            "something is wrong with the options; 3 when there was no connection."
        ),
    )
)


@click.command(
    "connect",
    cls=SettingsCommand,
    help=_("Join the chat at URL, a server's address or a link to it; a host name alone is enough."),
    epilog=_EXAMPLES,
)
@click.argument("url", default=_DEFAULT_URL)
@click.option("--username", metavar=_("NAME"), help=_("Your name in the chat."))
@click.option("--room", metavar=_("NAME"), help=_("Room to enter; it is created when it is not there."))
@click.option("--json", "as_json", is_flag=True, help=_("Write events as JSON, one object a line."))
@click.option(
    "--commands/--no-commands",
    default=None,
    help=_("Whether lines that begin with a slash are commands; on a terminal they are."),
)
@click.option("--stay", is_flag=True, help=_("Go on writing messages when the input has ended."))
@click.option(
    "--retry-for",
    cls=NumberOption,
    type=Number(0),
    metavar=_("SECONDS"),
    help=_("How long to try to come back after a lost connection; without end on a terminal, otherwise 60."),
)
@click.option(
    "--downloads",
    type=DIRECTORY,
    help=_("Folder for the files that you receive; chatcore in your downloads when left out."),
)
@click.option("--accept-files", is_flag=True, help=_("Receive every file that is offered, without asking."))
@trust_options
@click.option(
    "--operator-token-file",
    type=FILE,
    help=_("File with the token of the operators, to look after the server in this session."),
)
@click.option(
    "--password-file",
    type=FILE,
    help=_(
        "File with the password of the server on its first line; CHATCORE_CONNECT_PASSWORD may be the password itself, "
        "and on a terminal you are asked."
    ),
)
@click.option(
    "--account-password-file",
    type=FILE,
    help=_("File with the password of your name, if it is registered, on its first line; on a terminal you are asked."),
)
@remember_option()
@color_option()
@state_dir_option(_("Directory for what is known of servers."))
@log_level_option("warning")
def command(*, url: str, as_json: bool, commands: bool | None, stay: bool, log_level: str, **wanted: Any) -> int:
    """Join a chat."""
    wishes = _wishes(url, **wanted)
    typed = sys.stdin is not None and sys.stdin.isatty()
    interactive = typed and sys.stdout is not None and sys.stdout.isatty() and not as_json
    if interactive and takes_sequences():
        if commands is False:
            raise click.UsageError(
                _("On a terminal, lines that begin with a slash are commands; // begins a message with a slash.")
            )
        from chatcore_cli.chatting.terminal.login import run_terminal

        return run(run_terminal(wishes))
    if interactive:  # line by line, in the terminal's own hands
        wishes = replace(wishes, username=wishes.username or _ask_for_name(), for_people=True)
        if wishes.username is None:
            return 0
    elif wishes.username is None:
        raise click.UsageError(_("Say who you are: --username NAME."))
    elif wishes.retry_for is None:
        wishes = replace(wishes, retry_for=_FILTER_RETRY)
    logs = Logs(log_level)
    logs.start()
    try:
        return run(run_filter(wishes, as_json=as_json, commands=typed if commands is None else commands, stay=stay))
    finally:
        logs.stop()


def _wishes(
    url: str,
    *,
    username: str | None,
    room: str | None,
    retry_for: float | None,
    downloads: str | None,
    accept_files: bool,
    tls_ca: str | None,
    fingerprints: tuple[str, ...],
    operator_token_file: str | None,
    password_file: str | None,
    account_password_file: str | None,
    remember_session: bool,
    state_dir: str | None,
) -> ConnectWishes:
    """Return what the user wants, a person or a program. Raises `ConfigurationError`."""
    invitation = invited(url)
    address, room = invitation.url, room or invitation.room
    _check_room(address, room)
    check_trust(tls_ca, fingerprints)
    known = TellingKnownServers(state_dir, compared=bool(fingerprints or invitation.key))
    if invitation.key is not None and not fingerprints and tls_ca is None:
        fingerprints = pins_for(address, invitation.key, known)
    return ConnectWishes(
        url=address,
        username=username,
        room=room,
        retry_for=retry_for,
        options=ConnectOptions(tls_ca=tls_ca, fingerprints=fingerprints),
        password=password_in(password_file) or os.environ.get(PASSWORD) or None,
        account_password=password_in(account_password_file),
        invitation=invitation.token,
        known_servers=known,
        sessions=sessions_in(state_dir) if remember_session else None,
        files=folder_for(downloads),
        accept_files=accept_files,
        operator_token=token_in(operator_token_file, origin(click.get_current_context(), "operator_token_file")),
    )


def _ask_for_name() -> str | None:
    """Ask for a name; None when the user has thought better of it."""
    try:
        name: str = click.prompt(_("Your name: "), prompt_suffix="", default=login_name() or None, show_default=False)
    except click.Abort:
        tell("")
        return None
    return name.strip()


def _check_room(url: str, room: str | None) -> None:
    """Raise `ConfigurationError` for what can be no room, as far as that shows without a connection."""
    if room is not None and split_dialect(url)[1] in (None, "chat"):
        problem = bad_name(room, ROOM_NAME_MIN, ROOM_NAME_MAX, _)
        if problem is not None:
            option = origin(click.get_current_context(), "room")
            raise ConfigurationError("{option} cannot be that: {problem}", option=option, problem=problem)
