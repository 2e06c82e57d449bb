"""One row of the conversation: what stands where in it. Sizes in pixels, on a grid of 8."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontDatabase, QFontMetricsF, QTextCharFormat

from chatcore_qt import theme
from chatcore_qt.presenters.entries.sentences import (
    clock,
    labels,
    missing,
    not_sent,
    now,
    quote,
    shown_emoji,
    shown_name,
)
from chatcore_qt.presenters.entries.timeline import Entry, GapEntry, MessageEntry, NoticeEntry
from chatcore_qt.presenters.entries.visible import beginning
from chatcore_qt.presenters.preferences import Times
from chatcore_qt.texts import translate
from chatcore_qt.widgets.conversation.text_block import TextBlock

LEFT: Final = 32
"""Where text begins; what is left of it is for marks."""
RIGHT: Final = 24
COLUMN: Final = 760
"""Widest text: longer lines are hard to read."""
DAY: Final = 40
UNREAD: Final = 24
CHIP: Final = 6
"""Space in a label, left and right of its text."""
SPACE: Final = 8
_ELIDE: Final = Qt.TextElideMode.ElideRight
_GROUP: Final = timedelta(minutes=5)
# What one row may cost: a few milliseconds, and some 30 when someone asks for more of it.
_CLIPPED_LINES: Final = 16
_CLIPPED_CHARS: Final = 4000
_MORE_LINES: Final = 2000
_MORE_CHARS: Final = 16_000

Action = Literal["link", "expand", "retry", "discard", "edit", "delete", "reply", "answered", "react", "choose"]


class Fonts:
    """The fonts of a conversation, made from one."""

    def __init__(self, font: QFont) -> None:
        self.body = QFont(font)
        self.name = QFont(font)
        self.name.setWeight(QFont.Weight.Bold)
        self.small = QFont(font)
        if font.pointSizeF() > 0:
            self.small.setPointSizeF(font.pointSizeF() * 0.9)
        else:
            self.small.setPixelSize(max(8, round(font.pixelSize() * 0.9)))
        self.label = QFont(self.small)
        self.label.setWeight(QFont.Weight.DemiBold)
        self.code = QTextCharFormat()
        """How code looks: in a face whose letters are all as wide."""
        self.code.setFontFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family(), "monospace"])
        self.code.setBackground(theme.current().color("hover"))
        self.name_metrics = QFontMetricsF(self.name)
        self.small_metrics = QFontMetricsF(self.small)
        self.label_metrics = QFontMetricsF(self.label)
        self.line = round(QFontMetricsF(self.body).height())
        self.small_line = round(self.small_metrics.height())


@dataclass(slots=True)
class Piece:
    """A short text on one line."""

    text: str
    rect: QRectF


@dataclass(slots=True)
class Button:
    """Something to press in a row."""

    text: str
    rect: QRectF
    action: Action
    value: str = ""
    """The emoji that is put below the message, or taken back."""
    chosen: bool = False
    """Whether that is there by the user."""


@dataclass(slots=True)
class Row:
    """A row that has been laid out. Heights count from its top."""

    entry: Entry
    before: Entry | None
    unread: bool
    """Whether the first-unread line is above it."""
    expanded: bool
    width: int
    answered: Entry | None = None
    """What it answers, as far as that is loaded."""
    day: bool = False
    """Whether a day begins with it."""
    top: int = 0
    """Where it begins, below the lines that separate it."""
    name: Piece | None = None
    chips: list[Piece] = field(default_factory=list)
    time: Piece | None = None
    quote: Piece | None = None
    """What it answers, on one line."""
    body: TextBlock | None = None
    body_top: int = 0
    """Where its text begins: what a reader looks at."""
    note: TextBlock | None = None
    note_top: int = 0
    buttons: list[Button] = field(default_factory=list)
    height: int = 0

    def fits(
        self, entry: Entry, before: Entry | None, answered: Entry | None, *, unread: bool, expanded: bool, width: int
    ) -> bool:
        """Tell whether it is still right."""
        return (
            self.entry is entry
            and self.before is before
            and self.answered is answered
            and self.unread == unread
            and self.expanded == expanded
            and self.width == width
        )

    def action_at(self, x: float, y: float) -> tuple[Action, str] | None:
        """Return what a click at a point asks for: the action, and the address of a link."""
        for button in self.buttons:
            if button.rect.contains(QPointF(x, y)):
                return button.action, button.value
        if self.quote is not None and self.quote.rect.contains(QPointF(x, y)):
            return "answered", ""
        if isinstance(self.entry, NoticeEntry) and self.entry.whole and y >= self.body_top:
            return "expand", ""
        if self.body is not None and isinstance(self.entry, MessageEntry):
            address = self.body.link_at(x - LEFT, y - self.body_top)
            if address is not None:
                return "link", address
        return None

    @property
    def addresses(self) -> list[str]:
        """The links in its message."""
        return self.body.addresses if self.body is not None and isinstance(self.entry, MessageEntry) else []

    @property
    def actions(self) -> list[Action]:
        """What it offers."""
        if isinstance(self.entry, NoticeEntry) and self.entry.whole:
            return ["expand"]
        return [button.action for button in self.buttons]


def lay_out(
    entry: Entry,
    before: Entry | None,
    *,
    answered: Entry | None = None,
    unread: bool,
    expanded: bool,
    width: int,
    fonts: Fonts,
    link: QTextCharFormat,
    times: Times = "first",
) -> Row:
    """Lay out a row.

    Args:
        entry: what it shows.
        before: what the row above shows.
        answered: what it answers, as far as that is loaded.
        unread: whether the first-unread line is between them.
        expanded: whether a long message is shown as a whole.
        width: of the view.
        fonts: the fonts.
        link: how a link looks.
        times: beside which messages their time stands.
    """
    row = Row(entry, before, unread, expanded, width, answered)
    row.day = before is None or before.at.astimezone().date() != entry.at.astimezone().date()
    y = (DAY if row.day else 0) + (UNREAD if unread else 0)
    column = max(80, min(width - LEFT - RIGHT, COLUMN))
    if isinstance(entry, GapEntry):
        row.top = row.body_top = y
        row.height = y + DAY
        row.name = Piece(missing(entry), QRectF(0, y, width, DAY))
        return row
    if isinstance(entry, MessageEntry):
        if row.day or unread or not _continues(before, entry):
            y += SPACE
            row.top = y
            y = _head(row, entry, y + SPACE // 2, column, fonts)
            if times == "none":
                row.time = None
        else:
            row.top = y
            if times == "each":
                column = _time_at_end(row, entry, y + 1, column, fonts)
        if entry.answers:
            y = _quote(row, y, column, fonts)
        y += 1
    else:
        row.top = y = y + (SPACE // 2 if isinstance(before, type(entry)) else SPACE)
    row.body_top = y
    y = _body(row, entry, y, column=column, fonts=fonts, link=link)
    if isinstance(entry, MessageEntry) and entry.state == "failed":
        y = _failed(row, entry, y, column, fonts)
    if isinstance(entry, MessageEntry) and entry.reactions:
        y = _reactions(row, entry, y, column, fonts)
    row.height = round(y) + 3
    return row


def _continues(before: Entry | None, entry: MessageEntry) -> bool:
    """Tell whether a message belongs to the one above, so that name and time need not be repeated."""
    return (
        isinstance(before, MessageEntry)
        and not entry.answers
        and (before.sender, before.own, before.kind, before.to) == (entry.sender, entry.own, entry.kind, entry.to)
        and before.mentions == entry.mentions
        and timedelta() <= entry.at - before.at <= _GROUP
    )


def _head(row: Row, entry: MessageEntry, y: int, column: int, fonts: Fonts) -> int:
    height = fonts.line
    x = float(LEFT)
    end = LEFT + column
    text = fonts.name_metrics.elidedText(shown_name(entry.sender), _ELIDE, column * 0.6)
    width = fonts.name_metrics.horizontalAdvance(text)
    row.name = Piece(text, QRectF(x, y, width + 1, height))
    x += width + SPACE
    time = clock(entry.at)
    time_width = fonts.small_metrics.horizontalAdvance(time) + 1
    for label in labels(entry):
        room = end - x - time_width - SPACE - 2 * CHIP
        shown = fonts.label_metrics.elidedText(label, _ELIDE, room)
        width = fonts.label_metrics.horizontalAdvance(shown) + 2 * CHIP
        if room > 0:
            row.chips.append(Piece(shown, QRectF(x, y, width, height)))
            x += width + SPACE
    row.time = Piece(time, QRectF(x, y, time_width, height))
    return y + height + 1


def _time_at_end(row: Row, entry: MessageEntry, y: int, column: int, fonts: Fonts) -> int:
    """Put the time at the end of the first line, and return how much of the column is left for the text."""
    time = clock(entry.at)
    width = fonts.small_metrics.horizontalAdvance(time) + 1
    row.time = Piece(time, QRectF(LEFT + column - width, y, width, fonts.line))
    return max(80, round(column - width - SPACE))


def _quote(row: Row, y: int, column: int, fonts: Fonts) -> int:
    text = fonts.small_metrics.elidedText(quote(row.answered), _ELIDE, column - 2 * SPACE)
    row.quote = Piece(text, QRectF(LEFT, y, fonts.small_metrics.horizontalAdvance(text) + 2 * SPACE, fonts.small_line))
    return y + fonts.small_line + 2


def _body(
    row: Row, entry: MessageEntry | NoticeEntry, y: int, *, column: int, fonts: Fonts, link: QTextCharFormat
) -> int:
    is_message = isinstance(entry, MessageEntry)
    text = entry.whole if row.expanded and isinstance(entry, NoticeEntry) and entry.whole else now(entry)
    shown, whole = beginning(text, _MORE_CHARS if row.expanded else _CLIPPED_CHARS)
    row.body = TextBlock(
        shown.rstrip(),
        fonts.body if is_message else fonts.small,
        column,
        most_lines=_MORE_LINES if row.expanded else _CLIPPED_LINES,
        link=link if is_message else QTextCharFormat(),
        code=fonts.code if is_message else None,
    )
    y += round(row.body.height)
    whole = whole and row.body.complete
    if isinstance(entry, NoticeEntry) and entry.whole:
        return y  # a click shows the other
    if row.expanded and whole:
        y = _button_line(row, [(translate("Conversation", "Show less"), "expand")], y, column, fonts)
    elif row.expanded:
        text = translate("Conversation", "Show less (copy the message to read the rest of it)")
        y = _button_line(row, [(text, "expand")], y, column, fonts)
    elif not whole:
        y = _button_line(row, [(translate("Conversation", "Show more"), "expand")], y, column, fonts)
    return y


def _failed(row: Row, entry: MessageEntry, y: int, column: int, fonts: Fonts) -> int:
    row.note_top = y
    row.note = TextBlock(not_sent(entry), fonts.small, column, most_lines=3, link=QTextCharFormat())
    y += round(row.note.height)
    retry = translate("Conversation", "Try again")
    discard = translate("Conversation", "Discard")
    return _button_line(row, [(retry, "retry"), (discard, "discard")], y, column, fonts)


def _reactions(row: Row, entry: MessageEntry, y: int, column: int, fonts: Fonts) -> int:
    """Put the emojis in as many lines as they need."""
    height = fonts.small_line + SPACE // 2
    x = float(LEFT)
    for one in entry.reactions:
        text = f"{shown_emoji(one.emoji)} {one.count}"
        width = min(float(column), fonts.label_metrics.horizontalAdvance(text) + 2 * SPACE)
        if x > LEFT and x + width > LEFT + column:
            x, y = float(LEFT), y + height + 4
        row.buttons.append(Button(text, QRectF(x, y + 2, width, height), "react", one.emoji, one.mine))
        x += width + SPACE // 2
    return y + 2 + height + 2


def _button_line(row: Row, buttons: list[tuple[str, Action]], y: int, column: int, fonts: Fonts) -> int:
    """Put buttons side by side, in as many lines as they need."""
    height = max(24, fonts.small_line + SPACE)
    x = float(LEFT)
    for whole, action in buttons:
        text = fonts.label_metrics.elidedText(whole, _ELIDE, column - 2 * SPACE)
        width = fonts.label_metrics.horizontalAdvance(text) + 2 * SPACE
        if x > LEFT and x + width > LEFT + column:
            x, y = float(LEFT), y + height + 4
        row.buttons.append(Button(text, QRectF(x, y + 2, width, height), action))
        x += width + SPACE
    return y + 2 + height + 2
