"""The small dialogs: create a room, leave or not, the list of shortcuts. None of them blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QGridLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from chatcore.limits import ROOM_NAME_MAX, ROOM_NAME_MIN
from chatcore.text.telling import bad_name
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.connecting.trust import Encryption
from chatcore_qt.texts import library, translate
from chatcore_qt.widgets.basics import ButtonRow, FingerprintLabel, label, resize_within

_BESIDE = 24
"""What a list of shortcuts leaves for the bar that scrolls it."""


class CreateRoomDialog(QDialog):
    """Asks for the name of a new room, and says beside it why the server does not want it."""

    def __init__(self, chat: ChatPresenter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("CreateRoom", "Create a room"))
        self._chat = chat
        self._task: asyncio.Task[None] | None = None
        self._away = False  # whether there was no connection when it was asked for last
        chat.connection_changed.connect(self._look_at_connection)
        self.finished.connect(lambda: chat.connection_changed.disconnect(self._look_at_connection))
        self.name = QLineEdit()
        self.name.setMaxLength(ROOM_NAME_MAX)
        self.name.setAccessibleName(translate("CreateRoom", "Name of the room"))
        self.name.textEdited.connect(lambda: self._say(""))
        heading = label(translate("CreateRoom", "Name of the room"))
        heading.setBuddy(self.name)
        self.error = label(role="error", wrap=True)
        self.create_button = QPushButton(translate("CreateRoom", "Create and enter"))
        self.create_button.setProperty("primary", True)
        self.create_button.setDefault(True)
        self.create_button.clicked.connect(self._create)
        cancel = QPushButton(translate("CreateRoom", "Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        layout.addWidget(heading)
        layout.addWidget(self.name)
        layout.addWidget(label(translate("CreateRoom", "Letters, digits, _ and -."), "muted"))
        layout.addWidget(self.error)
        layout.addLayout(ButtonRow(cancel, self.create_button))
        self.setMinimumWidth(360)
        self._say("")

    def _create(self) -> None:
        name = self.name.text().strip()
        wrong = bad_name(name, ROOM_NAME_MIN, ROOM_NAME_MAX, library)
        if wrong is not None:
            self._say(wrong)
        elif self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._ask(name), name="create a room")

    async def _ask(self, name: str) -> None:
        self.create_button.setEnabled(False)
        self._away = not self._chat.connected
        refusal = await self._chat.create(name)
        self.create_button.setEnabled(True)
        if refusal is None:
            self.accept()
        else:
            self._say(refusal)

    def _look_at_connection(self) -> None:
        """Say no more that there is none, once there is."""
        if self._away and self._chat.connected:
            self._away = False
            self._say("")

    def _say(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.name.setAccessibleDescription(text)

    def done(self, a0: int) -> None:
        """Close; an answer that comes later is not waited for."""
        if self._task is not None and a0 == QDialog.DialogCode.Rejected:
            self._task.cancel()
        super().done(a0)


class LeaveQuestion(QMessageBox):
    """Asks whether to leave although files are under way or messages wait; `accepted` is a yes.

    Args:
        text: what becomes of these.
        parent: the window.
    """

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Leave", "Leave now?"))
        self.setIcon(QMessageBox.Icon.Warning)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.leave = self.addButton(translate("Leave", "&Leave anyway"), QMessageBox.ButtonRole.AcceptRole)
        self.stay = self.addButton(translate("Leave", "&Stay"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.stay)
        self.setEscapeButton(self.stay)


class EncryptionDialog(QDialog):
    """Shows how the connection is encrypted, and the fingerprint of the server's key, to be compared.

    Args:
        transport: what the connection is, for people.
        encryption: what there is to say about it.
        parent: the window.
    """

    def __init__(self, transport: str, encryption: Encryption, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Encryption", "Encryption"))
        self._fingerprint = encryption.fingerprint
        self.text = label(encryption.text, wrap=True)
        self.text.setFixedWidth(392)  # and not the dialog: that would be as high as the text is in some other width
        self.fingerprint = FingerprintLabel(translate("Encryption", "Fingerprint of the server's key"))
        self.fingerprint.show_fingerprint(encryption.fingerprint or "")
        self.fingerprint.setVisible(bool(encryption.fingerprint))
        self.copy_button = QPushButton(translate("Encryption", "&Copy the fingerprint"))
        self.copy_button.setAutoDefault(False)
        self.copy_button.setVisible(bool(encryption.fingerprint))
        self.copy_button.clicked.connect(self._copy)
        close = QPushButton(translate("Encryption", "Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(16)
        layout.addWidget(label(transport, "title"))
        layout.addWidget(self.text)
        layout.addWidget(self.fingerprint)
        layout.addLayout(ButtonRow(self.copy_button, close))
        close.setFocus()

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self._fingerprint)


class ShortcutsDialog(QDialog):
    """Lists the shortcuts, made from the actions themselves."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Shortcuts", "Keyboard shortcuts"))
        inside = QFrame()
        inside.setObjectName("page")
        grid = QGridLayout(inside)
        grid.setContentsMargins(24, 16, 24, 16)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        self.rows = [
            (action.text().replace("&", "").rstrip("…"), _keys(action)) for action in actions if action.shortcuts()
        ]
        self.rows += [
            (translate("Shortcuts", "Send the message"), _native("Return")),
            (translate("Shortcuts", "Begin a new line"), _native("Shift+Return")),
            (translate("Shortcuts", "Complete a name or a command"), _native("Tab")),
            (translate("Shortcuts", "Change what was said last, in the empty line"), _native("Up")),
            (translate("Shortcuts", "Leave a message as it is, or answer nothing"), _native("Escape")),
            (translate("Shortcuts", "Recall what was typed before, or after that"), _both("Ctrl+Up", "Ctrl+Down")),
            (translate("Shortcuts", "Read further up or down, from the message line"), _both("PgUp", "PgDown")),
            (translate("Shortcuts", "Copy messages with names and times"), _native("Ctrl+Shift+C")),
            (translate("Shortcuts", "Join the room that is read, from the empty line"), _native("Return")),
            (
                translate("Shortcuts", "Open the menu of a room, a member or a message"),
                translate("Shortcuts", "Menu key"),
            ),
        ]
        for number, (text, keys) in enumerate(self.rows):
            grid.addWidget(label(text), number, 0)
            grid.addWidget(label(keys, "muted"), number, 1)
        grid.setColumnStretch(0, 1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(inside.sizeHint().width() + _BESIDE)
        area.setAccessibleName(translate("Shortcuts", "Keyboard shortcuts"))
        close = QPushButton(translate("Shortcuts", "Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addWidget(area, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        resize_within(self, 440, 480)


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _both(keys: str, others: str) -> str:
    return f"{_native(keys)}, {_native(others)}"
