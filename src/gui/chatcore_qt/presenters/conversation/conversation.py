"""One conversation: the messages of a room, or those with one other user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, TypeGuard

from chatcore.errors import ErrorCode, RequestRefused
from chatcore.events import BROADCAST_LOG, DIRECT_LOG, BroadcastPosted, DirectPosted, MessagePosted, Posted
from chatcore.text.names import name_key
from chatcore.text.names.mentions import mentions
from chatcore.text.reasons import NOT_REPEATED
from chatcore.text.slash import without_secrets
from chatcore_qt.presenters.entries.timeline import Entry, MessageEntry, Reacted, Timeline


class Conversation:
    """A timeline, and what has to be known to go on with it.

    Args:
        kind: whether it is a room's, or with another user.
        name: of the room or the user.
    """

    def __init__(self, kind: Literal["room", "direct"], name: str) -> None:
        self.kind = kind
        self.name = name
        self.timeline = Timeline()
        self.draft = ""
        """What was typed and not sent."""
        self.above = ""
        """The command for a password that the draft stood below, and that is carried out: it may stand in the draft."""
        self.edits: dict[str, str] = {}
        """What messages are to say instead, by their keys, as far as that is typed and not changed yet."""
        self.waiting: list[str] = []
        """Commands typed here that are not answered yet: they come back where they never will be."""
        self.epoch = ""
        """Of the room's log, as far as it is shown."""
        self.last = 0
        """Highest `seq` shown."""
        self.unread = 0
        """Direct messages not read yet; a room's are counted by `RoomList`."""
        self.in_doubt = False
        """Whether the name may be another user's by now: who writes there is asked first."""
        self.confirmed = False
        """Whether the user was asked, and writes there all the same."""
        self.met: tuple[float, str] | None = None
        """Since when the user at the other side was there when the server was asked last, and whose account it was."""
        self.unknown = False
        """Whether something here was written in an earlier run: nobody knows for whom."""
        self.in_sight = False
        """Whether nobody else can have come under the name since then."""
        self.last_read_key: str | None = None
        self.marked = False
        """Whether the first-unread line is shown."""
        self.opening = False
        """Whether it is shown, and what it begins with is still being read."""
        self.loading = 0
        """Number of the try to read the newest messages that is under way, 0 for none; what comes waits in `ahead`."""
        self.ahead: list[Posted] = []
        self.older_wanted = False
        """Whether older messages are to be read, as soon as that is possible."""
        self.loading_older = False
        self.told = 0
        """How often it was told that something has become of a message."""
        self._told_last = 0
        self.changes: int | None = None
        """How many changes of its messages are shown, of all that its log has had; None when nobody knows."""
        self.barred: RequestRefused | None = None
        """Why the user may not enter the room, as the server has said it last."""
        self.floor = 0
        """Lowest `seq` that the server has, once that is known."""

    @property
    def unfinished(self) -> str:
        """What is to be kept of what was typed: the draft, and before it what is not carried out yet; no passwords."""
        return "\n".join(filter(None, (*map(without_secrets, self.waiting), self._draft_kept)))

    def note_refusal(self, code: str, values: Mapping[str, object]) -> None:
        """Take it, where nobody has its name, that whoever has it next is another one, as far as anybody knows.

        And where something was not sent again, that whom it was for is not known, unless the server was asked.
        """
        self.unknown |= code == NOT_REPEATED and self.met is None
        nobody = self.kind == "direct" and code == ErrorCode.NO_SUCH_USER
        self.in_doubt |= nobody and name_key(self.name) == name_key(str(values.get("name")))

    def put_away(self) -> None:
        """Forget a draft that is nothing but a password, as another conversation is shown: it is not shown again."""
        if not self._draft_kept.strip():
            self.draft = self.above = ""

    @property
    def _draft_kept(self) -> str:
        return without_secrets("\n".join(filter(None, (self.above, self.draft))))

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart from the others."""
        return self.kind, name_key(self.name)

    def key_of(self, seq: int) -> str:
        """Return the key of the room's message of that number."""
        return f"{self.epoch}/{seq}"

    def has(self, entry: Entry) -> TypeGuard[MessageEntry]:
        """Tell whether an entry is a message of the room's present log that still says something."""
        return (
            isinstance(entry, MessageEntry)
            and entry.kind == "message"
            and entry.change != "deleted"
            and entry.seq is not None
            and entry.key == self.key_of(entry.seq)
        )

    @property
    def first(self) -> int:
        """Lowest `seq` shown, as far as the log is the present one; 0 before anything is."""
        for entry in self.timeline.entries:
            if isinstance(entry, MessageEntry) and entry.seq is not None and entry.key == self.key_of(entry.seq):
                return entry.seq
        return 0

    @property
    def complete(self) -> bool:
        """Whether there is nothing older."""
        return self.first <= max(1, self.floor)

    @property
    def begun(self) -> bool:
        """Whether anything is shown that was said."""
        return any(isinstance(entry, MessageEntry) and entry.state == "sent" for entry in self.timeline.entries)

    def begin_anew(self, epoch: str) -> None:
        """Count the log from 1 again; what is shown stays."""
        self.epoch = epoch
        self.last = self.floor = 0
        self.changes, self._told_last = None, 0
        self.ahead.clear()

    def note_change(self, number: int) -> None:
        """Take note of which change of a message was told; 0 for none."""
        self._told_last = max(self._told_last, number)
        if self.changes is not None:
            self.changes = max(self.changes, number)

    def know_changes(self, number: int | None) -> None:
        """Take it that all of the first changes are shown, and what was told since."""
        self.changes = None if number is None else max(number, self._told_last)

    def forget_before(self, seq: int) -> None:
        """Forget what can be read again of the present log, up to a message."""

        def is_before(entry: Entry) -> bool:
            if not isinstance(entry, MessageEntry) or entry.seq is None:
                return False
            return entry.seq < seq and entry.key == self.key_of(entry.seq)

        self.timeline.remove_all(is_before)

    def begin_with_newest(self) -> None:
        """Forget what is shown, but for what could not be sent: too much was said since."""
        self.timeline.keep_unsent()
        self.last = 0
        self.marked = False


