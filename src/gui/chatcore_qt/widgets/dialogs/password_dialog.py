"""Asks for the password of a name: a new one twice, as nobody sees what is typed, or the one that it has."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from chatcore.commands import Identify, RegisterAccount
from chatcore.limits import PASSWORD_CHARS
from chatcore.text.safe_text import safe_name
from chatcore_qt.presenters.chat import ChatPresenter
from chatcore_qt.presenters.connecting.form import new_password_problem
from chatcore_qt.texts import translate
from chatcore_qt.widgets.basics import ButtonRow, label

_LONGEST = PASSWORD_CHARS[1]


class PasswordDialog(QDialog):
    """Asks, and lets the chat ask the server.

    Args:
        chat: the chat.
        command: what the password is for.
        parent: the window.
    """

    def __init__(self, chat: ChatPresenter, command: RegisterAccount | Identify, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._chat = chat
        self._command = command
        new = isinstance(command, RegisterAccount)
        self.password, self.again = QLineEdit(), QLineEdit()
        self.error = label(role="error", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        if new:
            self.setWindowTitle(translate("Password", "Make your name your own"))
            self._add(layout, translate("Password", "New password"), self.password)
            self._add(layout, translate("Password", "The same once more"), self.again)
        else:
            name = safe_name((command.account if isinstance(command, Identify) else None) or chat.username)
            self.setWindowTitle(translate("Password", "Show that a name is yours"))
            self._add(layout, translate("Password", "Password of {name}").format(name=name), self.password)
        self.again.setVisible(new)
        layout.addWidget(self.error)
        self.go_on = QPushButton(translate("Password", "Go on"))
        self.go_on.setProperty("primary", True)
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self._done)
        cancel = QPushButton(translate("Password", "Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        layout.addLayout(ButtonRow(cancel, self.go_on))
        self.setMinimumWidth(360)
        self._say("")

    def _add(self, layout: QVBoxLayout, text: str, field: QLineEdit) -> None:
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setMaxLength(_LONGEST)
        field.setAccessibleName(text)
        field.textEdited.connect(lambda: self._say(""))
        heading = label(text)
        heading.setBuddy(field)
        layout.addWidget(heading)
        layout.addWidget(field)

    def _done(self) -> None:
        password = self.password.text()
        if isinstance(self._command, RegisterAccount):
            problem = new_password_problem(password, self.again.text())
            if problem is not None:
                self._say(problem)
                return
        if password:
            self._chat.prove(self._command, password)
            self.accept()

    def _say(self, text: str) -> None:
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.password.setAccessibleDescription(text)
