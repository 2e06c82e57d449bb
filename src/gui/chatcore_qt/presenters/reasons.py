"""Why something went wrong, in the user's language."""

from __future__ import annotations

from collections.abc import Mapping

from chatcore.errors import CertificateChanged, ChatcoreError, RequestRefused
from chatcore.text import telling
from chatcore_qt.texts import library, translate


def reason(code: str, message: str, values: Mapping[str, object], *, name: str = "") -> str:
    """Return why something was refused.

    Args:
        code, message, values: what the server says, or this program.
        name: the name of a user or room that was asked for, if there is one only.
    """
    return telling.refusal(code, message, values, library, name=name)


def why(error: ChatcoreError, *, name: str = "") -> str:
    """Return what an error says, as whole sentences; `name` is that of a user or room that was asked for."""
    match error:
        case RequestRefused():
            return reason(error.code, error.message, error.values, name=name)
        case CertificateChanged():
            return (telling.other_key(error, "", (), library) or "").partition("\n")[0]
    return telling.whole(error, library)


def mistaken() -> str:
    """Return that the app has made a mistake, and goes on."""
    return translate(
        "Notices",
        "Something went wrong in the app, and not by your doing: what you did last may be done in part, or not at all."
        " The app goes on. Its log (the terminal that it was started from, or the journal of your system) says where"
        " it happened.",
    )
