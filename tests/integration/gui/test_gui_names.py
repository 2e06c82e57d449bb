"""The real window's dialogs: whatever the keyboard can be on has a name for those who do not see it."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QGroupBox, QLabel, QWidget

from chatcore import connect
from tests.integration.gui.desktop import Desktop, Host, until


def is_named(widget: QWidget) -> bool:
    """Tell whether Qt has a name for a widget: its own, its text, or that of the label beside it."""
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    title = widget.title() if isinstance(widget, QGroupBox) else ""
    window = widget.window()
    labels = [] if window is None else window.findChildren(QLabel)
    return bool(widget.accessibleName() or text or title or any(each.buddy() is widget for each in labels))


def nameless(window: QWidget) -> list[str]:
    """Return what has no name, of that which the keyboard can be on."""
    found = [
        each
        for each in window.findChildren(QWidget)
        if each.isVisibleTo(window)
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and each.focusProxy() is None
        and not isinstance(each.parent(), QComboBox)
        and not each.objectName().startswith("qt_")
        and not is_named(each)
    ]
    return [f"{type(each).__name__} in {type(each.parent()).__name__}" for each in found]


@pytest.mark.parametrize("keys", ["Ctrl+N", "Ctrl+Shift+N", "Ctrl+K", "Ctrl+Shift+F", "Ctrl+Shift+E", "Ctrl+,", "F1"])
async def test_everything_in_a_dialog_has_a_name(keys: str, host: Host, desktop: Desktop) -> None:
    bob = await host.guest("bob")
    await bob.send("hello")
    await desktop.enter(host)
    await until(lambda: desktop.said() == ["hello"])
    desktop.press(keys)
    await until(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    assert dialog.windowTitle()
    assert nameless(dialog) == []
    dialog.close()


async def test_bots_are_marked_among_the_members_and_by_who_asks_for_them(host: Host, desktop: Desktop) -> None:
    await host.guest("bob")
    await desktop.enter(host)
    async with connect(host.address.url, username="helper", bot=True):
        await until(lambda: desktop.members() == ["alice (you)", "bob", "helper (a bot)"])
        desktop.type("/whois helper")
        await until(lambda: any(text.startswith("helper (a bot) is in lobby") for text in desktop.told()))
