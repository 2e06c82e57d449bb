"""`chatcore admin`: look after a server that runs, through the protocol that everybody speaks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from secrets import token_urlsafe
from typing import Final

import click
from click.core import ParameterSource

from chatcore import events as e
from chatcore.aio.asking import ask
from chatcore.aio.client import Client
from chatcore.commands import (
    BanUser,
    Command,
    DrainServer,
    DropAccount,
    KickUser,
    ListActs,
    ListLimits,
    ListUsers,
    MuteUser,
    ReloadSettings,
    ResetAccount,
    SendBroadcast,
)
from chatcore.errors import ConfigurationError, ErrorCode, RequestRefused, Sentence
from chatcore.ports.network_address import parse_network
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name, safe_text
from chatcore.text.slash import NOT_UNDERSTOOD, SLASHES, NotUnderstood, parse
from chatcore.text.telling import room_sentences
from chatcore_cli.chatting.as_operator import Operator, operator_options
from chatcore_cli.chatting.showing.moments import moment_text
from chatcore_cli.chatting.showing.outcomes import why_refused
from chatcore_cli.chatting.showing.render import Renderer, plain
from chatcore_cli.saying.refusals import AS_OPERATOR
from chatcore_cli.saying.texts import _, ngettext, told, whole
from chatcore_cli.settings.sources import SettingsCommand

_PASSWORD_BYTES: Final = 9

# What is typed for what: the rest is as in the terminal.
_SLASHES: Final = {"announce": "msgall"}
_ACTIONS: Final = (
    "who", "rooms", "topic", "kick", "ban", "unban", "bans", "mute", "unmute", "op", "deop",
    "private", "invite", "slow", "close", "announce", "audit", "register", "reset", "unregister",
    "limits", "reload", "drain",
)  # fmt: skip
_PLAIN: Final[dict[str, Command]] = {
    "audit": ListActs(),
    "limits": ListLimits(),
    "reload": ReloadSettings(),
    "drain": DrainServer(),
}
# How those are written that the terminal does not have, or has with fewer words.
_USAGES: Final = {
    "who": Sentence("who [ROOM]"),
    "register": Sentence("register NAME"),
    "reset": Sentence("reset NAME"),
    "unregister": Sentence("unregister NAME"),
}
# What is done to the server, whatever room there is.
_EVERYWHERE: Final = frozenset({*_PLAIN, "rooms", "announce", "register", "reset", "unregister"})
_NOT_IN_A_ROOM: Final = Sentence("it is done to the whole server")
_EXAMPLES: Final = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore admin ws://127.0.0.1:8765 --token-file operators.token who
  chatcore admin ws://127.0.0.1:8765 --token-file operators.token ban bob +address 2h spam
  chatcore admin ws://127.0.0.1:8765 --token-file operators.token --room python close
  chatcore admin ws://127.0.0.1:8765 --token-file operators.token audit""",
        _(
            "What is done is written like the command of the same name in the terminal; without --room it is done to "
            "the lobby, and that is to the whole server. who and rooms list users and rooms, announce says something "
            "to everyone, audit lists what was done in all rooms. register makes an account for a name and shows its "
            "password, reset gives an account that is there another one. unregister lets a name belong to nobody any "
            "more. limits lists what is allowed; reload has the server read its settings and certificates again, "
            "like SIGHUP; drain has it take nobody new, and end."
        ),
    )
)


@click.command(
    "admin",
    cls=SettingsCommand,
    help=_("Look after the server at URL as an operator: ACTION is one of {actions}.").format(
        actions=", ".join(_ACTIONS)
    ),
    epilog=_EXAMPLES,
    context_settings={"ignore_unknown_options": False},
)
@click.argument("url")
@click.argument("action", type=click.Choice(_ACTIONS), metavar=_("ACTION"))
@click.argument("words", nargs=-1, metavar=_("[WORDS]..."))
@click.option("--room", metavar=_("NAME"), help=_("Room that it is done to; the lobby when left out."))
@operator_options
def command(*, operator: Operator, action: str, words: tuple[str, ...], room: str | None) -> int:
    """Do one thing."""
    said = click.get_current_context().get_parameter_source("room") is ParameterSource.COMMANDLINE
    if said and action in _EVERYWHERE:
        raise ConfigurationError("{option} is of no use: {why}.", option="--room", why=_NOT_IN_A_ROOM)
    line = " ".join(words)
    asked = _asked(action, line, room)  # what cannot be meant is said at once

    async def do(client: Client) -> list[str]:
        return [each async for each in _lines(client, _asked(action, line, room, client.room))]

    return operator.ask(do, lambda error: why_refused(error, asked, AS_OPERATOR))


