"""Carries out what a command asks of a connected client, for everything that people type into."""

from __future__ import annotations

from chatcore import commands as c
from chatcore.aio.client import Client
from chatcore.events import ClientEvent, RoomsListed, UsersListed


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
