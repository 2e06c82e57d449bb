"""A client's session, kept while it lasts, so that its program comes back into it after its own end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from chatcore.client.session import ClientSession
from chatcore.errors import ErrorCode
from chatcore.plain import check_plain
from chatcore.ports.session_store import Claim, KeptSession, SessionStore
from chatcore.text.names import name_key


class Remembering:
    """Keeps what the next program needs to go on with a session.

    Args:
        store: where; None for nowhere.
        place: the server.
        session: what is kept.
        own_numbers: whether the program numbers its sends by a client id of its own: of those it knows by itself what
            it has sent.
    """

    def __init__(
        self, store: SessionStore | None, place: str, session: ClientSession, *, own_numbers: bool = False
    ) -> None:
        self._own_numbers = own_numbers
        self._store = store
        self._place = place
        self._session = session
        self._claim: Claim | None = None
        self._name = ""
        self._tried = ""  # the last name that it was to be kept under
        self._last: KeptSession | None = None

    def begin(self) -> None:
        """Go on with what an earlier program has kept, unless another one is at it. Raises TypeError for async ones."""
        if self._store is not None:
            self._name = self._tried = name_key(self._session.username)
            self._claim = self._store.claim(self._place, self._name)
            if self._claim is not None:
                check_plain(f"a claim of {type(self._store).__name__}", self._claim, Claim)
            kept = None if self._claim is None else self._claim.kept
            if kept is not None:
                known = self._own_numbers and kept.client == self._session.client
                self._session.restore(kept._replace(sends=()) if known else kept)

    def keep(self) -> None:
        """Keep the session as it is now, if it has changed: before anything of that goes out."""
        if self._claim is None:
            return
        kept = self._session.to_keep()
        name = name_key(self._session.username)
        if name != self._tried:
            self._tried = name
            if name != self._name:
                self._move(name, kept)
        if kept != self._last:
            self._last = kept
            self._save(self._claim, kept)

    def end(self) -> None:
        """Let another program have it; nothing is kept of a session that has ended, or was never begun. Idempotent."""
        claim, self._claim = self._claim, None
        if claim is None:
            return
        goodbye = self._session.dismissed
        if not self._session.token or (goodbye is not None and goodbye.code == ErrorCode.LOGGED_OUT):
            with self._reported():
                claim.forget()
        with self._reported():
            claim.release()

    def _move(self, name: str, kept: KeptSession) -> None:
        """Keep it under another name: whoever begins with that name is its user. Else it stays where it is."""
        assert self._store is not None  # or there was no claim
        assert self._claim is not None
        other = None
        with self._reported():
            other = self._store.claim(self._place, name)
        if other is None:
            return
        left = other
        if self._save(other, kept):
            left, self._claim, self._name, self._last = self._claim, other, name, kept
            with self._reported():
                left.forget()
        with self._reported():
            left.release()

    def _save(self, claim: Claim, kept: KeptSession) -> bool:
        """Keep it; where that fails, nothing, for what was kept before is not true any more. Tells whether it is."""
        with self._reported():
            claim.save(kept)
            return True
        with self._reported():
            claim.forget()
        return False

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Let the mistake of a store be seen, and do no harm to the chat."""
        try:
            yield
        except Exception as error:
            told = {"message": f"{type(self._store).__name__}, which keeps sessions, has a mistake", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)
