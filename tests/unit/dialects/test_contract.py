"""Every dialect keeps what `chatcore.dialects.base` promises of one."""

from __future__ import annotations

from datetime import UTC

from chatcore.dialects.chat import dialect as chat
from chatcore.dialects.echo import dialect as echo
from chatcore_simple import SimpleJsonDialect, SimpleTextDialect
from tests.contracts.dialect import DialectContract


class TestChat(DialectContract):
    """The native protocol."""

    dialect = chat
    said = (
        b'{"type":"login","username":"alice","id":"1"}\n{"type":"send_message","text":"\xc3\xa9t\xc3\xa9","cid":1}\n'
        b'{"type":"who","id":"2"}\n{"type":"logout"}\n',
        b'{"type":"message","room":"lobby","seq":13,"from":"alice","text":"hello","at":"2026-11-21T07:08:12.918Z"}\n'
        b'{"type":"presence","room":"lobby","joined":["dave"],"left":[],"users":17}\n{"type":"ping"}\n',
    )


class TestEcho(DialectContract):
    """Everything comes back."""

    dialect = echo
    said = b"hello\nyou\n", b"hello\nyou\n"


class TestSimpleJson(DialectContract):
    """The coursework with objects."""

    dialect = SimpleJsonDialect(clock=lambda: 1_795_000_000.0)
    said = (
        b'{"type": "login", "username": "bob"}{"type": "message", "username": "bob", "content": "\xc3\xa9t\xc3\xa9"}'
        b'{"type": "list"}',
        b'{"status": "success", "message": "Bienvenue, bob"}\n{"type": "message", "username": "eve", "content": "hi"}',
    )


class TestSimpleText(DialectContract):
    """The coursework with lines."""

    dialect = SimpleTextDialect(zone=UTC, clock=lambda: 1_795_000_000.0)
    said = (
        b"/pseudo\nBob\nhello everybody\nmsg eve \xc3\xa9t\xc3\xa9\r\n/list\n/quit\n",
        b"Bienvenue dans le Chat tapez /pseudo si vous voulez vous connecter\n"
        b"tapez le pseudo que vous voulez utiliser pour le chat :\nBienvenue Bob\n[12.00.04]-Eve: hi\nping\n",
    )
