"""Logging in by passwords that the user is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from chatcore.aio.client import Client
from chatcore.errors import ErrorCode, LoginRefused
from chatcore.text.reasons import WHAT
from chatcore.text.safe_text import safe_name
from chatcore_cli.chatting.joining.wishes import ConnectWishes, connected
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.refusals import login_reason
from chatcore_cli.saying.texts import _

ASKS_OWN_PASSWORD: Final = frozenset({ErrorCode.NAME_REGISTERED, ErrorCode.NOT_IDENTIFIED, ErrorCode.ACCOUNT_REQUIRED})
"""Refusals of a login that the password of an account may spare."""


class AskingLogin:
    """Logs in, and asks for each password that is missing or wrong.

    Args:
        wishes: what the user wants.
        ask: returns what is typed, not shown, for a question.
    """

    def __init__(self, wishes: ConnectWishes, ask: Callable[[str], Awaitable[str]]) -> None:
        self._wishes = wishes
        self._ask = ask

    async def connected(self, name: str) -> Client:
        """Return a client that is logged in by this name. Raises as `connect` does.

        A refusal in `ASKS_OWN_PASSWORD` is raised only when no password was typed, and has been told.
        """
        while True:
            try:
                return await connected(self._wishes, name)
            except LoginRefused as error:
                if error.code == ErrorCode.WRONG_PASSWORD:
                    if self._wishes.password is not None:
                        complain(login_reason(error, name))
                    password = await self._ask(_("Password of the server: "))
                    self._wishes = replace(self._wishes, password=password)
                elif error.code in ASKS_OWN_PASSWORD:
                    complain(login_reason(error, name))
                    own = await self._own_password(name, twice=_makes_account(error))
                    self._wishes = replace(self._wishes, account_password=own or None)
                    if not own:
                        raise
                else:
                    raise

    async def _own_password(self, name: str, *, twice: bool) -> str:
        while True:
            own = await self._ask(_("Password of {name}: ").format(name=safe_name(name)))
            if not own or not twice or own == await self._ask(_("The same once more: ")):
                return own
            complain(_("These were two different ones."))


def _makes_account(error: LoginRefused) -> bool:
    """Tell whether a login was refused that makes an account: nobody sees the password, so it is asked for twice."""
    return error.code == ErrorCode.ACCOUNT_REQUIRED and error.values.get(WHAT) == "invited"
