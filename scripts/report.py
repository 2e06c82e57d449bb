"""Keeps the figures of the report right, and makes its PDF.

python scripts/report.py                  writes the figures from benchmarks/results into both reports
python scripts/report.py --check          says whether they are what the measurements say
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
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
REPORTS: Final = {"en": ROOT / "docs" / "report.md", "fr": ROOT / "docs" / "fr" / "report.md"}
PDFS: Final = {"en": "report.pdf", "fr": "rapport.pdf"}
PAGES: Final = 5

# How far outside the published range the median of a fresh run may be: a factor for ordinary figures and for slow ends.
TOLERANCE: Final = 1.5
TOLERANCE_SLOW: Final = 2.5

Key = tuple[str, ...]
"""What was measured: for example `round_trip`, `idle`, `p50`."""
Measured = dict[tuple[Key, str], list[float]]
"""The figures of all rounds, by what was measured and on which transport."""

_ROWS: Final[list[tuple[Key, int, str, str]]] = [
    (("set_up", "p50"), 1, "from nothing to the welcome, ms", "de rien à l'accueil, ms"),
    (
        ("round_trip", "idle", "p50"),
        2,
        "round trip of a message alone, median, ms",
        "aller-retour d'un message seul, médiane, ms",
    ),
    (
        ("round_trip", "loaded", "p50"),
        1,
        "the same with 200 messages/s in the room, ms",
        "le même, 200 messages/s dans le salon, ms",
    ),
    (("round_trip", "loaded", "p99"), 0, "its slowest hundredth (p99), ms", "son centième le plus lent (p99), ms"),
    (
        ("throughput", "1", "server_us_per_delivery"),
        1,
        "server CPU per delivery, 1 in flight, µs",
        "CPU serveur par livraison, 1 en vol, µs",
    ),
    (
        ("throughput", "32", "server_us_per_delivery"),
        1,
        "server CPU per delivery, 32 in flight, µs",
        "CPU serveur par livraison, 32 en vol, µs",
    ),
    (
        ("throughput", "32", "acknowledged_per_s"),
        0,
        "acknowledged messages/s to 50 members",
        "messages acquittés/s pour 50 membres",
    ),
    (("loss 0", "p99"), 1, "slowest hundredth of deliveries, no loss, ms", "centième le plus lent, sans perte, ms"),
    (("loss 1", "p99"), 0, "the same at 1 % loss each way, ms", "le même, 1 % de perte par sens, ms"),
    (("loss 5", "p99"), 0, "the same at 5 % loss each way, ms", "le même, 5 % de perte par sens, ms"),
    (("loss 5", "most"), 0, "slowest of 12,000 deliveries, 5 % loss, ms", "la plus lente de 12 000, 5 % de perte, ms"),
]
_TRANSPORTS: Final = ("ws", "wss", "quic", "tcp")


def measured(rows: list[dict[str, Any]]) -> Measured:
    """Return every figure of a run."""
    found: Measured = {}

    def walk(key: Key, value: Any, transport: str) -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                walk((*key, name), each, transport)
        else:
            found.setdefault((key, transport), []).append(float(value))

    for row in rows:
        what = f"loss {row['percent']}" if "percent" in row else row["what"]
        figures = {name: each for name, each in row.items() if name not in ("what", "transport", "round", "percent")}
        walk((what,), figures, row["transport"])
    return found


def number(value: float, digits: int, language: str) -> str:
    """Return a number as people of that language write it."""
    said = f"{value:,.{digits}f}"
    return said if language == "en" else said.translate({ord(","): "\u202f", ord("."): ","})


def spread(values: list[float], digits: int, language: str) -> str:
    """Return the median of some rounds, and the least and the most."""
    least, most = (number(each, digits, language) for each in (min(values), max(values)))
    middle = number(statistics.median(values), digits, language)
    return f"{middle} ({least}–{most})" if least != most else middle


def transports_table(language: str) -> str:
    """Return the comparison of the transports."""
    found = measured(_read("transports.json")["rows"])
    last = "median of the rounds (least–most)" if language == "en" else "médiane des manches (min–max)"
    lines = [f"| {last} | " + " | ".join(f"`{name}`" for name in _TRANSPORTS) + " |", "| --- " * 5 + "|"]
    for key, digits, english, french in _ROWS:
        cells = [found.get((key, name)) for name in _TRANSPORTS]
        if any(cells):
            told = (spread(values, digits, language) if values else "–" for values in cells)
            lines.append(f"| {english if language == 'en' else french} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def results_table(language: str) -> str:
    """Return what a full room costs, beside the floor."""
    rows = _read("fanout.json")
    names = {
        "en": (
            "one WebSocket message to 1,000 members",
            "{} in flight",
            "CPU beside a C loop without a chat",
            "deliveries/s",
        ),
        "fr": (
            "un message WebSocket à 1 000 membres",
            "{} en vol",
            "CPU par rapport à une boucle C sans chat",
            "livraisons/s",
        ),
    }[language]
    lines = [f"| {names[0]} | {names[2]} | {names[3]} |", "| --- | --- | --- |"]
    for window in sorted({row["window"] for row in rows}):
        cost = {(row["server"], row["round"]): row["cpu_us_per_delivery"] for row in rows if row["window"] == window}
        ratios = [cost["chatcore", turn] / cost["floor", turn] for server, turn in cost if server == "floor"]
        speed = [row["deliveries_per_s"] for row in rows if row["window"] == window and row["server"] == "chatcore"]
        lines.append(f"| {names[1].format(window)} | × {spread(ratios, 2, language)} | {spread(speed, 0, language)} |")
    joins = [row for row in rows if row["server"] == "chatcore"]
    cpu = number(statistics.median(row["join_cpu_ms_per_client"] for row in joins), 2, language)
    memory = number(statistics.median(row["pss_kib_per_client"] for row in joins), 1, language)
    ends = {
        "en": f"A member who joins that room costs {cpu} ms of CPU and {memory} KiB of memory.",
        "fr": f"Un membre qui entre dans ce salon coûte {cpu} ms de CPU et {memory} Kio de mémoire.",
    }
    return "\n".join([*lines, "", ends[language]])


def files_table(language: str) -> str:
    """Return what a large file costs on each transport, beside a plain socket copy of it in the same run."""
    rows = _read("files.json")
    size = number(rows[0]["mib"], 0, language)
    head = {
        "en": (
            f"a file of {size} MiB between two users",
            "MiB/s",
            "of a plain socket copy",
            "server memory",
            "chat beside it, p50 / p99",
        ),
        "fr": (
            f"un fichier de {size} Mio entre deux utilisateurs",
            "Mio/s",
            "d'une copie par simple socket",
            "mémoire du serveur",
            "chat à côté, p50 / p99",
        ),
    }[language]
    mebibytes = "MiB" if language == "en" else "Mio"
    lines = ["| " + " | ".join(head) + " |", "| --- " * 5 + "|"]
    for row in rows:
        slower = {
            name: max(row[f"{who}_busy_{name}_ms"] / row[f"{who}_idle_{name}_ms"] for who in ("pair", "others"))
            for name in ("p50", "p99")
        }
        cells = (
            f"`{row['transport']}`",
            number(row["mib_per_s"], 1, language),
            f"{number(100 * row['mib_per_s'] / row['plain_copy_mib_per_s'], 1, language)} %",
            f"+{number(row['server_grew_mib'], 1, language)} {mebibytes}",
            " / ".join(f"× {number(slower[name], 1, language)}" for name in ("p50", "p99")),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine_sentence(language: str) -> str:
    """Return what was measured on."""
    about = _read("transports.json")
    told, rounds = about["machine"], about["rounds"]
    if language == "en":
        return (
            f"on {told['date']}, {told['processor']}, {told['cores']} cores for server and clients, {told['system']}, "
            f"Python {told['python']}, {rounds} rounds in turn"
        )
    return (
        f"le {told['date']}, {told['processor']}, {told['cores']} cœurs pour le serveur et les clients, "
        f"{told['system']}, Python {told['python']}, {rounds} manches à tour de rôle"
    )


FIGURES: Final[dict[str, Callable[[str], str]]] = {
    "transports": transports_table,
    "results": results_table,
    "files": files_table,
    "machine": machine_sentence,
}


def _read(name: str) -> Any:
    return json.loads((RESULTS / name).read_text())


def filled(text: str, language: str) -> str:
    """Return a report with its figures."""

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}{match[3]}{FIGURES[match[2]](language)}{match[3]}{match[4]}"

    return re.sub(r"(<!-- figures: (\w+) -->)(\n?).*?(<!-- end of figures -->)", fill, text, flags=re.DOTALL)


def stale() -> list[str]:
    """Return the reports whose figures are not those that were measured."""
    return [path.name for language, path in REPORTS.items() if filled(path.read_text(), language) != path.read_text()]


def differences(fresh: Measured, published: Measured) -> Iterator[tuple[Key, str, float, float, float]]:
    """Return what a fresh run says of the published figures: key, transport, and least, fresh median, most."""
    for key, *_ in _ROWS:
        factor = TOLERANCE_SLOW if key[-1] in ("p99", "most") else TOLERANCE
        for transport in _TRANSPORTS:
            old, new = published.get((key, transport)), fresh.get((key, transport))
            if old and new:
                yield key, transport, min(old) / factor, statistics.median(new), max(old) * factor


def compare(path: Path) -> int:
    """Print how a fresh run compares; returns how many figures are out of range."""
    wrong = 0
    fresh = measured(json.loads(path.read_text())["rows"])
    for key, transport, least, value, most in differences(fresh, measured(_read("transports.json")["rows"])):
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
                margin={"top": "15mm", "bottom": "16mm", "left": "17mm", "right": "17mm"},
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
    parser.add_argument("--pdf", action="store_true")
    options = parser.parse_args()
    if options.against is not None:
        sys.exit(compare(options.against) > 0)
    if options.check:
        sys.exit(f"not up to date: {', '.join(stale())}; run scripts/report.py" if stale() else 0)
    for language, path in REPORTS.items():
        path.write_text(filled(path.read_text(), language))
    if options.pdf:
        make_pdfs()


if __name__ == "__main__":
    main()
