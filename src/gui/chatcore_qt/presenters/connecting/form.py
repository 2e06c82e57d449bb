"""The connect dialog's mind: checks what was typed, connects, and says beside which field something is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Final, Literal

from chatcore.aio.client import Client
from chatcore.errors import (
    CertificateChanged,
    ChatcoreError,
    ConfigurationError,
    ErrorCode,
    LoginRefused,
    UntrustedCertificate,
)
from chatcore.limits import PASSWORD_CHARS, USERNAME_MIN
from chatcore.text.invitation import Invitation
from chatcore.text.reasons import WHAT
from chatcore.text.telling import bad_name, other_key, whole
from chatcore_qt.presenters.connecting.address import Address, AddressError, Scheme
from chatcore_qt.presenters.connecting.servers import Servers
from chatcore_qt.presenters.reasons import mistaken, why
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.texts import library, translate

# Refusals that a password may spare: of the server, or where that has none, of the name.
_BY_PASSWORD: Final = frozenset(
    {
        ErrorCode.WRONG_PASSWORD,
        ErrorCode.NAME_REGISTERED,
        ErrorCode.NOT_IDENTIFIED,
        ErrorCode.ACCOUNT_REQUIRED,
    }
)
Field = Literal["host", "port", "username", "transport", "password", "form"]
Password = Literal["server", "name", "new"]
"""What a password is of: the server, the name, or the name that an invitation lets one make one's own."""

_LONGEST_NAME = 32  # what the most generous server allows

Nearby = Callable[[Callable[[Iterable[tuple[str, Invitation]]], None]], AbstractAsyncContextManager[None]]
"""Looks for servers on the network as long as the context lasts, and tells names and links of all that are there."""
Connector = Callable[[Address, str], Awaitable[Client]]
"""Connects to an address under a username."""


@dataclass(frozen=True, slots=True)
class CertificateQuestion:
    """Another certificate than the known one: only the user can tell whether that is right."""

    place: str
    known: str
    """Fingerprint of the key that the server had, or that the user gave."""
    shown: str
    """Fingerprint of the key that it shows now."""
    given: bool = False
    """Whether the user gave the other one: then it is no question, but told."""


