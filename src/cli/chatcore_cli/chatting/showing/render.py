"""Events as lines of text for people. Pure; nothing that a peer wrote leaves here without `safe_text`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo
from itertools import groupby
from math import ceil
from typing import Final

from chatcore import events as e
from chatcore.commands import Position
from chatcore.errors import ErrorCode
from chatcore.events import BansListed, ReactionChanged, RoomModerated
from chatcore.events import files as f
from chatcore.text import telling
from chatcore.text.names import name_key
from chatcore.text.names.mentions import mentions
from chatcore.text.reasons import WHAT, refusal_sentence
from chatcore.text.safe_text import harmless, safe_name, safe_text
from chatcore.text.telling import room_sentences
from chatcore_cli.chatting.showing import files
from chatcore_cli.chatting.showing.moments import moment_text
from chatcore_cli.saying.refusals import reason
from chatcore_cli.saying.texts import _, ngettext, told, whole

Line = list[tuple[str, str]]
"""Pieces of one line, each with the name of its style. A message of several lines is one `Line`."""

INDENT: Final = "      "  # as wide as "07:08 ", so that no line of a message can look like another message
_NAMES_SHOWN: Final = 20
# So many messages are remembered for those that answer them, and so much of one is shown then.
_QUOTABLE: Final = 500
_QUOTED: Final = 60
_EMOJI: Final = 16

# A goodbye that says no more than that it is one. A test looks whether it is still said like that.
ONLY_GOODBYE: Final = "the server said goodbye"


def failure_reason(event: f.FileFailed) -> str:
    """Return why a file was not sent or received."""
    if event.code in tuple(f.FileEnd):
        return told(refusal_sentence(event.code, {}) or "")
    gone = event.code == ErrorCode.NO_SUCH_USER
    return telling.refusal(event.code, event.message, {WHAT: "left"} if gone else {}, _, name=event.user)


def plain(line: Line) -> str:
    """Return what a line says, without how it looks."""
    return "".join(text for _style, text in line)


def _lines(text: str) -> str:
    """Return a text, harmless, with the lines that it has."""
    return safe_text(text.rstrip("\n"), keep_layout=True)


def _indented(text: str) -> str:
    """Return the same; lines after the first are indented."""
    return _lines(text).replace("\n", f"\n{INDENT}")


def said(event: e.Posted) -> str:
    """Return what a message says, harmless, and what has become of it."""
    if event.deleted:
        return _("(deleted)")
    text = _indented(event.text)
    return _("{text} (edited)").format(text=text) if event.edited else text


def plain_message(event: e.Posted, *, for_people: bool = False) -> str:
    """Return a message as a line for programs: `name: text`, in every language alike.

    For programs honest invisible characters are there as they were sent; what only people need is not.
    """
    text = (safe_text if for_people else harmless)(event.text.rstrip("\n"), keep_layout=True).replace("\n", "\n  ")
    if isinstance(event, e.DirectPosted):
        to = ",".join(map(safe_name, event.to))
        return f"{safe_name(event.sender)} -> {to}: {text}"
    if isinstance(event, e.BroadcastPosted):
        return f"{safe_name(event.sender)} -> *: {text}"
    return f"{safe_name(event.sender)}: {text}"


def notice(text: str) -> Line:
    """Return a line that tells the user something."""
    return [("class:notice", f"* {_indented(text)}")]


def warning(text: str) -> Line:
    """Return a line that the user should not overlook."""
    return [("class:warning", f"! {_indented(text)}")]


def _below(event: e.MessagePosted) -> Line:
    """Return the emojis below a message."""
    there = " ".join(f"{safe_text(each.emoji)[:_EMOJI]} {each.count}" for each in event.reactions)
    return [("class:notice", f"  [{there}]")] if there else []


class Renderer:
    """Turns events into lines, as one user sees them.

    Args:
        zone: the time zone of the times shown; the machine's own when left out.
        asks: whether the user is to say what becomes of files that are offered.
    """

    def __init__(self, zone: tzinfo | None = None, *, asks: bool = True) -> None:
        self.me = ""
        """The user's own name."""
        self._zone = zone
        self._goodbye: str | None = None
        self._seen: OrderedDict[tuple[str, int], e.MessagePosted] = OrderedDict()
        self._epochs: OrderedDict[str, str] = OrderedDict()  # of the logs that these are of, by the keys of the rooms
        self._rows: dict[type, Callable[..., list[Line]]] = {
            e.MessagePosted: self._message,
            e.DirectPosted: self._direct,
            e.BroadcastPosted: self._broadcast,
            e.PresenceChanged: self._presence,
            e.UserRenamed: self._renamed,
            e.GapFound: self._gap,
            e.RoomEntered: self._entered,
            e.HistoryRead: self._history,
            e.MessagesFound: self._found,
            ReactionChanged: self._reaction,
            e.RoomsListed: self._rooms,
            e.UsersListed: self._users,
            e.UserDescribed: self._described,
            RoomModerated: self._moderated,
            BansListed: self._bans,
            e.Refused: self._refused,
            e.ConnectionLost: self._lost,
            e.Dismissed: self._dismissed,
            e.TransportChosen: self._chosen,
            f.FileOffered: lambda event: [notice(files.offered_text(event, asks=asks))],
            f.FileReceived: lambda event: [notice(files.received_text(event))],
            f.FileSent: lambda event: [notice(files.sent_text(event))],
            f.WayChosen: lambda event: [notice(text)] if (text := files.way_text(event)) else [],
            f.FileFailed: lambda event: [warning(files.failed_text(event, failure_reason(event)))],
        }

    def lines(self, event: e.ClientEvent) -> list[Line]:
        """Return the lines that tell an event; none for one that goes without saying."""
        self._note_log(event)
        row = self._rows.get(type(event))
        return [] if row is None else row(event)

    def _time(self, at: float) -> tuple[str, str]:
        return "class:time", moment_text(at, "%H:%M", self._zone) + " "

    def _who(self, event: e.Posted) -> Line:
        """Return who said it, and whether that is a bot."""
        name = ("class:own" if self._is_me(event.sender) else "class:name"), safe_name(event.sender)
        return [name, ("class:notice", _bot_mark(event.bot))] if event.bot else [name]

    def _is_me(self, name: str) -> bool:
        return name_key(name) == name_key(self.me)

    def _message(self, event: e.MessagePosted) -> list[Line]:
        self._see(event)
        line = [self._time(event.at), *self._mark(event), *self._who(event), self._text(event)]
        return [*self._quote(event), [*line, *_below(event)]]

    def _see(self, event: e.MessagePosted) -> None:
        self._seen[name_key(event.room), event.seq] = event
        if len(self._seen) > _QUOTABLE:
            self._seen.popitem(last=False)

    def _note_log(self, event: e.ClientEvent) -> None:
        """Quote nothing of an earlier log of a room: in the one that it has now, its numbers are others'."""
        match event:
            case e.GapFound(room=room, epoch=epoch) | e.HistoryRead(room=room, epoch=epoch):
                pass
            case e.RoomEntered(room=room, position=position) | e.Welcomed(room=room, position=position):
                epoch = position.epoch
            case _:
                return
        key = name_key(room)
        if self._epochs.get(key) != epoch:
            for place in [place for place in self._seen if place[0] == key]:
                del self._seen[place]
        self._epochs[key] = epoch
        self._epochs.move_to_end(key)
        if len(self._epochs) > _QUOTABLE:
            self._epochs.popitem(last=False)

    def _change_seen(self, event: RoomModerated) -> None:
        """Quote what was deleted or edited as what it is now."""
        place = name_key(event.room), event.value if type(event.value) is int else 0
        if place in self._seen and event.act in ("delete_message", "edit_message"):
            deleted = event.act == "delete_message"
            self._seen[place] = replace(self._seen[place], text=event.text, deleted=deleted, edited=not deleted)

    def _quote(self, event: e.MessagePosted) -> list[Line]:
        """Return the line above an answer: what it answers, as far as that was shown."""
        if event.reply_to is None:
            return []
        answered = self._seen.get((name_key(event.room), event.reply_to))
        if answered is None:
            return [[("class:notice", f"{INDENT}> " + _("in answer to an earlier message"))]]
        return [[("class:notice", f"{INDENT}> {self._beginning(answered)}")]]

    def _beginning(self, event: e.MessagePosted) -> str:
        text = said(event).partition("\n")[0]
        short = text if len(text) <= _QUOTED else text[:_QUOTED] + "..."
        return f"{safe_name(event.sender)}: {short}"

    def _reaction(self, event: ReactionChanged) -> list[Line]:
        answered = self._seen.get((name_key(event.room), event.seq))
        if answered is None or not event.by:
            return []
        text = _("{name} reacts with {emoji} to: {text}")
        if event.removed:
            text = _("{name} takes {emoji} back from: {text}")
        line = text.format(
            name=safe_name(event.by), emoji=safe_text(event.emoji)[:_EMOJI], text=self._beginning(answered)
        )
        return [notice(line)]

    def _found(self, event: e.MessagesFound) -> list[Line]:
        if not event.messages:
            return [notice(_("Nothing was found."))]
        lines: list[Line] = []
        for posted in reversed(event.messages):
            where = f"{self._moment(posted.at)} {safe_name(posted.room)} "
            lines.append([("class:time", where), *self._who(posted), self._text(posted), *_below(posted)])
        more = [notice(_("There is more: /search shows it."))] if event.before else []
        return [*lines, *more]

    def _mark(self, event: e.Posted) -> Line:
        """Return the sign before a message that speaks of the user, for those who see no colours."""
        return [("class:mention", "» ")] if self._is_for_me(event) else []

    def _text(self, event: e.Posted) -> tuple[str, str]:
        return ("class:mention" if self._is_for_me(event) else ""), f": {said(event)}"

    def _is_for_me(self, event: e.Posted) -> bool:
        return not self._is_me(event.sender) and mentions(event.text, self.me)

    def _direct(self, event: e.DirectPosted) -> list[Line]:
        to = ("class:direct", " -> " + ", ".join(map(safe_name, event.to)))
        return [[self._time(event.at), *self._who(event), to, ("", f": {said(event)}")]]

    def _broadcast(self, event: e.BroadcastPosted) -> list[Line]:
        to = ("class:broadcast", " -> " + _("everyone"))
        return [[self._time(event.at), *self._mark(event), *self._who(event), to, self._text(event)]]

    def _presence(self, event: e.PresenceChanged) -> list[Line]:
        joined = [name for name in event.joined if not self._is_me(name)]
        left = [name for name in event.left if not self._is_me(name)]
        lines = []
        if joined:
            text = ngettext("{names} joined {room}.", "{names} joined {room}.", len(joined))
            lines.append(notice(text.format(names=names_text(joined), room=safe_name(event.room))))
        if left:
            text = ngettext("{names} left {room}.", "{names} left {room}.", len(left))
            lines.append(notice(text.format(names=names_text(left), room=safe_name(event.room))))
        return lines

    def _renamed(self, event: e.UserRenamed) -> list[Line]:
        if self._is_me(event.new):
            return [notice(_("You are called {new} now.").format(new=safe_name(event.new)))]
        return [notice(_("{old} is called {new} now.").format(old=safe_name(event.old), new=safe_name(event.new)))]

    def _gap(self, event: e.GapFound) -> list[Line]:
        return [warning(gap_text(event))]

    def _history(self, event: e.HistoryRead) -> list[Line]:
        if not event.messages:
            return [notice(_("Nothing was said in {room} yet.").format(room=safe_name(event.room)))]
        return [line for posted in event.messages for line in self.lines(posted)]

    def recalled(self, found: Sequence[e.Posted], read: int, unread: int) -> list[Line]:
        """Return the last messages of a room that the user has entered, and where the unread ones begin.

        Args:
            found: the messages, oldest first.
            read: number of the last message that was read; 0 when nothing was, or nobody knows.
            unread: how many came after it.
        """
        new = sum(posted.seq > read for posted in found) if unread else 0
        lines = [self.lines(posted) for posted in found]
        if new:
            missing = unread - new
            text = _("New messages:")
            if missing > 0:
                text = _("New messages; there are {count} more before these (/history {all}):")
            lines.insert(len(found) - new, [notice(text.format(count=missing, all=unread))])
        return [line for each in lines for line in each]

    def _entered(self, event: e.RoomEntered) -> list[Line]:
        return [self.whereabouts(event.room, event.users, event.users_count), *self.room_lines(event)]

    def room_lines(self, event: e.RoomEntered | e.Welcomed) -> list[Line]:
        """Return the lines that tell what a room is about, and what the user is there."""
        lines = []
        if event.topic:
            text = _("The topic of {room}: {topic}")
            lines.append(notice(text.format(room=safe_name(event.room), topic=_lines(event.topic))))
        own = room_sentences.own_role(event.role)
        return lines if own is None else [*lines, notice(whole(own))]

    def _moderated(self, event: RoomModerated) -> list[Line]:
        self._change_seen(event)
        said = room_sentences.happened(event, self._moment)
        return [] if said is None else [notice(whole(said, keep_layout=True))]

    def _bans(self, event: BansListed) -> list[Line]:
        lines = [notice(whole(room_sentences.ban_line(ban, self._moment), keep_layout=True)) for ban in event.bans]
        return lines or [notice(whole(room_sentences.NOBODY_BANNED))]

    def _moment(self, at: float) -> str:
        return moment_text(at, zone=self._zone)

    def whereabouts(self, room: str, users: Sequence[str], count: int) -> Line:
        """Return the line that tells where the user is, and with whom."""
        others = [name for name in users if not self._is_me(name)]
        if not others:
            return notice(_("You are in {room}, alone.").format(room=safe_name(room)))
        text = _("You are in {room}, with {names}.")
        return notice(text.format(room=safe_name(room), names=names_text(others, count - 1)))

    def welcome(self, event: e.Welcomed) -> list[Line]:
        """Return the lines for the first login."""
        self._note_log(event)
        text = _("You are {name}. /help lists the commands.").format(name=safe_name(event.username))
        where = self.whereabouts(event.room, event.users, event.users_count)
        return [notice(text), where, *self.room_lines(event)]

    def welcome_back(self, event: e.Welcomed, last: Position | None, left: str = "") -> list[Line]:
        """Return the lines for a login after a lost connection.

        Args:
            event: the login.
            last: the last message of the room that was shown, None when unknown.
            left: the room that the user was put out of meanwhile; empty when that did not happen.
        """
        self._note_log(event)
        if not event.resumed:
            text = _("Back again; the server does not know you from before, so messages may be missing.")
            return [warning(text), self.whereabouts(event.room, event.users, event.users_count)]
        if left:
            text = _("Back again; you are no longer in {room}.").format(room=safe_name(left))
            where = self.whereabouts(event.room, event.users, event.users_count)
            return [warning(text), where, *self.room_lines(event)]
        here = name_key(event.room)
        head = next((room.seq for room in event.rooms if name_key(room.name) == here), None)
        if head is None or last is None or last.epoch != event.position.epoch:
            return [notice(_("Back again."))]
        if head <= last.seq:
            return [notice(_("Back again; nothing was missed in {room}.").format(room=safe_name(event.room)))]
        text = ngettext(
            "Back again; {count} message was missed and follows.",
            "Back again; {count} messages were missed and follow.",
            head - last.seq,
        )
        return [notice(text.format(count=head - last.seq))]

    def _rooms(self, event: e.RoomsListed) -> list[Line]:
        lines = []
        for room in sorted(event.rooms, key=lambda room: name_key(room.name)):
            text = ngettext("{room}: {users} user", "{room}: {users} users", room.users)
            lines.append(notice(text.format(room=safe_name(room.name), users=room.users)))
        return lines

    def _users(self, event: e.UsersListed) -> list[Line]:
        by_room = sorted(event.users, key=lambda user: (name_key(user.room), name_key(user.name)))
        lines = []
        for _key, members in groupby(by_room, key=lambda user: name_key(user.room)):
            here = list(members)
            names = ", ".join(safe_name(user.name) + _bot_mark(user.bot) for user in here)
            lines.append(notice(_("In {room}: {names}").format(room=safe_name(here[0].room), names=names)))
        return lines

    def _described(self, event: e.UserDescribed) -> list[Line]:
        lines = [
            _("{name} is in {room}, since {since}.").format(
                name=safe_name(event.username), room=safe_name(event.room), since=self._moment(event.since)
            ),
            _connected_text(event),
        ]
        if not event.connected:
            lines[1] = _("The connection is lost just now.")
        if event.address is not None:
            lines.append(_("From {address}.").format(address=safe_text(event.address)))
        if event.bot:
            lines.append(_("A bot: a program that answers by itself."))
        role = room_sentences.role_of(event.username, event.role)
        if role is not None:
            lines.append(whole(role))
        return [notice(line) for line in lines]

    def _refused(self, event: e.Refused) -> list[Line]:
        return [warning(reason(event))]

    def _lost(self, event: e.ConnectionLost) -> list[Line]:
        # That it does not work yet is said in the toolbar, not in a line for every try.
        return [warning(self.lost_text(event))] if event.attempt == 1 or event.stranger else []

    def lost_text(self, event: e.ConnectionLost) -> str:
        """Return the sentence for a lost connection; why, unless the server's goodbye has just said it."""
        text = _("Connection lost: {reason}; trying again in {seconds} s.")
        if event.stranger:
            text = _("Not connected again: {reason}. Nothing is sent there; trying until the right one answers.")
        if event.reason == self._goodbye:
            text = _("Connection lost; trying again in {seconds} s.")
        self._goodbye = None
        return text.format(reason=told(event.reason), seconds=ceil(event.retry_in))

    def _dismissed(self, event: e.Dismissed) -> list[Line]:
        return [warning(self.dismissed_text(event))]

    def dismissed_text(self, event: e.Dismissed) -> str:
        """Return the sentence for a goodbye of the server."""
        self._goodbye = event.message
        if event.message in ("", ONLY_GOODBYE):
            return _("The server says goodbye.")
        return _("The server says goodbye: {why}.").format(why=telling.goodbye(event.code, event.message, _))

    def _chosen(self, event: e.TransportChosen) -> list[Line]:
        return [notice(chosen_text(event))]

    def not_sent(self, text: str, why: str) -> Line:
        """Return the line for a message that was refused."""
        return warning(_("Not sent: {text} ({why})").format(text=_lines(text[:200]), why=safe_text(why)))


