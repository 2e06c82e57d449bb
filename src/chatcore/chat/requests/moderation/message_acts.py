"""What is done to messages: taken away, or made to say something else."""

from __future__ import annotations

from chatcore.chat.kept.model import Session
from chatcore.chat.kept.roles import Role
from chatcore.chat.requests.meant import room_of_message
from chatcore.chat.requests.messages import check_text
from chatcore.chat.requests.moderation.acts import tell
from chatcore.chat.slow_mode import take_turn
from chatcore.chat.state import State
from chatcore.commands import DeleteMessage, EditMessage
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, ServerEvent


def delete_message(state: State, session: Session, command: DeleteMessage) -> ServerEvent:
    room = room_of_message(state, session, command)
    if not command.own and room.role_of(session, state.moment.time) < Role.MODERATOR:
        raise Refusal(ErrorCode.NOT_ALLOWED, what="moderator", rule="delete_message", room=room.name)
    state.log.change(room.key, command.seq, "", deleted=True)
    change = state.log.changes(room.key)
    sender, seq = command.sender, command.seq
    tell(state, room, session, "delete_message", name=sender, value=seq, change=change, own=command.own)
    return Accepted()


def edit_message(state: State, session: Session, command: EditMessage) -> ServerEvent:
    room = room_of_message(state, session, command)
    if not command.own:
        raise Refusal(ErrorCode.NOT_ALLOWED, what="own")
    check_text(state, command.text)
    if command.again:  # a slip may be corrected at once
        take_turn(state, session, room)
    state.log.change(room.key, command.seq, command.text, deleted=False)
    change, text, sender = state.log.changes(room.key), command.text, command.sender
    tell(state, room, session, "edit_message", name=sender, value=command.seq, text=text, change=change, own=True)
    return Accepted()
