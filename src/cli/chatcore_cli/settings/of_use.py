"""Settings that would have no effect beside the others, or another one than it seems: whoever gives them is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import click

from chatcore.aio.plugins import load_dialect
from chatcore.aio.server import Listen
from chatcore.dialects.base import customs_of
from chatcore.errors import ConfigurationError, Sentence
from chatcore.server.signing_in.terms import Accounts
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.sources import origin, was_given

_OF_ACCOUNTS: Final = ("accounts_max", "sessions_per_account", "inbox_messages")
_OF_FILES: Final = (
    "file_max",
    "file_transfers",
    "file_transfers_per_address",
    "file_transfers_in_all",
    "file_window",
    "file_idle",
)


def check_of_use(ctx: click.Context, places: Sequence[Listen]) -> None:
    """Raise `ConfigurationError` for the first setting that means nothing where it listens, or beside others."""
    transports = {place.transport for place in places}
    dialects = {place.dialect for place in places}
    if transports == {"tcp"} and ctx.params["admin_listen"] is None:
        _refuse(ctx, ("origins",), Sentence("no page in a browser speaks TCP"))
    if not any(place.transport == "ws" and place.dialect == "chat" for place in places):
        _refuse(ctx, ("no_web",), Sentence("there is no page here anyway"))
        _refuse(ctx, ("qr",), Sentence("there is no page here"))
    for name in ("no_web", "no_qr"):
        if ctx.params[name]:
            _refuse(ctx, ("qr",), Sentence("{option} says otherwise", option=origin(ctx, name)))
    if not any(place.transport in ("ws", "quic") and place.dialect == "chat" for place in places):
        _refuse(ctx, ("public",), Sentence("no link leads to what listens here"))
    if not any(customs_of(load_dialect(dialect)).has_login for dialect in dialects):
        _refuse(ctx, ("password_file", "accounts"), Sentence("nobody logs in here"))
    if ctx.params["accounts"] == Accounts.OFF:
        _refuse(ctx, _OF_ACCOUNTS, Sentence("with {option} there are no accounts", option=_said(ctx, "accounts")))
    if ctx.params["file_offers"] == 0:
        _refuse(ctx, _OF_FILES, Sentence("with {option} there are no files", option=_said(ctx, "file_offers")))


def tell_of_two_passwords(ctx: click.Context) -> None:
    """Complain where whoever has made an account by an invitation has to know the password of the server, too."""
    if ctx.params["password_file"] is None or ctx.params["accounts"] != Accounts.REQUIRED:
        return
    text = _(
        "Whoever makes an account by an invitation needs the password of the server, too, to log in again: tell it "
        "with the invitation, or leave {option} out."
    )
    complain(text.format(option=origin(ctx, "password_file")))


def _said(ctx: click.Context, name: str) -> str:
    return f"{origin(ctx, name)} {ctx.params[name]}"


def _refuse(ctx: click.Context, names: Iterable[str], why: Sentence) -> None:
    for name in names:
        if was_given(ctx, name) and ctx.params[name]:
            raise ConfigurationError("{option} is of no use: {why}.", option=origin(ctx, name), why=why)
