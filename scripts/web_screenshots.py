"""Makes pictures of the page in the browser, from a real server and a real Chromium: `make screenshots` runs it."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.async_api import Browser  # noqa: E402 - found by the line above

from chatcore import ChatServer, Listen, connect  # noqa: E402
from chatcore_files import DownloadFolder  # noqa: E402
from tests.integration.chromium import started  # noqa: E402
from tests.integration.web.house import address, joins, says, sees, web_options  # noqa: E402

IMAGES = ROOT / "docs" / "images"
# Name, width and height, colours, language.
PICTURES = (
    ("main", (1280, 800), "light", "en"),
    ("main", (1280, 800), "dark", "fr"),
    ("phone", (390, 844), "light", "en"),
    ("phone", (390, 844), "dark", "fr"),
)
CODE = """Yes: write a task that waits for two others.
```python
async def both(one, two):
    async with asyncio.TaskGroup() as group:
        group.create_task(one)
        group.create_task(two)
```
and say what happens when `one` fails."""


async def picture(browser: Browser, name: str, size: tuple[int, int], colours: str, language: str) -> None:
    """Let some people talk, and take a picture of what one of them sees."""
    with TemporaryDirectory() as folder:
        slides = Path(folder, "slides week 7.pdf")
        await asyncio.to_thread(slides.write_bytes, bytes(3_400_000))
        async with ChatServer(listen=[Listen(options=web_options())]) as server, AsyncExitStack() as stack:
            bob, carol, dave = [
                await stack.enter_async_context(connect(server.urls[0], username=each, files=DownloadFolder(folder)))
                for each in ("bob", "carol", "dave")
            ]
            await bob.create("python")
            await carol.join("python")
            await dave.create("help-desk")
            await bob.send("Good morning! The slides are at https://example.org/slides/asyncio")
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=colours,
                locale=language,  # type: ignore[arg-type]
            )
            page = await context.new_page()
            await joins(page, f"{address(server)}/#room=python", "alice")
            await sees(page, "Good morning!")
            await carol.send("Is there an exercise too?")
            await bob.send(CODE)
            await says(page, "Thank you! I will try it.")
            await carol.send("alice: shall we do it together?")
            await bob.send_direct(["alice"], "Could you look at my draft?")
            await bob.offer_file(slides, room=True)
            await page.wait_for_selector(".file-card")
            await page.locator(".badge.calls").first.wait_for(state="attached")
            path = IMAGES / f"web-{name}-{colours}-{language}.png"
            await page.screenshot(path=path)
            print(path.relative_to(ROOT))
            await context.close()


async def main() -> None:
    """Make all of them."""
    async with started() as browser:
        for each in PICTURES:
            await picture(browser, *each)


if __name__ == "__main__":
    asyncio.run(main())
