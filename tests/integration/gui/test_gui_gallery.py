"""Every dialog, menu and state of the app: none is forgotten or left in English, nothing in it is cut or nameless."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from PyQt6.QtCore import QLocale, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QWidget,
)

import chatcore_qt
from chatcore_qt import i18n, theme
from chatcore_qt.widgets.basics import ElidedLabel
from tests.integration.gui.gallery import NAMES, SAID, usual_font, walk
from tests.integration.gui.test_gui_names import nameless


def of_ours(kind: type[QWidget]) -> set[type[QWidget]]:
    """Return what the app has of a kind of widgets."""
    for module in pkgutil.walk_packages(chatcore_qt.__path__, "chatcore_qt."):
        importlib.import_module(module.name)
    found, new = set(), {kind}
    while new:
        new = {each for one in new for each in one.__subclasses__()}
        found |= {each for each in new if each.__module__.startswith("chatcore_qt")}
    return {each for each in found if not each.__subclasses__()}


def texts_of(shown: QWidget) -> Iterator[str]:
    """Yield everything that a widget and those within it say, to those who see it and those who do not."""
    yield shown.windowTitle()
    for widget in (shown, *shown.findChildren(QWidget)):
        if isinstance(widget.window(), QDialog | QMenu) and widget.window() is not shown:
            continue  # another state
        yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription(), widget.statusTip())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        if isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        if isinstance(widget, QComboBox):
            yield from (widget.itemText(at) for at in range(widget.count()))
        if isinstance(widget, QAbstractItemView) and not isinstance(shown, QFileDialog):
            model = widget.model()
            if model is not None:
                for row in range(model.rowCount()):
                    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                        yield str(model.index(row, 0).data(role) or "")
        yield from (action.text() for action in widget.actions())


# What is the same in both languages: names of programs and files, what is typed as it is, and words that both have.
SAME = re.compile(
    r"chatcore|WebSocket|QUIC|English|Français|Ctrl|Messages?|Transport|Port|Type|Notifications?|"
    r"/[-\w/.]+|OK|Tab"
)
# Words that no French sentence has.
ENGLISH = re.compile(r"\b(the|of|and|you|your|is|are|was|to|not|this|with|it|who|what|for|from|has|here|there)\b", re.I)


def to_translate(text: str) -> str:
    """Return what of a text somebody has to translate."""
    text = text.replace("&", "")
    for said in (*(said for _name, said in SAID), *NAMES, "from:"):
        text = text.replace(said, " ")
    return SAME.sub(" ", text)


def left_in_english(texts: set[str], english: set[str]) -> set[str]:
    """Return what is not in French: what is said in English too, or has a word that French does not have."""
    words = {text: to_translate(text) for text in texts}
    return {
        text
        for text, rest in words.items()
        if re.search(r"[^\W\d_]{2}", rest) and (text in english or ENGLISH.search(rest))
    }


def is_cut(widget: QWidget) -> bool:
    """Tell whether there is less room for a text than it takes."""
    if isinstance(widget, ElidedLabel) or widget.width() == 0:
        return False
    if isinstance(widget, QLineEdit):
        shown = "" if widget.text() else widget.placeholderText()
        return widget.fontMetrics().horizontalAdvance(shown) > widget.width()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height()
    return (
        isinstance(widget, QLabel | QAbstractButton)
        and bool(widget.text())
        and widget.minimumSizeHint().width() > widget.width()
    )


def cut(shown: QWidget) -> list[str]:
    """Return the texts that are cut, of what is visible."""
    within = [each for each in shown.findChildren(QWidget) if each.isVisible() and each.window() is shown.window()]
    return [each.text() for each in within if isinstance(each, QLabel | QAbstractButton | QLineEdit) and is_cut(each)]


async def laid_out(shown: QWidget) -> None:
    """Let each layout within the other find its size; what is cut for good stays so."""
    for _turn in range(200):
        if not cut(shown):
            return
        await asyncio.sleep(0.005)


def out_of_reach(shown: QWidget) -> list[str]:
    """Return the buttons of a dialog that are outside of it, and do not scroll."""
    buttons = shown.findChildren(QAbstractButton)
    return [
        each.text()
        for each in buttons
        if each.isVisible() and each.window() is shown and isinstance(each.parentWidget(), QDialog)
        if not shown.rect().contains(each.geometry())
    ]


async def test_every_dialog_is_in_the_gallery_in_french_too_and_all_of_it_can_be_read(tmp_path: Path) -> None:
    """Who adds a dialog adds it to `gallery.py`, where people look at it, and this looks at its words and sizes."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.font(), app.property(theme.USUAL_POINTS)
    app.setFont(usual_font())
    app.setProperty(theme.USUAL_POINTS, None)
    for language in ("en", "fr"):
        await asyncio.to_thread((tmp_path / language).mkdir)
    english = {name: set(texts_of(shown)) async for name, shown in walk(tmp_path / "en", size=(800, 600))}
    problems, seen = {}, set()
    i18n.install(app, QLocale("fr"))
    async for name, shown in walk(tmp_path / "fr", size=(800, 600)):
        seen.add(type(shown))
        await laid_out(shown)
        own = not isinstance(shown, QMenu | QFileDialog)
        words = left_in_english(set(texts_of(shown)), english[name])
        problems[name] = [*words, *(cut(shown) + out_of_reach(shown) + nameless(shown) if own else ())]
    i18n.install(app, QLocale("en"))
    app.setFont(before[0])
    app.setProperty(theme.USUAL_POINTS, before[1])
    assert {name: found for name, found in problems.items() if found} == {}
    assert of_ours(QDialog) <= seen
    assert {QMenu, QFileDialog, QMessageBox} <= seen
