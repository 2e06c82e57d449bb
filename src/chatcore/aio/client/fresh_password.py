"""A password that does not last, such as a signed token: the program is asked for one before each connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chatcore.aio.arguments import check_awaited, name_of
from chatcore.aio.tasks import end_within, spawn
from chatcore.client.session import ClientSession
from chatcore.errors import ConnectionFailed, Sentence
from chatcore.text.sendable import check_login


class FreshPassword:
    """Has a session log in with what its program gives, for as long as that is the account that it logs in to.

    Args:
        session: logs in.
        ask: returns the password of the session's account.
        patience: how long that may take, in seconds.

    Raises:
        TypeError: nothing that `ask` is can be awaited.
    """

    def __init__(self, session: ClientSession, ask: Callable[[], Awaitable[str]], patience: float) -> None:
        check_awaited("account_password", ask)
        self._session = session
        self._ask = ask
        self._patience = patience
        self._given = session.login

    async def renew(self) -> None:
        """Ask for it, unless the user has registered or identified with another one since.

        Raises `ConnectionFailed` when there is none at present, `LoginRefused` for one that cannot be sent.
        """
        session, account = self._session, self._given.account
        if session.login != self._given or account is None:
            return
        try:
            password = await self._asked()
        except OSError as error:
            why = error.strerror or str(error) or Sentence("it takes too long")
            raise ConnectionFailed("there is no password to log in with: {why}", why=why) from error
        if not isinstance(password, str):
            what = type(password).__name__
            raise TypeError(f"{name_of(self._ask)}, the account_password, has to give str, and gave {what}")
        check_login(session.username, session.client, account=(account, password))
        session.owns(account, password)
        self._given = session.login

    async def _asked(self) -> object:
        """Return what the program gives. Raises TimeoutError; what does not even end when it is cancelled is let go."""

        async def ask() -> object:
            return await self._ask()

        asked = spawn(ask(), name="account_password")
        asked.add_done_callback(_settle)
        if await end_within(self._patience, [asked]):
            raise TimeoutError
        return asked.result()


def _settle(asked: asyncio.Task[object]) -> None:
    if not asked.cancelled():
        asked.exception()  # what comes of it when nobody waits any more is nobody's
