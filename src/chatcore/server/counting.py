"""What a node does, in numbers: asked for now and then, so that nothing is done for it all the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.errors import ErrorCode
from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted, ServerEvent
from chatcore.ports.clock import Clock
from chatcore.ports.journal import Batch, Entry, Journal
from chatcore.ports.observer import Durations, Figures
from chatcore.server.connections.connection import Connection
from chatcore.server.connections.outgoing import Outgoing
from chatcore.server.operator_log import OperatorLog
from chatcore.server.requests import Requests

_KINDS: Final[dict[str, type[ServerEvent]]] = {
    "room": MessagePosted,
    "direct": DirectPosted,
    "broadcast": BroadcastPosted,
}


def figures_of(
    chat: Chat,
    requests: Requests,
    outgoing: Outgoing,
    log: OperatorLog,
    *,
    connections: Mapping[int, Connection],
    bytes_before: int,
) -> Figures:
    """Return what a node does, with 0 for what did not happen: whoever looks now and then sees it begin.

    What it does not know (connections that are turned away, stores) is left empty.
    `bytes_before` is how much has come on connections that are gone.
    """
    fanout = outgoing.fanout
    return Figures(
        connections=Counter((each.origin.transport, each.origin.dialect) for each in connections.values()),
        present=sum(n in chat.state.connections or not each.has_login for n, each in connections.items()),
        sessions=len(chat.users),
        waiting=len(chat.users) - len(chat.state.connections),
        rooms=len(chat.rooms),
        messages={kind: requests.answers[event] for kind, event in _KINDS.items()},
        published=fanout.published,
        told=outgoing.told,
        refusals=dict.fromkeys(map(str, ErrorCode), 0) | requests.refusals,
        turned_away={},
        lines={str(what): log.lines[what] for what in LineKind},
        bytes_in=bytes_before + sum(each.bytes_in for each in connections.values()),
        bytes_out=fanout.bytes_out + outgoing.file_bytes,
        file_bytes=outgoing.file_bytes,
        commits=None,
        store_bytes=None,
    )


class TimedJournal:
    """A journal that measures how long another one takes to order what is proposed. Implements `Journal`.

    Args:
        journal: the other one.
        clock: what time it is.
    """

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self.at_once = journal.at_once
        self.durations = Durations()
        self._journal = journal
        self._clock = clock
        self._since: dict[tuple[int, int], float] = {}
        """When what is under way was proposed, by incarnation and number; the oldest first."""

    @property
    def lag(self) -> float:
        """How long what was proposed first has been under way, in seconds; 0 when nothing is."""
        return self._clock.monotonic() - next(iter(self._since.values()), self._clock.monotonic())

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        """Follow the other journal."""

        def delivered(entry: Entry) -> None:
            since = self._since.pop(entry.batch[:2], None)
            if since is not None:
                self.durations.add(self._clock.monotonic() - since)
            deliver(entry)

        def refused(batch: Batch, why: str) -> None:
            self._since.pop(batch[:2], None)
            refuse(batch, why)

        await self._journal.start(after, delivered, refused, fail)

    def propose(self, batch: Batch) -> None:
        """Propose it to the other journal."""
        if not batch.node:
            self._since.clear()  # a new incarnation: nothing becomes of what the one before has proposed
        self._since.setdefault(batch[:2], self._clock.monotonic())
        try:
            self._journal.propose(batch)
        except BaseException:  # it was not taken, and nothing comes of it
            self._since.pop(batch[:2], None)
            raise

    async def close(self) -> None:
        """End the other journal."""
        await self._journal.close()
