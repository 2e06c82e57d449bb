"""Files between the page and others: what becomes of an offer, and what is said of it meanwhile."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from chatcore import Client, Limits, connect
from chatcore.client.files.pace import Rate
from chatcore.events import FileOffered, MessagePosted
from chatcore_files import DownloadFolder
from tests.integration.web.house import Proxy, address, hurries, joins, loses_its_network, says, web_server
from tests.integration.web.test_web_core import evaluate
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

READS_SLOWLY = """() => {
    const { arrayBuffer } = Blob.prototype;
    const reading = new Promise((done) => (window.isRead = done));
    Blob.prototype.arrayBuffer = async function () {
        await reading;
        return arrayBuffer.call(this);
    };
}"""
"""What files hold is there once `isRead` is called, as on a slow disk."""


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


async def test_a_file_that_is_being_read_when_its_user_leaves_is_not_offered_by_the_next_one(
    page: Page, tmp_path: Path
) -> None:
    """Its name is nothing that the next one should say: it is lost, as was said."""
    folder = DownloadFolder(tmp_path)
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        await page.evaluate(READS_SLOWLY)
        await page.locator(".member", has_text="bob").click()
        await expect(page.locator("h1")).to_have_text("bob")
        await offers(page, "private.txt")
        await expect(page.locator(".file-card")).to_have_count(1)
        await says(page, "/quit")
        await page.get_by_role("dialog").get_by_role("button", name="Leave the chat").click()
        await page.locator("#name").fill("zoe")
        await page.locator("#name").press("Enter")
        await expect(page.locator(".my-name")).to_have_text("zoe")
        await page.evaluate("isRead()")
        await offers(page, "holiday.txt")
        await expect(page.locator(".file-state")).to_have_text("3\u00a0B, offered to bob")
        await says(page, "that was all")
        assert await offered_until(bob, "that was all") == ["holiday.txt"]


async def test_a_file_is_offered_under_a_name_of_composed_letters(page: Page, tmp_path: Path) -> None:
    """macOS may have taken them apart, and nobody could type that name elsewhere."""
    folder = DownloadFolder(tmp_path)
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        await offers(page, "e\u0301te\u0301.txt")
        await expect(page.locator(".file-state")).to_have_text("3\u00a0B, offered to bob")
        await says(page, "that was all")
        assert await offered_until(bob, "that was all") == ["\u00e9t\u00e9.txt"]


async def test_a_file_that_no_server_takes_is_not_offered_once_more(page: Page) -> None:
    """For its name: it is the same one each time. What may change meanwhile is tried again."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await page.evaluate(
            """() => {
                const dragged = { dataTransfer: new DataTransfer(), bubbles: true, cancelable: true };
                dragged.dataTransfer.items.add(new File(["abc"], "two\\nlines.txt"));
                document.querySelector(".main").dispatchEvent(new DragEvent("drop", dragged));
            }"""
        )
        state = page.locator(".file-state")
        await expect(state).to_contain_text("The name of a file has at most 255 bytes, and no control characters.")
        await expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        await offers(page, "notes.txt")
        await expect(state.last).to_contain_text("Nobody else in this room can receive files now.")
        await expect(page.get_by_role("button", name="Try again")).to_have_count(1)


async def test_a_file_whose_name_is_spaces_has_one_to_be_seen_by(page: Page) -> None:
    """The one under which it is saved."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await offers(page, "   ")
        await expect(page.locator(".file-name")).to_have_text("file")


async def test_the_page_says_how_fast_the_present_run_of_a_file_goes() -> None:
    """Not how long it was offered before, nor what came over an earlier connection; nothing in the first second."""
    found = await evaluate(
        """
        const { Delivery, IncomingFile } = await import("page/core/transfers.js");
        const sent = new Delivery("bob");
        sent.begin({ transfer: 1, offset: 0 }, 600);
        sent.moved(250, 600.5);
        const early = sent.rate.rate(600.5);
        sent.moved(750, 602);
        const come = new IncomingFile({ size: 2000 }, 1024);
        come.begin({ transfer: 1 }, 0);
        for (let at = 0; at < 1000; at += 100) come.take(at, new Uint8Array(100), at / 1000);
        const first = come.rate.rate(1);
        come.lost();
        come.begin({ transfer: 2 }, 50);
        come.take(1000, new Uint8Array(100), 52);
        console.log(JSON.stringify([early, sent.rate.rate(602), first, come.rate.rate(52)]));
        """,
        None,
    )
    assert found == [0, 500, 1000, 50]


async def test_the_page_and_the_library_say_the_same_of_how_fast_a_file_goes() -> None:
    """However it stops and goes on; the page says nothing in the first second."""
    chance = random.Random(29)
    runs = [[(chance.randrange(1, 3000), chance.randrange(100_000)) for _ in range(60)] for _ in range(20)]
    found = await evaluate(
        """
        const { Rate } = await import("page/core/transfers.js");
        console.log(JSON.stringify(data.map((steps) => {
            let [now, done] = [8, 0];
            const rate = new Rate(done, now);
            return steps.map(([passed, more]) => {
                rate.moved((done += more), (now += passed / 1024));
                return now < 9 ? 0 : rate.rate(now);
            });
        })));
        """,
        runs,
    )
    expected = list[list[float]]()
    for steps in runs:
        now, done = 8.0, 0
        rate, rates = Rate(done, now), list[float]()
        for passed, more in steps:
            now, done = now + passed / 1024, done + more
            rate.moved(done, now)
            rates.append(0 if now < 9 else rate.rate(now))
        expected.append(rates)
    assert found == [pytest.approx(rates) for rates in expected]


async def test_which_of_several_files_is_too_large_is_said(page: Page) -> None:
    """By its name, and with a size as people say it; the others are offered."""
    async with web_server(limits=Limits(file_bytes=300_000)) as server, connect(server.urls[0], username="bob"):
        await joins(page, address(server), "alice")
        names = {"small.txt": 10, "large.bin": 300_001, "other.txt": 20}
        files = [{"name": name, "mimeType": "", "buffer": bytes(size)} for name, size in names.items()]
        await page.locator("input[type=file]").set_input_files(files)
        told = page.locator(".notice", has_text="is too large")
        await expect(told).to_have_text(
            "large.bin is too large: a file has at most 300\u00a0KB here.", use_inner_text=True
        )
        await expect(page.locator(".file-name")).to_have_text(["small.txt", "other.txt"])