def _bot_mark(bot: bool) -> str:
    """Return what stands behind the name of a bot."""
    return " " + _("(bot)") if bot else ""


def _connected_text(event: e.UserDescribed) -> str:
    """Return how somebody is connected."""
    text = _("Quiet for {idle}, connected by {transport}.")
    if event.dialect != "chat":
        text = _("Quiet for {idle}, connected by {transport}, in the dialect {dialect}.")
    transport = telling.transport_name(event.transport)
    return text.format(idle=_span(event.idle), transport=transport, dialect=safe_text(event.dialect))


def chosen_text(event: e.TransportChosen) -> str:
    """Return the sentence for the transport that won."""
    texts = {
        ("quic", "first"): _("Connected by QUIC, encrypted."),
        ("ws", "quic_silent"): _("Connected by WebSocket, not encrypted: QUIC gave no answer within half a second."),
        ("wss", "quic_silent"): _("Connected by WebSocket, encrypted: QUIC gave no answer within half a second."),
        ("ws", "quic_failed"): _("Connected by WebSocket, not encrypted: QUIC did not work ({detail})."),
        ("wss", "quic_failed"): _("Connected by WebSocket, encrypted: QUIC did not work ({detail})."),
    }
    text = texts.get((event.transport, event.why), _("Connected by {transport}."))
    return text.format(transport=safe_text(event.transport), detail=told(event.detail))


