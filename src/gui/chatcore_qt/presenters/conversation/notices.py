"""Events and answers as sentences for the timeline. Nothing that a peer wrote leaves here without `safe_text`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chatcore import events as e
from chatcore.events import BansListed, RoomModerated, WayChosen
from chatcore.text import slash, telling
from chatcore.text.safe_text import safe_name, safe_text
from chatcore.text.telling import room_sentences
from chatcore_qt.presenters.entries.timeline import NoticeEntry, Presence
from chatcore_qt.texts import library, translate

_NAMES_SHOWN: Final = 12
_NAMES_IN_A_LINE: Final = 3
_LINES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command that can be typed."""

    name: str
    usage: str
    about: str


def commands() -> tuple[CommandLine, ...]:
    """Return the commands, in the user's language."""
    return tuple(
        CommandLine(one.name, telling.told(one.usage, library), telling.told(one.about, library))
        for one in slash.SLASHES.values()
    )


def help_text() -> str:
    """Return the list of commands, one a line."""
    lines = [translate("Commands", "{usage}: {about}").format(usage=one.usage, about=one.about) for one in commands()]
    return "\n".join([*lines, telling.whole(slash.ANYTHING_ELSE, library)])


def no_connection() -> str:
    """Return that nothing can be asked now."""
    return translate("Notices", "There is no connection.")


def registered(name: str) -> str:
    """Return that a name is the user's own from now on."""
    text = translate("Notices", "{name} is yours from now on: whoever wants the name has to say your password.")
    return text.format(name=safe_name(name))


def identified(name: str) -> str:
    """Return that the user has shown to own a name."""
    return translate("Notices", "You have shown that {name} is yours.").format(name=safe_name(name))


def joined(names: Sequence[str]) -> str:
    """Return that users came into the room."""
    return translate("Notices", "{names} joined.", "", len(names)).format(names=_listed(names))


def left(names: Sequence[str]) -> str:
    """Return that users left the room."""
    return translate("Notices", "{names} left.", "", len(names)).format(names=_listed(names))


def presence(key: str, presence: Presence, at: datetime) -> NoticeEntry:
    """Return who came and went in one line: the names of a few, the numbers of many."""
    came, went = presence.came, presence.left
    whole = " ".join(([joined(came)] if came else []) + ([left(went)] if went else []))
    if len(came) + len(went) <= _NAMES_IN_A_LINE:
        return NoticeEntry(key, whole, at, presence)
    if not went:
        text = translate("Notices", "%n people joined.", "", len(came))
    elif not came:
        text = translate("Notices", "%n people left.", "", len(went))
    else:
        parts = (translate("Notices", "%n came", "", len(came)), translate("Notices", "%n left", "", len(went)))
        text = translate("Notices", "{came}, {left}.").format(came=parts[0], left=parts[1])
    return NoticeEntry(key, text, at, presence, whole)


def renamed(event: e.UserRenamed) -> str:
    """Return that a user has another name now."""
    return translate("Notices", "{old} is now called {new}.").format(old=safe_name(event.old), new=safe_name(event.new))


def in_doubt(name: str) -> str:
    """Return that nothing was sent yet, because a name may be another user's by now."""
    text = translate(
        "Notices",
        "Not sent yet: {name} may be somebody else now. Nobody had that name in between, or another one has taken it."
        " Send it once more if it is meant so.",
    )
    return text.format(name=safe_name(name))


def no_room_shown() -> str:
    """Return why a command about messages of a room does nothing where a private conversation is shown."""
    return translate(
        "Notices",
        "Private messages are not changed, answered or reacted to. To do that to a message of a room, choose the room"
        " first.",
    )


def begun_anew() -> str:
    """Return that the log of a room is another one than before."""
    return translate(
        "Notices",
        "This room's earlier messages are gone from the server: it was started anew, or the room was created anew.",
    )


def waits(line: str) -> str:
    """Return that a command is carried out once the connection is back; of a secret one, its name."""
    shown = line.split(maxsplit=1)[0] if slash.is_secret(line) else line
    return translate("Notices", "Waits for the connection: {command}").format(
        command=safe_text(shown.strip(), keep_layout=True)
    )


