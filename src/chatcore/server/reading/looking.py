"""Messages that something is about: looked at where it is asked, and the record says to all nodes what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chatcore.chat.kept.model import Session
from chatcore.chat.requests.permissions import check_at
from chatcore.chat.requests.reactions import as_seen
from chatcore.chat.state import State
from chatcore.commands import Command, DeleteMessage, EditMessage, Position, Reacting, SendMessage
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, Posted
from chatcore.ports.archive import Unreadable

AboutMessage = DeleteMessage | EditMessage | Reacting | SendMessage
"""What is about a message that has to be looked at first."""


def seq_of(command: AboutMessage) -> int:
    """Return which message of its log a command is about; 0 for none."""
    return (command.reply_to or 0) if isinstance(command, SendMessage) else command.seq


def looked_at(
    state: State,
    session: Session | None,
    command: Command,
    *,
    key: str,
    at: Position,
    found: Sequence[Posted | Unreadable] | None,
    time: float,
) -> AboutMessage | Accepted:
    """Return a command that says what was found, to be proposed so; or the answer, where there is nothing to do.

    Args:
        state: of the chat.
        session: who asks; None for somebody who is gone.
        command: what is asked, an `AboutMessage`.
        key: of the log where it was looked.
        at: where that log was then.
        found: what is there, None when that could not be read.
        time: of day, in seconds.

    Raises:
        Refusal: it may not be done, or there is no such message.
    """
    assert isinstance(command, AboutMessage)
    kept = found[0] if found and found[0].seq == seq_of(command) else None
    entry = None if isinstance(kept, Unreadable) else kept
    if isinstance(command, SendMessage):
        # Its number is used up whatever becomes of it, and that is for the chat to say.
        there = entry is not None and not entry.deleted and command.epoch in ("", at.epoch)
        return replace(command, epoch=at.epoch if there else "")
    if session is not None:  # and first: who may not come in does not learn what is there
        check_at(state, session, command, time)
    if entry is None or entry.deleted or session is None or command.epoch not in ("", at.epoch):
        is_lost = found is None or kept is not entry
        raise Refusal(ErrorCode.UNREADABLE if is_lost else ErrorCode.NO_SUCH_MESSAGE)
    if isinstance(command, DeleteMessage | EditMessage):
        own = entry.client is not None and entry.client == session.numbers
        changed = replace(command, room=key, epoch=at.epoch, sender=entry.sender, own=own)
        return replace(changed, again=entry.edited) if isinstance(changed, EditMessage) else changed
    seen = as_seen(session, command, entry, at.changes or 0)
    return Accepted() if seen is None else replace(seen, room=key, epoch=at.epoch)
