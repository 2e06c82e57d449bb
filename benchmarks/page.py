"""Measures the page in the browser: what its first load weighs, when the first message can be read, and a long room.

Each round opens the page anew, with nothing kept, the processor slowed (`--slower`) by Chromium itself, on loopback:
from asking for the page until the name can be typed, and from Enter until the last message of the room can be read;
then the same for somebody who comes back, who types nothing. Last, a room of `--messages` is read from its end to its
beginning at the processor's own speed, and then back in steps of a screen: how many elements the document has, what a
step costs of the processor (all of the page's main thread), and what the page holds in memory.

    .venv/bin/python benchmarks/page.py
    .venv/bin/python benchmarks/page.py --rounds 3 --messages 20000
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import statistics
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from chatcore import Limits, Listen, connect
from chatcore.aio.server import ChatServer
from chatcore.commands import SendMessage
from chatcore_cli.saying.texts import languages
from chatcore_web import web_files
from tests.integration.chromium import started
from tests.integration.web.house import address, web_options

READABLE = """(text) => new Promise((done) => {
    const look = () => {
        const there = [...document.querySelectorAll(".message .text")].some((each) => each.textContent === text);
        if (there) requestAnimationFrame(() => done(performance.now()));
        else requestAnimationFrame(look);
    };
    look();
})"""
TYPED = """(name) => new Promise((done) => {
    const look = () => {
        const field = document.querySelector("#name");
        if (!field) return requestAnimationFrame(look);
        const ready = performance.now();
        field.value = name;
        field.form.requestSubmit();
        done(ready);
    };
    look();
})"""
TO_BEGINNING = """async (text) => {
    const scroller = document.querySelector(".scroller");
    let most = 0;
    while (![...document.querySelectorAll(".text")].some((each) => each.textContent === text)) {
        scroller.scrollTop = 0;
        await new Promise((done) => setTimeout(done, 4));
        most = Math.max(most, document.querySelectorAll("*").length);
    }
    return most;
}"""
STEPS = """async (count) => {
    const scroller = document.querySelector(".scroller");
    const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const far = (scroller.scrollHeight - scroller.clientHeight) / 2;
    let most = 0;
    for (let step = 0; step < count; step += 1) {
        scroller.scrollTop = far + step * scroller.clientHeight;
        await frame();
        most = Math.max(most, document.querySelectorAll("*").length);
    }
    return most;
}"""
STEP_COUNT = 100


async def cost(devtools: CDPSession) -> dict[str, float]:
    """Return what Chromium has counted of a page since it was opened."""
    return {one["name"]: one["value"] for one in (await devtools.send("Performance.getMetrics"))["metrics"]}


async def opened(context: BrowserContext, slower: float) -> tuple[Page, CDPSession]:
    """Open a tab on a slower processor."""
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    return page, devtools


async def first_load(browser: Browser, url: str, name: str, last: str, slower: float) -> dict[str, float]:
    """Come for the first time, and then again; return milliseconds."""
    context = await browser.new_context()
    page, devtools = await opened(context, slower)
    await page.goto(url, wait_until="commit")
    ready = await page.evaluate(TYPED, name)
    read = await page.evaluate(READABLE, last)
    busy = 1000 * (await cost(devtools))["TaskDuration"]
    await page.goto("about:blank")
    await page.goto(url, wait_until="commit")
    again = await page.evaluate(READABLE, last)
    await context.close()
    return {"name field": ready, "Enter to message": read - ready, "both": read, "busy": busy, "coming back": again}


async def long_room(browser: Browser, url: str, first: str, last: str) -> dict[str, Any]:
    """Read a room from its end to its beginning, and in the middle of it."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page, devtools = await opened(context, 1)
    page.set_default_timeout(0)
    await page.goto(url, wait_until="commit")
    await page.evaluate(TYPED, "reader")
    await page.evaluate(READABLE, last)
    few = (await cost(devtools))["JSHeapUsedSize"]
    most = await page.evaluate(TO_BEGINNING, first)
    await devtools.send("HeapProfiler.collectGarbage")
    before = await cost(devtools)
    most = max(most, await page.evaluate(STEPS, STEP_COUNT))
    after = await cost(devtools)
    await context.close()
    return {
        "most elements": most,
        "a screen, ms": 1000 * (after["TaskDuration"] - before["TaskDuration"]) / STEP_COUNT,
        "memory, MB": (before["JSHeapUsedSize"] - few) / 1e6,
    }


async def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="first loads (9)")
    parser.add_argument("--slower", type=float, default=4, help="how many times slower the processor is (4)")
    parser.add_argument("--messages", type=int, default=100_000, help="of the long room (100000)")
    args = parser.parse_args()
    files = web_files(languages())
    sizes = {name: len(gzip.compress(file.body)) for name, file in files.items()}
    print(f"first load: {sum(sizes.values()) / 1024:.1f} KiB compressed, {sizes}")
    limits = Limits(
        messages_per_second=0, requests_per_second=0, log_messages=args.messages, log_bytes=2**30, total_log_bytes=2**30
    )
    async with (
        ChatServer(listen=[Listen(options=web_options())], limits=limits) as server,
        connect(server.urls[0], username="writer") as writer,
        started() as browser,
    ):
        for number in range(100):
            await writer.send(f"message {number}")
        rounds = [
            await first_load(browser, address(server), f"guest{number}", "message 99", args.slower)
            for number in range(args.rounds)
        ]
        for what in rounds[0]:
            times = sorted(each[what] for each in rounds)
            print(
                f"{what}: {statistics.median(times):.0f} ms ({times[0]:.0f}-{times[-1]:.0f}), {args.slower:g}x slower"
            )
        for number in range(100, args.messages):
            writer.post(SendMessage(f"message {number}"))
            if number % 100 == 0:
                await writer.flush()
        await writer.flush()
        found = await long_room(browser, address(server), "message 0", f"message {args.messages - 1}")
        print(f"{args.messages} messages: {', '.join(f'{what} {value:.4g}' for what, value in found.items())}")


if __name__ == "__main__":
    asyncio.run(main())
