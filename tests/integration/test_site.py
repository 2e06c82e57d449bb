"""The guides as a site: it builds, loads nothing from elsewhere, and is printed whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.integration.chromium import FLAGS, chromium

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site: links, anchors and navigation are right, or it is not built."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(site: Path) -> None:
    """No page fetches from another host."""
    fetched = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"?https?://(?!\S*rel=.canonical)[^ >]+")
    pages = list(site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        assert not fetched.search(page.read_text()), f"{page.name} loads something from elsewhere"


def test_no_page_shows_a_table_as_text(site: Path) -> None:
    """As one does that an empty line has ended."""
    for page in site.rglob("*.html"):
        assert not re.search(r"<p>\s*\||^\|[ -]", page.read_text(), re.MULTILINE), f"{page.name} has bars in its text"


# The report, as it is printed.


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


CUT_OFF = """() => {
    const clips = (node) => node === document.documentElement || getComputedStyle(node).overflowX !== "visible";
    const ruler = document.createElement("canvas").getContext("2d");
    return [...document.querySelectorAll("ol > li")].filter((item) => {
        let box = item.parentElement;
        while (!clips(box)) box = box.parentElement;
        ruler.font = getComputedStyle(item).font;
        const number = [...item.parentElement.children].indexOf(item) + 1;
        const room = item.getBoundingClientRect().left - box.getBoundingClientRect().left;
        return room < ruler.measureText(`${number}. `).width;
    }).map((item) => item.innerText);
}"""


@pytest.mark.parametrize("report", ["report.html", "fr/report.html"])
def test_numbers_of_lists_are_printed_whole(report: str, site: Path, browser: Browser) -> None:
    """Sources 10 to 13 are no 0 to 3, and stand as they are cited: [1] first, [2] next."""
    page = browser.new_page(viewport={"width": 665, "height": 900})  # an A4 page without its margins
    page.emulate_media(media="print")
    page.goto((site / report).as_uri())
    assert page.locator("ol > li").count() >= 10
    assert page.evaluate(CUT_OFF) == []
    cited = page.locator("a.footnote-ref").all_inner_texts()
    first = list(dict.fromkeys(cited))
    assert first == [f"[{number}]" for number in range(1, len(first) + 1)]
    page.close()


PAGE_MARGINS = re.compile(r"@page *{ *margin: *[\d.]+mm ([\d.]+)mm [\d.]+mm")
WIDER_THAN_THE_PAGE = """() => {
    const clips = (node) => node !== document.documentElement && getComputedStyle(node).overflowX !== "visible";
    return [...document.querySelectorAll("article table, article img, article figure")].filter((item) => {
        let box = item.parentElement;
        while (box !== document.documentElement && !clips(box)) box = box.parentElement;
        const end = Math.min(box.getBoundingClientRect().left + box.clientWidth, document.documentElement.clientWidth);
        return item.getBoundingClientRect().right > end + 1 || item.scrollWidth > item.clientWidth + 2;
    }).map((item) => item.innerText.split("\\n")[0] || item.src);
}"""


def test_tables_are_printed_whole(site: Path, browser: Browser) -> None:
    """Paper cannot be scrolled: the last column of a wide table is on the page, on every page of the site."""
    margins = PAGE_MARGINS.search((site / "assets" / "site.css").read_text())
    assert margins
    page = browser.new_page(viewport={"width": int((210 - 2 * float(margins[1])) / 25.4 * 96), "height": 900})
    page.emulate_media(media="print")
    cut = {}
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        cut[path.relative_to(site).as_posix()] = page.evaluate(WIDER_THAN_THE_PAGE)
    page.close()
    assert len(cut) > 20
    assert {name: found for name, found in cut.items() if found} == {}


OUTSIDE_ITS_BOX = """() => {
    const boxes = [...document.querySelectorAll("rect")].map((rect) => rect.getBoundingClientRect());
    return [...document.querySelectorAll("text")].filter((text) => {
        const box = text.getBoundingClientRect(), middle = box.top + box.height / 2;
        const at = {start: box.left, middle: (box.left + box.right) / 2, end: box.right}[
            text.getAttribute("text-anchor")];
        const holds = (rect) => rect.left <= at && at <= rect.right && rect.top <= middle && middle <= rect.bottom;
        const around = boxes.filter((rect) => rect.height > 10 && holds(rect)).sort((a, b) => a.width - b.width)[0]
            || document.documentElement.getBoundingClientRect();
        return box.left < around.left + 2 || box.right > around.right - 2;
    }).map((text) => text.textContent);
}"""


@pytest.mark.parametrize("drawing", sorted(path.name for path in (ROOT / "docs" / "assets").glob("[!f]*.svg")))
def test_words_of_a_drawing_stay_in_their_box(drawing: str, browser: Browser) -> None:
    """In both languages; what is too long for a box of a flame graph is cut off there already."""
    page = browser.new_page()
    page.goto((ROOT / "docs" / "assets" / drawing).as_uri())
    assert page.locator("text").count()
    assert page.evaluate(OUTSIDE_ITS_BOX) == []
    page.close()
