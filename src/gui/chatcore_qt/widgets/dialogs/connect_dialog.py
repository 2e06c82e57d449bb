"""The connect dialog: which server, and under which name."""

from __future__ import annotations

from typing import Final

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from chatcore.ports.server_address import DEFAULT_PORT
from chatcore.text.safe_text import safe_text
from chatcore_qt.presenters.connecting.address import SCHEMES, Address, Scheme
from chatcore_qt.presenters.connecting.form import ConnectForm, Field, Password
from chatcore_qt.presenters.connecting.servers import KnownServer
from chatcore_qt.texts import QT_TRANSLATE_NOOP, translate
from chatcore_qt.widgets.basics import (
    FRAME,
    Choice,
    FingerprintLabel,
    IconButton,
    Title,
    keep_on_screen,
    label,
    restyle,
)
from chatcore_qt.widgets.icons import cross, star
from chatcore_qt.widgets.lists import ChoiceList, RowsModel
from chatcore_qt.widgets.row_painting import Look, RowDelegate

_FORM: Final = 392
_TRANSPORTS: dict[Scheme, str] = {
    "chat": QT_TRANSLATE_NOOP("ConnectDialog", "Automatic (QUIC or WebSocket)"),
    "ws": QT_TRANSLATE_NOOP("ConnectDialog", "WebSocket"),
    "wss": QT_TRANSLATE_NOOP("ConnectDialog", "WebSocket, encrypted"),
    "quic": QT_TRANSLATE_NOOP("ConnectDialog", "QUIC"),
}
_PASSWORDS: dict[Password, str] = {
    "server": QT_TRANSLATE_NOOP("ConnectDialog", "Password of the server"),
    "name": QT_TRANSLATE_NOOP("ConnectDialog", "Password of your name"),
    "new": QT_TRANSLATE_NOOP("ConnectDialog", "New password for your name"),
}


