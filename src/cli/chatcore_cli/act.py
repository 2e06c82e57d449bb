"""Carries out what a command asks of a connected client, for the terminal and the filter alike."""

from __future__ import annotations

from typing import Final

from chatcore import commands as c
from chatcore.aio.client import Client
from chatcore.errors import ErrorCode, RequestRefused
from chatcore.events import ClientEvent, RoomsListed, SendRefused, UsersListed
from chatcore.text.slash import AnswerFile, SendPath, SlashName
from chatcore_cli.refusals import reason, receiver_in

# What is typed for a command.
_SLASHES: Final[dict[type, SlashName]] = {
    c.Rename: "nick",
    c.WhoIs: "whois",
    c.ListRooms: "rooms",
    c.ListUsers: "list",
    c.CreateRoom: "create",
    c.JoinRoom: "join",
    c.LeaveRoom: "leave",
    c.SendDirect: "msg",
    c.SendBroadcast: "msgall",
    SendPath: "send",
}


async def ask(client: Client, command: c.Command) -> ClientEvent | None:
    """Carry out a request, and return its answer unless that arrives among the events anyway.

    Raises:
        RequestRefused: the server refused it.
        ConnectionClosed: the client has ended.
    """
    match command:
        case c.ListRooms():
            return RoomsListed(await client.list_rooms())
        case c.ListUsers(room=room):
            return UsersListed(await client.list_users(room))
        case c.WhoIs(username=username):
            return await client.whois(username)
        case c.CreateRoom(room=room):
            await client.create(room)
        case c.JoinRoom(room=room):
            await client.join(room)
        case c.LeaveRoom():
            await client.leave()
        case c.Rename(username=username):
            await client.rename(username)
        case _:
            raise TypeError(f"{command!r} is not a request")
    return None


def why_refused(refusal: RequestRefused | SendRefused, asked: c.Command | SendPath | AnswerFile | None) -> str:
    """Return why a server refused what was asked, with the names that were asked for."""
    name = ""
    match asked:
        case c.Rename(username=name) | c.WhoIs(username=name) | c.CreateRoom(room=name) | c.JoinRoom(room=name):
            pass
        case c.SendDirect(to=to) | SendPath(to=to) if refusal.code == ErrorCode.NO_SUCH_USER:
            name = receiver_in(refusal.message, to)
    slash = _SLASHES.get(type(asked))
    if isinstance(asked, c.ListUsers) and asked.room is not None:
        slash = "who"
    return reason(refusal.code, refusal.message, name=name, asked="" if slash is None else f"/{slash}")
