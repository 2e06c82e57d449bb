"""Why something went wrong, in the user's language."""

from __future__ import annotations

from collections.abc import Mapping

from chatcore.errors import CertificateChanged, ChatcoreError, RequestRefused
from chatcore.text import telling
from chatcore_qt.texts import library


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