class ConnectForm:
    """Connects, one try at a time.

    Args:
        servers: the known ones; a login that succeeds is remembered there.
        connector: connects.
        accept: makes the key of a `CertificateQuestion` the known one.
        clock: seconds since 1970.
        given: tells the fingerprints that the user wants the server to be recognised by.
        nearby: looks for servers on the network, where that is possible.
    """

    def __init__(
        self,
        servers: Servers,
        connector: Connector,
        accept: Callable[[CertificateQuestion], None],
        clock: Callable[[], float],
        given: Callable[[], Sequence[str]] = tuple,
        *,
        nearby: Nearby | None = None,
    ) -> None:
        self.given = given
        self.servers = servers
        self.changed: Signal[[]] = Signal()
        self.connected: Signal[[Client]] = Signal()
        self.busy = False
        self.errors: dict[Field, str] = {}
        """What is wrong, by field; `form` is what concerns none of them."""
        self.question: CertificateQuestion | None = None
        self.tried: tuple[Address, str] | None = None
        """Where the last try goes or went, and under which name."""
        self.password_is: Password = "server"
        """What the server of the last try asks for, if it asks for a password."""
        self._passwords: dict[str, str] = {}  # by place; empty where one is asked for that the user has not said
        self._connector = connector
        self._accept = accept
        self._clock = clock
        self._nearby = nearby
        self._looking: asyncio.Task[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def look_around(self) -> None:
        """Look for servers on the network from now on."""
        if self._nearby is not None and self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look_around(self._nearby), name="look around")

    def look_away(self) -> None:
        """Look for them no longer."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look_around(self, nearby: Nearby) -> None:
        with suppress(ChatcoreError):  # without a network, there is nobody
            async with nearby(self.servers.set_nearby):
                await asyncio.Event().wait()

    @property
    def asks_password(self) -> bool:
        """Whether the server of the last try asks for a password."""
        return self.tried is not None and self.tried[0].place in self._passwords

    def password_of(self, address: Address) -> str | None:
        """Return the password of a server that the user has said; None when there is none. It is kept nowhere else."""
        return self._passwords.get(address.place) or None

    def connect(
        self, host: str, port: int, scheme: Scheme, username: str, password: str = "", *, again: str = ""
    ) -> None:
        """Check what was typed, and connect when it makes sense. A new password is typed `again`: nobody sees it."""
        errors: dict[Field, str] = {}
        address: Address | None = None
        username = username.strip()
        try:
            address = Address.parse(host, scheme, port)
        except AddressError as error:
            errors[error.field] = _mistake(host, error)
        problem = bad_name(username, USERNAME_MIN, _LONGEST_NAME, library)
        if problem is not None:
            errors["username"] = problem
        if self.password_is == "new" and password and self.tried is not None and self.tried[0] == address:
            problem = new_password_problem(password, again)
            if problem is not None:
                errors["password"] = problem
        self.errors, self.question = errors, None
        if errors or address is None:
            self.changed.emit()
        else:
            if password:
                self._passwords[address.place] = password
            self.start(address, username)

    def start(self, address: Address, username: str) -> None:
        """Connect to an address that is one."""
        self.cancel()
        self.tried = (address, username)
        self.busy, self.errors, self.question = True, {}, None
        self._task = asyncio.get_running_loop().create_task(self._connect(address, username), name="connect")
        self.changed.emit()

    def accept_certificate(self) -> None:
        """Trust the server that the question is about, and try again; say why where that cannot be remembered."""
        if self.question is not None and not self.question.given and self.tried is not None:
            try:
                self._accept(self.question)
            except ChatcoreError as error:  # nothing is changed: the question stays
                self.errors = {_field(error): why(error)}
                self.changed.emit()
            else:
                self.start(*self.tried)

    def cancel(self) -> None:
        """Give the present try up, or forget why it failed."""
        self.errors, self.question = {}, None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self.busy:
            self.busy = False
            self.changed.emit()

    def fail(self) -> None:
        """Say that the app has made a mistake."""
        self.errors = {"form": mistaken()}
        self.changed.emit()

    async def _connect(self, address: Address, username: str) -> None:
        try:
            client = await self._connector(address, username)
        except ChatcoreError as error:
            self._failed(error)
            return
        except Exception:
            self.busy = False
            self.fail()
            raise
        finally:
            self._task = None
        self.busy = False
        self.servers.used(address.of_server, username, self._clock())
        self.changed.emit()
        self.connected.emit(client)

    def _failed(self, error: ChatcoreError) -> None:
        self.busy = False
        if isinstance(error, CertificateChanged) and error.key_fingerprint is not None:
            self.question = CertificateQuestion(error.place, error.known_fingerprint, error.key_fingerprint)
        if isinstance(error, LoginRefused) and _field(error) == "password" and self.tried is not None:
            self._passwords[self.tried[0].place] = ""
            self.password_is = _password(error)
        name = self.tried[1] if self.tried is not None else ""
        url, given = self.tried[0].url if self.tried is not None else "", self.given()
        text = other_key(error, url, given, library)
        if text is not None and isinstance(error, UntrustedCertificate) and self.question is None:
            self.question = CertificateQuestion(url, " ".join(given), error.key_fingerprint or "", given=True)
        self.errors = {_field(error): text.partition("\n")[0] if text else why(error, name=name)}
        self.changed.emit()


def _mistake(typed: str, error: AddressError) -> str:
    if not typed.strip():
        return translate("Connecting", "Type the name or the address of the server's machine.")
    if error.field == "port":
        return translate("Connecting", "A port is a number from 1 to 65535.")
    return whole(error.sentence, library)


def new_password_problem(password: str, again: str) -> str | None:
    """Return what is wrong with a password that somebody chooses; None when nothing is."""
    if len(password) < PASSWORD_CHARS[0]:
        return translate("Password", "A password has at least %n characters.", "", PASSWORD_CHARS[0])
    if password != again:
        return translate("Password", "These are two different ones. Type the same twice.")
    return None


def _password(error: LoginRefused) -> Password:
    if error.code == ErrorCode.WRONG_PASSWORD:
        return "server"
    return "new" if error.values.get(WHAT) == "invited" else "name"


_ABOUT_THE_NAME: Final = (ErrorCode.NAME_TAKEN, ErrorCode.NAME_CONFUSABLE, ErrorCode.BAD_NAME)


def _field(error: ChatcoreError) -> Field:
    if isinstance(error, LoginRefused) and error.code in _BY_PASSWORD:
        return "password"
    if isinstance(error, LoginRefused):
        return "username" if error.code in _ABOUT_THE_NAME else "form"
    return "transport" if isinstance(error, ConfigurationError) else "host"
