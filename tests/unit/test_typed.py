"""What a type checker says to whoever writes a program with the library: without our settings, and without plugins."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SOURCES: Final = ROOT / "src"
PAGES: Final = ("README.md", "docs/build/*.md", "docs/use/*.md")
# What the pages only show in part: one argument of each kind, and what the adapters are found by.
IN_PARTS: Final = """
from chatcore import ChatServer, Limits, Listen, connect
from chatcore.limits import OwnLimits
from chatcore.ports.archive import Retention
from chatcore.ports.passwords import SignIn
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_files import DownloadFolder
from chatcore_passwords import Argon2
from chatcore_sessions import SessionFolder
from chatcore_tls.known_servers import KnownServersFile


async def authenticate(sign_in: SignIn) -> str | None:
    return sign_in.account if sign_in.password == "ticket" else None


def servers() -> list[ChatServer]:
    limits = Limits(default_room="hall", username_chars=20, people={"guest": OwnLimits(messages_per_second=1)})
    listen = [Listen("ws", "chat", ListenOptions(host="127.0.0.1", port=0))]
    kept = Retention(seconds=5.0, rooms={"a": Retention(messages=1)})
    return [
        ChatServer(listen=listen, limits=limits, passwords=Argon2(), retention=kept),
        ChatServer(limits=Limits(), authenticate=authenticate, store="sqlite:chat.db", rooms=["a"]),
    ]


async def main(url: str) -> None:
    options = ConnectOptions(fingerprints="3f8a")
    async with connect(
        url,
        username="alice",
        files=DownloadFolder("files"),
        sessions=SessionFolder("sessions"),
        known_servers=KnownServersFile("known"),
        options=options,
    ) as chat:
        sent = await chat.send("hello")
        assert sent is None or sent.seq > 0


Limits(no_such_limit=5)  # type: ignore[call-arg]  # an error, as it should be
"""


def programs() -> Iterator[tuple[str, str]]:
    """Yield every program that stands in the pages as a whole: its name, and what is in it."""
    for page in sorted(path for pattern in PAGES for path in ROOT.glob(pattern)):
        for name, text in re.findall(r'^```python title="([\w.]+)"\n(.*?)^```', page.read_text(), re.DOTALL | re.M):
            yield name, re.sub(r'^--8<-- "(.*)"$', lambda found: (ROOT / found[1]).read_text(), text, flags=re.M)


def test_programs_of_the_guides_are_right_for_a_type_checker(tmp_path: Path) -> None:
    """For `mypy --strict` as it comes: for whoever has no plugin of pydantic, and chatcore only as it is installed."""
    written = {"in_parts.py": IN_PARTS, **dict(programs())}
    assert {"hello.py", "my_client.py", "my_server.py", "quiz_bot.py", "send_figures.py"} < set(written)
    for name, text in written.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=.cache", *sorted(written)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == f"Success: no issues found in {len(written)} source files\n", done.stdout + done.stderr


def test_every_package_says_that_it_has_types() -> None:
    """Else type checkers take nothing of it (PEP 561); what is in the sources is in the wheel (`test_wheel.py`)."""
    packages = [folder for folder in (SOURCES / "chatcore", *SOURCES.glob("*/chatcore_*")) if folder.is_dir()]
    assert len(packages) > 10
    assert [folder.name for folder in packages if not (folder / "py.typed").is_file()] == []
