"""Small parts of the windows."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtWidgets import QApplication, QPushButton, QWidget

from chatcore_qt import theme
from chatcore_qt.presenters.connecting.trust import Encryption
from chatcore_qt.widgets.banner import Banner
from chatcore_qt.widgets.basics import Header, Tick, label
from chatcore_qt.widgets.dialogs.small import EncryptionDialog
from chatcore_qt.widgets.lists import ChoiceList, RowsModel
from chatcore_qt.widgets.row_painting import Look, RowDelegate


def test_wrapped_text_is_as_high_as_it_has_to_be_after_every_change_of_width(qapp: QApplication) -> None:
    text = label("a sentence of quite some words that has to be wrapped when there is little room", wrap=True)
    text.show()
    text.resize(600, 40)
    wide = text.minimumHeight()
    text.resize(120, 40)
    assert text.minimumHeight() > wide
    text.resize(600, 40)
    assert text.minimumHeight() == wide
    text.setText("")
    assert text.minimumHeight() == 0


def test_dialog_is_no_higher_than_what_it_says(qapp: QApplication) -> None:
    window = QWidget()
    for words in range(1, 30):
        dialog = EncryptionDialog("WebSocket", Encryption("serveur " * words), window)
        dialog.show()
        qapp.processEvents()
        assert dialog.height() == dialog.heightForWidth(dialog.width())
        dialog.close()


def test_buttons_of_a_banner_stand_below_where_they_would_leave_the_text_no_room(qapp: QApplication) -> None:
    discard, send = QPushButton("Abandonner"), QPushButton("Envoyer maintenant")
    banner = Banner("banner", discard, send)
    for width, below in ((900, False), (320, True), (900, False)):
        banner.resize(width, 100)
        banner.say("1 message n’a pas été envoyé la dernière fois.")
        for _turn in range(4):  # each layout within the other
            qapp.processEvents()
        top, bottom = (
            discard.mapTo(banner, QPoint(0, 0)).y(),
            banner.text.mapTo(banner, banner.text.rect().bottomLeft()).y(),
        )
        assert (top > bottom) is below
        assert send.width() >= send.minimumSizeHint().width()


@pytest.mark.parametrize("factor", [1, 2])
def test_buttons_of_a_banner_stand_below_each_other_where_they_have_no_room(qapp: QApplication, factor: int) -> None:
    buttons = QPushButton("Abandonner"), QPushButton("Envoyer maintenant")
    around = QWidget()  # which is as narrow as it is
    banner = Banner("banner", *buttons)
    banner.setParent(around)
    around.show()
    font = banner.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    banner.setFont(font)
    side_by_side = sum(button.sizeHint().width() for button in buttons)
    for width in (2 * side_by_side, side_by_side + 16, buttons[1].sizeHint().width() + 60):
        banner.resize(width, 200)
        banner.say("Pas envoyé.")
        for _turn in range(4):  # each layout within the other
            qapp.processEvents()
        assert all(button.width() >= button.sizeHint().width() for button in buttons)
        assert banner.rect().contains(QRect(buttons[1].mapTo(banner, QPoint(0, 0)), buttons[1].size()))


def colours_of(shown: QWidget, within: QRect | None = None) -> set[str]:
    """Return the colours that a widget is painted in."""
    picture = shown.grab(within or shown.rect()).toImage()
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_box_has_a_frame_in_both_themes_and_a_tick_once_it_is_ticked(qapp: QApplication, name: theme.Theme) -> None:
    theme.apply(qapp, name)
    box = Tick("Show it")
    palette = theme.current()
    assert palette.muted in colours_of(box, QRect(0, 0, 18, box.height()))
    box.setChecked(True)
    assert {palette.accent, palette.on_accent} <= colours_of(box, QRect(0, 0, 18, box.height()))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_number_beside_the_room_that_is_shown_stands_out_from_its_row(qapp: QApplication, name: theme.Theme) -> None:
    theme.apply(qapp, name)
    rows: RowsModel[str] = RowsModel(str, str, str)
    rows.set_rows(["lobby"])
    view = ChoiceList(rows)
    view.setItemDelegate(RowDelegate(lambda row: Look(row, badge="5", selected=True)))
    view.resize(160, 60)
    row = view.visualRect(rows.index(0))
    assert theme.current().background in colours_of(view, row.adjusted(row.width() - 40, 4, -4, -4))


def test_heading_that_there_is_no_room_for_says_so(qapp: QApplication) -> None:
    header = Header("Direct messages", QPushButton())
    header.show()
    header.resize(400, 40)
    assert header.label.text() == "Direct messages"
    header.resize(header.label.fontMetrics().horizontalAdvance("Direct mess") + 60, 40)
    assert header.label.text().endswith("…")
    assert header.label.accessibleName() == "Direct messages"
