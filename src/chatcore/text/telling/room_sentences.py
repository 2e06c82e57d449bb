"""What is done in rooms that somebody looks after, in sentences for people; interfaces say them in other languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chatcore.errors import Sentence
from chatcore.events import BanSummary, RoomModerated
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name, safe_text

When = Callable[[float], str]
"""Says a time, in seconds since 1970, as its user wants to read it."""

ACTS: Final = {
    "kick": Sentence("{by} put {target} out of {room}"),
    "ban": Sentence("{by} banned {target} from {room}"),
    "ban.absent": Sentence("{by} banned {target} from {room} (nobody is called that now; it is for whoever will be)"),
    "unban.banned": Sentence("{by} took a ban of {target} from {room} back, but another one holds"),
    "unban": Sentence("{by} lets {target} into {room} again"),
    "mute": Sentence("{by} muted {target} in {room}"),
    "mute.absent": Sentence("{by} muted {target} in {room} (nobody is called that now; it is for whoever will be)"),
    "unmute.muted": Sentence("{by} took a mute of {target} in {room} back, but another one holds"),
    "unmute": Sentence("{by} lets {target} speak in {room} again"),
    "invite": Sentence("{by} invites {target} to {room}"),
    "set_private.True": Sentence("{by} made {room} private: only who is invited gets in"),
    "set_private.False": Sentence("{by} opened {room} to everybody"),
    "set_slow": Sentence("{by} lets everybody in {room} wait for {value} s between two messages"),
    "set_slow.0": Sentence("{by} lets everybody in {room} write as they like"),
    "delete_message.away": Sentence("a message of {target} was deleted"),
    "delete_message.own": Sentence("{by} deleted a message"),
    "delete_message": Sentence("{by} deleted a message of {target}"),
    "edit_message": Sentence("{by} changed a message: {text}"),
    "close_room": Sentence("{by} closed {room}"),
    "set_topic": Sentence("{by} changed the topic of {room}: {value}"),
    "set_topic.": Sentence("{by} took the topic of {room} away"),
    "set_role.owner": Sentence("{target} owns {room} now"),
    "set_role.moderator": Sentence("{target} is a moderator of {room} now"),
    "set_role.member": Sentence("{target} is an ordinary member of {room} now"),
    "operator": Sentence("{by} is an operator from now on"),
    "operator.True": Sentence("the owner of the account {target} is an operator from now on, by the settings"),
    "operator.False": Sentence("{target} is no operator any more, by the settings"),
    "make_invitation.here.1": Sentence("{by} made invitation {value} to {room}, for one login"),
    "make_invitation.here": Sentence("{by} made invitation {value} to {room}, for {text} logins"),
    "make_invitation.everywhere.1": Sentence("{by} made invitation {value}, for one login"),
    "make_invitation.everywhere": Sentence("{by} made invitation {value}, for {text} logins"),
    "revoke_invitation": Sentence("{by} took invitation {value} back"),
    "reset_account": Sentence("{by} gave the account {target} a password"),
    "drop_account": Sentence("{by} let the name {target} belong to nobody any more"),
    "broadcast": Sentence("{by} said to everyone: {text}"),
    "reload": Sentence("{by} had the settings and certificates read again"),
    "reload.away": Sentence("the settings and certificates were read again"),
    "set_limits": Sentence("other limits hold: {value}"),
    "set_password": Sentence("the server has another password"),
    "set_password.none": Sentence("the server has no password any more"),
    "set_operator_token": Sentence("the operators have another token"),
    "set_operator_token.none": Sentence("the operators have no token any more"),
    "drain": Sentence("{by} lets the server end"),
}
LINES: Final = {"ban": Sentence("{target} is banned, by {by}"), "mute": Sentence("{target} is muted, by {by}")}
NOBODY_BANNED: Final = Sentence("nobody is banned here, or muted")
HERE: Final = {
    "operator": Sentence("you are an operator here: /topic, /op, /kick, /mute and /ban are for you"),
    "owner": Sentence("this room is yours: /topic, /op, /kick, /mute and /ban are for you"),
    "moderator": Sentence("you are a moderator here: /topic, /kick, /mute and /ban are for you"),
    "muted": Sentence("you may only listen here"),
}
THERE: Final = {
    "operator": Sentence("{name} is an operator of this server"),
    "owner": Sentence("{name} owns that room"),
    "moderator": Sentence("{name} is a moderator there"),
    "muted": Sentence("{name} may only listen there"),
}
UNTIL: Final = Sentence("{what}, until {until}")
WHY: Final = Sentence("{what}: {why}")


def puts_out(event: RoomModerated, username: str) -> bool:
    """Tell whether this makes a user leave the room that they are in, who did not ask for it."""
    if event.act == "close_room":
        return name_key(event.by) != name_key(username)
    return event.act in ("kick", "ban") and name_key(event.target) == name_key(username)


def happened(event: RoomModerated, when: When) -> Sentence | None:
    """Return what was done; None for what a newer server does. A text or a topic in it has the lines that it has."""
    who = "away" if not event.by else "own" if name_key(event.by) == name_key(event.target) else "other"
    where = "here" if event.room else "everywhere"
    kinds = (who, str(event.value), f"{where}.{event.text}", where)
    form = next((ACTS[kind] for each in kinds if (kind := f"{event.act}.{each}") in ACTS), ACTS.get(event.act))
    if form is None:
        return None
    names = {"by": safe_name(event.by), "target": safe_name(event.target), "room": safe_name(event.room)}
    said = Sentence(form.text, **names, value=_lines(str(event.value)), text=_lines(event.text))
    return _more(said, event.until, event.reason, when)


def ban_line(ban: BanSummary, when: When) -> Sentence:
    """Return who is banned or muted, by whom, until when and why."""
    form = LINES.get(ban.act, LINES["ban"])
    said = Sentence(form.text, target=safe_name(ban.username), by=safe_name(ban.by))
    return _more(said, ban.until, ban.reason, when)


def own_role(role: str) -> Sentence | None:
    """Return what a user is in the room, if that is worth a word."""
    return HERE.get(role)


def role_of(name: str, role: str) -> Sentence | None:
    """Return what another user is in a room, if that is worth a word."""
    form = THERE.get(role)
    return None if form is None else Sentence(form.text, name=safe_name(name))


def _more(said: Sentence, until: float | None, reason: str, when: When) -> Sentence:
    if until is not None:
        said = Sentence(UNTIL.text, what=said, until=when(until))
    return Sentence(WHY.text, what=said, why=_lines(reason)) if reason else said


def _lines(text: str) -> str:
    return safe_text(text.rstrip("\n"), keep_layout=True)
