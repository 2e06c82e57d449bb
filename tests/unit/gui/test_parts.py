"""Small parts of the windows."""

from __future__ import annotations

from PyQt6.QtWidgets import QApplication

from chatcore_qt.widgets.basics import label


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
