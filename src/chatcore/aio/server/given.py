"""What a program gives to its server can be used, and written down: else it is told at once, in one clear sentence."""

from __future__ import annotations

from collections.abc import Callable, Collection

from chatcore.aio.arguments import check_takes
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.limits import USERNAME_MAX, Limits
from chatcore.plain import check_plain_function
from chatcore.ports.archive import Retention
from chatcore.ports.server_address import server_address, without_login
from chatcore.server.signing_in.terms import Accounts
from chatcore.text.names import composed, is_username, written_twice
from chatcore.text.sendable import flaw


def check_given(
    listen: Collection[object],
    public_url: str | None,
    kept: Retention,
    limits: Limits,
    accounts: Accounts,
    *,
    reload: Callable[[], object] | None,
) -> None:
    """Raise `ConfigurationError` for what no server can do anything with; TypeError for what it could not call."""
    if reload is not None:
        check_plain_function("reload", reload)
        check_takes("reload, which is called with nothing", reload)
    _check_places(listen, public_url)
    _check_retention(kept)
    check_limits(limits, accounts)


def _check_places(listen: Collection[object], public_url: str | None) -> None:
    """Raise `ConfigurationError` unless people can come from somewhere."""
    if not listen:
        raise ConfigurationError("there is no place to listen in: give one, or leave listen out")
    if public_url is None:
        return
    try:
        scheme = server_address(public_url).scheme
    except ConnectionFailed as error:
        raise ConfigurationError(error.text, **error.values) from error
    if scheme not in ("ws", "wss"):
        raise ConfigurationError(
            "{url} is not the address of a WebSocket, like {like}",
            url=without_login(public_url),
            like="wss://chat.example.org",
        )


def check_limits(limits: Limits, accounts: Accounts) -> None:
    """Raise `ConfigurationError` unless those whom limits name can have accounts."""
    if accounts is Accounts.OFF and (limits.operators or limits.bots):
        raise ConfigurationError("operators and bots are accounts, and there are none: give passwords or authenticate")
    owners = [who.removeprefix("@") for who in limits.people if who.startswith("@")]
    for name in (*limits.operators, *limits.bots, *owners):
        if not is_username(composed(name), USERNAME_MAX):
            raise ConfigurationError(
                "{name!r} is no name of an account: 2 to 32 letters of one script, digits, _ or -", name=name
            )
    if twice := written_twice(owners):  # the limits of one of them would not hold
        name, other = twice
        raise ConfigurationError("@{name} and @{other} in people are one account", name=name, other=other)


def _check_retention(kept: Retention) -> None:
    """Raise `ConfigurationError` for what would keep nothing: all that was kept before would go; or be left out."""
    for each in (kept, *kept.rooms.values()):
        for name, most in (("messages", each.messages), ("seconds", each.seconds), ("bytes", each.bytes)):
            if most is not None and not most > 0:
                raise ConfigurationError("nothing would be kept with {name}={value}", name=name, value=most)
    if twice := written_twice(kept.rooms):
        name, other = twice
        raise ConfigurationError("{name} and {other} in the retention's rooms are one room", name=name, other=other)


def check_sendable(**texts: str) -> None:
    """Raise ValueError for a text that cannot be written down or sent, with what it is called."""
    for name, text in texts.items():
        if (why := flaw(text)) is not None:
            raise ValueError(f"{name}: {why}")
