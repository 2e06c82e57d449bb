"""A class from the wheel alone: `make classroom`.

An empty environment gets what `make dist` built, with the versions of requirements.lock, and serves from outside the
checkout; thirty people come to a room by its link, ten of them with pages in a real Chromium, twenty over sockets.
Everybody says something, and everybody reads all of it, once and in one order; the teacher mutes somebody.
build/class-teacher.png and build/class-pupil.png are what two of them see.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from installed import Place, environment, mebibytes  # noqa: E402 - found by the line above
from playwright.async_api import Browser, Page, expect  # noqa: E402

from chatcore import Client, MessagePosted, connect  # noqa: E402
from tests.integration.chromium import started  # noqa: E402
from tests.integration.web.house import everything, joins, says, sees  # noqa: E402

PAGES: Final = 10
SOCKETS: Final = 20
PATIENCE: Final = 120.0
ROOM: Final = "class"
BUILD: Final = ROOT / "build"


def empty_machine(folder: Path) -> Place:
    """Install the wheel, and nothing else, into an empty environment."""
    (built,) = (ROOT / "dist").glob("chatcore-*.whl")
    pinned = re.findall(r"(?m)^([A-Za-z0-9._-]+==[^\\\n]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pinned), encoding="utf-8")
    os.environ["PIP_CONSTRAINT"] = str(constraints)
    here = environment(folder / "machine", sys.executable)
    here.run("pip", "install", "--quiet", str(built))
    return here


async def page_of(browser: Browser, stack: AsyncExitStack, size: tuple[int, int]) -> Page:
    """Open somebody's browser."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
    stack.push_async_callback(context.close)
    return await context.new_page()


async def heard(client: Client, count: int) -> list[str]:
    """Return the first so many messages that a client gets."""
    texts: list[str] = []
    async for event in client:
        if isinstance(event, MessagePosted):
            texts.append(event.text)
            if len(texts) == count:
                break
    return texts


async def lesson(url: str, browser: Browser, stack: AsyncExitStack) -> None:
    """Let the class come, talk, and be looked after."""
    web = url.replace("ws", "http", 1)
    teacher = await page_of(browser, stack, (1440, 900))
    await joins(teacher, web, "teacher")
    await says(teacher, f"/create {ROOM}")
    await expect(teacher.get_by_role("heading", level=1)).to_have_text(f"# {ROOM}")
    await says(teacher, "/topic Asyncio, week 7")

    pupils = [await page_of(browser, stack, (390, 844)) for _ in range(PAGES - 1)]
    await asyncio.gather(*(joins(page, f"{web}/#room={ROOM}", f"page{n}") for n, page in enumerate(pupils)))
    sockets = [await stack.enter_async_context(connect(url, username=f"socket{n}")) for n in range(SOCKETS)]
    for client in sockets:
        await client.join(ROOM)
    everybody = PAGES + SOCKETS
    await expect(teacher.locator(".about").first).to_have_text(f"{everybody} people here · Asyncio, week 7")
    print(f"classroom: {everybody} are in, {PAGES} of them with pages", flush=True)

    listening = [asyncio.create_task(heard(client, everybody)) for client in sockets]
    pages = [teacher, *pupils]
    await asyncio.gather(
        *(says(page, f"page {n} says hello") for n, page in enumerate(pages)),
        *(client.send(f"socket {n} says hello") for n, client in enumerate(sockets)),
    )
    said, *others = await asyncio.gather(*listening)
    if len(set(said)) != everybody or any(each != said for each in others):
        sys.exit("classroom: FAILED: not everybody has heard the same")
    for page in pages:
        await sees(page, said[-1])
        if await everything(page) != said:
            sys.exit("classroom: FAILED: a page shows something else")
    print("classroom: everybody reads what everybody says, once and in one order", flush=True)

    await says(pupils[0], "teacher: may I ask something?")
    await sees(teacher, "may I ask something?")
    await says(teacher, "page0: of course")
    await sees(pupils[0], "of course")
    await says(teacher, "/mute socket7 10m too loud")
    for page in (teacher, pupils[0]):
        await expect(page.locator(".notice").last).to_contain_text("teacher muted socket7")
    BUILD.mkdir(exist_ok=True)
    for page, who in ((teacher, "teacher"), (pupils[0], "pupil")):
        await page.screenshot(path=BUILD / f"class-{who}.png")


async def main() -> None:
    """Install, serve, and let the class come."""
    with tempfile.TemporaryDirectory(prefix="chatcore-classroom-") as name:
        here = await asyncio.to_thread(empty_machine, Path(name))
        print(f"classroom: installed, {mebibytes(Path(name) / 'machine')} MiB", flush=True)
        began = time.perf_counter()
        with here.running("chatcore", "serve", "--port", "0", "--log-level", "warning") as server:
            url = (await asyncio.to_thread(server.wait_for, "chatcore listens on ")).split()[-1]
            print(f"classroom: {url} after {time.perf_counter() - began:.1f} s", flush=True)
            async with asyncio.timeout(PATIENCE), started() as browser, AsyncExitStack() as stack:
                await lesson(url, browser, stack)
    print("classroom: done; build/class-teacher.png, build/class-pupil.png", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
