"""Whether names may belong to somebody, and what takes time at a login: hashes, and who is asked who somebody is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from chatcore.aio.tasks import spawn
from chatcore.errors import ConfigurationError
from chatcore.ports.passwords import Authenticate, PasswordHasher, SignIn
from chatcore.server.signing_in.signing_in import Accounts

_Found = TypeVar("_Found")


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
        self._begin(lambda: self._hasher.hash(password), done)

    def verify(self, password: str, hashed: str, done: Callable[[bool | None], None]) -> None:
        """Compare a password with a hash."""
        self._begin(lambda: self._hasher.verify(password, hashed), done)

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
        self._tasks: set[asyncio.Task[None]] = set()

    def vouch(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        """Ask, and call back."""
        task = spawn(self._ask(sign_in, done), name="authenticate")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ask nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, sign_in: SignIn, done: Callable[[str | None, bool], None]) -> None:
        account, known = None, False
        try:
            async with asyncio.timeout(self._timeout):
                account = await self._authenticate(sign_in)
            known = True
        except Exception as error:  # the program's own: the server goes on, and the login may be tried again
            self._mistake(error)
        finally:
            done(account, known)


def accounts_by(asked: str | None, passwords: PasswordHasher | None, authenticate: Authenticate | None) -> Accounts:
    """Return whether names may belong to somebody. Raises `ConfigurationError`."""
    if asked is None:
        kept = Accounts.OFF if passwords is None else Accounts.OPTIONAL
        return kept if authenticate is None else Accounts.REQUIRED
    if asked not in list(Accounts):
        raise ConfigurationError("accounts are off, optional or required, and not {given!r}", given=asked)
    if asked != Accounts.OFF and passwords is None and authenticate is None:
        raise ConfigurationError("without passwords or authenticate, there are no accounts")
    return Accounts(asked)
