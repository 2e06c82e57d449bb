"""Carries out what a command asks of a connected client, for everything that people type into."""

from __future__ import annotations

from typing import Final

from chatcore import commands as c
from chatcore.aio.client import Client
from chatcore.errors import ErrorCode
from chatcore.events import BansListed, ClientEvent, HistoryRead, MessagePosted, Posted, RoomsListed, UsersListed
from chatcore.limits import HISTORY_MOST, PASSWORD_CHARS
from chatcore.text.names import name_key
from chatcore.text.reasons import refuse
from chatcore.text.slash import ChangeLast, ReactToLast, ReplyToLast

_LOOKED_AT: Final = 500
"""How far back the last message of somebody is looked for."""


async def ask(client: Client, command: c.Command | ChangeLast) -> ClientEvent | None:
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
        case c.ReadHistory(room=room, limit=count):
            return HistoryRead(room, "", await last_messages(client, room, count))
        case c.CreateRoom(room=room):
            await client.create(room)
        case c.JoinRoom(room=room):
            await client.join(room)
        case c.LeaveRoom():
            await client.leave()
        case c.Rename(username=username):
            await client.rename(username)
        case c.RegisterAccount(password=str(password)):
            await client.register(password)
        case c.Identify(password=str(password), account=account):
            await client.identify(password, account)
        case c.RegisterAccount() | c.Identify():
            shortest, longest = PASSWORD_CHARS
            raise refuse(ErrorCode.BAD_REQUEST, what="password", shortest=shortest, longest=longest)
        case c.ListBans(room=room):
            return BansListed(room or client.room, await client.list_bans(room))
        case c.Search():
            return await client.find(command)
        case ChangeLast():
            await _change_last(client, command)
        case _ if isinstance(command, c.Moderation):
            await client.moderate(command)
        case _:
            raise TypeError(f"{command!r} is not a request")
    return None


async def answer_to_last(client: Client, wanted: ReplyToLast) -> c.SendMessage:
    """Return what is to be said, by `client.post` say. Raises as `ask`."""
    return c.SendMessage(wanted.text or "", room=wanted.room, reply_to=await _last(client, wanted))


async def _change_last(client: Client, wanted: ChangeLast) -> None:
    seq = await _last(client, wanted)
    if isinstance(wanted, ReplyToLast):
        await client.send(wanted.text or "", reply_to=seq, room=wanted.room)
    elif isinstance(wanted, ReactToLast):
        await (client.unreact if wanted.back else client.react)(seq, wanted.emoji, room=wanted.room)
    elif wanted.text is None:
        await client.delete_message(seq, room=wanted.room)
    else:
        await client.edit_message(seq, wanted.text, room=wanted.room)


async def _last(client: Client, wanted: ChangeLast) -> int:
    """Return the seq of the message that is meant. Raises `RequestRefused` (`no_such_message`)."""
    meant = await _when_there(client, wanted)
    said = await last_messages(client, wanted.room, _LOOKED_AT)
    found = (each for each in reversed(said) if meant is None or each.text == meant)
    seq = next((each.seq for each in found if _is_wanted(each, wanted, client.username)), None)
    if seq is None:
        raise refuse(ErrorCode.NO_SUCH_MESSAGE)
    return seq


async def _when_there(client: Client, wanted: ChangeLast) -> str | None:
    """Return what the last message of the user says, once it is there or refused; None when it is there, or not meant.

    To change the one before it instead would be to change what was right.
    """
    if wanted.sender is None and isinstance(wanted, ReactToLast):
        return None  # that of whoever spoke last, which is there
    if name_key(wanted.sender or client.username) != name_key(client.username):
        return None
    waiting = [send.text for send in client.unsent.values() if isinstance(send, c.SendMessage)]
    if not waiting:
        return None
    await client.flush()
    return waiting[-1]


def _is_wanted(posted: Posted, wanted: ChangeLast, username: str) -> bool:
    """Tell whether a message is one of those of which the last one is meant."""
    if posted.deleted:
        return False
    if isinstance(wanted, ReactToLast):
        there = posted.reactions if isinstance(posted, MessagePosted) else ()
        if wanted.back and not any(each.mine and each.emoji == wanted.emoji for each in there):
            return False
        if wanted.sender is None:
            return True
    return name_key(posted.sender) == name_key(wanted.sender or username)


async def last_messages(client: Client, room: str, count: int, *, before: int | None = None) -> tuple[Posted, ...]:
    """Return the newest messages of a room (of those with a seq below `before`), oldest first. Raises as `ask`."""
    found: tuple[Posted, ...] = ()
    while len(found) < count:
        limit = min(count - len(found), HISTORY_MOST)
        page = await client.history(room, before=found[0].seq if found else before, limit=limit)
        if not page:
            break
        found = (*page, *found)
    return found
