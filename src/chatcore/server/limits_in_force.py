"""The limits that a node goes by: they may change while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chatcore.chat.chat import Chat
from chatcore.chat.effects import LineKind
from chatcore.dialects.base import Dialect, customs_of
from chatcore.events import ServerEvent
from chatcore.limits import FIXED, Limits
from chatcore.records import LimitsSet
from chatcore.server.connections.connection import Connection, Terms
from chatcore.server.journal.proposals import Proposals
from chatcore.server.operator_log import OperatorLog


class LimitsInForce:
    """Proposes other limits, and lets them hold here once the journal has ordered them.

    Args:
        chat: whose limits they are.
        connections: those of this node, by number.
        log: takes lines for the operator; as many as the limits say.
        proposals: takes what changes the chat.
        go_by: told when other limits hold.
        tell: tells a connection something.
    """

    def __init__(
        self,
        chat: Chat,
        connections: Mapping[int, Connection],
        log: OperatorLog,
        proposals: Proposals,
        *,
        go_by: Callable[[Limits], None],
        tell: Callable[[Connection, ServerEvent], None],
    ) -> None:
        self._chat = chat
        self._connections = connections
        self._log = log
        self._proposals = proposals
        self._go_by = go_by
        self._tell = tell
        self._terms: dict[str, Terms] = {}  # by the names of dialects

    def terms_of(self, dialect: Dialect) -> Terms:
        """Return what holds for connections of a dialect: it may have other limits, for what nobody has set."""
        terms = self._terms.get(dialect.name)
        if terms is None:
            customs = customs_of(dialect)
            everywhere = self._chat.limits
            limits = everywhere.with_defaults(customs.default_limits)
            # What is as everywhere is so too when that changes.
            longest = None if limits.username_chars == everywhere.username_chars else limits.username_chars
            terms = self._terms[dialect.name] = Terms(customs, limits, longest)
        return terms

    def propose(self, limits: Limits) -> None:
        """Let other limits hold at all nodes, but for those that are `FIXED`."""
        kept = {name: getattr(self._chat.limits, name) for name in FIXED}
        self._proposals.add(LimitsSet(limits.model_copy(update=kept).model_dump(mode="json")))

    def moved(self) -> None:
        """Go by what the chat has by now, and tell everybody, if that is not what it had before."""
        chat, now = self._chat, self._chat.state.limits
        news = {name: new for name in Limits.model_fields if (new := getattr(now, name)) != getattr(chat.limits, name)}
        if not news:
            return
        limits = chat.limits = chat.limits.model_copy(update=news)  # which knows what was left to the dialects
        self._terms.clear()
        self._log.change(limits)
        self._go_by(limits)
        self._log.note(LineKind.LIMITS_SET, {})
        for connection in list(self._connections.values()):
            session = chat.session(connection.number)
            if session is not None:
                self._tell(connection, chat.limits_told(session))
