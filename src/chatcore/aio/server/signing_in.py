"""Who may come in: what is asked for, and what takes time at a login: hashes, and who is asked who somebody is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from chatcore.aio.arguments import check_awaited
from chatcore.aio.tasks import end_within, spawn
from chatcore.chat.chat import Chat
from chatcore.chat.requests.logins import SECRET_CHARS
from chatcore.errors import ConfigurationError, Sentence
from chatcore.ports.passwords import Authenticate, PasswordHasher, SignIn
from chatcore.records import OperatorToken
from chatcore.server.journal.tickets import hashed
from chatcore.server.promises import promised_account, promised_hash, promised_verdict, promised_wait
from chatcore.server.signing_in.door import Door
from chatcore.server.signing_in.terms import Accounts, Secrets, mark_of
from chatcore.text.json_size import escaped_size

_Found = TypeVar("_Found")
# So much of a frame a password or a token may take.
_SECRET_BYTES: Final = 1000
# For so many seconds a server that stops waits for who is asked who somebody is.
_LAST_TIME: Final = 1.0


class ThreadedPasswords:
    """Implements `chatcore.ports.passwords.Passwords` in one thread.

    Args:
        hasher: what does the work.
        mistake: told of what it raises.
    """

    def __init__(self, hasher: PasswordHasher, mistake: Callable[[BaseException], None]) -> None:
        self._hasher = hasher
        self._mistake = mistake
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="chatcore passwords")

    def hash(self, password: str, done: Callable[[str | None], None]) -> None:
        """Make a hash."""
        self._begin(lambda: promised_hash(self._hasher.hash(password)), done)

    def verify(self, password: str, hashed: str, done: Callable[[bool | None], None]) -> None:
        """Compare a password with a hash."""
        self._begin(lambda: promised_verdict(self._hasher.verify(password, hashed)), done)

    def close(self) -> None:
        """Do nothing more. What is under way comes to its end, and is told nobody."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _begin(self, work: Callable[[], _Found], done: Callable[[_Found | None], None]) -> None:
        def finished(future: asyncio.Future[_Found]) -> None:
            error = None if future.cancelled() else future.exception()
            if error is not None:
                self._mistake(error)
            done(None if error is not None or future.cancelled() else future.result())

        self._loop.run_in_executor(self._thread, work).add_done_callback(finished)


