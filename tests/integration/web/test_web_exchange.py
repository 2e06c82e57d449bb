"""Files between the page and others: what becomes of an offer, and what is said of it meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chatcore import Client, connect
from chatcore.events import FileOffered, MessagePosted
from chatcore_files import DownloadFolder
from tests.integration.web.house import Proxy, address, hurries, joins, loses_its_network, says, web_server
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def offers(page: Page, name: str, data: bytes = b"abc") -> None:
    """Offer a file where one is."""
    await page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": data})


async def offered_until(client: Client, text: str) -> list[str]:
    """Return the names of the files that were offered until somebody says this."""
    names = list[str]()
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            if isinstance(event, FileOffered):
                names.append(event.name)
            elif isinstance(event, MessagePosted) and event.text == text:
                break
    return names


async def test_a_file_that_is_cancelled_before_there_is_a_connection_is_offered_to_nobody(
    page: Page, tmp_path: Path
) -> None:
    """Until then it is said to wait for one; what was not cancelled is offered."""
    folder = DownloadFolder(tmp_path)
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob", files=folder) as bob,
    ):
        await joins(page, proxy.url, "alice")
        await loses_its_network(page, proxy)
        await offers(page, "draft.txt")
        states = page.locator(".file-state")
        await expect(states).to_have_text("0\u00a0B of 3\u00a0B, waiting for the connection")
        await page.get_by_role("button", name="Cancel").click()
        await expect(states).to_have_text("3\u00a0B. Cancelled.")
        await offers(page, "final.txt")
        proxy.come_back()
        await hurries(page)
        await expect(states.last).to_have_text("3\u00a0B, offered to bob")
        await says(page, "that was all")
        assert await offered_until(bob, "that was all") == ["final.txt"]
        await expect(states.first).to_have_text("3\u00a0B. Cancelled.")


async def test_a_file_that_nobody_could_receive_stays_cancelled_when_it_was(page: Page) -> None:
    """What the server says of an offer that was cancelled before is news to nobody."""
    async with web_server() as server, Proxy(server) as proxy:
        await joins(page, proxy.url, "alice")
        await expect(page.locator(".members .member")).to_have_count(1)
        proxy.go_silent()
        await offers(page, "notes.txt")
        state = page.locator(".file-state")
        await expect(state).to_have_text("3\u00a0B, about to begin")
        await page.get_by_role("button", name="Cancel").click()
        await says(page, "heard")
        proxy.come_back()
        await expect(page.locator(".message:not(.pending) .text", has_text="heard")).to_be_visible()
        await expect(state).to_have_text("3\u00a0B. Cancelled.")


async def test_a_file_that_is_cancelled_before_it_begins_to_come_does_not_come(page: Page, tmp_path: Path) -> None:
    """Though the server lets it begin until it has heard that."""
    source = tmp_path / "notes.txt"
    source.write_bytes(b"abc")
    async with (
        web_server() as server,
        Proxy(server) as proxy,
        connect(server.urls[0], username="bob", files=DownloadFolder(tmp_path / "in")) as bob,
    ):
        await joins(page, proxy.url, "alice")
        await bob.offer_file(source, to=["alice"])
        await page.get_by_role("button", name="bob").first.click()
        state = page.locator(".file-state")
        await expect(state).to_have_text("3\u00a0B, offered to you")
        proxy.go_silent()
        await page.get_by_role("button", name="Receive").click()
        await page.get_by_role("button", name="Cancel").click()
        await says(page, "heard")
        proxy.come_back()
        await expect(page.locator(".message:not(.pending) .text", has_text="heard")).to_be_visible()
        await expect(state).to_have_text("3\u00a0B. Cancelled.")


async def test_a_file_is_offered_under_a_name_of_composed_letters(page: Page, tmp_path: Path) -> None:
    """macOS may have taken them apart, and nobody could type that name elsewhere."""
    folder = DownloadFolder(tmp_path)
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        await offers(page, "e\u0301te\u0301.txt")
        await expect(page.locator(".file-state")).to_have_text("3\u00a0B, offered to bob")
        await says(page, "that was all")
        assert await offered_until(bob, "that was all") == ["\u00e9t\u00e9.txt"]
