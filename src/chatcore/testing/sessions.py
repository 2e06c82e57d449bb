"""Kept sessions in memory: for tests of programs that end and begin again."""

from __future__ import annotations

from chatcore.ports.session_store import KeptSession
from chatcore.text.names import name_key

_Key = tuple[str, str]


class MemorySessions:
    """Implements `chatcore.ports.session_store.SessionStore`. It outlives the clients that use it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], KeptSession] = {}
        """By place and name in lower case."""
        self._claimed: dict[tuple[str, str], _MemoryClaim] = {}

    def claim(self, place: str, username: str) -> _MemoryClaim | None:
        """Return what is kept of a session; None while somebody else has it."""
        key = (place, name_key(username))
        if key in self._claimed:
            return None
        claim = self._claimed[key] = _MemoryClaim(self, key)
        return claim

    def crash(self) -> None:
        """Be as after the end of every program that has claimed something: what they save from now on is not kept."""
        for claim in list(self._claimed.values()):
            claim.release()

    def give_back(self, key: _Key) -> None:
        """Let somebody else have it."""
        self._claimed.pop(key, None)


class _MemoryClaim:
    """Implements `Claim`."""

    def __init__(self, sessions: MemorySessions, key: _Key) -> None:
        self.kept = sessions.kept.get(key)
        self._sessions: MemorySessions | None = sessions
        self._key = key

    def save(self, session: KeptSession) -> None:
        """Keep this instead."""
        if self._sessions is not None:
            self._sessions.kept[self._key] = session

    def forget(self) -> None:
        """Keep nothing any more."""
        if self._sessions is not None:
            self._sessions.kept.pop(self._key, None)

    def release(self) -> None:
        """Let somebody else claim it."""
        if self._sessions is not None:
            self._sessions.give_back(self._key)
            self._sessions = None
