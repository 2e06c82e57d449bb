"""What can be sent at all, whatever the server: said when it is asked for, before it is numbered or waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from chatcore.commands import Command, LogIn, Send, SendDirect
from chatcore.errors import ErrorCode, LoginRefused, RequestRefused, Sentence
from chatcore.limits import MAX_INTEGER, MOMENTS, NAMES_BYTES
from chatcore.text.json_size import escaped_size, fits
from chatcore.text.reasons import N_, refuse

_TIMES: Final = frozenset({"since", "until"})
_TEXT_BYTES: Final = 60_000  # no server takes a longer one


def flaw(text: str) -> Sentence | None:
    """Return why a text cannot be sent; None when it can.

    Lone surrogates are no characters and have no form in UTF-8 (RFC 3629, section 3). Python has them where a program
    was given bytes that are not UTF-8, or half of a pair.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return Sentence(
            "there is a character at place {number} that is broken or not UTF-8; replace it", number=error.start + 1
        )
    return None


def check(command: Command, text_bytes: int | None = None) -> None:
    """Make sure that a command can be sent, whatever its server says to it.

    Args:
        command: what is asked for.
        text_bytes: longest text, as a JSON string, if that is known.

    Raises:
        RequestRefused: `bad_request` for a text with lone surrogates, for an integer beyond 2^53 (RFC 7493,
            section 2.2) and for a time that RFC 3339 has no form for, `too_large` for a text or names that fill more
            than an object; no server could be told.
        TypeError: something in it is neither text nor a number.
    """
    if sum(_size(getattr(command, field.name), field.name) for field in fields(command)) > NAMES_BYTES:
        raise refuse(ErrorCode.TOO_LARGE, what="names")
    longest = min(text_bytes or _TEXT_BYTES, _TEXT_BYTES)
    if not fits(getattr(command, "text", None) or "", longest):
        raise refuse(ErrorCode.TOO_LARGE, text_bytes=longest)


def check_send(send: Send, text_bytes: int | None, recipients: int) -> None:
    """Make sure that a server with these limits takes a send, as far as that can be known here. Raises as `check`."""
    check(send, text_bytes)
    if not send.text:
        raise refuse(ErrorCode.BAD_REQUEST, what="empty_text")
    if isinstance(send, SendDirect) and not send.to:
        raise refuse(ErrorCode.BAD_REQUEST, what="no_receiver")
    if isinstance(send, SendDirect) and len(send.to) > recipients:
        raise refuse(ErrorCode.TOO_LARGE, recipients=recipients)


def check_login(
    username: str,
    client: str,
    password: str | None = None,
    account: tuple[str, str] | None = None,
    *,
    invitation: str | None = None,
    operator_token: str | None = None,
) -> None:
    """Make sure that a login can be sent: `check` for what is said on every connection. Raises `LoginRefused`."""
    try:
        check(LogIn(username))
    except RequestRefused as error:
        raise LoginRefused(ErrorCode.BAD_NAME, error.message) from None
    if (why := flaw(client)) is not None:
        raise LoginRefused(ErrorCode.BAD_REQUEST, Sentence("the client id cannot be used: {why}", why=why))
    name, own = account or (None, None)
    for login, code, problem in (
        (LogIn(username, password=password), ErrorCode.WRONG_PASSWORD, N_("the password cannot be used: {why}")),
        (
            LogIn(username, account=name, password=own),
            ErrorCode.NOT_IDENTIFIED,
            N_("the password cannot be used: {why}"),
        ),
        (LogIn(username, invitation=invitation), ErrorCode.BAD_INVITATION, N_("the invitation cannot be used: {why}")),
        (
            LogIn(username, operator_token=operator_token),
            ErrorCode.NOT_ALLOWED,
            N_("the operator token cannot be used: {why}"),
        ),
    ):
        try:
            check(login)
        except RequestRefused as error:
            flawed = Sentence("it is too long") if error.code == ErrorCode.TOO_LARGE else error.message
            raise LoginRefused(code, Sentence(problem, why=flawed)) from None


def _size(value: object, name: str) -> int:
    match value:
        case str():
            if not value.isascii() and (why := flaw(value)) is not None:
                raise RequestRefused(ErrorCode.BAD_REQUEST, why)
            return 0 if name == "text" else escaped_size(value)  # a text has a bound of its own
        case int() | float() if name in _TIMES:
            if not MOMENTS[0] <= value <= MOMENTS[1]:  # nor a NaN
                raise RequestRefused(ErrorCode.BAD_REQUEST, Sentence("a time is before the year 1 or after 9999"))
            return 0
        case int():
            if abs(value) > MAX_INTEGER:
                raise RequestRefused(ErrorCode.BAD_REQUEST, Sentence("a number is beyond 2^53"))
            return 0
        case None:
            return 0
        case tuple() | list():
            part = f"a part of {name}"
            return sum(_size(each, part) for each in value)
        case Mapping():
            return _size([part for pair in value.items() for part in pair], name)
    raise TypeError(f"{name} cannot be {type(value).__name__}: {value!r:.60}")
