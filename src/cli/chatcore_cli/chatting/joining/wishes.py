"""What a user of `chatcore connect` wants, whatever comes of it: a terminal or a filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chatcore.aio.client import Client, connect
from chatcore.aio.signals import END, is_hung_up_on, on_signals
from chatcore.errors import ChatcoreError, ErrorCode
from chatcore.ports.file_store import FileStore
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.session_store import SessionStore
from chatcore.ports.transport import ConnectOptions
from chatcore_cli.chatting.joining.trust import failure_text
from chatcore_cli.saying.texts import _

TRY_ANOTHER_NAME: Final = frozenset({ErrorCode.NAME_TAKEN, ErrorCode.NAME_CONFUSABLE, ErrorCode.BAD_NAME})
"""Refusals of a login that another name may spare."""
LAST_ANSWERS: Final = 3.0
"""How long whoever leaves waits for the answers to what was asked last, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectWishes:
    """What a user of `chatcore connect` wants."""

    url: str
    username: str | None
    room: str | None
    retry_for: float | None
    """How many seconds to try to come back after a lost connection; None: without end."""
    options: ConnectOptions
    password: str | None = None
    """Of the server, if it has one and the user has said it."""
    account_password: str | None = None
    """Of the name, if it belongs to the user."""
    invitation: str | None = None
    """What lets in instead of the password of the server, as a link says it."""
    known_servers: KnownServers | None = None
    sessions: SessionStore | None = None
    """What keeps the session for the next run of the program."""
    files: FileStore
    """Where files come from, and go to."""
    accept_files: bool = False
    """Whether every file that is offered is received."""
    operator_token: str | None = None
    """What makes the user an operator."""
    for_people: bool = False
    """Whether somebody sits before a terminal that takes lines and nothing else."""

    def why_not(self, error: ChatcoreError) -> str:
        """Return what went wrong with the connection."""
        return failure_text(error, self.url, self.options.fingerprints)

    def why_lost(self, error: ChatcoreError) -> str:
        """Return what went wrong with it that nobody comes back from."""
        return _("The connection is lost for good: {why}").format(why=self.why_not(error))


async def connected(wishes: ConnectWishes, username: str) -> Client:
    """Return a client that is logged in. Raises as `connect` does."""
    return await connect(
        wishes.url,
        username=username,
        password=wishes.password,
        account_password=wishes.account_password,
        invitation=wishes.invitation,
        operator_token=wishes.operator_token,
        options=wishes.options,
        known_servers=wishes.known_servers,
        sessions=wishes.sessions,
        files=wishes.files,
    )


def leave_on_signals(leave: Callable[[int], None]) -> None:
    """Log out when the process is to end or its terminal is closed: else the name stays taken for a while.

    Args:
        leave: is called with the exit code that shells expect.
    """
    names = (*END, "SIGHUP") if is_hung_up_on() else END
    on_signals(names, lambda number: leave(128 + number))
