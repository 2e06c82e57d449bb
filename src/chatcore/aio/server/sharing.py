"""What a server knows of itself that shares its store with others, and what it tells operators who ask any of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from chatcore.aio.clock import LoopClock
from chatcore.aio.server.storing import Storing
from chatcore.chat.snapshot import dump
from chatcore.errors import Sentence
from chatcore.ports.observer import SharedFigures
from chatcore.ports.store import SharedStore
from chatcore.server.counting import TimedJournal
from chatcore.server.switchboard import Switchboard
from chatcore.text.reasons import NOT_ARCHIVED, UNSAFE
from chatcore.version import VERSION

# A server whose own batches take longer than that, in seconds, is behind: what it has not applied may be on its way.
_LATE: Final = 1.0


class Sharing:
    """One of several servers that are one chat.

    Args:
        store: what they share.
        storing: what loads and keeps the chat there.
        switchboard: the chat of this server.
        journal: what orders it.
        addresses: returns where clients connect to this server.
        unready: returns why nobody can at present; None when people can.
        drain: has this server end, as an operator has asked.
    """

    def __init__(
        self,
        store: SharedStore,
        storing: Storing,
        switchboard: Switchboard,
        journal: TimedJournal,
        *,
        addresses: Callable[[], Sequence[str]],
        unready: Callable[[], str | None],
        drain: Callable[[], None],
    ) -> None:
        self.store = store
        self._storing = storing
        self._switchboard = switchboard
        self._journal = journal
        self._addresses = addresses
        self._unready = unready
        self._drain = drain

    def apart(self) -> str | None:
        """Return why this server is not one of the others at present, for whoever runs it; None when it is."""
        apart = self._switchboard.journal_side.apart
        if apart is not None:
            return apart
        if self.store.is_behind or self._journal.lag > _LATE:
            return Sentence("this server is behind the others")
        if self.store.unsafe is not None:
            return Sentence(UNSAFE, why=self.store.unsafe)
        why = self._storing.unarchived
        return None if why is None else Sentence(NOT_ARCHIVED, why=why)

    def figures(self) -> SharedFigures:
        """Return what it does, in numbers."""
        at, now = self.store.snapshot_at(), LoopClock(asyncio.get_running_loop()).time()
        chat = self._switchboard.chat
        return SharedFigures(
            nodes=len(chat.nodes.up),
            position=chat.position,
            behind=self.store.behind(),
            lag=self._journal.lag,
            under_way=self._switchboard.under_way,
            snapshot_age=None if at is None else max(0.0, now - at),  # another server's clock may be ahead
        )

    async def answer(self, question: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Answer what an operator asks the servers; None for what is for others, or cannot be done here."""
        chat, node, asked = self._switchboard.chat, self._switchboard.node, question.get("ask")
        if not node:
            return None
        told = {"node": node, "nodes": len(chat.nodes.up), "position": chat.position}
        named = question.get("node")
        if asked == "drain" and named == node and not isinstance(named, bool):  # True is 1
            self._drain()
            return told
        if asked == "snapshot":
            kept = await self._storing.save_if_asked()
            return None if kept is None else told | {"kept": kept, "why": self._storing.unsaved}
        if asked == "digest":
            rows = json.dumps(list(dump(chat))).encode()
            return told | {"digest": hashlib.sha256(rows).hexdigest()[:16]}
        if asked != "status":
            return None
        figures, unready = self.figures(), self._unready()
        return told | {
            "version": VERSION,
            "addresses": self._addresses(),
            "connections": len(self._switchboard.connections),
            "users": len(chat.users),
            "behind": figures.behind,
            "snapshot_age": figures.snapshot_age,
            "unready": unready,
            "unready_why": unready.values.get("why") if isinstance(unready, Sentence) else None,
        }