def gap_text(event: e.GapFound) -> str:
    """Return the sentence for messages that cannot be replayed."""
    count = event.last - event.first + 1
    if event.room == e.DIRECT_LOG:
        text = _("Direct messages may be missing: the server has lost the older ones.")
        if count > 0:
            text = ngettext("{count} direct message is missing.", "{count} direct messages are missing.", count)
    elif event.room == e.BROADCAST_LOG:
        text = _("Messages to everyone may be missing: the server has lost the older ones.")
        if count > 0:
            text = ngettext(
                "{count} message to everyone is missing.", "{count} messages to everyone are missing.", count
            )
    else:
        text = _("Messages of {room} may be missing: the server has lost the older ones.")
        if count > 0:
            text = ngettext("{count} message of {room} is missing.", "{count} messages of {room} are missing.", count)
    return text.format(count=count, room=safe_name(event.room))


def names_text(names: Sequence[str], count: int | None = None, *, shown: int = _NAMES_SHOWN) -> str:
    """Return a list of names; of a long one the first names and how many more.

    Args:
        names: the names, or the first ones of them.
        count: how many there are in all.
        shown: how many to show at most.
    """
    count = max(len(names), count or 0)
    listed = ", ".join(map(safe_name, names[:shown]))
    more = count - min(len(names), shown)
    if more <= 0:
        return listed
    return ngettext("{names} and 1 more", "{names} and {more} more", more).format(names=listed, more=more)


def _span(seconds: float) -> str:
    if seconds < 90:
        return _("{number} s").format(number=round(seconds))
    if seconds < 5400:
        return _("{number} min").format(number=round(seconds / 60))
    return _("{number} h").format(number=round(seconds / 3600))
