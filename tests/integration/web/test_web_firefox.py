"""The page in Debian's Firefox: `make firefox` installs what this needs, and runs it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from chatcore import ChatServer, Limits, Listen, connect
from chatcore.commands import SendMessage
from tests.integration.web.house import Proxy, node, web_options

NAMES = ("firefox-esr", "firefox")
PUPPETEER = Path(__file__).parents[3] / ".venv" / "firefox" / "node_modules" / "puppeteer-core"
DRIVER = Path(__file__).with_name("firefox.mjs")


def firefox() -> str:
    """Return the path of a Firefox that can be driven."""
    found = os.environ.get("FIREFOX") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None or not PUPPETEER.exists():
        pytest.skip("no Firefox, or nothing to drive it with: make firefox installs both")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("transports", [("ws",), ("ws", "quic")], ids=["websocket", "webtransport"])
async def test_people_talk_come_back_and_exchange_files_in_firefox(transports: tuple[str, ...], tmp_path: Path) -> None:
    """What they do in Chromium, in short."""
    browser, options = firefox(), web_options(state_dir=str(tmp_path))
    listen = [Listen(each, options=options) for each in transports]
    async with (
        ChatServer(listen=listen, limits=Limits(messages_per_second=0)) as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="carol") as carol,
    ):
        url = proxy.url if transports == ("ws",) else server.urls[0].replace("ws", "http", 1)
        process = await asyncio.create_subprocess_exec(
            node(), str(DRIVER), str(PUPPETEER / "lib" / "puppeteer" / "puppeteer-core.js"), browser, url,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdin is not None
        asked = []
        while line := (await process.stdout.readline()).decode().strip():
            asked.append(line)
            answer = "done"
            if line == "transport":
                answer = "WebTransport" if "quic" in transports else "WebSocket"
            elif line == "cut":
                proxy.cut()
            elif line == "fill":
                for number in range(300):
                    carol.post(SendMessage(f"message {number}"))
                await carol.send("<script>owned = 1</script>")
            process.stdin.write(f"{answer}\n".encode())
        assert (await process.wait(), asked) == (0, ["transport", "cut", "fill", "done"])
