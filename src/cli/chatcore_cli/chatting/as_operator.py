"""Asking a server something as an operator, once: what `chatcore admin` and `chatcore invite` have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from secrets import token_hex
from typing import Any, Final

import click

from chatcore.aio.client import Client, Connecting, connect
from chatcore.aio.routes import pins_for
from chatcore.aio.running import run
from chatcore.errors import (
    ConfigurationError,
    ConnectionClosed,
    ConnectionFailed,
    ErrorCode,
    LoginRefused,
    RequestRefused,
)
from chatcore.ports.transport import ConnectOptions
from chatcore.text.reasons import usable
from chatcore_cli.chatting.joining.address import invited
from chatcore_cli.chatting.joining.trust import TellingKnownServers, failure_text
from chatcore_cli.run_state import EXIT_NOT_CONNECTED, EXIT_REFUSED
from chatcore_cli.saying.out import complain, say
from chatcore_cli.saying.refusals import login_reason, reason
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.operators import token_in
from chatcore_cli.settings.options import log_level_option, state_dir_option, trust_options
from chatcore_cli.settings.passwords import password_in
from chatcore_cli.settings.paths import FILE
from chatcore_cli.settings.sources import origin

_TAKEN: Final = (ErrorCode.NAME_TAKEN, ErrorCode.NAME_REGISTERED, ErrorCode.NAME_CONFUSABLE)


@dataclass(frozen=True, slots=True)
class Operator:
    """Where somebody asks, and by what he is an operator there: the token of the operators, or an account."""

    url: str
    username: str | None
    """None for one that is free."""
    token: str | None
    account: str | None
    account_password: str | None
    password: str | None
    options: ConnectOptions
    known_servers: TellingKnownServers

    def ask(self, do: Callable[[Client], Awaitable[Iterable[str]]], why: Callable[[RequestRefused], str]) -> int:
        """Do something as an operator, and say what there is to say of it; returns the exit code.

        Args:
            do: what to do; returns lines to say.
            why: returns why it was refused.
        """
        names = _names() if self.username is None else [self.username]
        try:
            while True:
                name = names.pop(0)
                try:
                    return self._ask(do, name)
                except LoginRefused as error:
                    names = [other for other in names if _may_do(other, error)]
                    if not names:
                        complain(self._why_not_in(error, name))
                        return EXIT_REFUSED
        except RequestRefused as error:
            complain(why(error))
            return EXIT_REFUSED
        except (ConnectionFailed, ConnectionClosed) as error:
            complain(failure_text(error, self.url, self.options.fingerprints))
            return EXIT_NOT_CONNECTED

    def _why_not_in(self, error: LoginRefused, name: str) -> str:
        if self.username is None and error.code in (ErrorCode.BAD_NAME, *_TAKEN):
            return " ".join((reason(error, name=name), _("Choose a name with --username.")))
        return login_reason(error, name)

    def _ask(self, do: Callable[[Client], Awaitable[Iterable[str]]], username: str) -> int:
        connecting = connect(
            self.url,
            username=username,
            password=self.password,
            account=self.account,
            account_password=self.account_password,
            operator_token=self.token,
            options=self.options,
            known_servers=self.known_servers,
            reconnect=False,
        )
        for line in run(self._done(connecting, do)):
            say(line)
        return 0

    async def _done(self, connecting: Connecting, do: Callable[[Client], Awaitable[Iterable[str]]]) -> Iterable[str]:
        async with connecting as client:
            if self.token is not None:
                await client.become_operator(self.token)
            return await do(client)


def _names() -> list[str]:
    """Return names to come in by: several may ask at once, an account may be called so, and long ones may be none."""
    more = token_hex(3)
    return ["operator", f"operator-{more}", "op", *(f"op{more[:digits]}" for digits in (6, 3, 1))]


def _may_do(name: str, error: LoginRefused) -> bool:
    """Tell whether a name may do where another one was refused."""
    if error.code == ErrorCode.BAD_NAME:
        longest = usable(error.values).get("longest")
        return isinstance(longest, int) and len(name) <= longest
    return error.code in _TAKEN


_OPTIONS: Final = (
    click.option("--token-file", type=FILE, help=_("File with the token of the operators.")),
    click.option(
        "--account",
        metavar=_("NAME"),
        help=_("Registered name of an operator instead, as the server's --operator has it."),
    ),
    click.option(
        "--account-password-file", type=FILE, help=_("File with the password of that name on its first line.")
    ),
    click.option(
        "--username",
        metavar=_("NAME"),
        help=_("Your name in the chat; when left out, operator, or one like it where somebody is called that."),
    ),
    click.option(
        "--password-file", type=FILE, help=_("File with the password of the server on its first line, if it has one.")
    ),
    trust_options,
    state_dir_option(_("Directory for what is known of servers.")),
    log_level_option("warning"),
)


def operator_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command with the argument `url` the options of an operator; it is called with an `Operator`."""

    @wraps(command)
    def with_operator(
        *,
        url: str,
        token_file: str | None,
        account: str | None,
        account_password_file: str | None,
        username: str | None,
        password_file: str | None,
        tls_ca: str | None,
        fingerprints: tuple[str, ...],
        state_dir: str | None,
        log_level: str,
        **params: Any,
    ) -> int:
        _check(token_file, account, account_password_file)
        source = origin(click.get_current_context(), "token_file")
        link = invited(url)  # to the server: the room, and whom it invites, are for those who are given it
        known = TellingKnownServers(state_dir, compared=bool(fingerprints or link.key))
        if link.key is not None and not fingerprints and tls_ca is None:
            fingerprints = pins_for(link.url, link.key, known)
        operator = Operator(
            url=link.url,
            username=username,
            token=token_in(token_file, source),
            account=account,
            account_password=password_in(account_password_file),
            password=password_in(password_file),
            options=ConnectOptions(tls_ca=tls_ca, fingerprints=fingerprints),
            known_servers=known,
        )
        return command(operator=operator, **params)

    for option in reversed(_OPTIONS):
        with_operator = option(with_operator)
    return with_operator


def _check(token_file: str | None, account: str | None, account_password_file: str | None) -> None:
    """Raise `ConfigurationError` unless it is said by what somebody is an operator."""
    by_account = (account is not None, account_password_file is not None)
    if (token_file is None and not all(by_account)) or any(by_account) != all(by_account):
        raise ConfigurationError(
            "say by what you are an operator: --token-file FILE, or --account NAME --account-password-file FILE"
        )
