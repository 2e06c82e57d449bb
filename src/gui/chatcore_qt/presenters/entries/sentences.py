"""Entries in words: for a screen reader, for the clipboard, and the labels beside them. Knows no Qt."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chatcore.text.emoji import is_emoji
from chatcore.text.safe_text import harmless, safe_name, safe_text
from chatcore_qt.presenters.entries.timeline import Entry, GapEntry, MessageEntry, NoticeEntry, Reacted
from chatcore_qt.presenters.entries.visible import visible, with_newlines
from chatcore_qt.texts import translate

_SPOKEN_CHARS = 2000
_QUOTED_CHARS = 300
_NAME_CHARS = 64
_NAMES_SHOWN = 5


def shown_name(name: str) -> str:
    """Return a user's name on one line, of a sensible length."""
    return visible(safe_name(name if len(name) <= _NAME_CHARS else f"{name[:_NAME_CHARS]}…"), lines=False)


def clock(at: datetime) -> str:
    """Return the local time of day."""
    return f"{at.astimezone():%H:%M}"


def spoken(entry: Entry, answered: Entry | None = None) -> str:
    """Return an entry as a sentence, and others for what it answers, and when it was not sent."""
    if isinstance(entry, GapEntry):
        return missing(entry)
    if isinstance(entry, NoticeEntry):
        return visible((entry.whole or entry.text)[:_SPOKEN_CHARS])
    text = visible(now(entry)[:_SPOKEN_CHARS])
    name = shown_name(entry.sender)
    if entry.bot:
        name = translate("Conversation", "{name} (a bot)").format(name=name)
    sentence = _said(entry).format(name=name, time=clock(entry.at), text=text, names=_names(entry))
    if entry.answers:
        sentence += f" ({translate('Conversation', 'It answers {quote}').format(quote=quote(answered))})"
    if entry.reactions:
        sentence += f" ({', '.join(map(reacted, entry.reactions))})"
    if entry.state == "pending":
        return f"{sentence} ({translate('Conversation', 'It is being sent.')})"
    if entry.state == "failed":
        return f"{sentence} ({not_sent(entry)})"
    return sentence


def _said(entry: MessageEntry) -> str:
    if entry.kind == "direct":
        if entry.own:
            return translate("Conversation", "You at {time}, to {names} only: {text}")
        return translate("Conversation", "{name} at {time}, to you directly: {text}")
    if entry.kind == "broadcast":
        if entry.own:
            return translate("Conversation", "You at {time}, to everyone: {text}")
        return translate("Conversation", "{name} at {time}, to everyone: {text}")
    if entry.own:
        return translate("Conversation", "You at {time}: {text}")
    if entry.mentions:
        return translate("Conversation", "{name} at {time}, mentioning you: {text}")
    return translate("Conversation", "{name} at {time}: {text}")


def now(entry: MessageEntry | NoticeEntry) -> str:
    """Return what stands in the place of an entry: what it says, and what has become of it."""
    change = entry.change if isinstance(entry, MessageEntry) else ""
    if change == "deleted":
        return translate("Conversation", "(deleted)")
    return translate("Conversation", "{text} (edited)").format(text=entry.text) if change == "edited" else entry.text


def quote(answered: Entry | None) -> str:
    """Return a message that is answered as one line; None for one that is not loaded."""
    if not isinstance(answered, MessageEntry):
        return translate("Conversation", "an earlier message")
    text = visible(now(answered)[:_QUOTED_CHARS], lines=False)
    return translate("Conversation", "{name}: {text}").format(name=shown_name(answered.sender), text=text)


def shown_emoji(emoji: str) -> str:
    """Return an emoji as it stands below a message; what is none is shown as harmless text."""
    return emoji if is_emoji(emoji) else shown_name(emoji)


