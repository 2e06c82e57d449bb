"""Two pages, a window and a terminal in one room, on a server that is killed: nothing is lost, doubled or reordered."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from playwright.async_api import expect

from chatcore_qt.presenters.connecting.address import Address
from tests.integration.chromium import started
from tests.integration.gui.desktop import Desktop, until
from tests.integration.web.house import has_texts, joins, says, sees
from tests.patience import PATIENCE
from tests.unit.cli.processes import Server, Terminal


async def test_everybody_reads_the_same_whatever_they_use_and_whatever_becomes_of_the_server(
    desktop: Desktop, tmp_path: Path
) -> None:
    """It is killed, and started anew on its store: all four come back by themselves, as the same people."""
    store = ("--store", f"sqlite:{tmp_path / 'chat.db'}")
    said: list[str] = []
    async with started() as browser:
        pages = [await (await browser.new_context()).new_page() for _ in range(2)]

        async def everybody_reads(*news: str) -> None:
            said.extend(news)
            for page in pages:
                await sees(page, said[-1])
                await expect(page.locator(".message.pending")).to_have_count(0, timeout=PATIENCE * 1000)
            await until(lambda: len(desktop.said()) >= len(said) and set(desktop.states()) == {"sent"})
            await asyncio.to_thread(carla.wait_for, *(f": {text}" for text in said))
            rows = [row.partition(": ")[2] for row in carla.rows if any(text in row for text in said)]
            assert [desktop.said(), rows] == [said] * 2
            for page in pages:
                await has_texts(page, said)

        with Server(*store) as server:
            port = server.port
            url = f"http://127.0.0.1:{port}"
            for page, name in zip(pages, ("alice", "bob"), strict=True):
                await joins(page, url, name)
            await desktop.start(Address.parse(server.url), "dora")
            await desktop.settled()
            with Terminal(server.url, "--username", "carla") as carla:
                await asyncio.to_thread(carla.wait_for_last_row, "[lobby] carla>")
                for page, text in zip(pages, ("from a page", "from another"), strict=True):
                    await says(page, text)
                    await everybody_reads(text)
                desktop.type("from a window")
                await everybody_reads("from a window")
                await asyncio.to_thread(carla.press, "from a terminal\r")
                await everybody_reads("from a terminal")

                server.send_signal(signal.SIGKILL)
                server.wait()
                await expect(pages[0].locator(".banner")).to_contain_text("Next try in")
                await says(pages[0], "written to nobody")
                await expect(pages[0].locator(".message.pending .text")).to_have_text("written to nobody")
                with Server(*store, port=port) as again:
                    assert again.port == port
                    await everybody_reads("written to nobody")
                    await says(pages[1], "back")
                    await everybody_reads("back")
                    desktop.type("so am I")
                    await everybody_reads("so am I")
                    await desktop.leave()
