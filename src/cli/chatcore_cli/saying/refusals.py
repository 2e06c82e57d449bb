"""Why something was refused, in sentences for people: what is wrong, and what to do here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from chatcore.errors import ErrorCode, LoginRefused
from chatcore.text import telling
from chatcore.text.reasons import WHAT, usable
from chatcore.text.safe_text import safe_name
from chatcore_cli.saying.texts import N_, _

Advice = Mapping[ErrorCode, str]
"""What to do then, by the code."""

TYPED: Final[Advice] = {
    ErrorCode.NO_SUCH_USER: N_("/list shows who is there."),
    ErrorCode.NO_SUCH_ROOM: N_("/rooms lists them, /create {name} makes it."),
    ErrorCode.ROOM_EXISTS: N_("/join {name} enters it."),
}
"""For who is in the chat."""
AS_OPERATOR: Final[Advice] = {
    ErrorCode.NO_SUCH_USER: N_("The action who lists who is there."),
    ErrorCode.NO_SUCH_ROOM: N_("The action rooms lists them."),
}
"""For who asks by `chatcore admin`."""


class Refusal(Protocol):
    """What refuses: an error, an event of a server, or of a client."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def values(self) -> Mapping[str, object]: ...


def reason(refusal: Refusal, *, name: str = "", asked: str = "", advice: Advice = TYPED) -> str:
    """Return why something was refused, and what may help.

    Args:
        refusal: what the server, or this program, says.
        name: the name of a user or room that was asked for, if there is one only.
        asked: how it was asked: `/rooms`, `--room`.
        advice: what may help there.
    """
    said = telling.refusal(refusal.code, refusal.message, refusal.values, _, name=name, asked=asked)
    about_accounts = refusal.values.get(WHAT) == "account"  # of which no list is for everybody
    helps = None if about_accounts else next((text for code, text in advice.items() if code == refusal.code), None)
    named = usable(refusal.values).get("name") or safe_name(name)
    return f"{said} {_(helps).format(name=named)}" if helps is not None and named else said


def login_reason(error: LoginRefused, username: str) -> str:
    """Return why a login was refused."""
    why = reason(error, name=username)
    if error.code == ErrorCode.NAME_TAKEN and not {"seconds", WHAT} & error.values.keys():
        # The usual grace period, which a server may change.
        mine = _("If that was you: it is free again at once after /quit, and a minute after a lost connection.")
        return f"{why} {mine}"
    return why
