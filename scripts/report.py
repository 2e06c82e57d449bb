"""Keeps the figures of the report and of the README right, and makes the report's PDFs.

python scripts/report.py                  writes the figures from benchmarks/results into them
python scripts/report.py --check          says whether they are what the measurements say
python scripts/report.py --count [REV]    counts who did what, up to a commit, and the tests; then writes the figures
python scripts/report.py --against FRESH  compares a fresh run of benchmarks/compare_transports.py with these
python scripts/report.py --pdf            makes build/report.pdf and build/rapport.pdf (needs Chromium)
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from report_cluster import cluster_sentence, cluster_table, costs_sentence, model_table
from report_figures import (
    files_sentence,
    files_table,
    logging_sentence,
    logging_table,
    read,
    readme_sentence,
    results_sentence,
    results_table,
    rooms_sentence,
    rooms_table,
    slowest,
    store_sentence,
    store_table,
)
from report_history import count, history_sentence, history_table, tests_table, title_lines
from report_transports import (
    ROWS,
    TRANSPORTS,
    Key,
    Measured,
    busy,
    dearer,
    dearer_together,
    measured,
    slower,
    slowest_of_all,
    transports_sentence,
    transports_table,
)

ROOT: Final = Path(__file__).parents[1]
REPORTS: Final = {"en": ROOT / "docs" / "report.md", "fr": ROOT / "docs" / "fr" / "report.md"}
README: Final = ROOT / "README.md"
COSTS: Final = ROOT / "docs" / "performance.md"
PDFS: Final = {"en": "report.pdf", "fr": "rapport.pdf"}

# How far outside the published range the median of a fresh run may be: a factor for ordinary figures and for slow ends.
TOLERANCE: Final = 1.5
TOLERANCE_SLOW: Final = 2.5

FIGURES: Final[dict[str, Callable[[str], str]]] = {
    "transports": transports_table,
    "transported": transports_sentence,
    "dearer": dearer,
    "together": dearer_together,
    "slower": slower,
    "last": slowest_of_all,
    "busy": busy,
    "results": results_table,
    "filled": results_sentence,
    "files": files_table,
    "filed": files_sentence,
    "rooms": rooms_table,
    "roomed": rooms_sentence,
    "slowest": slowest,
    "logging": logging_table,
    "logged": logging_sentence,
    "store": store_table,
    "stored": store_sentence,
    "cluster": cluster_table,
    "clustered": cluster_sentence,
    "costs": costs_sentence,
    "model": model_table,
    "history": history_table,
    "counted": history_sentence,
    "tests": tests_table,
    "title": title_lines,
    "readme": readme_sentence,
}


def filled(text: str, language: str) -> str:
    """Return a report with its figures."""

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}{match[3]}{FIGURES[match[2]](language)}{match[3]}{match[4]}"

    return re.sub(r"(<!-- figures: (\w+) -->)(\n?).*?(<!-- end of figures -->)", fill, text, flags=re.DOTALL)


def pages() -> Iterator[tuple[Path, str, str]]:
    """Return the pages with figures: where they are, what is in them, and what should be."""
    for language, path in (*REPORTS.items(), ("en", README), ("en", COSTS)):
        text = path.read_text()
        yield path, text, filled(text, language)


def stale() -> list[str]:
    """Return the pages whose figures are not those that were measured."""
    return [path.name for path, text, wanted in pages() if text != wanted]


def differences(fresh: Measured, published: Measured) -> Iterator[tuple[Key, str, float, float, float]]:
    """Return what a fresh run says of the published figures: key, transport, and least, fresh median, most."""
    for key, *_ in ROWS:
        factor = TOLERANCE_SLOW if key[-1] in ("p99", "most") else TOLERANCE
        for transport in TRANSPORTS:
            old, new = published.get((key, transport)), fresh.get((key, transport))
            if old and new:
                yield key, transport, min(old) / factor, statistics.median(new), max(old) * factor


def compare(path: Path) -> int:
    """Print how a fresh run compares; returns how many figures are out of range."""
    wrong = 0
    fresh = measured(json.loads(path.read_text())["rows"])
    for key, transport, least, value, most in differences(fresh, measured(read("transports.json")["rows"])):
        fits = least <= value <= most
        wrong += not fits
        print(
            f"{'ok ' if fits else 'OUT'} {' '.join(key):45} {transport:5} {value:12,.2f}   {least:,.2f} to {most:,.2f}"
        )
    return wrong


def make_pdfs() -> None:
    """Build the site and print the reports."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only for this

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("the PDF needs Chromium: install it, or say CHROMIUM=/path/to/one")
    flags = ["--headless", "--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as site, sync_playwright() as playwright:
        subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", site],
            cwd=ROOT,
            check=True,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page()
        for language, path in REPORTS.items():
            page.goto((Path(site) / path.relative_to(ROOT / "docs").with_suffix(".html")).as_uri())
            page.pdf(
                path=build / PDFS[language],
                format="A4",
                print_background=True,
                outline=True,
                tagged=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template='<div style="font-size:8px;width:100%;text-align:center">chatcore · '
                '<span class="pageNumber"></span> / <span class="totalPages"></span></div>',
            )
            count = len(re.findall(rb"/Type\s*/Page\b", (build / PDFS[language]).read_bytes()))
            print(f"build/{PDFS[language]}: {count} pages with annexes")
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--against", type=Path, metavar="FRESH")
    parser.add_argument("--count", nargs="?", const="HEAD", metavar="REV")
    parser.add_argument("--pdf", action="store_true")
    options = parser.parse_args()
    if options.against is not None:
        sys.exit(compare(options.against) > 0)
    if options.check:
        sys.exit(f"not up to date: {', '.join(stale())}; run scripts/report.py" if stale() else 0)
    if options.count is not None:
        count(options.count)
    for path, _, wanted in pages():
        path.write_text(wanted)
    subprocess.run([sys.executable, ROOT / "scripts" / "docs_figures.py"], check=True)  # one of them is of measurements
    if options.pdf:
        make_pdfs()


if __name__ == "__main__":
    main()
