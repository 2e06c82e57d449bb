"""What a bot passes on to `connect`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypedDict

from chatcore.ports.file_store import FileStore
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.session_store import SessionStore
from chatcore.ports.transport import ConnectOptions, Transport


class BotOptions(TypedDict, total=False):
    """The arguments of `chatcore.connect` that a bot takes too; its help says what they are."""

    password: str | None
    account_password: str | Callable[[], Awaitable[str]] | None
    account: str | None
    invitation: str | None
    operator_token: str | None
    client_id: str | None
    reconnect: bool
    repeat_private: bool
    options: ConnectOptions | None
    known_servers: KnownServers | None
    files: FileStore | None
    sessions: SessionStore | None
    transport: Transport | None
    dialect: str | None
