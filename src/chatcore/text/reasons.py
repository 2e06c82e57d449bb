"""Why something did not go: what each stable word means, as sentences for people. Data; languages are outside."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Final

from chatcore.errors import Sentence
from chatcore.ports.transport import Lost, LostReason


def N_(text: str) -> str:
    """Mark a text for the catalogues of other languages, and return it as it is."""
    return text


LOST: Final[Mapping[LostReason, tuple[str, ...]]] = {
    LostReason.CLOSED_HERE: (N_("closed by us"),),
    LostReason.DROPPED_HERE: (N_("dropped by us"),),
    LostReason.CLOSED_BY_PEER: (N_("closed by the peer ({why})"), N_("closed by the peer")),
    LostReason.DROPPED_BY_PEER: (N_("dropped by the peer"),),
    LostReason.VANISHED: (N_("the peer vanished"),),
    LostReason.SILENT: (N_("no sign of life"),),
    LostReason.STALLED: (N_("stalled"),),
    LostReason.DESERTED: (N_("nothing listens there any more"),),
    LostReason.RESTARTED: (N_("the other side was started anew"),),
    LostReason.BAD_DATA: (N_("what came was broken ({why})"), N_("what came was broken")),
    LostReason.SPEAKS_HTTP: (
        N_("it speaks HTTP, as browsers, pages in them and WebSocket clients do, and this port is plain TCP"),
    ),
    LostReason.SPEAKS_TLS: (N_("it speaks TLS, and this port is not encrypted"),),
    LostReason.TOO_LARGE: (N_("a message was too large"),),
    LostReason.MESSAGE_TIMEOUT: (N_("a message took too long"),),
    LostReason.HANDSHAKE_TIMEOUT: (N_("the handshake took too long"),),
    LostReason.INTERNAL: (N_("internal error"),),
}
"""Why a link is lost, from the most telling sentence to the plainest one."""


def lost_sentence(lost: Lost) -> Sentence:
    """Return why a link is lost."""
    return _sentence(LOST[lost.reason], {"why": lost.detail} if lost.detail else {})


def _sentence(forms: tuple[str, ...], values: Mapping[str, object]) -> Sentence:
    """Return the first of the forms whose values are all there."""
    form = next(form for form in forms if fields(form) <= values.keys())
    return Sentence(form, **{name: values[name] for name in fields(form)})


def fields(form: str) -> set[str]:
    """Return the names of the values that stand in a sentence."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(form) if name}
