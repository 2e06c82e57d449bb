"""`chatcore invite`: links that let people in, made through the protocol that everybody speaks."""

from __future__ import annotations

from collections.abc import Iterator

import click

from chatcore.aio.client import Connecting, connect
from chatcore.aio.links import room_links
from chatcore.aio.running import run
from chatcore.errors import ConnectionClosed, ConnectionFailed, LoginRefused, RequestRefused
from chatcore.events import InvitationSummary
from chatcore.ports.transport import ConnectOptions
from chatcore.text.safe_text import safe_name
from chatcore.text.slash import seconds_of
from chatcore_cli.chatting.trust import TellingKnownServers, failure_text
from chatcore_cli.commands.admin import EXIT_NOT_CONNECTED, EXIT_REFUSED, time_text
from chatcore_cli.hosting.inviting import code_for_terminal
from chatcore_cli.saying.out import complain, say
from chatcore_cli.saying.refusals import login_reason, reason
from chatcore_cli.saying.texts import _, ngettext
from chatcore_cli.settings.operators import read_token
from chatcore_cli.settings.options import NumberOption, WholeNumber, log_level_option, state_dir_option, trust_options
from chatcore_cli.settings.passwords import password_in
from chatcore_cli.settings.paths import FILE
from chatcore_cli.settings.sources import SettingsCommand, origin

_EXAMPLES = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore invite ws://127.0.0.1:8765 --token-file operators.token --uses 30 --for 7d
  chatcore invite ws://127.0.0.1:8765 --token-file operators.token --room python
  chatcore invite ws://127.0.0.1:8765 --token-file operators.token --list
  chatcore invite ws://127.0.0.1:8765 --token-file operators.token --revoke 17""",
        _(
            "Whoever follows the link comes in without the password of the server, and into the room even if it is "
            "private. Each login uses the invitation once; whoever loses the connection comes back without it."
        ),
    )
)


class _Span(click.ParamType[int]):
    """A time like 30m, 2h or 7d, in seconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds, or say what it could be."""
        seconds = value if isinstance(value, int) else seconds_of(str(value))
        if seconds is None:
            self.fail(_("{value!r} is no time like 30m, 2h or 7d.").format(value=str(value)), param, ctx)
        return seconds


@click.command(
    "invite",
    cls=SettingsCommand,
    help=_("Make a link that lets people into the server at URL, as an operator."),
    epilog=_EXAMPLES,
)
@click.argument("url")
@click.option("--token-file", required=True, type=FILE, help=_("File with the token of the operators."))
@click.option(
    "--uses",
    cls=NumberOption,
    type=WholeNumber(1, 10_000),
    default=1,
    show_default=True,
    help=_("How many logins the invitation is good for."),
)
@click.option("--for", "lasts", type=_Span(), help=_("For how long, like 30m, 2h or 7d; for ever when left out."))
@click.option("--room", help=_("Room that it leads to; the lobby when left out."))
@click.option("--list", "listed", is_flag=True, help=_("List the invitations that there are instead."))
@click.option("--revoke", type=WholeNumber(0), help=_("Take back the invitation with that number instead."))
@click.option("--username", metavar="NAME", default="operator", show_default=True, help=_("Your name in the chat."))
@click.option(
    "--password-file", type=FILE, help=_("File with the password of the server on its first line, if it has one.")
)
@trust_options
@state_dir_option(_("Directory for what is known of servers."))
@log_level_option("warning")
def command(
    *,
    url: str,
    token_file: str,
    uses: int,
    lasts: int | None,
    room: str | None,
    listed: bool,
    revoke: int | None,
    username: str,
    password_file: str | None,
    tls_ca: str | None,
    fingerprints: tuple[str, ...],
    state_dir: str | None,
    log_level: str,
) -> int:
    """Make an invitation, list them, or take one back."""
    token = read_token(token_file, origin(click.get_current_context(), "token_file"))
    known = TellingKnownServers(state_dir, compared=bool(fingerprints))
    connecting = connect(
        url,
        username=username,
        password=None if password_file is None else password_in(password_file),
        operator_token=token,
        options=ConnectOptions(tls_ca=tls_ca, fingerprints=fingerprints),
        known_servers=known,
        reconnect=False,
    )

    async def do(connecting: Connecting) -> list[str]:
        async with connecting as client:
            await client.become_operator(token)
            if listed:
                return [_line(each) for each in await client.list_invitations()]
            if revoke is not None:
                await client.revoke_invitation(revoke)
                return []
            made = await client.make_invitation(uses, seconds=lasts, room=room)
            links = room_links(client, known, room=room or "", token=made.token)
            return [*links, *code_for_terminal(links[0]), _line(made.invitation)]

    try:
        for line in run(do(connecting)):
            say(line)
    except LoginRefused as error:
        complain(login_reason(error, username))
        return EXIT_REFUSED
    except RequestRefused as error:
        complain(reason(error, name=room or ""))
        return EXIT_REFUSED
    except (ConnectionFailed, ConnectionClosed) as error:
        complain(failure_text(error, url, fingerprints))
        return EXIT_NOT_CONNECTED
    return 0


def _line(invitation: InvitationSummary) -> str:
    """Return what an invitation is good for."""
    return ", ".join(_parts(invitation))


def _parts(invitation: InvitationSummary) -> Iterator[str]:
    left = ngettext("{number}: {left} login", "{number}: {left} logins", invitation.left)
    yield left.format(number=invitation.number, left=invitation.left)
    if invitation.room:
        yield _("to {room}").format(room=safe_name(invitation.room))
    if invitation.until is not None:
        yield _("until {time}").format(time=time_text(invitation.until))
    yield _("by {name}").format(name=safe_name(invitation.by))
