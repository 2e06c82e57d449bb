"""A class from the wheel alone: `make classroom`.

An empty environment gets what `make dist` built, with the versions of requirements.lock, and serves from outside the
checkout, with a password; thirty people come to a room by an invitation, ten of them with pages in a real Chromium,
twenty over sockets. Everybody says something, and everybody reads all of it, once and in one order. The teacher makes
two rooms more for groups, mutes somebody, and removes somebody, who does not get back in. docs/host/classroom.md tells
of it with the pictures build/class-*.png, which are what some of them see.
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
from secrets import token_hex
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from installed import Place, environment, mebibytes  # noqa: E402 - found by the line above
from playwright.async_api import Browser, Page, expect  # noqa: E402

from chatcore import Client, LoginRefused, MessagePosted, RequestRefused, connect  # noqa: E402
from tests.integration.chromium import started  # noqa: E402
from tests.integration.web.house import everything, joins, says, sees  # noqa: E402

PAGES: Final = 10
SOCKETS: Final = 20
PATIENCE: Final = 120.0
ROOM: Final = "class"
GROUPS: Final = ("group-a", "group-b")
PASSWORD: Final = "open-sesame"
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


async def joins_by_password(page: Page, url: str, name: str) -> None:
    """Log in as whoever has opened the server: the page asks for its password."""
    await page.goto(url)
    await page.get_by_label("Your name").fill(name)
    await page.get_by_role("button", name="Join").click()
    field = page.get_by_label("Password of this server")
    await field.fill(PASSWORD)
    await field.press("Enter")
    await expect(page.locator(".my-name")).to_have_text(name)


async def picture(page: Page, name: str) -> None:
    """Keep what somebody sees."""
    BUILD.mkdir(exist_ok=True)
    await page.mouse.move(0, 0)  # tools are shown where it is
    await page.screenshot(path=BUILD / f"class-{name}.png")


async def is_told(page: Page, text: str) -> None:
    """Wait until the conversation says that."""
    await expect(page.locator(".notice", has_text=text).last).to_be_visible()


async def stays_out(page: Page, name: str) -> None:
    """Let somebody try to get back into the room: at once, under another name, and with the page opened anew."""
    for line in (f"/join {ROOM}", f"/nick {name}-2", f"/join {ROOM}", f"/nick {name}-3", f"/join {ROOM.upper()}"):
        await says(page, line)
    await expect(page.locator(".notice", has_text=f"You are banned from {ROOM}")).to_have_count(3)
    await picture(page, "removed")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("# lobby")


async def send_groups_away(teacher: Page, sockets: list[Client]) -> None:
    """Make a room for each group, say there what its task is, and come back."""
    for group, members in zip(GROUPS, (sockets[:5], sockets[5:10]), strict=True):
        await says(teacher, f"/create {group}")
        await expect(teacher.get_by_role("heading", level=1)).to_have_text(f"# {group}")
        for client in members:
            await client.join(group)
        await says(teacher, f"your task, {group}: write an echo server")
        await sees(teacher, f"your task, {group}")
    await says(teacher, f"/join {ROOM}")
    await expect(teacher.get_by_role("heading", level=1)).to_have_text(f"# {ROOM}")


async def lesson(url: str, link: str, browser: Browser, stack: AsyncExitStack) -> None:
    """Let the class come, talk, and be looked after."""
    teacher = await page_of(browser, stack, (1440, 900))
    await joins_by_password(teacher, url.replace("ws", "http", 1), "teacher")
    await says(teacher, f"/create {ROOM}")
    await expect(teacher.get_by_role("heading", level=1)).to_have_text(f"# {ROOM}")
    await says(teacher, "/topic Asyncio, week 7")

    pupils = [await page_of(browser, stack, (390, 844)) for _ in range(PAGES - 1)]
    await asyncio.gather(*(joins(page, link, f"page{n}") for n, page in enumerate(pupils)))
    token = link.rpartition("=")[2]
    sockets = [
        await stack.enter_async_context(connect(url, username=f"socket{n}", invitation=token)) for n in range(SOCKETS)
    ]
    for name, fields in (("nobody", {}), ("guesser", {"password": "sesame"}), ("late", {"invitation": token})):
        try:
            await connect(url, username=name, **fields)
        except LoginRefused:
            continue
        sys.exit(f"classroom: FAILED: {name} has come in")
    for client in sockets:
        await client.join(ROOM)
    everybody = PAGES + SOCKETS
    await expect(teacher.locator(".about").first).to_have_text(f"{everybody} people here · Asyncio, week 7")
    print(f"classroom: {everybody} are in by the invitation, {PAGES} of them with pages", flush=True)

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
    await picture(pupils[0], "pupil")

    await send_groups_away(teacher, sockets)
    await says(teacher, "/mute socket17 10m too loud")
    await says(teacher, "/ban page1 1h throws paper")
    for page in (teacher, pupils[0]):
        await is_told(page, "teacher muted socket17")
        await is_told(page, "teacher banned page1")
    await picture(teacher, "teacher")
    try:
        await sockets[17].send("I was not loud")
        sys.exit("classroom: FAILED: who is muted has spoken")
    except RequestRefused as error:
        print(f"classroom: socket17 hears: {error}", flush=True)
    await stays_out(pupils[1], "page1")
    print("classroom: page1 does not get back in", flush=True)


async def main() -> None:
    """Install, serve, and let the class come."""
    with tempfile.TemporaryDirectory(prefix="chatcore-classroom-") as name:
        here = await asyncio.to_thread(empty_machine, Path(name))
        print(f"classroom: installed, {mebibytes(Path(name) / 'machine')} MiB", flush=True)
        began = time.perf_counter()
        for file, text in (("password", PASSWORD), ("operators.token", token_hex(16))):
            (Path(here.home) / file).write_text(text + "\n", encoding="utf-8")
            (Path(here.home) / file).chmod(0o600)
        secrets = ("--password-file", "password", "--operator-token-file", "operators.token")
        with here.running("chatcore", "serve", "--port", "0", "--log-level", "warning", *secrets) as server:
            url = (await asyncio.to_thread(server.wait_for, "chatcore listens on ")).split()[-1]
            print(f"classroom: {url} after {time.perf_counter() - began:.1f} s", flush=True)
            wanted = ("--uses", str(PAGES + SOCKETS - 1), "--for", "2h", "--room", ROOM)
            made = await asyncio.to_thread(
                here.run, "chatcore", "invite", url, "--token-file", "operators.token", *wanted
            )
            async with asyncio.timeout(PATIENCE), started() as browser, AsyncExitStack() as stack:
                await lesson(url, made.split()[0], browser, stack)
    print("classroom: done; build/class-teacher.png, class-pupil.png, class-removed.png", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
