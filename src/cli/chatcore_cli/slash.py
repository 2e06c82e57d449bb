"""The slash commands in the words of the terminal; their grammar is `chatcore.text.slash`."""

from __future__ import annotations

from typing import Final

from chatcore.text import slash
from chatcore.text.slash import AnswerFile, Help, Parsed, SendPath, complete
from chatcore_cli.texts import N_, _

__all__ = ["ABOUT", "AnswerFile", "Help", "NotUnderstoodError", "Parsed", "SendPath", "complete", "help_lines", "parse"]

ABOUT: Final[dict[slash.SlashName, tuple[str, str]]] = {
    "nick": (N_("/nick NAME"), N_("take another name")),
    "who": (N_("/who"), N_("see who is in this room")),
    "whois": (N_("/whois NAME"), N_("see where a user is, over what, since when, and how long silent")),
    "msgall": (N_("/msgall TEXT"), N_("say something to everyone connected")),
    "msg": (N_("/msg NAME[,NAME...] TEXT"), N_("say something to some users only, wherever they are")),
    "list": (N_("/list"), N_("see all users and their rooms")),
    "rooms": (N_("/rooms"), N_("see all rooms")),
    "create": (N_("/create ROOM"), N_("create a room and enter it")),
    "join": (N_("/join ROOM"), N_("enter a room, and leave this one")),
    "leave": (N_("/leave"), N_("go back to the lobby")),
    "history": (N_("/history [N]"), N_("see the last messages of this room again, 20 or N of them")),
    "send": (N_("/send NAME[,NAME...] FILE"), N_("offer a file to some users; * for everyone in this room")),
    "accept": (N_("/accept [FILE-ID]"), N_("receive a file that is offered")),
    "decline": (N_("/decline [FILE-ID]"), N_("turn a file down")),
    "cancel": (N_("/cancel [FILE-ID]"), N_("end what is on its way, or take an offer back")),
    "help": (N_("/help"), N_("see this list")),
    "quit": (N_("/quit"), N_("log out; Ctrl-D does the same")),
}
"""How each command is written, and what it does."""


class NotUnderstoodError(Exception):
    """A command that cannot be carried out as typed; the text is a hint for whoever typed it."""


def parse(line: str, *, room: str) -> Parsed | None:
    """Return what `chatcore.text.slash.parse` does. Raises `NotUnderstoodError`."""
    try:
        return slash.parse(line, room=room)
    except slash.NotUnderstood as error:
        raise NotUnderstoodError(_hint(error)) from None


def _hint(error: slash.NotUnderstood) -> str:
    if error.code == "usage":
        usage = next(usage for name, (usage, _about) in ABOUT.items() if name == error.name)
        return _("This is how to write it: {usage}").format(usage=_(usage))
    if error.close is not None:
        return _("There is no command /{name}. Did you mean /{close}? /help lists them all.").format(
            name=error.name, close=error.close
        )
    return _("There is no command /{name}. /help lists them all; // begins a message with a slash.").format(
        name=error.name
    )


def help_lines() -> list[str]:
    """Return the list of commands, as lines."""
    width = max(len(_(usage)) for usage, _about in ABOUT.values())
    lines = [f"{_(usage):<{width}}  {_(about)}" for usage, about in ABOUT.values()]
    return [*lines, _("Anything else is a message to the room; // begins one with a slash.")]
