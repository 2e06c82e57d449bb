"""The port for what a client program keeps of its session, so that it comes back into it after its own end."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class KeptSend(NamedTuple):
    """A send that had no answer when it was kept; what it said is not."""

    cid: int
    digest: str
    """Tells whether another send says the same (`chatcore.client.digest.digest_of`)."""


class KeptSession(NamedTuple):
    """What a program needs to go on with a session."""

    client: str
    """The client id."""
    token: str | None = None
    """None before the first welcome."""
    sends: tuple[KeptSend, ...] = ()
    """In the order in which they were said."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(sends={self.sends!r})"  # the rest is secret


class Claim(Protocol):
    """What is kept of one session, for one program at a time. None of its methods raises or waits."""

    kept: KeptSession | None
    """What was there when it was claimed; None for nothing, or nothing that can be used."""

    def save(self, session: KeptSession) -> None:
        """Keep this instead. What was saved is there for the next program, even when this one is killed right now.

        When it cannot be kept, nothing is: by what was kept before, something new would count as said already.
        """
        ...

    def forget(self) -> None:
        """Keep nothing any more: the session is over."""
        ...

    def release(self) -> None:
        """Let another program claim it; without effect from then on. Idempotent. The end of the program does it too."""
        ...


class SessionStore(Protocol):
    """Keeps sessions by server and username. What `connect(sessions=...)` takes.

    Whoever reads what is kept can take the sessions over: it has to be as private as a key.
    """

    def claim(self, place: str, username: str) -> Claim | None:
        """Return what is kept of a session, for this program alone. Never raises.

        None when another program has it, or nothing can be kept.

        Args:
            place: the server, as `chatcore.ports.known_servers.server_place` spells it.
            username: in whatever case; as it is in the session at present.
        """
        ...
