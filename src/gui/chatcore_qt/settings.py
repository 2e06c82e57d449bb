"""What the app remembers between runs: servers, theme, download folder, and where the windows were."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from PyQt6.QtCore import QByteArray, QSettings

from chatcore.text.names import is_username
from chatcore_qt.presenters.connecting.address import Address, AddressError
from chatcore_qt.presenters.connecting.servers import KnownServer
from chatcore_qt.presenters.preferences import Preferences, merged
from chatcore_qt.presenters.signals import Signal
from chatcore_qt.theme import THEMES, Theme

_SERVERS: Final = "servers/v1"
_UNTOLD: Final = "servers/untold"
_THEME: Final = "view/theme"
_DOWNLOADS: Final = "files/downloads"
_PREFERENCES: Final = "view/preferences"
_NAME_CHARS: Final = 32


class Settings:
    """Implements `ServerStore` and `Untold` of `chatcore_qt.presenters.connecting`.

    Several windows may write at once: each reads before it writes, and writes no more than what was changed there.

    Args:
        store: where it is kept; the user's own settings when left out.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "chatcore", "chatcore")
        self.written = True
        """Whether what was chosen last could be written down."""
        self.tried: Signal[[]] = Signal()
        """It was written down, or `written` says that it was not."""

    def load_servers(self) -> list[KnownServer]:
        """Return the known servers; what cannot be read is left out."""
        saved = self._read(_SERVERS, "[]")
        found = (_server(one) for one in saved) if isinstance(saved, list) else ()
        return [one for one in found if one is not None]

    def save_servers(self, servers: Iterable[KnownServer]) -> None:
        """Keep the known servers."""
        saved = [
            {"url": one.address.url, "username": one.username, "favourite": one.favourite, "last_used": one.last_used}
            for one in servers
        ]
        self._keep(_SERVERS, json.dumps(saved))

    def note_untold(self, place: str, fingerprint: str) -> None:
        """Remember that the user has to be told of a server's key."""
        self._keep(_UNTOLD, json.dumps(self._untold() | {place: fingerprint}))

    def take_untold(self, place: str) -> str | None:
        """Return the key of a server of which the user was not told, and forget it."""
        untold = self._untold()
        fingerprint = untold.pop(place, None)
        if fingerprint is not None:
            self._keep(_UNTOLD, json.dumps(untold))
        return fingerprint

    def _untold(self) -> dict[str, str]:
        saved = self._read(_UNTOLD, "{}")
        return {str(place): str(key) for place, key in saved.items()} if isinstance(saved, dict) else {}

    @property
    def theme(self) -> Theme:
        """The theme that was chosen."""
        saved = self._store.value(_THEME)
        return next((theme for theme in THEMES if theme == saved), "system")

    @theme.setter
    def theme(self, theme: Theme) -> None:
        self._keep(_THEME, theme)

    @property
    def downloads(self) -> str:
        """The folder that was chosen for files that are received; empty when none was."""
        return str(self._store.value(_DOWNLOADS, ""))

    @downloads.setter
    def downloads(self, folder: str) -> None:
        self._keep(_DOWNLOADS, folder)

    def load_preferences(self) -> Preferences:
        """Return what the user prefers; changes of it are kept."""
        preferences = Preferences()
        preferences.do_not_disturb = not self.flag("notify", True)  # as earlier versions kept it
        preferences.load(self._read(_PREFERENCES, "{}"))
        before = preferences.as_saved()

        def keep() -> None:
            now, saved = preferences.as_saved(), self._read(_PREFERENCES, "{}")
            self._keep(_PREFERENCES, json.dumps(merged(saved if isinstance(saved, dict) else {}, before, now)))
            before.update(now)

        preferences.changed.connect(keep)
        return preferences

    def bytes(self, name: str) -> QByteArray:
        """Return a piece of state of a window; empty when there is none."""
        saved = self._store.value(f"window/{name}")
        return saved if isinstance(saved, QByteArray) else QByteArray()

    def set_bytes(self, name: str, value: QByteArray) -> None:
        """Keep a piece of state of a window."""
        self._store.setValue(f"window/{name}", value)

    def flag(self, name: str, default: bool) -> bool:
        """Return whether something was switched on."""
        return str(self._store.value(f"view/{name}", default)).lower() == "true"

    def set_flag(self, name: str, value: bool) -> None:
        """Keep whether something is switched on."""
        self._store.setValue(f"view/{name}", "true" if value else "false")

    def sync(self) -> None:
        """Write it down, and read what other windows have written."""
        # The status of one that has failed once stays what it is.
        store = QSettings(self._store.fileName(), self._store.format())
        store.sync()
        self.written = store.status() == QSettings.Status.NoError
        self.tried.emit()

    @property
    def file(self) -> str:
        """Where it is written down."""
        return self._store.fileName()

    def _read(self, name: str, default: str) -> object:
        """Return what is written down by now, as JSON; None where that makes no sense."""
        self._store.sync()
        with suppress(ValueError, RecursionError):
            return json.loads(str(self._store.value(name, default)))
        return None

    def _keep(self, name: str, value: str) -> None:
        self._store.setValue(name, value)
        self.sync()


def _server(saved: object) -> KnownServer | None:
    if not isinstance(saved, dict):
        return None
    url, username, last_used = saved.get("url"), saved.get("username"), saved.get("last_used", 0.0)
    if not isinstance(url, str) or not isinstance(username, str) or not is_username(username, _NAME_CHARS):
        return None
    try:
        address = Address.parse(url)
    except AddressError:
        return None
    used = float(last_used) if isinstance(last_used, int | float) else 0.0
    return KnownServer(address, username, saved.get("favourite") is True, used)