class ConnectDialog(QDialog):
    """Shows what `ConnectForm` knows."""

    def __init__(self, connecting: ConnectForm, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._connecting = connecting
        self.setWindowTitle(translate("ConnectDialog", "Connect to a chat server"))
        self.setModal(True)
        self.errors: dict[Field, QLabel] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._known = self._known_servers()
        layout.addWidget(self._known)
        layout.addWidget(self._form(), 1)
        connecting.changed.connect(self._show_state)
        self.finished.connect(lambda: connecting.changed.disconnect(self._show_state))
        self.rejected.connect(connecting.cancel)
        connecting.servers.changed.connect(self._show_nearby)
        self.finished.connect(lambda: connecting.servers.changed.disconnect(self._show_nearby))
        self.finished.connect(connecting.look_away)
        self._show_servers()
        last = connecting.servers.last
        if connecting.tried is not None:
            self.fill(*connecting.tried)
        elif last is not None:
            self.fill(last.address, last.username)
        self._follow_list()
        self._show_state()
        connecting.look_around()

    # Its parts.

    def _known_servers(self) -> QWidget:
        side = QFrame()
        side.setObjectName("side")
        layout = QVBoxLayout(side)
        layout.setContentsMargins(8, 16, 8, 16)
        layout.setSpacing(8)
        heading = label(translate("ConnectDialog", "Your servers"), "heading")
        heading.setIndent(8)
        layout.addWidget(heading)
        self._servers: RowsModel[KnownServer] = RowsModel(lambda one: one.key, _place, _spoken)
        self.list = ChoiceList(self._servers)
        self.list.setAccessibleName(translate("ConnectDialog", "Your servers"))
        self.list.setItemDelegate(RowDelegate(self._look, lines=2))
        self.list.double_click = True
        self.list.chosen.connect(self._connect_to)
        layout.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        self._favourite = IconButton(star, translate("ConnectDialog", "Keep as a favourite"))
        self._favourite.setCheckable(True)
        self._favourite.clicked.connect(self._set_favourite)
        forget = IconButton(cross, translate("ConnectDialog", "Take off the list"))
        forget.clicked.connect(self._forget)
        buttons.addWidget(self._favourite)
        buttons.addWidget(forget)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        side.setFixedWidth(216)
        return side

    def _form(self) -> QWidget:
        self._fields = QFrame()
        self._fields.setObjectName("form")
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(32, 24, 32, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.addWidget(Title(translate("ConnectDialog", "Connect"), 1.5), 0, 0, 1, 2)
        grid.setRowMinimumHeight(1, 8)
        self.host = QLineEdit()
        self.host.setPlaceholderText("chat.example.org")
        self.port = QSpinBox()
        self.port.setRange(1, 65535)
        self.port.setValue(DEFAULT_PORT)
        self.port.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.port.setFixedWidth(88)
        self.username = QLineEdit()
        self.username.setMaxLength(32)
        self.transport = Choice()
        for scheme, text in _TRANSPORTS.items():
            self.transport.addItem(translate("ConnectDialog", text), scheme)
        self._add(grid, (2, 0, 1), translate("ConnectDialog", "Server"), self.host, "host")
        self._add(grid, (2, 1, 1), translate("ConnectDialog", "Port"), self.port, "port")
        self._add(grid, (6, 0, 2), translate("ConnectDialog", "Your name in the chat"), self.username, "username")
        self._add(grid, (10, 0, 2), translate("ConnectDialog", "Transport"), self.transport, "transport")
        grid.addWidget(self._password(), 14, 0, 1, 2)
        grid.addWidget(self._certificate(), 15, 0, 1, 2)
        form_error = label(role="error", wrap=True)
        self.errors["form"] = form_error
        grid.addWidget(form_error, 16, 0, 1, 2)
        grid.setRowStretch(17, 1)
        grid.setColumnStretch(0, 1)
        self.host.textEdited.connect(lambda: self._clear("host"))
        self.port.valueChanged.connect(lambda: self._clear("port"))
        self.username.textEdited.connect(lambda: self._clear("username"))
        self.host.textEdited.connect(self._clear_password)  # no other server is to hear it
        self.port.valueChanged.connect(self._clear_password)
        return self._with_buttons(self._fields)

    def _with_buttons(self, fields: QWidget) -> QWidget:
        """Put buttons below fields; on a small screen the fields scroll, and the buttons stay in sight."""
        self._area = QScrollArea()
        self._area.setWidget(fields)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = self._area.verticalScrollBar()
        assert bar is not None
        bar.rangeChanged.connect(self._reveal)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._below = self._buttons()
        self._right = form = QFrame()
        form.setObjectName("form")
        layout = QVBoxLayout(form)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._area, 1)
        layout.addLayout(self._below)
        return form

    def _add(self, grid: QGridLayout, at: tuple[int, int, int], text: str, widget: QWidget, field: Field) -> QLabel:
        row, column, across = at
        heading = label(text)
        heading.setBuddy(widget)
        widget.setAccessibleName(text)
        error = label(role="error", wrap=True)
        self.errors[field] = error
        grid.addWidget(heading, row, column, 1, across)
        grid.addWidget(widget, row + 1, column, 1, across)
        # The port's field is narrow: what is wrong with it is said across.
        grid.addWidget(error, row + (3 if column else 2), 0, 1, 2)
        grid.setRowMinimumHeight(row + 3, 12)
        return heading

    def _password(self) -> QWidget:
        """Return what is shown once a server has asked for a password."""
        self.password, self.again = QLineEdit(), QLineEdit()
        for field in (self.password, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.textEdited.connect(lambda: self._clear("password"))
        self.password_row = QFrame()
        self.password_row.hide()
        grid = QGridLayout(self.password_row)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.setVerticalSpacing(4)
        self._password_heading = self._add(grid, (0, 0, 1), "", self.password, "password")
        once_more = translate("Password", "The same once more")
        self.again_heading = label(once_more)
        self.again_heading.setBuddy(self.again)
        self.again.setAccessibleName(once_more)
        grid.addWidget(self.again_heading, 4, 0)
        grid.addWidget(self.again, 5, 0)
        return self.password_row

    def _clear_password(self) -> None:
        self.password.clear()
        self.again.clear()

    def _certificate(self) -> QWidget:
        self.certificate = QFrame()
        self.certificate.setObjectName("banner")
        self.certificate.hide()
        layout = QVBoxLayout(self.certificate)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        self.advice = label(
            translate(
                "ConnectDialog",
                "Go on only if the person who runs the server tells you that its key was replaced, and reads you the "
                "new fingerprint.",
            ),
            wrap=True,
        )
        layout.addWidget(self.advice)
        self.old_fingerprint = FingerprintLabel()
        self.new_fingerprint = FingerprintLabel(translate("ConnectDialog", "Fingerprint shown now"))
        self.old_heading = label(role="title")
        for heading, shown in (
            (self.old_heading, self.old_fingerprint),
            (label(self.new_fingerprint.heading, "title"), self.new_fingerprint),
        ):
            layout.addWidget(heading)
            layout.addWidget(shown)
        self.accept_new = QPushButton(translate("ConnectDialog", "Accept the new key"))
        self.accept_new.setAutoDefault(False)
        self.accept_new.clicked.connect(self._connecting.accept_certificate)
        layout.addWidget(self.accept_new, 0, Qt.AlignmentFlag.AlignLeft)
        return self.certificate

    def _buttons(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(8)
        self.state = label(role="muted")
        self.cancel = QPushButton(translate("ConnectDialog", "Cancel"))
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self._cancel)
        self.connect_button = QPushButton(translate("ConnectDialog", "Connect"))
        self.connect_button.setProperty("primary", True)
        self.connect_button.setDefault(True)
        self.connect_button.clicked.connect(self._connect)
        layout.addWidget(self.state, 1)
        layout.addWidget(self.cancel)
        layout.addWidget(self.connect_button)
        return layout

    # What the user does.

    def fill(self, address: Address, username: str) -> None:
        """Put an address and a name into the fields, and mark the server in the list if it is there."""
        self.list.setCurrentIndex(self._servers.find(KnownServer(address, username).key))  # which fills in what it has
        self._clear_password()  # it is that of another server
        self.host.setText(address.typed)
        self.port.setValue(address.port)
        self.username.setText(username)
        self.transport.setCurrentIndex(SCHEMES.index(address.scheme))
        self._favourite.setChecked(self.list.row is not None and self.list.row.favourite)

    def _connect(self) -> None:
        scheme: Scheme = self.transport.currentData()
        address = (self.host.text(), self.port.value(), scheme)
        self._connecting.connect(*address, self.username.text(), self.password.text(), again=self.again.text())

    def _connect_to(self, server: KnownServer) -> None:
        self.fill(server.address, server.username)
        self._connecting.start(server.address, server.username)

    def _cancel(self) -> None:
        if self._connecting.busy:
            self._connecting.cancel()
        else:
            self.reject()

    def _set_favourite(self, favourite: bool) -> None:
        if self.list.row is not None:
            self._connecting.servers.set_favourite(self.list.row, favourite)
            self._show_servers()

    def _forget(self) -> None:
        if self.list.row is not None:
            self._connecting.servers.forget(self.list.row)
            self._show_servers()

    def _follow_list(self) -> None:
        selection = self.list.selectionModel()
        if selection is not None:
            selection.currentChanged.connect(self._chosen)

    def _chosen(self) -> None:
        server = self.list.row
        if server is not None:
            self.fill(server.address, server.username)
            self._connecting.errors.clear()
            self._show_errors()
        viewport = self.list.viewport()
        if viewport is not None:
            viewport.update()

    # What is shown.

    def _show_servers(self) -> None:
        servers = self._connecting.servers.all
        self._servers.set_rows(servers)
        self._known.setVisible(bool(servers))

    def _show_nearby(self) -> None:
        chosen = self.list.row
        self._show_servers()
        if chosen is not None:
            self.list.setCurrentIndex(self._servers.find(chosen.key))
        self._fit()

    def _show_state(self) -> None:
        busy = self._connecting.busy
        fields = (self.host, self.port, self.username, self.transport, self.password, self.again)
        for widget in (*fields, self.list, self.connect_button):
            widget.setEnabled(not busy)
        self.password_row.setVisible(self._connecting.asks_password)
        heading = translate("ConnectDialog", _PASSWORDS[self._connecting.password_is])
        self._password_heading.setText(heading)
        self.password.setAccessibleName(heading)
        for part in (self.again_heading, self.again):
            part.setVisible(self._connecting.password_is == "new")
        self.state.setText(translate("ConnectDialog", "Connecting…") if busy else "")
        question = self._connecting.question
        self.certificate.setVisible(question is not None)
        if question is not None:
            given = translate("ConnectDialog", "Fingerprint that you gave")
            heading = given if question.given else translate("ConnectDialog", "Fingerprint until now")
            self.old_heading.setText(heading)
            self.old_fingerprint.heading = heading
            self.old_fingerprint.show_fingerprint(question.known)
            self.advice.setVisible(not question.given)
            self.accept_new.setVisible(not question.given)
            self.new_fingerprint.show_fingerprint(question.shown)
        self._show_errors()
        self._fit()
        self._focus()

    def _fit(self) -> None:
        """Be as small as what is shown allows, and no larger than the screen.

        Whether there is a scroll bar is decided here: Qt would show one that makes the lines break where it is needed.
        """
        fields, layout, screen = self._fields.layout(), self.layout(), self.screen()
        if layout is None or fields is None or screen is None:
            return
        fields.activate()
        buttons = self.connect_button.sizeHint().height() + 36
        most = screen.availableSize().height() - FRAME.height() - buttons
        width = max(_FORM, fields.minimumSize().width())
        high = fields.totalHeightForWidth(width) if fields.hasHeightForWidth() else fields.totalSizeHint().height()
        self._area.setMinimumHeight(min(most, high))
        bar, scrolls = self._area.verticalScrollBar(), high > most
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._area.setVerticalScrollBarPolicy(policy)
        beside = bar.sizeHint().width() if bar is not None and scrolls else 0
        self._below.setContentsMargins(32, 12, 32 + beside, 24)
        self._right.setFixedWidth(width + beside)
        layout.activate()
        self.adjustSize()
        keep_on_screen(self)

    def _look(self, server: KnownServer) -> Look:
        mark = "★" if server.favourite else ""
        second = safe_text(server.announced) or server.username
        return Look(_place(server), mark, second=second, selected=server == self.list.row)

    def _show_errors(self) -> None:
        errors = self._connecting.errors
        for field, shown in self.errors.items():
            text = errors.get(field, "")
            shown.setText(text)
            shown.setVisible(bool(text))
            widget = self._field(field)
            if widget is not None and widget.property("wrong") != bool(text):
                widget.setProperty("wrong", bool(text))
                widget.setAccessibleDescription(text)
                restyle(widget)

    def _focus(self) -> None:
        if self._connecting.busy:
            self.cancel.setFocus()
            return
        wrong = next((widget for field in self._connecting.errors if (widget := self._field(field))), None)
        if wrong is None:
            wrong = next((field for field in (self.host, self.username) if not field.text()), self.connect_button)
        wrong.setFocus()
        self._reveal()
        if isinstance(wrong, QLineEdit):
            wrong.selectAll()

    def _reveal(self) -> None:
        """Scroll to what the user has to see; again, when the fields have found how high they are."""
        shown = self.certificate if self._connecting.question is not None else self.focusWidget()
        if shown is not None and self._fields.isAncestorOf(shown):
            self._area.ensureWidgetVisible(shown)

    def _clear(self, field: Field) -> None:
        if self._connecting.errors.pop(field, None) is not None:
            self._show_errors()

    def _field(self, field: Field) -> QWidget | None:
        fields: dict[Field, QWidget] = {
            "host": self.host,
            "port": self.port,
            "username": self.username,
            "transport": self.transport,
            "password": self.password,
        }
        return fields.get(field)


def _place(server: KnownServer) -> str:
    return server.address.host if server.address.port == DEFAULT_PORT else server.address.place


def _spoken(server: KnownServer) -> str:
    values = {"place": server.address.place, "name": safe_text(server.announced) or server.username}
    if server.announced:
        return translate("ConnectDialog", "{place}, announced on the network as {name}").format(**values)
    if server.favourite:
        return translate("ConnectDialog", "{place} as {name}, a favourite").format(**values)
    return translate("ConnectDialog", "{place} as {name}").format(**values)