class AskedVouching:
    """Implements `chatcore.ports.passwords.Vouching` with a coroutine of the program around the server.

    Args:
        authenticate: what is asked.
        mistake: told of what it raises.
        timeout: after how many seconds nothing comes any more.
    """

    def __init__(self, authenticate: Authenticate, mistake: Callable[[BaseException], None], timeout: float) -> None:
        self._authenticate = authenticate
        self._mistake = mistake
        self._timeout = timeout
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def vouch(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        """Ask, and call back."""
        asking = spawn(self._ask(sign_in, done), name="wait for authenticate")
        self._tasks.add(asking)
        asking.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ask nothing more, and let go what does not end."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await end_within(_LAST_TIME, self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # what comes of it when nobody waits any more is nobody's

    async def _ask(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        account, known = None, False
        asked = spawn(self._account_of(sign_in), name="authenticate")
        self._tasks.add(asked)
        asked.add_done_callback(self._ended)
        try:
            if await end_within(self._timeout, [asked]):
                raise TimeoutError(f"authenticate took longer than a login may, {self._timeout:g} s")
            account, known = asked.result(), True
        # The program's own: the server goes on, and the login may be tried again. It may also cancel itself.
        except (Exception, asyncio.CancelledError) as error:
            if not self._closed:
                self._mistake(error)
        finally:
            done(account, known)

    async def _account_of(self, sign_in: SignIn) -> str | None:
        try:
            return promised_account(await promised_wait("authenticate", self._authenticate(sign_in)))
        except SystemExit as error:  # which would end the loop of the server
            raise RuntimeError(f"authenticate called sys.exit({error.code!r})") from error
        except (Exception, asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # of a framework: it means its own tasks, and not the server's
            raise RuntimeError(f"authenticate raised {type(error).__name__}: {error}") from error


class Doorkeeper:
    """Has what is asked of those who want in. The arguments are those of `ChatServer`; `mistake` is told of what the
    program around the server raises.

    Raises `ConfigurationError` for accounts that there cannot be, and for a password that nobody could send; TypeError
    for what it could not ask.
    """

    def __init__(
        self,
        *,
        password: str | None,
        operator_token: str | None,
        passwords: PasswordHasher | None,
        authenticate: Authenticate | None,
        accounts: str | None,
        mistake: Callable[[BaseException], None],
    ) -> None:
        if authenticate is not None:
            check_awaited("authenticate, which is called with a sign-in", authenticate, "a sign-in")
        self.accounts = _accounts_by(accounts, passwords, authenticate)
        """Whether names may belong to somebody."""
        self._door = Door(_sendable(password))
        self._operator_token = operator_token
        self._hasher = passwords
        self._authenticate = authenticate
        self._mistake = mistake
        self._secrets: Secrets | None = None
        self._passwords: ThreadedPasswords | None = None
        self._vouching: AskedVouching | None = None

    def about(self) -> dict[str, str]:
        """Return what everybody is told of accounts: nothing where there are none."""
        return {} if self.accounts is Accounts.OFF else {"accounts": self.accounts.value}

    def begin(self, timeout: float) -> Secrets:
        """Return what to ask for; a login may take so many seconds. Raises `ConfigurationError` for a short token."""
        hashed_token = _hashed_token(self._operator_token)
        if self._authenticate is not None:
            self._vouching = AskedVouching(self._authenticate, self._mistake, timeout)
        elif self._hasher is not None:
            self._passwords = ThreadedPasswords(self._hasher, self._mistake)
        self._secrets = Secrets(self._door, hashed_token, self.accounts, self._passwords, self._vouching)
        return self._secrets

    def look_at_operators(self, chat: Chat, propose: Callable[[OperatorToken], None]) -> None:
        """Let nobody be an operator any more by another token than the one that there is, from before the start."""
        mark = mark_of("" if self._secrets is None else self._secrets.operator_token)
        by_token = [each.operator_mark for each in chat.users.values() if each.has_operator_token]
        if any(not mark or each != mark for each in by_token):
            propose(OperatorToken(mark))

    def change(
        self,
        password: str | None,
        operator_token: str | None,
        acted: Callable[[str, str], None],
        propose: Callable[[OperatorToken], None],
    ) -> tuple[str, ...]:
        """Ask for others from now on; returns the names of those that there were, and are not any more.

        What that is to operators, `acted` is told: `set_password`, `set_operator_token`, with `none` for what is gone.
        Who is an operator by another token is none any more.

        Raises `ConfigurationError` for a token or password as at the start, and then nothing has changed.
        """
        hashed_token = _hashed_token(operator_token)
        gone = {"password": password is None} if self._door.change(_sendable(password)) else {}
        if self._secrets is not None and self._secrets.operator_token != hashed_token:
            self._secrets.operator_token = hashed_token
            gone["operator_token"] = not hashed_token
        for name, is_gone in gone.items():
            acted(f"set_{name}", "none" if is_gone else "")
        if "operator_token" in gone:
            propose(OperatorToken(mark_of(hashed_token)))
        return tuple(name for name, is_gone in gone.items() if is_gone)

    def let_nobody_in(self) -> Sentence:
        """Refuse whoever is not there yet; returns why."""
        if self._secrets is not None:
            self._secrets.closed = True
        return Sentence("the server is shutting down")

    async def close(self) -> None:
        """Ask and compare nothing more."""
        if self._vouching is not None:
            await self._vouching.close()
        if self._passwords is not None:
            self._passwords.close()


def check_secrets(password: str | None, operator_token: str | None) -> None:
    """Raise `ConfigurationError` for a password of the server, or a token of the operators, that cannot be one."""
    _sendable(password)
    _hashed_token(operator_token)


def _sendable(password: str | None) -> str | None:
    """Return the password of the server. Raises `ConfigurationError` for one that is none, or fits into no login."""
    if password == "":
        raise ConfigurationError("the password of the server is empty")
    number = 0 if password is None else escaped_size(password)
    if number > _SECRET_BYTES:
        raise ConfigurationError(
            "the password of the server has {number} bytes, and {most} at most can be sent",
            number=number,
            most=_SECRET_BYTES,
        )
    return password


def _hashed_token(token: str | None) -> str:
    """Return what is kept of the token of the operators; empty without one. Raises `ConfigurationError`."""
    if token is not None and len(token) < SECRET_CHARS:
        raise ConfigurationError("the token of the operators is too short: {number} characters", number=len(token))
    if token is not None and (number := escaped_size(token)) > _SECRET_BYTES:
        raise ConfigurationError(
            "the token of the operators has {number} bytes, and {most} at most can be sent",
            number=number,
            most=_SECRET_BYTES,
        )
    return "" if token is None else hashed(token)


def _accounts_by(asked: str | None, passwords: PasswordHasher | None, authenticate: Authenticate | None) -> Accounts:
    """Return whether names may belong to somebody. Raises `ConfigurationError`."""
    if asked is None:
        kept = Accounts.OFF if passwords is None else Accounts.OPTIONAL
        return kept if authenticate is None else Accounts.REQUIRED
    if asked not in list(Accounts):
        raise ConfigurationError("accounts are off, optional or required, and not {given!r}", given=asked)
    if asked != Accounts.OFF and passwords is None and authenticate is None:
        raise ConfigurationError("without passwords or authenticate, there are no accounts")
    return Accounts(asked)
