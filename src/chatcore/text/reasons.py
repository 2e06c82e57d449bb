"""What stable words mean: why something was refused, did not arrive, or was cut off. Data; languages are outside.

Each word has sentences for people, from the most telling one to the plainest. The first one counts whose values are
all there, so what a server does not say is left out; the last one needs none. A sentence stands for itself in English,
and as its key in the catalogue of every other language.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from typing import Final

from chatcore.errors import ErrorCode, Refusal, RequestRefused, Sentence
from chatcore.events import FileEnd, Refused
from chatcore.limits import MAX_INTEGER
from chatcore.ports.transport import Lost, LostReason
from chatcore.text.safe_text import safe_name


def N_(text: str) -> str:
    """Mark a text for the catalogues of other languages, and return it as it is."""
    return text


WHAT: Final = "what"
"""Among the values of a refusal: which of several things its code is about; see `REFUSALS`."""
NOT_KEPT: Final = N_("nothing can be kept: {why}")
"""What a server says of itself to whoever looks after it, with the reason of its store."""
NOT_ARCHIVED: Final = N_("this server archives nothing at present: {why}")
"""The same of one among several, whose journal keeps it all the same."""
UNSAFE: Final = N_("what was said may be lost: {why}")
"""The same of what several share, which somebody has changed."""
CONNECTION_LOST: Final = "connection_lost"
"""Code of what is given up by a client, and not refused by a server."""
NOT_REPEATED: Final = "not_repeated"
"""The same, of what might reach another user than before the connection was lost."""

REFUSALS: Final[Mapping[str, tuple[str, ...]]] = {
    ErrorCode.BAD_JSON: (N_("the server did not understand this"),),
    ErrorCode.BAD_REQUEST: (N_("the file has {size} bytes"), N_("the server did not understand this")),
    "bad_request.password": (N_("a password has {shortest} to {longest} characters"),),
    "bad_request.one_line": (N_("this is one line, without line breaks and other control characters"),),
    "bad_request.slow": (
        N_("nobody has to wait longer than {hours} h between two messages"),
        N_("nobody has to wait that long between two messages"),
    ),
    "bad_request.empty_text": (N_("the text is empty"),),
    "bad_request.no_receiver": (N_("a direct message needs somebody to go to"),),
    "bad_request.no_file_receiver": (N_("a file needs somebody else to go to"),),
    "bad_request.role": (N_("a role is owner, moderator or member"),),
    "bad_request.file_form": (N_("a file has a size and a SHA-256 of 64 hex digits in lower case"),),
    "bad_request.file_end": (N_("the file was not sent to its end"),),
    ErrorCode.UNKNOWN_TYPE: (N_("this server has nothing like {asked}"), N_("this server has nothing like that")),
    ErrorCode.TOO_LARGE: (
        N_("the text is longer than {text_bytes} bytes"),
        N_("a file has at most {file_bytes} bytes here"),
        N_("a direct message goes to at most {recipients} users"),
        N_("a file goes to at most {file_receivers} users"),
        N_("this is too long"),
    ),
    "too_large.names": (N_("this is too long to be a name, or these are too many"),),
    "too_large.note": (N_("this has at most {characters} characters"),),
    "too_large.invitations": (N_("there are too many invitations; take some back first"),),
    "too_large.bans": (N_("too many users are banned or muted in {room}; let some in again first"),),
    ErrorCode.RATE_LIMITED: (N_("too much at once"),),
    "rate_limited.requests": (N_("you are asking for too much at once"),),
    "rate_limited.messages": (N_("you are writing too fast"),),
    "rate_limited.logins": (
        N_("too many wrong passwords came from your network address; try again in {seconds} s"),
        N_("too many wrong passwords came from your network address; try again later"),
    ),
    "rate_limited.files": (N_("too many files at once"),),
    ErrorCode.NOT_LOGGED_IN: (N_("log in first"),),
    ErrorCode.ALREADY_LOGGED_IN: (N_("you are logged in as {name}"), N_("you are logged in already")),
    ErrorCode.BAD_NAME: (
        N_("a name has {shortest} to {longest} letters of one script, digits, _ or -"),
        N_("the name of a file has at most {name_bytes} bytes, and no control characters"),
        N_("this cannot be a name"),
    ),
    "bad_name.plain": (N_("a name has {shortest} to {longest} letters (a-z, without accents), digits, _ or -"),),
    ErrorCode.WRONG_PASSWORD: (N_("this server has a password, and it is missing or wrong"),),
    ErrorCode.NOT_IDENTIFIED: (N_("there is no such account, or it has another password"),),
    ErrorCode.NAME_REGISTERED: (
        N_("the name {name} belongs to somebody: log in with its password, or take another one"),
        N_("this name belongs to somebody: log in with its password, or take another one"),
    ),
    "name_registered.locked": (
        N_(
            "the name {name} belongs to somebody, and this server asks for no passwords of accounts at present: take "
            "another one; if it is yours, tell whoever runs the server"
        ),
    ),
    ErrorCode.ACCOUNT_REQUIRED: (N_("this server lets in only who has an account; ask whoever runs it for one"),),
    "account_required.invited": (N_("this server lets in only who has an account: choose a password for {name}"),),
    ErrorCode.BAD_INVITATION: (N_("this invitation is not good, or not any more; ask for another one"),),
    "bad_invitation.number": (N_("there is no invitation with that number, or not any more"),),
    ErrorCode.INBOX_FULL: (
        N_("{name} is away, and {messages} messages wait there already"),
        N_("that user is away, and many messages wait there already"),
    ),
    "inbox_full.share": (
        N_("{name} is away, and {messages} messages from you or your network wait there: others may still write"),
        N_("that user is away, and many messages from you or your network wait there: others may still write"),
    ),
    ErrorCode.NAME_TAKEN: (
        N_("the name {name} is kept for {seconds} s more, for somebody who has lost the connection"),
        N_("the name {name} is taken"),
        N_("this name is taken"),
    ),
    "name_taken.kept": (
        N_("the settings of this server name {name}: nobody is called that until an operator has registered it"),
    ),
    "name_taken.account": (
        N_("the name {name} belongs to somebody already; reset gives that account another password"),
    ),
    ErrorCode.NAME_CONFUSABLE: (
        N_("the name {name} looks like {other}, and somebody is called that"),
        N_("this name looks like that of somebody else"),
    ),
    "name_confusable.room": (N_("the name {name} looks like {other}, and another room is called that"),),
    ErrorCode.NO_SUCH_USER: (N_("there is no user called {name}"), N_("there is no such user")),
    "no_such_user.file_receiver": (N_("nobody else in this room can receive files now"),),
    "no_such_user.elsewhere": (N_("{name} is not in {room}"),),
    "no_such_user.left": (N_("{name} has left"),),
    "no_such_user.account": (N_("the name {name} belongs to nobody"),),
    ErrorCode.NO_SUCH_ROOM: (N_("there is no room called {name}"), N_("there is no such room")),
    ErrorCode.ROOM_EXISTS: (N_("there is a room called {name} already"), N_("this room exists already")),
    ErrorCode.ROOM_LIMIT: (
        N_("you may own {rooms} rooms at a time; close one first"),
        N_("you own as many rooms as you may"),
    ),
    "room_limit.brought": (
        N_("{name} may own {rooms} rooms at a time, and would own more with yours; close or give away some first"),
    ),
    "room_limit.other": (N_("{name} owns {rooms} rooms already, and may not own more"),),
    ErrorCode.FORBIDDEN: (N_("this is not allowed"),),
    "forbidden.lobby": (N_("everybody starts in {room}: it cannot be private"),),
    "forbidden.declared": (N_("{room} is always there"),),
    "forbidden.heir": (N_("nobody else can own {room}: make somebody its owner, or a moderator, first"),),
    "forbidden.accounts": (N_("this server has no accounts"),),
    "forbidden.locked": (
        N_(
            "this server asks for no passwords of accounts at present, so nobody can log in to one; "
            "tell whoever runs it"
        ),
    ),
    "forbidden.elsewhere": (N_("the accounts of this server are looked after elsewhere"),),
    "forbidden.other_account": (N_("you are {name} already; log in anew to be somebody else"),),
    "forbidden.host": (N_("the program that this server runs in cannot do that"),),
    "forbidden.settings": (
        N_("the settings cannot be used, so those from before go on; the log of the server says why"),
    ),
    "forbidden.named": (N_("the settings of this server name {name}: only an operator can register it"),),
    ErrorCode.NOT_ALLOWED: (N_("you may not do that here"),),
    "not_allowed.moderator": (N_("only moderators of {room} may do that (rule {rule})"),),
    "not_allowed.owner": (N_("only the owner of {room} may do that (rule {rule})"),),
    "not_allowed.operator": (N_("only operators may do that (rule {rule})"),),
    "not_allowed.by_operator": (N_("an operator has banned or muted {name} in {room}: only operators take that back"),),
    "not_allowed.token": (N_("this is not the token of the operators"),),
    "not_allowed.ticket": (N_("this ticket is good for no connection (any more)"),),
    "not_allowed.outranked": (N_("in {room}, your role is no higher than that of {name}"),),
    ErrorCode.BANNED: (
        N_("you are banned from {room} for another {days} days"),
        N_("you are banned from {room} for another {hours} h"),
        N_("you are banned from {room} for another {minutes} min"),
        N_("you are banned from {room}"),
        N_("you are banned"),
    ),
    ErrorCode.MUTED: (
        N_("you may not speak in {room} for another {days} days"),
        N_("you may not speak in {room} for another {hours} h"),
        N_("you may not speak in {room} for another {minutes} min"),
        N_("you may not speak in {room}"),
        N_("you may not speak here"),
    ),
    ErrorCode.ROOM_PRIVATE: (
        N_("{room} is private: somebody who looks after it has to invite you"),
        N_("this room is private"),
    ),
    ErrorCode.SLOW_MODE: (
        N_("in {room} you may say something every {seconds} s"),
        N_("you have to wait before you say more here"),
    ),
    "bad_request.search": (N_("say what to look for: words, a sender or a time"),),
    "bad_request.emoji": (N_("below a message stands one emoji"),),
    "too_large.reactions": (N_("there are enough reactions to this message"),),
    ErrorCode.NO_SUCH_MESSAGE: (N_("there is no such message (any more)"),),
    "not_allowed.own": (N_("only who has said it may change a message"),),
    ErrorCode.UNREADABLE: (
        N_("the server cannot read this from its disk; whoever looks after it finds why in its log"),
    ),
    ErrorCode.NO_SUCH_BAN: (N_("{name} is not banned"), N_("that user is not banned")),
    "no_such_ban.other": (N_("{name} is held by what was done to {other}: take that back"),),
    "no_such_ban.mute": (N_("{name} may speak already"),),
    ErrorCode.CID_GAP: (N_("the next cid is {expected}, not {cid}"), N_("a number was left out")),
    ErrorCode.CID_CONFLICT: (N_("cid {cid} was used for something else"), N_("this number was used already")),
    ErrorCode.NOT_IN_ROOM: (N_("you are in {room}, not in {name}"), N_("you are not in that room any more")),
    ErrorCode.NO_SUCH_FILE: (N_("this file is not on offer any more"),),
    ErrorCode.FILE_LIMIT: (
        N_("{name} has {file_transfers} files on their way already; try again later"),
        N_("you may have {file_transfers} files on their way at a time"),
        N_("you may have {file_offers} files on offer at a time"),
        N_("there are too many files on their way; try again later"),
    ),
    "file_limit.no_files": (N_("this server passes on no files"),),
    "file_limit.address": (N_("too many files of your network address are on offer; try again later"),),
    "file_limit.server": (N_("too many files are on offer here; try again later"),),
    ErrorCode.NO_FILES: (N_("the program of {name} cannot receive files"), N_("that program cannot receive files")),
    ErrorCode.BAD_CHUNK: (N_("it arrived out of order"),),
    ErrorCode.CHUNK_LOST: (N_("a part of it was lost between two servers; offer it again, and the rest will follow"),),
    ErrorCode.BAD_HASH: (N_("what arrived is not what was offered; it was deleted"),),
    ErrorCode.FILE_IDLE: (N_("nothing moved for too long"),),
    ErrorCode.DISK: (N_("the other side cannot read or write the file"),),
    ErrorCode.NO_SPACE: (N_("there is no space left for it there"),),
    ErrorCode.SERVER_FULL: (N_("the server is full; try again later"),),
    "server_full.accounts": (N_("this server has as many accounts as it may have"),),
    "server_full.share": (
        N_(
            "from your network address, as many names are registered as are left for all others; whoever looks after "
            "the server can register yours"
        ),
    ),
    ErrorCode.TOO_MANY_CONNECTIONS: (
        N_("this network address has too many connections; close some, or try again later"),
    ),
    "too_many_connections.account": (
        N_("the account {name} has {sessions} sessions, as many as it may have; log out of one first"),
    ),
    ErrorCode.UNAVAILABLE: (N_("the server cannot write anything down at present; try again later"),),
    "unavailable.accounts": (
        N_("the accounts of this server are out of order; try again later, or tell whoever runs it"),
    ),
    ErrorCode.SHUTTING_DOWN: (N_("the server is shutting down"),),
    ErrorCode.INTERNAL: (N_("the server made a mistake"),),
    "internal.accounts": (
        N_("the accounts of this server are out of order; try again later, or tell whoever runs it"),
    ),
    ErrorCode.LOGGED_OUT: (N_("goodbye"),),
    ErrorCode.KICKED: (N_("somebody who looks after this place has put you out"),),
    ErrorCode.REPLACED: (N_("you connected from somewhere else"),),
    ErrorCode.PASSWORD_CHANGED: (N_("your account has another password now; log in with that one"),),
    ErrorCode.ACCOUNT_DROPPED: (N_("your account was removed: the name belongs to nobody any more"),),
    ErrorCode.LOGIN_TIMEOUT: (N_("the login took too long"),),
    ErrorCode.UNRESPONSIVE: (N_("nothing was heard from the other side for too long"),),
    CONNECTION_LOST: (N_("the connection ended each time that this was sent; it may have arrived"),),
    NOT_REPEATED: (N_("somebody else may have the name since the connection was lost"),),
    FileEnd.DECLINED: (N_("declined"),),
    FileEnd.CANCELLED: (N_("cancelled at the other side"),),
    FileEnd.CANCELLED_HERE: (N_("cancelled"),),
    FileEnd.CLOSED: (N_("the connection is closed"),),
}
"""Why a request was refused, a file did not arrive, or a server says goodbye: by its code, or `code.what`."""

LOST: Final[Mapping[LostReason, tuple[str, ...]]] = {
    LostReason.CLOSED_HERE: (N_("closed by us"),),
    LostReason.DROPPED_HERE: (N_("dropped by us"),),
    LostReason.CLOSED_BY_PEER: (N_("closed by the peer ({why})"), N_("closed by the peer")),
    LostReason.DROPPED_BY_PEER: (N_("dropped by the peer"),),
    LostReason.VANISHED: (N_("the peer vanished"),),
    LostReason.SILENT: (N_("no sign of life"),),
    LostReason.STALLED: (N_("stalled"),),
    LostReason.DESERTED: (N_("nothing listens there any more"),),
    LostReason.RESTARTED: (
        N_("the other side does not know this connection any more: it was started anew, or had given it up"),
    ),
    LostReason.BAD_DATA: (N_("what came was broken ({why})"), N_("what came was broken")),
    LostReason.SPEAKS_HTTP: (
        N_("it speaks HTTP, as browsers, pages in them and WebSocket clients do, and this port is plain TCP"),
    ),
    LostReason.SPEAKS_TLS: (N_("it speaks TLS, and this port is not encrypted"),),
    LostReason.SPEAKS_PROXY: (N_("it is a proxy that speaks the PROXY protocol, which is not understood here"),),
    LostReason.TOO_LARGE: (N_("a message was too large"),),
    LostReason.MESSAGE_TIMEOUT: (N_("a message took too long"),),
    LostReason.HANDSHAKE_TIMEOUT: (N_("the handshake took too long"),),
    LostReason.INTERNAL: (N_("internal error"),),
}
"""Why a link is lost."""

SYSTEM: Final = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("File exists"),
    N_("Read-only file system"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Input/output error"),
    N_("File too large"),
    N_("Bad file descriptor"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("self-signed certificate"),
    N_("self-signed certificate in certificate chain"),
    N_("unable to get local issuer certificate"),
    N_("certificate has expired"),
    N_("certificate is not yet valid"),
)
"""What systems and OpenSSL say, in their words."""

# What a value of a refusal may be; whatever else a peer sends is as good as nothing.
_TEXTS: Final = frozenset({"name", "other", "room", "asked", "rule"})
_INTEGERS: Final = frozenset(
    {
        "shortest", "longest", "name_bytes", "text_bytes", "file_bytes", "recipients", "file_receivers", "size",
        "expected", "cid", "file_transfers", "file_offers", "seconds", "minutes", "hours", "days", "characters",
        "messages", "rooms", "sessions",
    }
)  # fmt: skip
_LONGEST_TEXT: Final = 255
_HOUR: Final = 60
_DAY: Final = 24 * _HOUR
VALUES: Final = _TEXTS | _INTEGERS
"""Names of all values that a refusal may have, beside `WHAT`."""


def refusal_sentence(code: str, values: Mapping[str, object]) -> Sentence | None:
    """Return what a refusal means, as tellingly as its values allow; None for a code that is not known.

    Values are a peer's: what is missing, unknown or of another kind is left out, and texts are harmless.
    """
    if code not in REFUSALS:
        return None
    return _sentence(_forms(code, values.get(WHAT)), usable(values))


def is_plain(sentence: Sentence, code: str) -> bool:
    """Tell whether a sentence says nothing but what a code means."""
    return sentence.text == REFUSALS[code][-1]


def refuse(code: ErrorCode, **values: object) -> RequestRefused:
    """Return the error for what need not be asked, as it is known to be refused."""
    sentence = refusal_sentence(code, values)
    assert sentence is not None  # a test looks whether each code has one
    return RequestRefused(code, sentence, values)


def refusal_text(code: str) -> str:
    """Return what a code means, in English."""
    return REFUSALS[code][-1]


def refused(refusal: Refusal, cid: int | None = None) -> Refused:
    """Return the event that tells of a refusal; `cid` is the number of the send that it answers."""
    message = refusal_sentence(refusal.code, refusal.values) or ""
    return Refused(refusal.code, str(message), cid, refusal.retry_after, refusal.values)


def lost_sentence(lost: Lost) -> Sentence:
    """Return why a link is lost."""
    return _sentence(LOST[lost.reason], {"why": lost.detail} if lost.detail else {})


def unready_sentence(said: str, why: object) -> str:
    """Return what another server says of itself, as what this one would say where that is the same.

    Args:
        said: in English: why nobody can connect to it.
        why: what is put into that.
    """
    known = (Sentence(text, why=str(why)) for text in (NOT_KEPT, NOT_ARCHIVED, UNSAFE))
    return next((sentence for sentence in known if sentence == said), said)


@cache
def fields(form: str) -> set[str]:
    """Return the names of the values that stand in a sentence."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(form) if name}


def _forms(code: str, what: object) -> tuple[str, ...]:
    special = REFUSALS.get(f"{code}.{what}", ()) if isinstance(what, str) else ()
    return special + REFUSALS[code]


def _sentence(forms: tuple[str, ...], values: Mapping[str, object]) -> Sentence:
    form = next(form for form in forms if fields(form) <= values.keys())
    return Sentence(form, **{name: values[name] for name in fields(form)})


def usable(values: Mapping[str, object]) -> dict[str, object]:
    """Return what of a peer's values is what it should be: whole numbers, and texts that are safe to show."""
    found: dict[str, object] = {}
    for name in VALUES & values.keys():
        value = values[name]
        if name in _TEXTS:
            if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT:
                found[name] = safe_name(value)
        elif isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER:
            found[name] = value
    return found | _in_larger_units(found.get("minutes"))


def _in_larger_units(minutes: object) -> dict[str, int]:
    """Return a number of minutes in days, or hours, where it has more than one of them."""
    if not isinstance(minutes, int) or minutes < 2 * _HOUR:
        return {}
    return {"days": -(-minutes // _DAY)} if minutes >= 2 * _DAY else {"hours": -(-minutes // _HOUR)}
