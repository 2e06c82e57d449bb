"""Names and texts that a hostile server makes up: shown as they are, nowhere taken for markup."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel

from chatcore import connect
from chatcore_qt.notifier import unmarked
from tests.integration.gui.desktop import Desktop, until
from tests.unit.aio.house import Connection, Frame, Puppet

HOSTILE = [
    '<img src="http://evil.example/x.png">',
    "<table><tr><td>x",
    "file:///etc/passwd",
    "\x1b[31mred\x1b]0;title\x07",
    "a\u202eb\u2066c",
    "\u200fa\nb\u2028c\x85d\x9b\u2069e",
    "&amp; [*] &x",
    "e" + "\u0301" * 2000,
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_name_is_plain_text_everywhere(name: str, desktop: Desktop) -> None:
    def answer(frame: Frame, connection: Connection) -> None:
        match frame["type"]:
            case "login":
                place = {"epoch": "e", "seq": 0}
                connection.welcome(
                    room=name,
                    users=["alice", name],
                    rooms=[{"name": name, "users": 2, "seq": 1}],
                    positions={name: place, "@": place, "*": place},
                )
            case "history":
                connection.say("history", id=frame["id"], room=name, epoch="e", messages=[])
                connection.say("message", seq=1, room=name, **{"from": name}, text=f"alice {name}", at=1.0)
                connection.say("direct", seq=1, to=["alice"], **{"from": name}, text=name, at=1.0)

    async with Puppet(answer) as puppet:
        await desktop.start()
        desktop.dialog.reject()
        desktop.app.chat.attach(await connect(puppet.url, username="alice", transport=puppet.network))
        await until(lambda: desktop.app.chat.conversations.room is not None and desktop.rooms())
        window = desktop.window
        for label in window.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText
        shown = [*desktop.rooms(), *desktop.members(), window.windowTitle(), window.conversation.title.text()]
        for text in shown:
            assert not any(ord(char) < 32 or char in "\u202e\u2066\u2028\x85\x9b" for char in text)
            assert text.count("\u2068") == text.count("\u2069")
        desktop.app.chat.write_to(name)
        window.grab()
        await desktop.leave()


def test_notification_has_no_markup() -> None:
    assert not set(unmarked('<img src="x"> & <b>bold</b>')) & set("<>&")