def transport(event: e.TransportChosen) -> str:
    """Return why the connection is not the one that was hoped for; nothing when it is."""
    match event.why:
        case "quic_silent":
            return translate("Notices", "QUIC gave no answer here, so this connection is a WebSocket.")
        case "quic_failed":
            return translate("Notices", "QUIC did not work here, so this connection is a WebSocket.")
    return ""


def way(event: WayChosen) -> str:
    """Return why files do not go by the quickest way; nothing when they do."""
    match event.why:
        case "unreachable":
            text = translate(
                "Notices", "Files may take longer here: a second connection for them is not possible ({why})."
            )
        case "lost":
            text = translate("Notices", "Files may take longer now: the second connection for them is lost ({why}).")
        case _:
            return ""
    return text.format(why=telling.told(event.detail, library))


def stranger() -> str:
    """Return that something else than the server answers at its address."""
    return translate(
        "Notices",
        "What answers at the server's address is not the server that you know: somebody may be in between, or this "
        "network wants you to log in on a web page first. Nothing is sent there, and what you wrote is kept; the app "
        "goes on trying.",
    )


def moderated(event: RoomModerated) -> str:
    """Return what was done in the room; nothing for what a newer server does."""
    said = room_sentences.happened(event, _time)
    return "" if said is None else telling.whole(said, library)


def answer(event: e.ClientEvent) -> str | None:
    """Return the answer to a request in words; None for one that shows itself otherwise."""
    match event:
        case e.RoomsListed(rooms=rooms):
            lines = [
                translate("Notices", "{room}: %n people", "", room.users).format(room=safe_name(room.name))
                for room in rooms[:_LINES_SHOWN]
            ]
            return _with_rest(translate("Notices", "%n rooms:", "", len(rooms)), lines, len(rooms))
        case e.UsersListed(users=users):
            lines = [
                translate("Notices", "{name} in {room}").format(name=safe_name(user.name), room=safe_name(user.room))
                for user in users[:_LINES_SHOWN]
            ]
            return _with_rest(translate("Notices", "%n people:", "", len(users)), lines, len(users))
        case e.UserDescribed():
            return _described(event)
        case e.MessagesFound(messages=messages):
            found = (
                f"{_time(each.at)} {safe_name(each.room)} {safe_name(each.sender)}: {safe_text(each.text)}"
                for each in messages
            )
            return "\n".join(found)
        case BansListed(bans=bans):
            return "\n".join(
                telling.whole(each, library)
                for each in [room_sentences.ban_line(ban, _time) for ban in bans] or [room_sentences.NOBODY_BANNED]
            )
    return None


def _described(event: e.UserDescribed) -> str:
    values = {
        "name": safe_name(event.username),
        "room": safe_name(event.room),
        "since": _time(event.since, "%H:%M"),
        "transport": telling.transport_name(event.transport),
        "dialect": safe_text(event.dialect),
        "address": safe_text(event.address or ""),
    }
    if event.bot:
        values["name"] = translate("Conversation", "{name} (a bot)").format(name=values["name"])
    minutes = int(max(0.0, min(event.idle, 2.0**31)) // 60)
    if not event.connected:
        text = translate("Notices", "{name} lost the connection and may come back.")
    elif event.dialect == "chat":
        text = translate("Notices", "{name} is in {room}, since {since} ({transport}).")
    else:
        text = translate("Notices", "{name} is in {room}, since {since} ({transport}, {dialect}).")
    lines = [text.format(**values)]
    if minutes:
        lines.append(translate("Notices", "Last active %n minutes ago.", "", minutes))
    elif event.connected:
        lines.append(translate("Notices", "Active just now."))
    if event.address:
        lines.append(translate("Notices", "Connected from {address}.").format(**values))
    return "\n".join(lines)


def _time(at: float, form: str = "%Y-%m-%d %H:%M") -> str:
    return datetime.fromtimestamp(at).strftime(form) if 0 < at < 2**37 else "?"


def _with_rest(head: str, lines: list[str], count: int) -> str:
    if count > len(lines):
        lines.append(translate("Notices", "and %n more", "", count - len(lines)))
    return "\n".join([head, *lines])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(safe_name(name) for name in names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
