"""Says what became of what somebody asked for, for the terminal and the filter alike."""

from __future__ import annotations

from typing import Final

from chatcore import commands as c
from chatcore.errors import RequestRefused
from chatcore.events import SendRefused
from chatcore.text.safe_text import safe_name
from chatcore.text.slash import AnswerFile, ChangeLast, SendPath, SlashName
from chatcore.text.telling import name_asked
from chatcore_cli.run_state import EXIT_REFUSED
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.refusals import TYPED, Advice, reason
from chatcore_cli.saying.texts import _, ngettext

# What is typed for a command.
_SLASHES: Final[dict[type, SlashName]] = {
    c.Rename: "nick",
    c.RegisterAccount: "register",
    c.Identify: "identify",
    c.WhoIs: "whois",
    c.ListRooms: "rooms",
    c.ListUsers: "list",
    c.CreateRoom: "create",
    c.JoinRoom: "join",
    c.ReadHistory: "history",
    c.LeaveRoom: "leave",
    c.SendDirect: "msg",
    c.SendBroadcast: "msgall",
    c.SetTopic: "topic",
    c.SetRole: "op",
    c.KickUser: "kick",
    c.BanUser: "ban",
    c.UnbanUser: "unban",
    c.MuteUser: "mute",
    c.UnmuteUser: "unmute",
    c.InviteUser: "invite",
    c.SetPrivate: "private",
    c.SetSlow: "slow",
    c.CloseRoom: "close",
    c.ListBans: "bans",
    c.Search: "search",
    SendPath: "send",
}


def why_refused(
    refusal: RequestRefused | SendRefused,
    asked: c.Command | ChangeLast | SendPath | AnswerFile | None,
    advice: Advice = TYPED,
) -> str:
    """Return why a server refused what was asked, with the names that were asked for."""
    name = name_asked(asked)
    if isinstance(asked, SendPath) and len(asked.to) == 1:
        name = asked.to[0]
    slash = _SLASHES.get(type(asked))
    if isinstance(asked, c.ListUsers) and asked.room is not None:
        slash = "who"
    return reason(refusal, name=name, asked="" if slash is None else f"/{slash}", advice=advice)


def told_when_done(asked: object, username: str) -> str | None:
    """Return what there is to say once something was done that is not to be seen otherwise; None for nothing."""
    match asked:
        case c.RegisterAccount():
            return _("{name} is yours from now on: whoever wants the name has to say your password.").format(
                name=safe_name(username)
            )
        case c.Identify(account=account):
            return _("You have shown that {name} is yours.").format(name=safe_name(account or username))
    return None


def tell_left(unsent: int, undone: int) -> int:
    """Say what comes to nothing as its user leaves; returns the exit code for it.

    Args:
        unsent: how many messages did not go out.
        undone: how many commands nobody has answered.
    """
    if unsent:
        text = ngettext("{count} message was not sent.", "{count} messages were not sent.", unsent)
        complain(text.format(count=unsent))
    if undone:
        text = ngettext("{count} command was not carried out.", "{count} commands were not carried out.", undone)
        complain(text.format(count=undone))
    return EXIT_REFUSED if unsent or undone else 0
