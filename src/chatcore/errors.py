"""Everything that can go wrong, by whose fault it is.

Three kinds of wrong go three ways:

* a refused request is a `Refused` event with one of the `ErrorCode`s below; inside the core a handler says
  it by raising `Refusal`, which never leaves `Chat`;
* broken bytes from a peer end that connection with a code and raise nothing;
* our own or our user's misuse raises:

::

    ChatcoreError
    ├── ConfigurationError    a setting, certificate, address or plug-in name that cannot be used
    ├── ConnectionFailed      the server could not be reached, or not as asked
    │   └── UntrustedCertificate      nobody vouches for its certificate
    │       └── CertificateChanged    it is another one than the one that is known
    ├── FileError             a file cannot be read, written or received here
    ├── ConnectionClosed      the connection ended for good; nothing more can be sent
    └── RequestRefused        the server refused a request: `code` and `message` say why
        └── LoginRefused      the server refused the login
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self


class ErrorCode(StrEnum):
    """Stable names of what a peer can be told; texts are for people and may change, these do not."""

    BAD_JSON = "bad_json"
    BAD_REQUEST = "bad_request"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    NOT_LOGGED_IN = "not_logged_in"
    ALREADY_LOGGED_IN = "already_logged_in"
    WRONG_PASSWORD = "wrong_password"
    """The password of the server is missing, or is another one."""
    NOT_IDENTIFIED = "not_identified"
    """There is no such account, or it has another password."""
    NAME_REGISTERED = "name_registered"
    """The name belongs to an account, and whoever wants it has not shown to be its owner."""
    ACCOUNT_REQUIRED = "account_required"
    """Only who has an account may come in."""
    BAD_INVITATION = "bad_invitation"
    """It is no invitation, or is used up, over or taken back."""
    INBOX_FULL = "inbox_full"
    """As much waits for that user, who is away, as may."""
    BAD_NAME = "bad_name"
    NAME_TAKEN = "name_taken"
    NAME_CONFUSABLE = "name_confusable"
    """It looks like a name that somebody has, or that another room has."""
    NO_SUCH_USER = "no_such_user"
    NO_SUCH_ROOM = "no_such_room"
    ROOM_EXISTS = "room_exists"
    ROOM_LIMIT = "room_limit"
    """The user owns as many rooms as a user may."""
    FORBIDDEN = "forbidden"
    NOT_ALLOWED = "not_allowed"
    """The user's role in the room does not reach for that."""
    BANNED = "banned"
    """The user may not come in; in `bye`, and may not come back."""
    MUTED = "muted"
    """The user may listen only."""
    ROOM_PRIVATE = "room_private"
    """Only who is invited may come in."""
    SLOW_MODE = "slow_mode"
    """Everybody has to wait between two messages in this room."""
    NO_SUCH_MESSAGE = "no_such_message"
    """It was never there, or is not kept any more."""
    UNREADABLE = "unreadable"
    """It is kept, and the server's disk does not give it (any more)."""
    NO_SUCH_BAN = "no_such_ban"
    """That user is not banned, or not muted."""
    CID_GAP = "cid_gap"
    CID_CONFLICT = "cid_conflict"
    """The same cid was sent before with other content."""
    NOT_IN_ROOM = "not_in_room"
    """The message names a room that its sender is not in (any more)."""
    NO_SUCH_FILE = "no_such_file"
    """It was never offered to this user, or is over."""
    FILE_LIMIT = "file_limit"
    """One side has as many offers or transfers as it may have."""
    NO_FILES = "no_files"
    """The program of that user cannot receive files."""
    BAD_CHUNK = "bad_chunk"
    """A chunk without credit, or not the next one."""
    CHUNK_LOST = "chunk_lost"
    """A chunk was lost between two servers."""
    BAD_HASH = "bad_hash"
    """What arrived is not what was offered."""
    FILE_IDLE = "file_idle"
    """Nothing moved for too long."""
    DISK = "disk"
    """The receiver cannot write, or the sender cannot read."""
    NO_SPACE = "no_space"
    """There is no space left for the file where it is received."""
    SERVER_FULL = "server_full"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    """This network address has as many connections as it may have, or this account as many sessions."""
    UNAVAILABLE = "unavailable"
    """The server cannot write anything down at present."""
    SHUTTING_DOWN = "shutting_down"
    INTERNAL = "internal"

    # Only in `bye`: why the server closes.
    LOGGED_OUT = "logged_out"
    KICKED = "kicked"
    """Somebody who may has put the user out."""
    REPLACED = "replaced"
    """The same session was taken over by a newer connection."""
    PASSWORD_CHANGED = "password_changed"
    """The account of the user has another password now: who was in by the one before is out."""
    ACCOUNT_DROPPED = "account_dropped"
    """The account of the user is gone."""
    LOGIN_TIMEOUT = "login_timeout"
    UNRESPONSIVE = "unresponsive"
    """No answer to a ping in time."""


class Refusal(Exception):
    """A request that is refused. Raised by request handlers, turned into a `Refused` event by the chat.

    ::

        raise Refusal(ErrorCode.BAD_NAME, shortest=2, longest=12)

    What it says to people stands in `chatcore.text.reasons`, by its code and the names of its values.
    """

    def __init__(self, code: ErrorCode, *, retry_after: float | None = None, **values: str | int) -> None:
        super().__init__(code, values)
        self.code = code
        self.retry_after = retry_after
        self.values = values


