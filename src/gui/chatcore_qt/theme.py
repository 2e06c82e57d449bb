"""Colours of the app: light, dark, or as the system has it. Every text has a contrast of at least 4.5 to 1."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetrics, QPalette
from PyQt6.QtWidgets import QApplication, QStyleFactory

from chatcore_qt.stylesheet import stylesheet

Theme = Literal["light", "dark", "system"]
THEMES: Final[tuple[Theme, ...]] = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Palette:
    """Named colours, as ``#rrggbb``."""

    dark: bool
    background: str
    """Behind the conversation and the fields."""
    surface: str
    """Behind the side panes and the dialogs."""
    hover: str
    """Behind what the pointer is on."""
    selected: str
    """Behind the present room, and other things that are chosen."""
    text: str
    muted: str
    """Times, hints, notices."""
    accent: str
    """Links, the button to press, what has the focus."""
    on_accent: str
    """Text on the accent."""
    own: str
    """One's own name."""
    own_background: str
    """Behind one's own messages."""
    mention: str
    """Beside and in messages that mention the user."""
    mention_background: str
    """Behind them."""
    warning: str
    error: str
    success: str
    separator: str
    """Lines between parts; the border of a field."""
    unread: str
    """The first-unread line and badges."""
    on_unread: str
    """Text on a badge."""
    names: tuple[str, ...]
    """Colours for senders, readable on the background and behind one's own messages alike."""

    def color(self, name: str) -> QColor:
        """Return a colour by its name here."""
        return QColor(getattr(self, name))


LIGHT: Final = Palette(
    dark=False,
    background="#ffffff",
    surface="#f5f6f9",
    hover="#eaedf3",
    selected="#dfe6fb",
    text="#1b1e27",
    muted="#5a6173",
    accent="#3355d1",
    on_accent="#ffffff",
    own="#3355d1",
    own_background="#f1f4fe",
    mention="#8a5300",
    mention_background="#fff6e0",
    warning="#8a5300",
    error="#bf2232",
    success="#1c7440",
    separator="#dde1e9",
    unread="#3355d1",
    on_unread="#ffffff",
    names=("#a32a60", "#7a3fb0", "#1f6f7a", "#8a4b12", "#2b6e3a", "#b02a2a", "#4f5b8f", "#6b6414"),
)

DARK: Final = Palette(
    dark=True,
    background="#1c1e25",
    surface="#15171c",
    hover="#22252e",
    selected="#2a3350",
    text="#e6e8ef",
    muted="#9ca3b4",
    accent="#8fabff",
    on_accent="#10131c",
    own="#9db5ff",
    own_background="#22273a",
    mention="#f0c067",
    mention_background="#352d1b",
    warning="#f0c067",
    error="#ff8f88",
    success="#7cd398",
    separator="#2e323d",
    unread="#8fabff",
    on_unread="#10131c",
    names=("#f29abf", "#cda4f5", "#7ccad6", "#eab184", "#93d3a2", "#f6a09a", "#b3bdf0", "#d6cd7a"),
)


class Signals(QObject):
    """Says when the colours have changed."""

    changed = pyqtSignal()


signals: Final = Signals()
_current: Palette = LIGHT
_wanted: Theme = "system"
_follows = False
USUAL_POINTS: Final = "usualPoints"
"""Property of the application: how large its text was before anybody chose another size."""


def current() -> Palette:
    """Return the colours in use. Connect to `signals.changed` to paint again when they change."""
    return _current


def apply(app: QApplication, theme: Theme) -> None:
    """Give the whole app a theme."""
    global _follows, _wanted  # noqa: PLW0603 -- an app has one theme
    _wanted = theme
    hints = app.styleHints()
    if hints is None:
        return
    if not _follows:
        _follows = True
        app.setStyle(QStyleFactory.create("Fusion"))
        hints.colorSchemeChanged.connect(lambda _scheme: _refresh(app))
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "system": Qt.ColorScheme.Unknown}
    hints.setColorScheme(schemes[theme])
    _refresh(app)


def set_text_size(points: int) -> None:
    """Show all text larger than usual by so many points."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    font = app.font()
    usual = app.property(USUAL_POINTS) or font.pointSizeF()
    app.setProperty(USUAL_POINTS, usual)
    if usual > 0 and font.pointSizeF() != usual + points:
        font.setPointSizeF(usual + points)
        app.setFont(font)
        _refresh(app)


def _refresh(app: QApplication) -> None:
    global _current  # noqa: PLW0603
    hints = app.styleHints()
    system_dark = hints is not None and hints.colorScheme() is Qt.ColorScheme.Dark
    dark = _wanted == "dark" or (_wanted == "system" and system_dark)
    palette = DARK if dark else LIGHT
    _current = palette
    app.setPalette(_qt_palette(palette))
    colours = {field.name: getattr(palette, field.name) for field in fields(palette)}
    app.setStyleSheet(stylesheet(colours, QFontMetrics(app.font()).height()))
    signals.changed.emit()


def _qt_palette(palette: Palette) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: palette.surface,
        role.WindowText: palette.text,
        role.Base: palette.background,
        role.AlternateBase: palette.surface,
        role.Text: palette.text,
        role.PlaceholderText: palette.muted,
        role.Button: palette.surface,
        role.ButtonText: palette.text,
        role.BrightText: palette.error,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.Link: palette.accent,
        role.LinkVisited: palette.accent,
        role.ToolTipBase: palette.background,
        role.ToolTipText: palette.text,
        role.Accent: palette.accent,
        role.Mid: palette.separator,
    }
    made = QPalette()
    for name, colour in colours.items():
        made.setColor(name, QColor(colour))
    for name in (role.Text, role.ButtonText, role.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, name, QColor(palette.muted))
    return made
