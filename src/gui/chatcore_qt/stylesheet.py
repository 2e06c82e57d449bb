"""The shape of the widgets, on a grid of 8 pixels. Colours come from the theme, which see. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Final

_LEAST_LINE: Final = 22
"""Pixels that a button or a field has for its text at least; Qt would make them lower than larger text is."""
_AROUND_BOX: Final = 3
"""How much less a field for a number has, so that it is as high as the others."""
_SHEET: Final = Template("""
QWidget { color: $text; }
QMainWindow, QDialog, QStatusBar, QMenuBar { background: $surface; }
QToolTip { background: $background; color: $text; border: 1px solid $separator; padding: 4px 8px; }

QMenuBar { padding: 0 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $background; border: 1px solid $separator; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 24px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $separator; margin: 4px 8px; }

QStatusBar { border-top: 1px solid $separator; }
QStatusBar::item { border: none; }

QSplitter::handle { background: $separator; }
QSplitter::handle:hover { background: $accent; }

QLineEdit, QSpinBox, QComboBox {
  background: $background; color: $text; border: 1px solid $separator; border-radius: 6px;
  padding: 5px 8px; min-height: ${line}px; selection-background-color: $accent; selection-color: $on_accent;
}
QSpinBox { min-height: ${line_of_box}px; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus { border: 1px solid $accent; }
QLineEdit[wrong="true"], QSpinBox[wrong="true"], QComboBox[wrong="true"] { border: 1px solid $error; }
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { color: $muted; background: $surface; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox QAbstractItemView {
  background: $background; border: 1px solid $separator; selection-background-color: $selected;
  selection-color: $text;
}

QPushButton {
  background: $background; color: $text; border: 1px solid $separator; border-radius: 6px;
  padding: 5px 16px; min-height: ${line}px;
}
QPushButton:hover { background: $hover; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $muted; background: $surface; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600; }
QPushButton[primary="true"]:focus { border: 1px solid $text; }
QPushButton[primary="true"]:disabled { background: $hover; color: $muted; border: 1px solid $separator; }
QPushButton[quiet="true"] { background: transparent; border: 1px solid transparent; padding: 3px 8px; }
QPushButton[quiet="true"]:hover { background: $hover; }
QPushButton[quiet="true"]:focus { border: 1px solid $accent; }

QCheckBox::indicator {
  width: 13px; height: 13px; border: 1px solid $muted; border-radius: 2px; background: $background;
}
QCheckBox::indicator:checked { border: 1px solid $accent; background: $accent; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:checked { background: $selected; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton::menu-indicator { image: none; }

QListView { background: $surface; border: none; outline: none; }
QListView#choices, QListView#servers { background: $background; border: 1px solid $separator; border-radius: 6px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-weight: 600; }
QLabel[role="heading"] { color: $muted; font-weight: 600; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }

QFrame#side, QFrame#side QListView { background: $surface; }
QFrame#page { background: $background; }
QWidget#form { background: $background; }
QFrame#line { background: $separator; border: none; }
QFrame#banner { background: $mention_background; border-radius: 6px; }
QFrame#banner QLabel { color: $warning; }
QFrame#preview { background: $own_background; border-radius: 6px; }

QFrame#file { background: $surface; border: 1px solid $separator; border-radius: 8px; }
QFrame#file QLabel#sign { background: $selected; border-radius: 18px; }
QFrame#file QPushButton { padding: 3px 12px; }
QFrame#drop { background: $own_background; border: 2px dashed $accent; border-radius: 8px; }
QFrame#drop QLabel { color: $accent; font-weight: 600; }
QWidget#files, QWidget#files > QWidget > QWidget { background: transparent; }
QScrollArea#scrolled, QScrollArea#scrolled > QWidget { background: transparent; }
QProgressBar { background: $separator; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QProgressBar[waiting="true"]::chunk { background: $muted; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $separator; border-radius: 4px; min-height: 32px; margin: 2px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar::handle:vertical:disabled { background: transparent; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $separator; border-radius: 4px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; border: none; width: 0; height: 0;
}
""")


def stylesheet(colours: Mapping[str, object], line: int = 0) -> str:
    """Return the style sheet in these colours, by their names in `theme.Palette`, for lines of text of this height."""
    line = max(_LEAST_LINE, line)
    return _SHEET.substitute(colours, line=line, line_of_box=line - _AROUND_BOX)
