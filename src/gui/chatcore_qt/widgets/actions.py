"""Everything the window can do, as actions: the menus and the list of shortcuts are made from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QMenuBar

from chatcore_qt.texts import QT_TRANSLATE_NOOP, translate
from chatcore_qt.theme import THEMES, Theme

_THEMES: Final[dict[Theme, str]] = {
    "system": QT_TRANSLATE_NOOP("Actions", "As the &system has it"),
    "light": QT_TRANSLATE_NOOP("Actions", "&Light"),
    "dark": QT_TRANSLATE_NOOP("Actions", "&Dark"),
}


class Actions:
    """The actions of a window, in menus."""

    def __init__(self, window: QMainWindow, bar: QMenuBar) -> None:
        self._window = window
        self.all: list[QAction] = []
        """In the order of the menus."""
        menu = _menu(bar, translate("Actions", "&Chat"))
        self.connect_to = self._add(menu, translate("Actions", "&Connect…"), "Ctrl+N")
        self.reconnect = self._add(menu, translate("Actions", "Connect to the &last server"), "Ctrl+R")
        self.reconnect_now = self._add(menu, translate("Actions", "Reconnect &now"), "Ctrl+Shift+R")
        self.disconnect_now = self._add(menu, translate("Actions", "&Disconnect"), "Ctrl+Shift+D")
        self.copy_link = self._add(menu, translate("Actions", "Co&py the link to this room"))
        self.encryption = self._add(menu, translate("Actions", "&Encryption…"))
        menu.addSeparator()
        self.create_room = self._add(menu, translate("Actions", "Create a &room…"), "Ctrl+Shift+N")
        self.leave_room = self._add(menu, translate("Actions", "Lea&ve this room"), "Ctrl+Shift+L")
        self.close_direct = self._add(menu, translate("Actions", "Cl&ose this conversation"), "Ctrl+W")
        menu.addSeparator()
        self.offer_file = self._add(menu, translate("Actions", "Offer a &file…"), "Ctrl+O")
        self.export = self._add(menu, translate("Actions", "E&xport this conversation…"))
        self.open_downloads = self._add(menu, translate("Actions", "Open the do&wnload folder"), "Ctrl+Shift+J")
        self.choose_downloads = self._add(menu, translate("Actions", "Choose &the download folder…"))
        menu.addSeparator()
        self.quit = self._add(menu, translate("Actions", "&Quit"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        menu = _menu(bar, translate("Actions", "&Go"))
        self.jump = self._add(menu, translate("Actions", "&Jump to a room or a user…"), "Ctrl+K")
        self.find = self._add(menu, translate("Actions", "&Find in this conversation…"), "Ctrl+F")
        self.search = self._add(menu, translate("Actions", "&Search on the server…"), "Ctrl+Shift+F")
        self.next_unread = self._add(menu, translate("Actions", "Next &unread"), "Alt+Shift+Down")
        self.next_mention = self._add(menu, translate("Actions", "Next men&tion"), "Ctrl+Shift+K")
        self.next_room = self._add(menu, translate("Actions", "&Next conversation"), "Alt+Down")
        self.previous_room = self._add(menu, translate("Actions", "&Previous conversation"), "Alt+Up")
        menu.addSeparator()
        self.to_input = self._add(menu, translate("Actions", "Write a &message"), "Ctrl+L")
        self.reply = self._add(
            menu, translate("Actions", "Repl&y to the current or the newest message"), "Ctrl+Shift+A"
        )
        self.react = self._add(
            menu, translate("Actions", "Rea&ct to the current or the newest message…"), "Ctrl+Shift+E"
        )
        self.to_rooms = self._add(menu, translate("Actions", "To the list of &rooms"), "Ctrl+G")
        self.to_members = self._add(menu, translate("Actions", "To the list of m&embers"), "Ctrl+M")
        self.to_files = self._add(menu, translate("Actions", "To the f&iles"), "Ctrl+J")
        self._view_menu(bar)
        menu = _menu(bar, translate("Actions", "&Help"))
        self.shortcuts = self._add(menu, translate("Actions", "&Keyboard shortcuts"), "F1")
        self.commands = self._add(menu, translate("Actions", "&Commands that can be typed"))
        self.about = self._add(menu, translate("Actions", "&About chatcore"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _view_menu(self, bar: QMenuBar) -> None:
        menu = _menu(bar, translate("Actions", "&View"))
        self.show_rooms = self._add(menu, translate("Actions", "Show the &rooms"), "Ctrl+1", checkable=True)
        self.show_members = self._add(menu, translate("Actions", "Show the &members"), "Ctrl+2", checkable=True)
        self.presence = self._add(menu, translate("Actions", "Who &comes and goes in this room"), checkable=True)
        self.to_end = self._add(menu, translate("Actions", "Sending shows the ne&west message"), checkable=True)
        menu.addSeparator()
        self.do_not_disturb = self._add(menu, translate("Actions", "Do &not disturb"), checkable=True)
        self.larger = self._add(menu, translate("Actions", "&Larger text"), "Ctrl++")
        self.smaller = self._add(menu, translate("Actions", "&Smaller text"), "Ctrl+-")
        self.usual_size = self._add(menu, translate("Actions", "Text of the &usual size"), "Ctrl+0")
        self.themes = self._theme_menu(menu)
        self.settings = self._add(menu, translate("Actions", "S&ettings…"), "Ctrl+,")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)

    def on(self, action: QAction, what: Callable[[], object]) -> None:
        """Do something when the action is asked for."""
        action.triggered.connect(lambda _checked: what())

    def _theme_menu(self, parent: QMenu) -> dict[Theme, QAction]:
        menu = parent.addMenu(translate("Actions", "&Theme"))
        assert menu is not None
        group = QActionGroup(self._window)
        made: dict[Theme, QAction] = {}
        for name in THEMES:
            made[name] = self._add(menu, translate("Actions", _THEMES[name]), checkable=True)
            group.addAction(made[name])
        return made

    def _add(self, menu: QMenu, text: str, keys: str = "", *, checkable: bool = False) -> QAction:
        made = QAction(text, self._window)
        made.setCheckable(checkable)
        if keys:
            made.setShortcut(QKeySequence(keys))
        menu.addAction(made)
        self._window.addAction(made)
        self.all.append(made)
        return made


def _menu(bar: QMenuBar, text: str) -> QMenu:
    made = bar.addMenu(text)
    assert made is not None
    return made