def _asked(action: str, words: str, room: str | None, here: str = "") -> Command:
    """Return what is asked for. Raises `ConfigurationError`.

    Args:
        action: what to do.
        words: what is said behind it.
        room: that it is to be done to, where one is named.
        here: the room that it is done to otherwise.
    """
    asked = _meant(action, words, room, here)
    if asked is None:
        form = NOT_UNDERSTOOD["usage"]
        why = whole(Sentence(form.text, usage=_usage(action)))
        raise ConfigurationError("{action}: {why}", action=action, why=why)
    return asked


def _meant(action: str, words: str, room: str | None, here: str) -> Command | None:
    """Return what is asked for; None when something is missing or too much."""
    if action in _PLAIN:
        return None if words else _PLAIN[action]
    if action == "who":
        return None if " " in words or (words and room is not None) else ListUsers(words or room)
    if action in ("register", "reset", "unregister"):
        if not words or " " in words:
            return None
        return DropAccount(words) if action == "unregister" else ResetAccount(words, new=action == "register")
    try:
        asked = parse(f"/{_SLASHES.get(action, action)} {words}", room=room or here)
    except NotUnderstood:
        return None
    assert isinstance(asked, Command)
    return asked


def _usage(action: str) -> str:
    """Return how something is written here."""
    if action in _PLAIN:
        return action
    if action in _USAGES:
        return told(_USAGES[action])
    name = _SLASHES.get(action, action)
    return told(SLASHES[name].usage).replace(f"/{name}", action)


async def _lines(client: Client, asked: Command) -> AsyncIterator[str]:
    """Carry out what is asked for, and yield what there is to say of it."""
    match asked:
        case ListActs():
            for act in await client.list_acts():
                said = room_sentences.happened(act.event, moment_text)
                if said is not None:
                    yield f"{moment_text(act.at)} {safe_text(act.address) or '-'} {whole(said)}"
        case ListUsers(room=room):
            for user in await client.list_users(room):
                yield f"{safe_name(user.name)} {safe_name(user.room)} {safe_text(user.address or '')}".rstrip()
        case ListLimits():
            for name, value in (await client.list_limits()).items():
                yield f"{safe_text(str(name))} = {safe_text(json.dumps(value))}"
        case ReloadSettings():
            if late := await client.reload():
                text = _("What has changed of these counts from the next start of the server on: {settings}")
                yield text.format(settings=safe_text(", ".join(late)))
        case DrainServer():
            await client.drain()
        case SendBroadcast():
            await client.broadcast(asked.text)
        case ResetAccount(username=name, new=new):
            password = token_urlsafe(_PASSWORD_BYTES)
            await client.reset_account(name, password, new=new)
            yield _("The password of {name} is now: {password}").format(name=safe_name(name), password=password)
        case DropAccount(username=name):
            await client.drop_account(name)
        case _:
            async for line in _acted(client, asked):
                yield line


async def _acted(client: Client, asked: Command) -> AsyncIterator[str]:
    """Do what is written as in the terminal, and yield what is answered, and what whoever does it should know."""
    hint = await _of_nobody(client, asked.username) if isinstance(asked, BanUser | MuteUser) else None
    for line in _told(Renderer(), await ask(client, asked)):
        yield line
    if isinstance(asked, BanUser | KickUser):
        async for line in _still_open(client, asked.room or client.room):
            yield line
    if hint is not None:
        yield hint


async def _of_nobody(client: Client, name: str) -> str | None:
    """Return that nobody has a name, which may be mistyped then; None when somebody has, or when it is an address."""
    if parse_network(name):
        return None
    try:
        await client.whois(name)
    except RequestRefused as error:
        if error.code == ErrorCode.NO_SUCH_USER:
            text = _("Nobody is called {name} now: it is for whoever will be, and for names that look like it.")
            return text.format(name=safe_name(name))
    return None


async def _still_open(client: Client, room: str) -> AsyncIterator[str]:
    """Yield which invitations whoever was put out could come back by, as somebody else."""
    key = name_key(room)
    lasting = [
        str(each.number)
        for each in await client.list_invitations()
        if key in (name_key(client.room), name_key(each.room))
    ]
    if lasting:
        yield ngettext(
            "Invitation {numbers} still lets people in, also somebody who was put out and takes another name and "
            "another program; chatcore invite --revoke takes it back.",
            "Invitations {numbers} still let people in, also somebody who was put out and takes another name and "
            "another program; chatcore invite --revoke takes them back.",
            len(lasting),
        ).format(numbers=", ".join(lasting))


def _told(renderer: Renderer, answer: e.ClientEvent | None) -> Iterator[str]:
    if answer is not None:
        for line in renderer.lines(answer):
            yield plain(line).removeprefix("* ")