def reacted(one: Reacted) -> str:
    """Return who has put an emoji below a message, as far as that is known."""
    names = [translate("Conversation", "you")] if one.mine else []
    names += map(shown_name, one.by[: _NAMES_SHOWN - len(names)])
    more, emoji = one.count - len(names), shown_emoji(one.emoji)
    if not names:
        return translate("Conversation", "{emoji} from %n people", "", one.count).format(emoji=emoji)
    if more > 0:
        text = translate("Conversation", "{emoji} from {names} and %n more", "", more)
    else:
        text = translate("Conversation", "{emoji} from {names}")
    return text.format(emoji=emoji, names=", ".join(names))


def labels(entry: MessageEntry) -> list[str]:
    """Return what stands beside the name."""
    found = [translate("Conversation", "Bot")] if entry.bot else []
    if entry.own:
        found.append(translate("Conversation", "You"))
    if entry.mentions and not entry.own:
        found.append(translate("Conversation", "Mentions you"))
    if entry.kind == "direct":
        if entry.own:
            found.append(translate("Conversation", "Direct to {names}").format(names=_names(entry)))
        else:
            found.append(translate("Conversation", "Direct to you"))
    elif entry.kind == "broadcast":
        found.append(translate("Conversation", "To everyone"))
    return found


def not_sent(entry: MessageEntry) -> str:
    """Return why a message was not sent."""
    return visible(entry.note[:_SPOKEN_CHARS], lines=False) or translate("Conversation", "It was not sent.")


def kept_behind(count: int) -> str:
    """Return what becomes of messages that wait when the user leaves now; nothing when none does."""
    if not count:
        return ""
    return translate(
        "Conversation",
        "%n messages are not sent yet. If you leave now, they are kept, and you are asked about them the next time.",
        "",
        count,
    )


def commands_behind(count: int) -> str:
    """Return what becomes of commands that wait when the user leaves now; nothing when none does."""
    if not count:
        return ""
    return translate(
        "Conversation",
        "%n commands are not carried out yet. If you leave now, they are not, and stand in the message line the next"
        " time (but for passwords).",
        "",
        count,
    )


def lost_behind(reason: str) -> str:
    """Return what becomes of what cannot be kept, and why it cannot; nothing when it can."""
    if not reason:
        return ""
    text = translate(
        "Conversation",
        "What is not sent or carried out yet, and drafts, cannot be kept on this computer: {reason}. All of it is lost"
        " when the app ends, or connects to another server.",
    )
    return text.format(reason=safe_text(reason))


def missing(entry: GapEntry) -> str:
    """Return how many messages are missing."""
    if entry.missing > 0:
        return translate("Conversation", "%n messages are missing here.", "", entry.missing)
    return translate("Conversation", "Messages may be missing here.")


def copied(entry: Entry, *, named: bool = True) -> str:
    """Return an entry as it goes to the clipboard: the text as it was sent, but for what steers a terminal.

    Args:
        entry: the entry.
        named: whether time and name stand before it.
    """
    text = missing(entry) if isinstance(entry, GapEntry) else harmless(with_newlines(now(entry)), keep_layout=True)
    if not named:
        return text
    if isinstance(entry, MessageEntry):
        text = f"{shown_name(entry.sender)}: {text}"
    return f"[{clock(entry.at)}] {text}"


def exported(entry: Entry) -> str:
    """Return an entry as a file has it: with its day, and lines that go on set in."""
    text = copied(entry, named=False).replace("\n", "\n    ")
    if isinstance(entry, MessageEntry):
        to = f" -> {_names(entry)}" if entry.kind == "direct" else ""
        text = f"{shown_name(entry.sender)}{to}: {text}"
    else:
        text = f"* {text}"
    return f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S} {text}"


def near_day(day: date, today: date) -> str | None:
    """Return what people call a day close by."""
    if day == today:
        return translate("Conversation", "Today")
    if day == today - timedelta(days=1):
        return translate("Conversation", "Yesterday")
    return None


def _names(entry: MessageEntry) -> str:
    names = ", ".join(shown_name(name) for name in entry.to[:_NAMES_SHOWN])
    more = len(entry.to) - _NAMES_SHOWN
    return translate("Conversation", "{names} and %n more", "", more).format(names=names) if more > 0 else names
