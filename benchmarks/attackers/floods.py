"""Floods: one kind of request again and again, over every transport and in every dialect."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any, Final

from attackers.quic_user import QuicUser
from attackers.users import FLOODS, Attack, Frame, Place, User, crowd, everybody_floods

REQUESTS: Final[dict[str, Frame]] = {
    "login": {"username": "a0"}, "create_room": {"room": "attacked"}, "join_room": {"room": "attacked"},
    "leave_room": {}, "send_message": {"text": "x"}, "send_direct": {"to": ["a0"], "text": "x"},
    "broadcast": {"text": "x"},
    "list_rooms": {}, "list_users": {}, "whois": {"username": "a0"}, "rename": {"username": "a0"},
    "history": {"room": "attacked", "limit": 200}, "ping": {}, "pong": {},
    "register": {"password": "not the right one"}, "identify": {"password": "not the right one"},
    "reset_account": {"username": "a0", "password": "another one"},
    "drop_account": {"username": "a0"}, "make_invitation": {}, "revoke_invitation": {"number": 1},
    "list_invitations": {}, "set_topic": {"topic": "x"}, "set_role": {"username": "a0", "role": "owner"},
    "kick": {"username": "a1"}, "ban": {"username": "nobody"}, "unban": {"username": "nobody"},
    "mute": {"username": "nobody"}, "unmute": {"username": "nobody"}, "invite": {"username": "a0"},
    "set_private": {"private": True}, "set_slow": {"seconds": 0}, "close_room": {}, "list_bans": {},
    "delete_message": {"seq": 1}, "edit_message": {"seq": 1, "text": "y"}, "operator": {"token": "x" * 32},
    "list_acts": {}, "list_limits": {}, "reload": {}, "drain": {}, "read": {"seq": 1},
    "react": {"seq": 1, "emoji": "\U0001f44d"},
    "unreact": {"seq": 1, "emoji": "\U0001f44d"}, "search": {"words": "short"},
    "file_offer": {"room": True, "name": "a", "size": 1, "sha256": "ab" * 32}, "file_accept": {"file": "none"},
    "file_decline": {"file": "none"}, "file_cancel": {"file": "none"}, "file_done": {"file": "none"},
    "file_error": {"file": "none", "code": "disk"}, "file_credit": {"transfer": 1, "upto": 1},
    "file_chunk": {"transfer": 1, "offset": 0, "bytes": "AAAA"}, "file_ticket": {}, "file_attach": {"ticket": "none"},
    "file_way": {"second": True}, "no_such_type": {},
}  # fmt: skip
"""Every kind that a client may send on and on: `logout` ends the connection, which another attack does."""


def _flood(name: str, kind: str, connections: int, sources: int, user: type[User] = User) -> None:
    async def run(place: Place) -> None:
        async with crowd(place, connections, sources=sources, kind=user) as users:
            for each in users:
                await each.enter("attacked")
            users[0].send(type="send_message", text="short")
            await everybody_floods(users, place, {"type": kind, **REQUESTS[kind]})

    FLOODS.append(Attack(name, run))


for _addresses in (1, 50):
    for _kind in REQUESTS:
        _flood(f"flood of {_kind} from {_addresses} addresses", _kind, _addresses, _addresses)
for _connections in (1, 10):
    for _kind in REQUESTS:
        _flood(f"quic: flood of {_kind} from {_connections} connections", _kind, _connections, 2, QuicUser)


def _as_line(**frame: Any) -> bytes:
    return json.dumps(frame).encode() + b"\n"


LOGINS: Final[dict[str, Callable[[str], bytes]]] = {
    "chat": lambda name: _as_line(type="login", username=name),
    "simple-json": lambda name: _as_line(type="login", username=name) + _as_line(action="login", username=name),
    "simple-text": lambda name: name.encode() + b"\n",
}
LINES: Final[dict[str, dict[str, bytes]]] = {
    "chat": {kind: _as_line(type=kind, **fields) for kind, fields in REQUESTS.items()},
    "simple-json": {
        "messages": _as_line(type="message", message="x") + _as_line(action="message", content="x"),
        "no object": b"{{{{\n",
        "something else": _as_line(a=[[[[1]]]]),
    },
    "simple-text": {
        "messages": b"hello\n",
        "private messages": b"/msg good hello\n",
        "lists": b"/list\n",
        "no such command": b"/nonsense\n",
        "long lines": b"x" * 9000 + b"\n",
    },
}
"""What may be sent on and on over TCP, by dialect."""


def _flood_of_lines(dialect: str, kind: str, addresses: int) -> None:
    async def flood(place: Place, number: int) -> None:
        source = (f"127.0.0.{1 + number}", 0)
        reader, writer = await asyncio.open_connection(place.host, place.ports[dialect], local_addr=source)
        name = chr(ord("a") + number % 26) + chr(ord("a") + number // 26) + "x"
        writer.write(LOGINS[dialect](name))
        lines = LINES[dialect][kind]
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(place.seconds), asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(_read_away(reader))
                while not reading.done():
                    writer.write(lines * max(1, 4096 // len(lines)))
                    await writer.drain()
                    await asyncio.sleep(0)
        writer.transport.abort()

    async def run(place: Place) -> None:
        await asyncio.gather(*(flood(place, number) for number in range(addresses)))

    FLOODS.append(Attack(f"{dialect} over tcp: flood of {kind} from {addresses} addresses", run))


async def _read_away(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(2**18):
            pass


for _addresses in (1, 50):
    for _dialect, _kinds in LINES.items():
        for _kind in _kinds:
            _flood_of_lines(_dialect, _kind, _addresses)
