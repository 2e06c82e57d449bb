"""Says to people what the library, a server or the system says, in a language that an interface looks up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from chatcore.commands import CreateRoom, JoinRoom, Moderation, Rename, SendDirect, WhoIs
from chatcore.errors import CertificateChanged, ChatcoreError, ErrorCode, Sentence, UntrustedCertificate
from chatcore.events import FileEnd
from chatcore.text.names import name_problem
from chatcore.text.reasons import CONNECTION_LOST, NOT_REPEATED, WHAT, is_plain, refusal_sentence, usable
from chatcore.text.safe_text import safe_text

LookUp = Callable[[str], str]
"""Returns a sentence of a catalogue in the user's language; one that it does not have as it is."""

_TRANSPORTS: Final = {"quic": "QUIC", "ws": "WebSocket", "wss": "WebSocket (TLS)", "tcp": "TCP"}
_ENDS: Final = frozenset(FileEnd)
# Codes of which nobody's words say more; what another user's program says of its own disk is nobody's business here.
_CLEAR: Final = _ENDS | {ErrorCode.DISK, ErrorCode.NO_SPACE, ErrorCode.REPLACED, CONNECTION_LOST, NOT_REPEATED}


def told(said: ChatcoreError | str, look_up: LookUp, *, keep_layout: bool = False) -> str:
    """Return what an error or a sentence says, harmless, on one line; with `keep_layout` on as many as it has."""
    return safe_text(_put_in(*_parts(said, look_up, keep_layout)), keep_layout=keep_layout)


def whole(said: ChatcoreError | str, look_up: LookUp, *, keep_layout: bool = False) -> str:
    """Return the same as a whole sentence, with a capital and a full stop.

    What it begins with stays as it is where that may be a name: a value, or what a peer says.
    """
    form, values = _parts(said, look_up, keep_layout)
    if isinstance(said, ChatcoreError | Sentence) and not form.startswith("{"):
        form = form[:1].upper() + form[1:]
    text = safe_text(_put_in(form, values), keep_layout=keep_layout)
    return text if not text or text[-1] in ".!?…" else f"{text}."


def transport_name(transport: str) -> str:
    """Return what people call a transport: in every language the same."""
    return _TRANSPORTS.get(transport, safe_text(transport))


def name_asked(command: object) -> str:
    """Return the name of the user or room that a command is about; nothing when there are several, or none."""
    match command:
        case Rename(username=name) | WhoIs(username=name) | CreateRoom(room=name) | JoinRoom(room=name):
            return name
        case SendDirect(to=(name,)):
            return name
    return str(getattr(command, "username", "")) if isinstance(command, Moderation) else ""


def bad_name(name: str, shortest: int, longest: int, look_up: LookUp) -> str | None:
    """Return what is wrong with a name of a user or room, and how one looks; None when nothing is wrong with it."""
    problem = name_problem(name, shortest, longest)
    rule = refusal_sentence(ErrorCode.BAD_NAME, {"shortest": shortest, "longest": longest})
    return None if problem is None or rule is None else f"{whole(problem, look_up)} {whole(rule, look_up)}"


def refusal(
    code: str, message: str, values: Mapping[str, object], look_up: LookUp, *, name: str = "", asked: str = ""
) -> str:
    """Return why something was refused, as one sentence or two.

    In the user's language wherever the code is known; in English a server's own words are shown where they may say
    more than that.

    Args:
        code, message, values: what the server says, or this program.
        look_up: the language.
        name: the name of a user or room that was asked for, if there is one only.
        asked: how it was asked: `/rooms`, `--room`.
    """
    here: dict[str, object] = {key: text for key, text in (("name", name), ("asked", asked)) if text}
    said = _best(code, message, here | usable(values) | {WHAT: values.get(WHAT)}, look_up)
    match said.values if isinstance(said, Sentence) else {}:
        case {"shortest": int(shortest), "longest": int(longest)} if name:
            return bad_name(name, shortest, longest, look_up) or whole(said, look_up)
    return whole(said, look_up)


_KEY_CHANGED: Final = Sentence(
    "The server at {place} shows another key than before. Somebody may be listening in, or the server was set "
    "up anew; ask whoever runs it.\n"
    "  known fingerprint: {known}\n"
    "  fingerprint now:   {now}"
)
_KEY_NOT_GIVEN: Final = Sentence(
    "The server at {url} shows another key than the one that you gave. Somebody may be listening in, or the "
    "fingerprint is that of another server; ask whoever runs it.\n"
    "  fingerprint given: {given}\n"
    "  fingerprint now:   {now}"
)


def other_key(error: ChatcoreError, url: str, given: Sequence[str], look_up: LookUp) -> str | None:
    """Return that a server shows another key than the known one, and in lines below that the fingerprints of both.

    None when that is not what is wrong.

    Args:
        error: what is wrong.
        url: the server's address.
        given: the fingerprints that the user wants it to be recognised by.
        look_up: the language.
    """
    if not isinstance(error, UntrustedCertificate):
        return None
    now = safe_text(error.key_fingerprint or "")
    if isinstance(error, CertificateChanged):
        place, known = safe_text(error.place), safe_text(error.known_fingerprint)
        return look_up(_KEY_CHANGED.text).format(place=place, known=known, now=now)
    if error.key_fingerprint is not None and given:
        text = look_up(_KEY_NOT_GIVEN.text)
        return text.format(url=safe_text(url), given=safe_text(", ".join(given)), now=now)
    return None


def goodbye(code: str, message: str, look_up: LookUp) -> str:
    """Return why a server closes, as the end of a sentence; what stands for what is as with a refusal."""
    return told(_best(code, message, {}, look_up), look_up).rstrip(".")


def _best(code: str, message: str, values: Mapping[str, object], look_up: LookUp) -> str:
    """Return what says most: a sentence that can be looked up, or a peer's words."""
    if isinstance(message, Sentence) and code not in _ENDS:  # it happened here
        return message
    ours = refusal_sentence(code, values)
    if ours is None:
        return message
    more = is_plain(ours, code) and message not in ("", ours.text) and code not in _CLEAR
    return message if more and look_up(ours.text) == ours.text else ours


def _parts(said: ChatcoreError | str, look_up: LookUp, keep_layout: bool) -> tuple[str, dict[str, object]]:
    sentence = said.sentence if isinstance(said, ChatcoreError) else said
    if isinstance(sentence, Sentence) and sentence.values:
        values = sentence.values.items()
        return look_up(sentence.text), {key: _value(key, value, look_up, keep_layout) for key, value in values}
    return (look_up(sentence) if sentence else ""), {}  # nothing stands for the head of the catalogue


def _put_in(form: str, values: Mapping[str, object]) -> str:
    return form.format(**values) if values else form


def _value(name: str, value: object, look_up: LookUp, keep_layout: bool) -> object:
    if isinstance(value, ChatcoreError | Sentence) or (name == "why" and isinstance(value, str)):
        return told(value, look_up, keep_layout=keep_layout)
    return _Quotable(safe_text(value, keep_layout=keep_layout)) if isinstance(value, str) else value


class _Quotable(str):
    """A text that is harmless already: in quotation marks (`{value!r}`) it is shown as it is without them."""

    def __repr__(self) -> str:
        return f"'{self}'"
