"""The conversation and the input line, in real windows, without a screen."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PyQt6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QHelpEvent, QImage, QMouseEvent
from PyQt6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from chatcore.text.slash import complete
from chatcore_qt import theme
from chatcore_qt.presenters.entries.timeline import Entry, GapEntry, MessageEntry, NoticeEntry, Timeline
from chatcore_qt.widgets.conversation.composer import Composer
from chatcore_qt.widgets.conversation.row import LEFT
from chatcore_qt.widgets.conversation.view import ConversationView

Key = Qt.Key
START = datetime(2026, 11, 21, 10, 4).astimezone()
WORDS = "The quick brown fox jumps over the lazy dog. "


def message(number: int, text: str = "", **more: Any) -> MessageEntry:
    """Return a message; its text has some lines, depending on its number."""
    text = text or f"{number}: " + WORDS * (number * 7 % 9)
    more.setdefault("sender", f"user{number % 5}")
    return MessageEntry(str(number), text=text, at=START + timedelta(seconds=number), seq=number, **more)


def messages(first: int, count: int) -> list[Entry]:
    """Return messages in a row."""
    return [message(number) for number in range(first, first + count)]


@pytest.fixture
def timeline() -> Timeline:
    """Return an empty conversation."""
    return Timeline()


@pytest.fixture
def view(qtbot: QtBot, timeline: Timeline) -> ConversationView:
    """Return a window that shows the timeline."""
    shown = ConversationView()
    qtbot.addWidget(shown)
    shown.resize(500, 400)
    shown.set_timeline(timeline)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    """Return an input line that has the focus."""
    made = Composer()
    qtbot.addWidget(made)
    made.resize(500, 60)
    with qtbot.waitExposed(made):
        made.show()
    made.setFocus()
    return made


def picture(view: ConversationView) -> QImage:
    """Return the rows as they are on the screen."""
    port = view.messages.viewport()
    assert port is not None
    return port.grab().toImage()


def places(view: ConversationView) -> dict[str, int]:
    """Return how high the text of each message on the screen begins."""
    picture(view)
    return {one.row.entry.key: one.y + one.row.body_top for one in view.messages._shown}


def press(qtbot: QtBot, view: ConversationView, key: Key, *, shift: bool = False) -> None:
    """Press a key in the list."""
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(view.messages, key, modifier)


def go(view: ConversationView, row: int) -> None:
    """Make a row the current one."""
    model = view.messages.model()
    assert model is not None
    view.messages.setCurrentIndex(model.index(row, 0))


def click(qtbot: QtBot, view: ConversationView, action: str) -> None:
    """Click on the first thing on the screen that does something."""
    picture(view)
    for y in range(0, view.messages.height(), 4):
        for x in range(0, view.messages.width(), 4):
            found = view.messages._action_at(QPoint(x, y))
            if found is not None and found[1] == action:
                qtbot.mouseClick(view.messages.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, y))
                return
    pytest.fail(f"nothing on the screen does {action}")


# Scrolling.


def test_a_conversation_opens_at_its_end_and_stays_there(view: ConversationView, timeline: Timeline) -> None:
    """The newest message is what one wants to see."""
    timeline.append(messages(0, 300))
    assert "299" in places(view)
    assert view.at_end
    timeline.append(messages(300, 5))
    assert "304" in places(view)
    assert view.at_end
    assert not view.jump.isVisible()


def test_nothing_moves_while_one_reads(view: ConversationView, timeline: Timeline) -> None:
    """New messages, older ones, and both: the text on the screen stays to the pixel."""
    timeline.append(messages(1000, 300))
    places(view)
    view.messages.scroll_by(-1500)
    before = places(view)
    assert not view.at_end
    timeline.append(messages(1300, 10))
    assert places(view) == before
    timeline.prepend(messages(900, 100))
    assert places(view) == before
    timeline.prepend([GapEntry("gap", 3, START)])
    timeline.replace("1299", message(1299, "shorter"))
    assert places(view) == before


def test_older_history_at_the_very_top_does_not_move_the_text(view: ConversationView, timeline: Timeline) -> None:
    """Also where the first row was the beginning of a day, and is not any more."""
    timeline.append(messages(1000, 100))
    places(view)
    press_home = view.messages.verticalScrollBar()
    assert press_home is not None
    press_home.setValue(0)
    before = places(view)
    assert "1000" in before
    timeline.prepend(messages(900, 100))
    after = places(view)
    assert {key: after[key] for key in before} == before


def test_the_oldest_messages_go_without_moving_the_text(qtbot: QtBot) -> None:
    """A full conversation goes on while one reads in the middle of it."""
    timeline = Timeline(limit=300)
    view = ConversationView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.set_timeline(timeline)
    view.show()
    timeline.append(messages(0, 300))
    go(view, 0)
    places(view)
    view.messages.scroll_by(6000)
    before = places(view)
    timeline.append(messages(300, 40))
    assert places(view) == before


def test_a_narrower_window_keeps_the_row_at_the_top(view: ConversationView, timeline: Timeline) -> None:
    """And the end, when one was there."""
    timeline.append(messages(0, 300))
    places(view)
    view.resize(300, 400)
    assert places(view).keys() >= {"299"}
    view.messages.scroll_by(-2000)
    top = next(iter(places(view)))
    view.resize(700, 500)
    assert next(iter(places(view))) == top


def test_scrolling_to_the_end_by_any_way_follows_it_again(
    qtbot: QtBot, view: ConversationView, timeline: Timeline
) -> None:
    """Key, bar, wheel or button."""
    timeline.append(messages(0, 200))
    for way in ("key", "bar", "pixels", "button"):
        places(view)
        view.messages.scroll_by(-900)
        timeline.append([message(1000 + len(timeline.entries))])
        places(view)
        assert not view.at_end
        qtbot.waitUntil(view.jump.isVisible)
        bar = view.messages.verticalScrollBar()
        assert bar is not None
        match way:
            case "key":
                press(qtbot, view, Key.Key_End)
            case "bar":
                bar.setValue(bar.maximum())
            case "pixels":
                view.messages.scroll_by(5000)
            case "button":
                qtbot.waitUntil(lambda: "1 new" in view.jump.text())
                qtbot.mouseClick(view.jump, Qt.MouseButton.LeftButton)
        assert view.at_end, way
        qtbot.waitUntil(lambda: not view.jump.isVisible())


def test_the_bar_leads_anywhere(view: ConversationView, timeline: Timeline) -> None:
    """Heights that nobody measured are guesses, and the first and last row are reached all the same."""
    timeline.append(messages(0, 2000))
    bar = view.messages.verticalScrollBar()
    assert bar is not None
    seen = []
    for part in (0, 1, 2, 3, 4):
        places(view)
        bar.setValue(bar.maximum() * part // 4)
        seen.append(int(next(iter(places(view)))))
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert 300 < seen[1] < 700
    assert view.at_end


def test_every_pixel_of_the_way_up_is_continuous(view: ConversationView, timeline: Timeline) -> None:
    """Rows that are measured for the first time appear above, and nothing below them jumps."""
    timeline.append(messages(0, 400))
    before = places(view)
    for _turn in range(60):
        view.messages.scroll_by(-137)
        after = places(view)
        common = before.keys() & after.keys()
        assert common
        assert all(after[key] == before[key] + 137 for key in common)
        before = after


def test_older_messages_are_asked_for_once_until_some_come(
    qtbot: QtBot, view: ConversationView, timeline: Timeline
) -> None:
    """Near the top, not before."""
    asked: list[bool] = []
    view.older_wanted.connect(lambda: asked.append(True))
    timeline.append(messages(1000, 200))
    places(view)
    qtbot.wait(1)
    assert not asked
    bar = view.messages.verticalScrollBar()
    assert bar is not None
    for expected in (1, 2):
        places(view)
        bar.setValue(60)
        qtbot.waitUntil(lambda expected=expected: len(asked) == expected)
        view.messages.scroll_by(20)
        view.messages.scroll_by(-20)
        places(view)
        qtbot.wait(1)
        assert len(asked) == expected
        timeline.prepend(messages(1000 - 100 * expected, 100))


def test_many_messages_in_one_turn_are_one_picture(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """Whoever brings 500 messages a second one by one costs no more than the screen can show."""
    pictures: list[bool] = []
    view.messages.arranged.connect(lambda: pictures.append(True))
    for number in range(200):
        timeline.append([message(number)])
    qtbot.waitUntil(lambda: "199" in {one.row.entry.key for one in view.messages._shown})
    assert len(pictures) < 10


def test_another_timeline_takes_the_place_of_the_first(view: ConversationView, timeline: Timeline) -> None:
    """What happens in the first one is not shown any more."""
    timeline.append(messages(0, 50))
    places(view)
    other = Timeline()
    other.append(messages(500, 3))
    view.set_timeline(other)
    timeline.append(messages(50, 5))
    assert list(places(view)) == ["500", "501", "502"]
    view.set_timeline(None)
    assert not places(view)
    other.clear()


def test_clearing_and_moving_leave_what_is_there(view: ConversationView, timeline: Timeline) -> None:
    """A pending message moves when it is sent."""
    timeline.append([message(1), message(9, own=True, state="pending"), message(2)])
    timeline.replace("9", message(3, own=True))
    assert list(places(view)) == ["1", "2", "3"]
    timeline.clear()
    assert not places(view)
    assert view.at_end


def test_a_hundred_thousand_messages_are_there_at_once(view: ConversationView, timeline: Timeline) -> None:
    """No row is laid out before it is shown."""
    timeline.append(messages(0, 100_000))
    began = time.thread_time()
    timeline.append(messages(100_000, 1))
    places(view)
    assert time.thread_time() - began < 0.2
    assert len(view.messages._rows) < 300


# Reading.


def test_when_a_message_was_written_is_shown_beside_the_pointer(view: ConversationView, timeline: Timeline) -> None:
    """Also for those that repeat no time."""
    timeline.append([message(1, sender="x"), message(2, sender="x")])
    at = QPoint(100, places(view)["2"] + 4)
    port = view.messages.viewport()
    assert port is not None
    QApplication.sendEvent(port, QHelpEvent(QEvent.Type.ToolTip, at, port.mapToGlobal(at)))
    assert "10:04:02" in QToolTip.text()
    QToolTip.hideText()


def test_rows_are_reached_and_read_by_keyboard(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """Each one is a sentence for a screen reader."""
    timeline.append(messages(0, 100))
    places(view)
    press(qtbot, view, Key.Key_Up)
    assert view.messages.currentIndex().row() == 99
    press(qtbot, view, Key.Key_Up)
    assert view.messages.currentIndex().row() == 98
    press(qtbot, view, Key.Key_Home)
    assert view.messages.currentIndex().row() == 0
    assert "0" in places(view)
    read = view.messages.currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert read == "user0 at 10:04: 0: "
    press(qtbot, view, Key.Key_Down)
    assert view.messages.currentIndex().row() == 1
    rows = []
    for _page in range(4):
        press(qtbot, view, Key.Key_PageDown)
        rows.append(view.messages.currentIndex().row())
        assert str(rows[-1]) in places(view)
    assert rows == sorted(set(rows))
    press(qtbot, view, Key.Key_PageUp)
    assert view.messages.currentIndex().row() < rows[-1]
    press(qtbot, view, Key.Key_End)
    assert view.messages.currentIndex().row() == 99
    assert view.at_end


def test_screen_readers_take_the_list_for_a_table(view: ConversationView) -> None:
    """Qt decides by the names of a widget's classes whether it tells them about rows."""
    kind = view.messages.metaObject()
    names = []
    while kind is not None:
        names.append(kind.className())
        kind = kind.superClass()
    assert names[:4] == ["MessageList", "Scroller", "QTableView", "QAbstractItemView"]


