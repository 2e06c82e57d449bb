"""`chatcore invite`: links that let people in, made through the protocol that everybody speaks."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.core import ParameterSource

from chatcore.aio.client import Client
from chatcore.aio.links import room_links
from chatcore.errors import ConfigurationError, Sentence
from chatcore.events import InvitationSummary
from chatcore.text.invitation import leads_here
from chatcore.text.safe_text import safe_name
from chatcore.text.slash import seconds_of
from chatcore_cli.chatting.as_operator import Operator, operator_options
from chatcore_cli.chatting.joining.address import invited
from chatcore_cli.chatting.showing.moments import moment_text
from chatcore_cli.hosting.inviting import code_for_terminal
from chatcore_cli.saying.out import tell
from chatcore_cli.saying.refusals import reason
from chatcore_cli.saying.texts import _, ngettext
from chatcore_cli.settings.options import NumberOption, WholeNumber
from chatcore_cli.settings.sources import SettingsCommand, setting_name

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

    name = _("time")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds, or say what it could be."""
        seconds = value if isinstance(value, int) else seconds_of(str(value))
        if seconds is None or seconds < 1:
            self.fail(_("{value!r} is no time like 30m, 2h or 7d.").format(value=str(value)), param, ctx)
        return seconds


@click.command(
    "invite",
    cls=SettingsCommand,
    help=_("Make a link that lets people into the server at URL, as an operator."),
    epilog=_EXAMPLES,
)
@click.argument("url")
@click.option(
    "--uses",
    cls=NumberOption,
    type=WholeNumber(1, 10_000),
    default=1,
    show_default=True,
    help=_("How many logins the invitation is good for."),
)
@click.option("--for", "lasts", type=_Span(), help=_("For how long, like 30m, 2h or 7d; for ever when left out."))
@click.option("--room", metavar=_("NAME"), help=_("Room that it leads to; the lobby when left out."))
@click.option("--list", "listed", is_flag=True, help=_("List the invitations that there are instead."))
@click.option(
    "--revoke",
    cls=NumberOption,
    type=WholeNumber(0),
    help=_("Take back the invitation with that number instead."),
)
@operator_options
def command(
    *, operator: Operator, uses: int, lasts: int | None, room: str | None, listed: bool, revoke: int | None
) -> int:
    """Make an invitation, list them, or take one back."""
    instead = "--list" if listed else "--revoke" if revoke is not None else None
    if instead is not None:
        _refuse_beside(click.get_current_context(), instead)

    async def do(client: Client) -> list[str]:
        if listed:
            return [_line(each) for each in await client.list_invitations()]
        if revoke is not None:
            await client.revoke_invitation(revoke)
            return []
        room_links(client, operator.known_servers, room=room or "")  # which there may not be: then nobody is invited
        made = await client.make_invitation(uses, seconds=lasts, room=room)
        links = room_links(client, operator.known_servers, room=room or "", token=made.token)
        if leads_here(invited(links[-1]).url):
            tell(
                _(
                    "These links lead to this computer, so nobody else can follow them. Make them with the address "
                    "under which others reach the server, as URL."
                )
            )
            return [*links, _line(made.invitation)]
        return [*links, *code_for_terminal(links[0]), _line(made.invitation)]

    return operator.ask(do, lambda error: reason(error, name=room or ""))


def _refuse_beside(ctx: click.Context, instead: str) -> None:
    """Refuse what would have no effect beside an option: whoever typed it believes that it has one."""
    for parameter in ctx.command.params:
        option = f"--{setting_name(parameter)}"
        typed = ctx.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
        if typed and option != instead and option in ("--revoke", "--uses", "--for", "--room"):
            why = Sentence("{option} says otherwise", option=instead)
            raise ConfigurationError("{option} is of no use: {why}.", option=option, why=why)


def _line(invitation: InvitationSummary) -> str:
    """Return what an invitation is good for."""
    return ", ".join(_parts(invitation))


def _parts(invitation: InvitationSummary) -> Iterator[str]:
    left = ngettext("{number}: {left} login", "{number}: {left} logins", invitation.left)
    yield left.format(number=invitation.number, left=invitation.left)
    if invitation.room:
        yield _("to {room}").format(room=safe_name(invitation.room))
    if invitation.until is not None:
        yield _("until {time}").format(time=moment_text(invitation.until))
    yield _("by {name}").format(name=safe_name(invitation.by))
