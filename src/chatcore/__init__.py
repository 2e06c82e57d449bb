"""Chat rooms as a library and a server: a pure core, and transports, dialects and stores around it.

::

    from chatcore import connect, run


    async def main() -> None:
        async with connect("ws://127.0.0.1:8765", username="alice") as chat:
            await chat.send("hello")
            async for event in chat:
                print(event)


    run(main())

=====================================  ==================================================================
`connect`, `Client`                    be a user: say something, hear what is said, exchange files
`run`                                  run such a program, which logs out when it is ended by a signal
`Bot`, `Message`, `PerRoom`            answer commands
`ChatServer`, `Listen`, `Limits`       run a server inside a program
`chatcore.testing`                     test all that without a network and without waiting
`MessagePosted`, `Welcomed`, ...       events: what a client tells (all of them: `chatcore.events`)
`RequestRefused`, ...                  errors, all of them `ChatcoreError` (which is which: `chatcore.errors`)
`chatcore.commands`                    what `Client.post` takes: `SendMessage`, `SendDirect`, `SendBroadcast`
`chatcore.ports`                       what a transport or a store of one's own has to be
=====================================  ==================================================================

Each has a help text that is enough to use it: `help(chatcore.connect)`. Importing this package loads no event loop and
no adapter: what is offered here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chatcore.version import VERSION as __version__

if TYPE_CHECKING:
    from chatcore.aio.client import Client as Client
    from chatcore.aio.client import connect as connect
    from chatcore.aio.running import run as run
    from chatcore.aio.server import ChatServer as ChatServer
    from chatcore.aio.server import Listen as Listen
    from chatcore.bots.bot import Bot as Bot
    from chatcore.bots.message import Message as Message
    from chatcore.bots.per_room import PerRoom as PerRoom
    from chatcore.errors import (
        CertificateChanged as CertificateChanged,
    )
    from chatcore.errors import (
        ChatcoreError as ChatcoreError,
    )
    from chatcore.errors import (
        ConfigurationError as ConfigurationError,
    )
    from chatcore.errors import (
        ConnectionClosed as ConnectionClosed,
    )
    from chatcore.errors import (
        ConnectionFailed as ConnectionFailed,
    )
    from chatcore.errors import (
        FileError as FileError,
    )
    from chatcore.errors import (
        LoginRefused as LoginRefused,
    )
    from chatcore.errors import (
        RequestRefused as RequestRefused,
    )
    from chatcore.errors import (
        UntrustedCertificate as UntrustedCertificate,
    )
    from chatcore.events import (
        BroadcastPosted as BroadcastPosted,
    )
    from chatcore.events import (
        ConnectionLost as ConnectionLost,
    )
    from chatcore.events import (
        DirectPosted as DirectPosted,
    )
    from chatcore.events import (
        Dismissed as Dismissed,
    )
    from chatcore.events import (
        FileFailed as FileFailed,
    )
    from chatcore.events import (
        FileOffered as FileOffered,
    )
    from chatcore.events import (
        FileProgressed as FileProgressed,
    )
    from chatcore.events import (
        FileReceived as FileReceived,
    )
    from chatcore.events import (
        FileSent as FileSent,
    )
    from chatcore.events import (
        GapFound as GapFound,
    )
    from chatcore.events import (
        MessagePosted as MessagePosted,
    )
    from chatcore.events import (
        PresenceChanged as PresenceChanged,
    )
    from chatcore.events import (
        ReactionChanged as ReactionChanged,
    )
    from chatcore.events import (
        RoomEntered as RoomEntered,
    )
    from chatcore.events import (
        RoomModerated as RoomModerated,
    )
    from chatcore.events import (
        RoomsChanged as RoomsChanged,
    )
    from chatcore.events import (
        SendAcknowledged as SendAcknowledged,
    )
    from chatcore.events import (
        SendRefused as SendRefused,
    )
    from chatcore.events import (
        TransportChosen as TransportChosen,
    )
    from chatcore.events import (
        UserRenamed as UserRenamed,
    )
    from chatcore.events import (
        Welcomed as Welcomed,
    )
    from chatcore.limits import Limits as Limits


_HOMES = {
    "chatcore.bots.bot": ("Bot",),
    "chatcore.bots.message": ("Message",),
    "chatcore.bots.per_room": ("PerRoom",),
    "chatcore.aio.client": ("Client", "connect"),
    "chatcore.aio.running": ("run",),
    "chatcore.aio.server": ("ChatServer", "Listen"),
    "chatcore.errors": (
        "CertificateChanged",
        "ChatcoreError",
        "ConfigurationError",
        "ConnectionClosed",
        "ConnectionFailed",
        "FileError",
        "LoginRefused",
        "RequestRefused",
        "UntrustedCertificate",
    ),
    "chatcore.events": (
        "BroadcastPosted",
        "ConnectionLost",
        "DirectPosted",
        "Dismissed",
        "FileFailed",
        "FileOffered",
        "FileProgressed",
        "FileReceived",
        "FileSent",
        "GapFound",
        "MessagePosted",
        "PresenceChanged",
        "ReactionChanged",
        "RoomEntered",
        "RoomModerated",
        "RoomsChanged",
        "SendAcknowledged",
        "SendRefused",
        "TransportChosen",
        "UserRenamed",
        "Welcomed",
    ),
    "chatcore.limits": ("Limits",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604 - the names of _HOMES, written once
    "__version__",
    *_HOME,
]


def __getattr__(name: str) -> Any:
    """Load what is asked for from its module (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module 'chatcore' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
