"""The journal's side of the switchboard: what was ordered is carried out, what is not kept is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import repeat
from typing import Any, Final

from chatcore.chat.chat import Chat
from chatcore.chat.effects import Effect, LineKind, Publish
from chatcore.errors import ErrorCode, FileError, Refusal, Sentence
from chatcore.events import MessagePosted, ServerEvent
from chatcore.limits import Limits
from chatcore.ports.clock import Clock, Timer
from chatcore.ports.journal import Entry
from chatcore.quick import quick_tuple
from chatcore.records import NodeLeft, NodeUp
from chatcore.server.connections.outgoing import Outgoing
from chatcore.server.connections.timers import Alarm
from chatcore.server.journal.lease import Lease
from chatcore.server.journal.proposals import Asked, Proposals
from chatcore.server.operator_log import OperatorLog
from chatcore.server.requests import Requests
from chatcore.server.shaper import Shaper
from chatcore.text.reasons import NOT_KEPT, refusal_text

_publish: Final = quick_tuple(Publish)

# So often, once a second, a node asks to begin among others that it is not like: those that are dead are gone by then.
_BEGINS: Final = 8

# For so many seconds a node that leaves waits for its last batches; then the others find out by its lease.
_LEAVE_PATIENCE: Final = 2.0

# What the journal does not keep may be asked for again after so many seconds.
_TRY_AGAIN: Final = 1.0

_UNHEARD: Final = Sentence("nothing comes back from the journal")


class JournalSide:
    """Takes part in the chat as one node: begins, applies what the journal orders, is cut off, leaves.

    Args:
        chat: what the entries change.
        clock: time and turns.
        new_id: gives a fresh unguessable string per call.
        log: takes lines for the operator.
        proposals: the way to the journal.
        requests: tells who asked for something what became of it.
        outgoing: sends everybody away.
        shaper: tells what is gathered over a while.
        carry_out: what to do about an effect, by its kind.
        keep: called after every entry, to keep what is new in the logs.
        stop: called when the journal cannot go on: says goodbye to everyone.
    """

    def __init__(
        self,
        chat: Chat,
        clock: Clock,
        new_id: Callable[[], str],
        log: OperatorLog,
        *,
        proposals: Proposals,
        requests: Requests,
        outgoing: Outgoing,
        shaper: Shaper,
        carry_out: Mapping[type[Effect], Callable[[Any], None]],
        keep: Callable[[], None] | None,
        stop: Callable[[str], None],
    ) -> None:
        self._chat = chat
        self._clock = clock
        self._new_id = new_id
        self._log = log
        self._proposals = proposals
        self._requests = requests
        self._outgoing = outgoing
        self._shaper = shaper
        self._carry_out = carry_out
        self._keep = keep
        self._stop = stop
        self._not_kept_since: float | None = None
        self._not_kept_because: str | None = None
        self._try_again: Timer | None = None
        self._was_up = False
        self._astray = False  # True when an entry was not applied as the others have it: nothing is to come behind it
        self._begins = 0  # how often it was not taken
        self._unheard_behind: int | None = None  # how many batches had come back when none did for too long
        self._alarm = Alarm(clock, proposals.show_life)
        self._lease: Lease | None = None
        self._node_up: NodeUp
        self._lost: Callable[[], bool]

    # This node.

    async def start(self, node_up: NodeUp, up: Callable[[], None], lost: Callable[[], bool]) -> None:
        """Begin, behind what was applied already; call `up` when what is proposed counts, or never will.

        `lost` is asked when all that is there was applied, and not any more once this node was up.
        """
        self._node_up, self._lost = node_up, lost
        await self._proposals.start(self._chat.position, self._new_incarnation, up, self)
        if node_up.lease:
            self._lease = Lease(self._clock, node_up.lease, self._proposals, self._unheard)

    def change_limits(self, limits: Limits) -> None:
        """Begin with these from now on, should this node have to begin again."""
        self._node_up = replace(self._node_up, limits=limits.model_dump(mode="json"))

    def _new_incarnation(self) -> NodeUp:
        return replace(self._node_up, nonce=self._new_id(), lost=not self._was_up and self._lost())

    def leave(self, left: Callable[[], None]) -> None:
        """Leave the chat, and call back when everything that was proposed has its place; sessions wait for others."""
        if self._lease is not None:
            self._clock.call_at(self._clock.monotonic() + _LEAVE_PATIENCE, self._proposals.give_up)
        self._proposals.add(NodeLeft("the server was stopped"))
        self._proposals.settle(partial(self._left, left))

    def _left(self, left: Callable[[], None]) -> None:
        self.rest()
        if self._lease is not None:
            self._lease.cancel()
        left()

    def rest(self) -> None:
        """Bring nothing about any more that is due at a time."""
        self._alarm.cancel()

    @property
    def apart(self) -> str | None:
        """Why this node is not up, cut off, or can do nothing, for whoever runs it; None when all is well."""
        if not self._proposals.node or self._unheard_behind == self._proposals.heard:
            return _UNHEARD
        return self.refuses

    @property
    def refuses(self) -> str | None:
        """Why the journal keeps nothing at present, for whoever runs it; None when all is well."""
        return None if self._not_kept_because is None else Sentence(NOT_KEPT, why=self._not_kept_because)

    def cut_off(self) -> None:
        """Send everybody away, to where the journal is heard."""
        self._outgoing.send_away(ErrorCode.UNAVAILABLE, refusal_text(ErrorCode.UNAVAILABLE))

    def _unheard(self) -> None:
        if self._unheard_behind != self._proposals.heard:  # it is told once
            self._unheard_behind = self._proposals.heard
            self._log.note(LineKind.CUT_OFF, {"why": _UNHEARD})
        self.cut_off()

    def _given_up_by_others(self) -> None:
        """Begin anew: this node's lease was over, or it has left, and nothing that it proposes counts any more."""
        unlike = self._chat.unlike(self._node_up)
        if self._requests.stopping:
            self._proposals.give_up()
        elif unlike:
            self._not_taken(unlike)
        else:
            self._log.note(LineKind.CUT_OFF, {"why": "the other nodes took it to be gone"})
            self.cut_off()
            self._proposals.begin(self._new_incarnation())

    def _not_taken(self, unlike: list[str]) -> None:
        """Begin again as long as those that are up may be dead; then end."""
        self._begins += 1
        if self._begins < _BEGINS:
            self._proposals.forget()
            self._clock.call_at(self._clock.monotonic() + _TRY_AGAIN, self._begin_again)
            return
        why = Sentence(
            "the other servers of this chat have other settings ({names}); start it with theirs, or stop them first",
            names=", ".join(unlike),
        )
        if self._was_up:
            self.failed(FileError(why))
        else:
            self._proposals.unbegun = why
            self._proposals.give_up()

    def _begin_again(self) -> None:
        if not self._requests.stopping:
            self._proposals.begin(self._new_incarnation())

    # What the journal says.

    def applied(self, entry: Entry, askers: list[Asked | None] | None) -> bool:
        """Carry out what the journal has ordered; tell whether it counts."""
        chat, node = self._chat, self._proposals.node
        if self._astray:
            return True
        try:
            applied = chat.apply(entry)
            if self._keep is not None:
                self._keep()
        except Exception as error:
            if self._proposals.at_once:  # nobody else has applied it, and whoever has proposed it hears of it
                raise
            self._astray = True
            self.failed(error)
            return True
        if applied is None or not node:  # what was before this node began, it tells nobody
            return applied is not None
        if self._not_kept_since is not None:
            self._kept_again(self._not_kept_since)
        if applied.due:
            self.do(applied.due)
        for each in applied.mistakes:
            self._log.note_mistake(each)
        awaited = False
        for (answer, effects, mistake), asked in zip(applied.outcomes, askers or repeat(None), strict=False):
            if mistake is not None:
                self._log.note_mistake(mistake)
            if asked is not None:
                connection = asked.connection
                connection.end_request()
                awaited |= connection.awaited
                if answer is not None:
                    told = connection.outlet.one_copy and _tell_with_all(asked, answer, effects)
                    self._requests.answer(asked, answer, told=told)
                    self._outgoing.alike += told
            self.do(effects)
        self._shaper.tell()
        next_due = chat.next_due
        if next_due != self._alarm.due:
            self._alarm.set(next_due, entry.clock)
        if askers is not None and (awaited or not self._proposals.at_once):
            self._requests.read_on_after(askers)
        if self._lease is not None and node not in chat.nodes.up:
            self._given_up_by_others()
        else:
            self._was_up = True
        return True

    def do(self, effects: list[Effect]) -> None:
        """Carry out effects, in order. A mistake with one of them costs the others nothing."""
        carry_out = self._carry_out
        self._outgoing.done += len(effects)
        for effect in effects:
            try:
                carry_out[type(effect)](effect)
            except Exception as mistake:
                self._log.note_mistake(mistake)

    def not_kept(self, askers: list[Asked | None], why: str) -> None:
        """Refuse what the journal could not keep: nothing of it has happened."""
        if self._not_kept_since is None:
            self._not_kept_since = self._clock.monotonic()
        if why != self._not_kept_because:
            self._not_kept_because = why
            self._log.note(LineKind.NOT_KEPT, {"why": why})
        self._refuse(askers, Refusal(ErrorCode.UNAVAILABLE, retry_after=_TRY_AGAIN))
        if self._try_again is None:
            self._try_again = self._clock.call_at(self._clock.monotonic() + _TRY_AGAIN, self._ask_again)

    def _ask_again(self) -> None:
        """Find out whether it keeps something again, though nobody asks: whoever looks at it goes by that."""
        self._try_again = None
        self._proposals.end_turn()
        if self._not_kept_since is not None and self._proposals.node and not self._requests.stopping:
            self._proposals.show_life()

    def mistaken(self, askers: list[Asked | None], mistake: Exception) -> None:
        """Refuse what the journal cannot take: nothing of it has happened, and what else is asked for goes on."""
        self._log.note_mistake(mistake)
        self._refuse(askers, Refusal(ErrorCode.INTERNAL))

    def _refuse(self, askers: list[Asked | None], refusal: Refusal) -> None:
        for asked in askers:
            if asked is not None:
                asked.connection.end_request()
                self._requests.refuse(asked, refusal)
        self._requests.read_on_after(askers)

    def _kept_again(self, since: float) -> None:
        self._not_kept_since = self._not_kept_because = None
        self._log.note(LineKind.KEPT_AGAIN, {"after": round(self._clock.monotonic() - since, 1)})

    def failed(self, error: BaseException) -> None:
        """Stop: the journal cannot go on."""
        if isinstance(error, FileError):
            self._log.note(LineKind.STORE_FAILED, {"why": error.sentence})
            if not self._proposals.node:  # whoever starts it is told, not only whoever looks into the log
                self._proposals.unbegun = error.sentence
        else:
            self._log.note_mistake(error)
        if self._lease is not None:
            self._lease.cancel()
        self._proposals.give_up()
        self._stop("the server cannot go on")


def _tell_with_all(asked: Asked, answer: ServerEvent, effects: list[Effect]) -> bool:
    """Let whoever has said something be told of it with everybody in the room, where his copy would be the same.

    Returns whether that is so.
    """
    if type(answer) is not MessagePosted or answer.cid is not None or asked.reply_to is not None:
        return False
    connection, first = asked.connection, effects[0]
    if type(first) is not Publish or first.event is not answer or first.room != connection.room or connection.closing:
        return False
    effects[0] = _publish((first.room, answer, None))
    return True
