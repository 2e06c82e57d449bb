"""The commands that fit what is typed, above the message line."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from chatcore_qt.presenters.conversation.notices import CommandLine
from chatcore_qt.texts import translate
from chatcore_qt.widgets.lists import ChoiceList, RowsModel
from chatcore_qt.widgets.row_painting import Look, RowDelegate

_SHOWN: Final = 5


class CommandList(ChoiceList):
    """Opens by itself while a command is being typed; the keyboard stays in the message line."""

    def __init__(self, commands: tuple[CommandLine, ...], parent: QWidget) -> None:
        self._model: RowsModel[CommandLine] = RowsModel(
            lambda row: row.name, lambda row: row.usage, lambda row: f"{row.usage}: {row.about}"
        )
        super().__init__(self._model, parent)
        self._commands = commands
        self._dismissed = False
        self.setObjectName("choices")
        self.setAccessibleName(translate("Composer", "Commands"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setItemDelegate(RowDelegate(self._look, lines=2))
        self.hide()

    def show_fitting(self, text: str) -> None:
        """Show what the text may become, if it begins a command."""
        begins = text.startswith("/") and not text.startswith("//") and len(text.split()) == 1 and text == text.rstrip()
        self._dismissed = self._dismissed and begins
        rows = [row for row in self._commands if begins and row.name.startswith(text[1:].lower())]
        self._model.set_rows([] if self._dismissed else rows)
        self.setCurrentIndex(self._model.index(-1))
        self.setVisible(bool(self._model.rows))
        height = self.sizeHintForRow(0) if self._model.rows else 0
        self.setFixedHeight(height * min(_SHOWN, len(self._model.rows)) + 2)

    def step(self, step: int) -> None:
        """Go to the next one, or to the one before."""
        count = len(self._model.rows)
        at = self.currentIndex().row()
        self.setCurrentIndex(self._model.index((at + step) % count if at >= 0 else (0 if step > 0 else count - 1)))
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()

    def dismiss(self) -> None:
        """Show nothing until another command is begun."""
        self._dismissed = True
        self.hide()

    def _look(self, row: CommandLine) -> Look:
        return Look(row.usage, second=row.about, selected=row == self.row)
