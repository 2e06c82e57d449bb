"""A password that is typed for a command: in a line of its own, and a new one twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeGuard

from chatcore.commands import Identify, RegisterAccount
from chatcore.errors import ErrorCode, RequestRefused, Sentence
from chatcore_cli.saying.texts import _


def lacks_password(command: object) -> TypeGuard[RegisterAccount | Identify]:
    """Tell whether a command needs a password that was not typed with it."""
    return isinstance(command, RegisterAccount | Identify) and command.password is None


class TypedPassword:
    """What the next line is the password for, if it is one.

    Args:
        complain: says what is wrong with what was typed.
    """

    def __init__(self, complain: Callable[[str], None]) -> None:
        self._complain = complain
        self._command: RegisterAccount | Identify | None = None

    @property
    def question(self) -> str:
        """What to ask for; empty when the next line is no password."""
        if self._command is None:
            return ""
        return _("Password: ") if self._command.password is None else _("The same once more: ")

    def ask_for(self, command: RegisterAccount | Identify, server: Mapping[str, object]) -> None:
        """Take the next line for the password of a command.

        Raises `RequestRefused` when it would be for nothing: what the `server` says of itself names no accounts.
        """
        if "accounts" not in server:
            raise RequestRefused(ErrorCode.FORBIDDEN, Sentence("this server takes no passwords of accounts"))
        self._command = command

    def give_up(self) -> None:
        """Take the next line for no password."""
        self._command = None

    def typed(self, password: str) -> RegisterAccount | Identify | None:
        """Return what is to be carried out with it; None while it is asked for again, or for nothing."""
        command, self._command = self._command, None
        if command is None or not password:
            return None
        if isinstance(command, RegisterAccount) and command.password is None:
            self._command = replace(command, password=password)
            return None
        if command.password not in (None, password):
            self._complain(_("These were two different ones; /register asks again."))
            return None
        return replace(command, password=password)