class OwnName:
    """Tells one's own messages, and those that mention one."""

    def __init__(self, me: str = "") -> None:
        self.me = me
        self._former: list[tuple[str, dict[str, int]]] = []  # earlier names, and how far each log was at their end

    def become(self, me: str, heads: Mapping[str, int] | None = None) -> None:
        """Remember the user's own name.

        Args:
            me: the name.
            heads: how far the logs are, when the user had another one until now.
        """
        if heads and self.me and not self.is_me(me):
            self._former.append((name_key(self.me), {name_key(log): head for log, head in heads.items()}))
        self.me = me

    def begin_anew(self, log: str | None = None) -> None:
        """Take it that a log is another one than before, or every log."""
        for _name, heads in self._former:
            if log is None:
                heads.clear()
            heads.pop(name_key(log or ""), None)

    def has_said(self, posted: Posted) -> bool:
        """Tell whether the user has said it, by whatever name at that time."""
        if posted.cid is not None:
            return True
        direct = DIRECT_LOG if isinstance(posted, DirectPosted) else BROADCAST_LOG
        log = name_key(posted.room) if isinstance(posted, MessagePosted) else direct
        then = next((name for name, heads in self._former if posted.seq <= heads.get(log, 0)), name_key(self.me))
        return name_key(posted.sender) == then

    def is_me(self, name: str) -> bool:
        """Tell whether it is the user's own name."""
        return name_key(name) == name_key(self.me)

    def mentioned_in(self, text: str) -> bool:
        """Tell whether the text has the user's name as a word of its own."""
        return mentions(text, self.me)


def entry_of(posted: Posted, key: str, names: OwnName) -> MessageEntry:
    """Return a message as the timeline shows it."""
    own = names.has_said(posted)
    at = moment(posted.at)
    said = MessageEntry(
        key, posted.sender, posted.text, at, own=own, seq=posted.seq, change=_change_of(posted), bot=posted.bot
    )
    if isinstance(posted, DirectPosted):
        return replace(said, kind="direct", to=posted.to)
    mentions = not own and names.mentioned_in(posted.text)
    if isinstance(posted, BroadcastPosted):
        return replace(said, mentions=mentions, kind="broadcast")
    if not isinstance(posted, MessagePosted):
        return replace(said, mentions=mentions)
    answers = "" if posted.reply_to is None else f"{key.rpartition('/')[0]}/{posted.reply_to}"
    reactions = tuple(Reacted(each.emoji, each.count, each.mine) for each in posted.reactions)
    return replace(said, mentions=mentions, answers=answers, reactions=reactions)


def _change_of(posted: Posted) -> Literal["", "edited", "deleted"]:
    if posted.deleted:
        return "deleted"
    return "edited" if posted.edited else ""


def moment(at: float) -> datetime:
    """Return a time in seconds since 1970; one that no calendar has becomes the nearest that it has."""
    try:
        return datetime.fromtimestamp(at, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0 if at < 0 else 253_402_214_400, UTC)


def in_order(messages: Iterable[Posted], after: int) -> list[Posted]:
    """Return the messages with a `seq` over `after`, once each, in order."""
    by_seq = {posted.seq: posted for posted in messages if posted.seq > after}
    return [by_seq[seq] for seq in sorted(by_seq)]