class Sentence(str):
    """A sentence for people, in English, that an interface can say in another language.

    ::

        Sentence("nothing listens at {place} any more", place="[::1]:8765")

    Attributes:
        text: the sentence without its values, for `str.format`; a sentence that has none is meant as it stands.
        values: what is put in, by name. An error or a sentence among them can be said in another language in its turn,
            and perhaps one called `why`, which is what the system or the other side says; no other one.
    """

    text: str
    values: Mapping[str, object]

    def __new__(cls, text: str, /, **values: object) -> Self:
        if isinstance(text, Sentence) and not values:
            values, text = {**text.values}, text.text
        self = super().__new__(cls, text.format(**values) if values else text)
        self.text, self.values = text, values
        return self


class ChatcoreError(Exception):
    """Base of every error that chatcore raises on purpose. `str(error)` is for people: what happened, and what to do.

    ::

        raise ConnectionFailed(
            "nothing listens at {place} (is the server running, and is the port right?)", place="[::1]:8765"
        )

    The sentence may hold words of the other side: `chatcore.text.safe_text` makes it harmless for a terminal or a log.

    """

    def __init__(self, text: str, /, **values: object) -> None:
        self._sentence = Sentence(text, **values)
        super().__init__(str(self._sentence))

    @property
    def sentence(self) -> Sentence:
        """What it says, so that an interface can say it in another language."""
        # Somebody else's class may have forgotten to call __init__.
        return self.__dict__.get("_sentence") or Sentence(str(self))

    @property
    def text(self) -> str:
        """The sentence without its values, for `str.format`; as it stands when there are none."""
        return self.sentence.text

    @property
    def values(self) -> Mapping[str, object]:
        """What is put into the sentence, by name."""
        return self.sentence.values

    def __reduce__(self) -> tuple[Any, ...]:
        # Whatever arguments a subclass takes, it is copied and pickled by what it has.
        return _remade, (type(self), self.args), self.__dict__


def _remade(kind: type[ChatcoreError], args: tuple[object, ...]) -> ChatcoreError:
    return kind.__new__(kind, *args)


class ConfigurationError(ChatcoreError):
    """A setting, certificate, address or plug-in name that cannot be used here; the text says what to do.

    From `ChatServer` also: the port is in use. Trying again changes nothing.
    """


class ConnectionFailed(ChatcoreError):
    """The server could not be reached, or not in the way that was asked, or does not speak as a chat server does.

    From `connect`, the first time; connections that are lost later are made again without an error.
    """


class UntrustedCertificate(ConnectionFailed):
    """The server's certificate is not to be trusted: no authority signed it, or it is not the one that was pinned.

    Whoever has made sure that it is the right one connects with `ConnectOptions(fingerprints=(...,))`.

    Attributes:
        fingerprint: what it would have to be pinned by: SHA-256 of the certificate, in hex; None when the server
            showed none.
        key_fingerprint: the same of its public key, which stays when the certificate is renewed.
    """

    def __init__(
        self, text: str, /, fingerprint: str | None = None, key_fingerprint: str | None = None, **values: object
    ) -> None:
        super().__init__(text, **values)
        self.fingerprint = fingerprint
        self.key_fingerprint = key_fingerprint


class CertificateChanged(UntrustedCertificate):
    """The server shows another key than the one that it had before: somebody may be in between.

    Only with `connect(known_servers=...)`. Whoever has made sure that the new key is right lets the known servers
    remember it: `known_servers.remember(error.place, error.key_fingerprint)`.

    Attributes:
        place: the server, as `host:port`.
        known_fingerprint: SHA-256 of the public key that was expected, in hex.
        fingerprint, key_fingerprint: of what it shows, as in `UntrustedCertificate`.
    """

    def __init__(
        self,
        text: str,
        /,
        place: str,
        known_fingerprint: str,
        fingerprint: str | None,
        key_fingerprint: str | None,
        **values: object,
    ) -> None:
        super().__init__(text, fingerprint, key_fingerprint, **values)
        self.place = place
        self.known_fingerprint = known_fingerprint


class ConnectionClosed(ChatcoreError):
    """The client has ended for good; nothing more can be sent with it, and what waited for an answer gets none.

    It was closed, or another connection would be pointless: the server has logged the user out, another connection
    has taken the session over, or `connect(reconnect=False)` allowed one connection only.
    """


class FileError(ChatcoreError):
    """A file cannot be read, written or received on this machine; the sentence says why, for people."""


class RequestRefused(ChatcoreError):
    """The server refused a request, or the client knew that it would. Everything else goes on.

    ::

        try:
            await chat.join("python")
        except RequestRefused as error:
            if error.code == "no_such_room":
                await chat.create("python")

    Attributes:
        code: one of `chatcore.errors.ErrorCode`, which are texts such as `no_such_room`. Stable.
        message: a sentence for people, in English as a rule.
        values: names and numbers that belong to it, as `chatcore.text.reasons` knows them: `{"shortest": 2,
            "longest": 32}`. A server's: any of them may be missing, or be anything.
    """

    def __init__(self, code: str, message: str, values: Mapping[str, object] | None = None) -> None:
        super().__init__(message)
        self.args = code, message
        self.code = code
        self.message = message
        self._values = dict(values or {})

    @property
    def values(self) -> Mapping[str, object]:
        """Names and numbers that belong to it."""
        return self._values

    def __str__(self) -> str:
        return f"{self.message} ({self.code})"


class LoginRefused(RequestRefused):
    """The server refused the login: `code` says why, `message` says it to people.

    `name_taken`, `bad_name`: choose another name. `server_full`, `shutting_down`: try again later.
    """