def test_every_row_is_passed_on_the_way_up(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """And is on the screen when it is the current one."""
    timeline.append(messages(0, 60))
    places(view)
    for row in range(59, 20, -1):
        press(qtbot, view, Key.Key_Up)
        assert view.messages.currentIndex().row() == row
        assert str(row) in places(view)
        rect = view.messages.visualRect(view.messages.currentIndex())
        assert rect.top() >= 0


def test_messages_are_copied_as_they_are_or_with_time_and_name(
    qtbot: QtBot, view: ConversationView, timeline: Timeline
) -> None:
    """One or several, in their order."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    timeline.append([message(number, f"text {number}") for number in range(10)])
    places(view)
    go(view, 3)
    qtbot.keyClick(view.messages, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "text 3"
    press(qtbot, view, Key.Key_Up, shift=True)
    press(qtbot, view, Key.Key_Up, shift=True)
    qtbot.keyClick(view.messages, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text().splitlines() == [f"text {number}" for number in (1, 2, 3)]
    qtbot.keyClick(view.messages, Key.Key_C, both)
    assert clipboard.text().splitlines() == [f"[10:04] user{number}: text {number}" for number in (1, 2, 3)]


def drag(qtbot: QtBot, view: ConversationView, begin: QPoint, end: QPoint) -> None:
    """Draw the pointer from one point to another, with the button down."""
    port = view.messages.viewport()
    assert port is not None
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=begin)
    for at in (begin + (end - begin) / 2, end):
        local, button = QPointF(at), Qt.MouseButton.LeftButton
        move = QMouseEvent(
            QEvent.Type.MouseMove, local, local, Qt.MouseButton.NoButton, button, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(port, move)
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)


def letter(view: ConversationView, key: str, at: int) -> QPoint:
    """Return where a character of a message is on the screen."""
    picture(view)
    one = next(one for one in view.messages._shown if one.row.entry.key == key)
    assert one.row.body is not None
    top = one.y + one.row.body_top
    for y in range(2, round(one.row.body.height), 4):
        for x in range(600):
            if one.row.body.letter_at(x, y) == at:
                return QPoint(LEFT + x, top + y)
    raise AssertionError(at)


def test_part_of_a_message_is_selected_and_copied(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    code = "run this: pip install chatcore, then look"
    timeline.append([message(1, "before"), message(2, code), message(3, "after")])
    drag(qtbot, view, letter(view, "2", 10), letter(view, "2", 30))
    qtbot.keyClick(view.messages, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "pip install chatcore"
    marked = picture(view)
    qtbot.mouseClick(view.messages.viewport(), Qt.MouseButton.LeftButton, pos=letter(view, "3", 2))
    assert view.messages.selected_text() == "after"
    assert picture(view) != marked


def test_text_of_several_messages_is_selected_from_letter_to_letter_either_way(
    qtbot: QtBot, view: ConversationView, timeline: Timeline
) -> None:
    timeline.append([message(1, "one two"), message(2, "```\nthree\n```"), message(3, "four five 😀 six")])
    ends = letter(view, "1", 4), letter(view, "3", 11)
    for begin, end in (ends, ends[::-1]):
        drag(qtbot, view, begin, end)
        assert view.messages.selected_text() == "two\n```\nthree\n```\nfour five 😀"
    timeline.prepend([message(0, "zero")])
    assert view.messages.selected_text() == "two\n```\nthree\n```\nfour five 😀"
    assert view.messages.selected_text(named=True).splitlines()[0] == "[10:04] user1: one two"


def test_two_clicks_select_a_word(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    timeline.append([message(1, "look at some_name, please")])
    qtbot.mouseDClick(view.messages.viewport(), Qt.MouseButton.LeftButton, pos=letter(view, "1", 11))
    assert view.messages.selected_text() == "some_name"


def test_both_forms_of_copying_are_in_the_menu(view: ConversationView, timeline: Timeline) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    timeline.append([message(1, "print(1)")])
    picture(view)
    menu = view.messages.menu(view.messages._row(0))
    texts = {action.text(): action for action in menu.actions()}
    texts["&Copy"].trigger()
    assert clipboard.text() == "print(1)"
    texts["Copy with &names and times"].trigger()
    assert clipboard.text() == "[10:04] user1: print(1)"


def test_messages_are_selected_with_the_mouse(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """A click and a Shift-click select what is between, and nothing scrolls."""
    timeline.append(messages(0, 50))
    before = places(view)
    port = view.messages.viewport()
    shown = [int(key) for key in before if 0 <= before[key] < view.messages.height() - 20]
    for key, modifier in ((shown[0], "NoModifier"), (shown[-1], "ShiftModifier")):
        at = QPoint(200, before[str(key)] + 4)
        qtbot.mouseClick(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier[modifier], at)
    assert sorted(index.row() for index in view.messages.selectedIndexes()) == shown
    assert places(view) == before


def test_a_link_is_clicked_or_taken_with_enter(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """The view opens nothing by itself."""
    timeline.append([message(1, "file:///etc/passwd and https://example.org/x.")])
    with qtbot.waitSignal(view.link_activated) as clicked:
        click(qtbot, view, "link")
    assert clicked.args == ["https://example.org/x"]
    go(view, 0)
    with qtbot.waitSignal(view.link_activated) as entered:
        press(qtbot, view, Key.Key_Return)
    assert entered.args == ["https://example.org/x"]


def test_a_failed_message_is_tried_again_or_given_up(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """With the mouse and with the keyboard."""
    timeline.append([message(7, "hello", own=True, state="failed", note="Too long.")])
    with qtbot.waitSignal(view.retry_wanted) as retried:
        click(qtbot, view, "retry")
    with qtbot.waitSignal(view.discard_wanted) as discarded:
        click(qtbot, view, "discard")
    go(view, 0)
    with qtbot.waitSignal(view.retry_wanted):
        press(qtbot, view, Key.Key_Return)
    with qtbot.waitSignal(view.discard_wanted):
        press(qtbot, view, Key.Key_Delete)
    assert retried.args == discarded.args == ["7"]


def test_a_menu_offers_what_a_row_can_do(view: ConversationView, timeline: Timeline) -> None:
    """Copy, its links, and for a failed message what to do with it."""
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    timeline.append([message(7, "a https://a.example/?b&c b https://b.example", own=True, state="failed")])
    places(view)
    menu = view.messages.menu(view.messages._shown[0].row)
    by_text = {action.text(): action for action in menu.actions()}
    assert list(by_text) == [
        "&Copy",
        "Copy with &names and times",
        "Open link https://a.example/?b&&c",
        "Copy link https://a.example/?b&&c",
        "Open link https://b.example",
        "Copy link https://b.example",
        "&Try again",
        "&Discard",
        "",
        "Select &all",
    ]
    by_text["Copy link https://a.example/?b&&c"].trigger()
    assert clipboard.text() == "https://a.example/?b&c"
    by_text["&Copy"].trigger()
    assert clipboard.text().startswith("a https://")


def test_a_long_message_is_shown_whole_when_asked(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """Its beginning stays where it is, and so it does when it is shortened again."""
    timeline.append([*messages(0, 30), message(31, "line\n" * 100)])
    press(qtbot, view, Key.Key_End)
    go(view, 30)
    before = places(view)["31"]
    high = view.messages.visualRect(view.messages.currentIndex()).height()
    press(qtbot, view, Key.Key_Return)
    assert places(view)["31"] == before
    assert view.messages.visualRect(view.messages.currentIndex()).height() > 3 * high
    press(qtbot, view, Key.Key_Return)
    assert places(view)["31"] == before


def test_what_one_types_in_the_list_searches_nothing(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """Reading 100,000 messages for a letter would take a second."""
    timeline.append(messages(0, 20))
    go(view, 3)
    qtbot.keyClicks(view.messages, "19")
    assert view.messages.currentIndex().row() == 3


def test_hostile_text_is_shown_as_it_is_in_time(qtbot: QtBot, view: ConversationView, timeline: Timeline) -> None:
    """It breaks no layout and takes no more than a moment."""
    texts = ["<img src=http://evil.example/x><table>", "Z" + "\u0301" * 30_000, "x" * 1_000_000, "\u202e\x1b[2J\0", ""]
    entries: list[Entry] = [message(number, text, sender=text[:5000]) for number, text in enumerate(texts)]
    entries.append(NoticeEntry("notice", "<b>\u202e" * 9000, START))
    timeline.append(messages(100, 1))
    places(view)
    slowest = 0.0
    for entry in entries * 2:
        timeline.clear()
        timeline.append([entry])
        began = time.thread_time()
        picture(view)
        slowest = max(slowest, time.thread_time() - began)
        shown = view.messages._shown
        assert sum(one.row.height for one in shown) < 600
    assert slowest < 0.2, "the bound is 0.05 s; a loaded machine gets some more"


def test_marks_of_one_row_do_not_reach_another(view: ConversationView, timeline: Timeline) -> None:
    """What piles up is cut off at the row."""
    timeline.append([message(1, "a", sender="x"), message(2, "plain", sender="y"), message(3, "Z", sender="z")])
    clean = picture(view)
    assert view.at_end
    timeline.replace("3", message(3, "Z" + "\u0301" * 6, sender="z"))
    marked = picture(view)
    top = view.messages._shown[2].y
    assert clean.size() == marked.size()
    area = (0, 0, clean.width(), top)
    assert clean.copy(*area) == marked.copy(*area)
    assert clean != marked


def test_the_theme_changes_at_once(qapp: QApplication, view: ConversationView, timeline: Timeline) -> None:
    """Everything on the screen is drawn in the new colours."""
    timeline.append(messages(0, 5))
    try:
        theme.apply(qapp, "dark")
        assert picture(view).pixelColor(2, 2).name() == theme.DARK.background
        theme.apply(qapp, "light")
        assert picture(view).pixelColor(2, 2).name() == theme.LIGHT.background
    finally:
        theme.apply(qapp, "system")


# Writing.


def test_enter_sends_and_shift_enter_breaks_the_line(qtbot: QtBot, composer: Composer) -> None:
    """The field is empty afterwards."""
    qtbot.keyClicks(composer.input, "one")
    qtbot.keyClick(composer.input, Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.input, "two")
    with qtbot.waitSignal(composer.submitted) as sent:
        qtbot.keyClick(composer.input, Key.Key_Return)
    assert sent.args == ["one\ntwo"]
    assert composer.text() == ""


def test_nothing_is_sent_when_there_is_nothing_to_send(qtbot: QtBot, composer: Composer) -> None:
    """Blank text, and text that may not be sent now, stay."""
    with qtbot.assertNotEmitted(composer.submitted):
        qtbot.keyClicks(composer.input, "  ")
        qtbot.keyClick(composer.input, Key.Key_Return)
        composer.set_text("hello")
        composer.set_enabled_hint(False, "The server has gone.")
        qtbot.keyClick(composer.input, Key.Key_Return)
    assert composer.text() == "hello"
    assert composer.hint.text() == "The server has gone."
    composer.set_enabled_hint(True, "")
    assert not composer.hint.isVisible()
    with qtbot.waitSignal(composer.submitted):
        qtbot.keyClick(composer.input, Key.Key_Enter)


def test_up_and_down_recall_what_was_sent_and_keep_the_draft(qtbot: QtBot, composer: Composer) -> None:
    """Within several lines they move from line to line first."""
    for text in ("first", "second\nlines", "third", "third"):
        composer.set_text(text)
        qtbot.keyClick(composer.input, Key.Key_Return)
    qtbot.keyClicks(composer.input, "draft")
    recalled = []
    for _turn in range(5):
        qtbot.keyClick(composer.input, Key.Key_Up)
        recalled.append(composer.text())
    assert recalled == ["third", "second\nlines", "second\nlines", "first", "first"]
    recalled = []
    for _turn in range(5):
        qtbot.keyClick(composer.input, Key.Key_Down)
        recalled.append(composer.text())
    assert recalled == ["second\nlines", "third", "draft", "draft", "draft"]


def test_tab_goes_through_names_and_commands(qtbot: QtBot, composer: Composer) -> None:
    """And back with Shift; typing goes on behind the word."""
    composer.set_completer(lambda before: complete(before, users=["alice", "alan", "bob"], rooms=["tea"]))
    composer.set_text("\U0001f600 al")
    tried = []
    for key in (Key.Key_Tab, Key.Key_Tab, Key.Key_Tab, Key.Key_Backtab):
        qtbot.keyClick(composer.input, key)
        tried.append(composer.text())
    assert tried == [f"\U0001f600 {name} " for name in ("alan", "alice", "alan", "alice")]
    assert composer.hint.text() == "alan  [alice]"
    qtbot.keyClicks(composer.input, "and bo")
    assert not composer.hint.isVisible()
    qtbot.keyClick(composer.input, Key.Key_Tab)
    assert composer.text() == "\U0001f600 alice and bob "
    composer.set_text("/jo")
    qtbot.keyClick(composer.input, Key.Key_Tab)
    qtbot.keyClick(composer.input, Key.Key_Tab)
    assert composer.text() == "/join tea"


def test_tab_leaves_an_empty_field(qtbot: QtBot, composer: Composer) -> None:
    """Nobody is caught in it."""
    other = Composer(composer.parentWidget())
    qtbot.addWidget(other)
    view = ConversationView()
    qtbot.addWidget(view)
    inner = Composer(view)
    view.resize(400, 300)
    view.show()
    inner.show()
    inner.setFocus()
    qtbot.waitUntil(inner.input.hasFocus)
    qtbot.keyClick(inner.input, Key.Key_Tab)
    assert not inner.input.hasFocus()


@pytest.mark.parametrize(
    ("text", "stays", "leaves"),
    [("hello zzz", [Key.Key_Tab], [Key.Key_Tab]), ("hello al", [Key.Key_Tab, Key.Key_Escape], [Key.Key_Tab])],
)
def test_tab_leaves_a_line_with_nothing_to_complete_and_behind_escape(
    qtbot: QtBot, text: str, stays: list[Key], leaves: list[Key]
) -> None:
    """The first one may have been meant for a name; what is typed then is completed as ever."""
    view = ConversationView()
    qtbot.addWidget(view)
    inner = Composer(view)
    inner.set_completer(lambda before: complete(before, users=["alice", "alan"], rooms=[]))
    view.resize(400, 300)
    view.show()
    inner.show()
    inner.setFocus()
    qtbot.waitUntil(inner.input.hasFocus)
    inner.set_text(text)
    for key in stays:
        qtbot.keyClick(inner.input, key)
    qtbot.keyClicks(inner.input, "a")
    for key in stays:
        qtbot.keyClick(inner.input, key)
        assert inner.input.hasFocus()
    for key in leaves:
        qtbot.keyClick(inner.input, key)
    assert not inner.input.hasFocus()


def test_only_plain_text_is_pasted(composer: Composer) -> None:
    """No format, no picture, which is offered as a file, and not more than could ever be sent."""
    data = QMimeData()
    data.setHtml("<b>bold</b><img src='http://evil.example'>")
    data.setText("bold\r\nline")
    composer.input.insertFromMimeData(data)
    assert composer.text() == "bold\nline"
    picture_only = QMimeData()
    picture_only.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    composer.input.insertFromMimeData(picture_only)
    assert composer.text() == "bold\nline"
    assert composer.hint.text() == "You pasted a picture (4 × 4)."
    composer.set_text("")
    data.setText("word " * 100_000)
    composer.input.insertFromMimeData(data)
    assert composer.text() == ""
    assert composer.hint.text() == "What you pasted has 500000 characters, too many for a message."


def test_a_text_that_is_too_long_is_not_sent_and_says_so(qtbot: QtBot, composer: Composer) -> None:
    """The limit counts bytes as the server does."""
    composer.set_text("é" * 30_001)
    with qtbot.assertNotEmitted(composer.submitted):
        qtbot.keyClick(composer.input, Key.Key_Return)
    assert composer.hint.text() == "This message is too long by 2 bytes."
    composer.set_limit(2**16)
    assert not composer.hint.isVisible()


def test_a_text_with_half_a_character_is_not_sent_and_stays_to_be_repaired(qtbot: QtBot, composer: Composer) -> None:
    """Programs that cut emojis in two put halves on the clipboard."""
    data = QMimeData()
    data.setText("ok \ud83d")
    composer.input.insertFromMimeData(data)
    with qtbot.assertNotEmitted(composer.submitted):
        qtbot.keyClick(composer.input, Key.Key_Return)
    assert composer.text() == "ok \ud83d"
    assert composer.hint.text() == "The character at place 4 is broken and cannot be sent; replace it."
    qtbot.keyClick(composer.input, Key.Key_Backspace)
    assert not composer.hint.isVisible()
    with qtbot.waitSignal(composer.submitted) as submitted:
        qtbot.keyClick(composer.input, Key.Key_Return)
    assert submitted.args == ["ok "]


def test_the_field_grows_to_six_lines(composer: Composer) -> None:
    """Then it scrolls."""
    heights = []
    for lines in (1, 2, 6, 7, 50, 1):
        composer.set_text("\n".join("x" * lines))
        heights.append(composer.input.height())
    assert heights[0] < heights[1] < heights[2] == heights[3] == heights[4]
    assert heights[-1] == heights[0]
