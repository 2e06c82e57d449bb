"""Invitations: texts that let people in, so many times and until then. Only their hashes are known here."""

from __future__ import annotations

from typing import Any, Final

from chatcore.chat.effects import LineKind
from chatcore.chat.kept.model import Invitation, Session
from chatcore.chat.requests.meant import ends_at
from chatcore.chat.requests.written_down import write_down
from chatcore.chat.state import State
from chatcore.commands import ListInvitations, MakeInvitation, RevokeInvitation
from chatcore.errors import ErrorCode, Refusal
from chatcore.events import Accepted, InvitationMade, InvitationsListed, InvitationSummary, ServerEvent
from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN
from chatcore.text.names import is_room_name, name_key

MOST_USES: Final = 10_000
_MOST: Final = 1000
_LINES: Final = 100


def find(state: State, hashed: str, time: float) -> Invitation | None:
    """Return the invitation that somebody shows, if it still lets in."""
    found = state.invitations.get(hashed)
    return found if found is not None and found.lasts(time) else None


def of_login(state: State, hashed: str) -> Invitation | None:
    """Return the invitation that a login shows; None without one. Raises `Refusal` (`bad_invitation`)."""
    found = find(state, hashed, state.moment.time) if hashed else None
    if hashed and found is None:
        raise Refusal(ErrorCode.BAD_INVITATION)
    return found


def use(state: State, session: Session, invitation: Invitation) -> None:
    """Let somebody in by it, once."""
    invitation.left -= 1
    room = state.rooms.get(name_key(invitation.room)) if invitation.room else None
    if room is not None and room.private:
        room.invited[session.person] = None
    state.note(LineKind.INVITED, session, user=session.name, number=invitation.number, left=invitation.left)


def make(state: State, session: Session, command: MakeInvitation) -> ServerEvent:
    time = state.moment.time
    if command.room is not None and not is_room_name(command.room):
        raise Refusal(ErrorCode.BAD_NAME, shortest=ROOM_NAME_MIN, longest=ROOM_NAME_MAX)
    for each in [each for each in state.invitations.values() if not each.lasts(time)]:
        del state.invitations[each.hashed]
    if len(state.invitations) >= _MOST:
        raise Refusal(ErrorCode.TOO_LARGE, what="invitations")
    uses = max(1, min(command.uses, MOST_USES))
    made = state.invitations[command.hashed] = Invitation(
        number=state.moment.record,
        hashed=command.hashed,
        by=session.name,
        at=time,
        until=ends_at(command.seconds, time),
        uses=uses,
        left=uses,
        room=command.room or "",
    )
    told: dict[str, Any] = {"room": made.room, "value": made.number, "until": made.until, "text": str(uses)}
    write_down(state, "make_invitation", session, **told)
    return InvitationMade("", summary(made))


def revoke(state: State, session: Session, command: RevokeInvitation) -> ServerEvent:
    found = next((each for each in state.invitations.values() if each.number == command.number), None)
    if found is None:
        raise Refusal(ErrorCode.BAD_INVITATION, what="number")
    del state.invitations[found.hashed]
    write_down(state, "revoke_invitation", session, value=found.number)
    return Accepted()


def list_invitations(state: State, session: Session, command: ListInvitations) -> ServerEvent:
    time = state.moment.time
    lasting = [each for each in state.invitations.values() if each.number > command.after and each.lasts(time)]
    return InvitationsListed(tuple(map(summary, lasting[:_LINES])), more=len(lasting) > _LINES)


def summary(invitation: Invitation) -> InvitationSummary:
    """Return what operators are told of an invitation."""
    return InvitationSummary(
        number=invitation.number,
        by=invitation.by,
        at=invitation.at,
        uses=invitation.uses,
        left=invitation.left,
        until=invitation.until,
        room=invitation.room,
    )
