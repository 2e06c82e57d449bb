"""The report: both languages say the same, figures and tables are referred to, sources stand as they are cited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripts import cluster_model

ROOT = Path(__file__).parents[2]
PATHS = {"en": ROOT / "docs" / "report.md", "fr": ROOT / "docs" / "fr" / "report.md"}
TEXTS = {language: path.read_text() for language, path in PATHS.items()}
# How a figure and a table are called.
WORDS = {"en": ("Figure", "Table"), "fr": ("Figure", "Tableau")}
both = pytest.mark.parametrize("language", PATHS)


def outline(language: str) -> dict[str, list[str]]:
    """Return what a report is made of, in its order, without its words."""
    text = TEXTS[language]
    return {
        "sections": re.findall(r"^(#+ (?:\d+\.|A))", text, re.MULTILINE),
        "pictures": [
            re.sub(r"[.-](fr|en)(?=[.@])", "", name) for name in re.findall(r"!\[[^]]*\]\((?:\.\./)?(\S+)\)", text)
        ],
        "measured": re.findall(r"<!-- figures: (\w+) -->", text),
        "cited": re.findall(r"\[\^(\w+)\](?!:)", text),
        "sources": re.findall(r"^\[\^(\w+)\]:", text, re.MULTILINE),
        "files": re.findall(r"`((?:tests|benchmarks|scripts|src)/[\w./]+)`", text),
        "rows": re.findall(r"^(\|)", text, re.MULTILINE),
        "points": re.findall(r"^(\*) ", text, re.MULTILINE),
        "commands": re.findall(r"^\$ (.*)$", text, re.MULTILINE),
    }


def test_both_languages_have_the_same_sections_figures_tables_and_sources() -> None:
    """In the same order."""
    assert outline("en") == outline("fr")


@both
def test_figures_and_tables_are_numbered_have_a_caption_and_are_referred_to(language: str) -> None:
    """Counted from 1; somewhere outside its caption the text says what it is for."""
    text = TEXTS[language]
    assert len(re.findall(r"!\[", text)) == text.count("<figcaption")
    for word in WORDS[language]:
        captions = [int(each) for each in re.findall(rf"\*\*{word} (\d+)\.\*\*", text)]
        assert captions == list(range(1, len(captions) + 1)), f"{word}: {captions}"
        referred = {int(each) for each in re.findall(rf"(?i)(?<!\*){word}\s+(\d+)", text)}
        assert referred <= set(captions), f"there is no {word} {referred - set(captions)}"
        missing = set(captions) - referred
        assert not missing, f"nothing refers to {word} {missing}"


@both
def test_sources_stand_in_the_order_in_which_they_are_cited(language: str) -> None:
    """Each of them once, and none that nobody cites."""
    found = outline(language)
    assert found["sources"] == list(dict.fromkeys(found["cited"]))


@both
def test_files_that_are_named_as_evidence_are_there(language: str) -> None:
    """Those without a folder are in tests/integration."""
    named = outline(language)["files"]
    named += [f"tests/integration/{name}" for name in re.findall(r"`((?:test_\w+\.py)|gui)`", TEXTS[language])]
    assert len(named) > 10
    for name in named:
        assert (ROOT / name).exists(), f"{PATHS[language].name} names {name}"


@both
def test_what_is_said_of_the_structure_is_in_its_figure(language: str) -> None:
    """The text beside figure 3, and the one that stands for it, name boxes that are drawn."""
    ending = "" if language == "en" else ".fr"
    drawn = re.findall(r"<text[^>]*>([^<]+)</text>", (ROOT / "docs" / "assets" / f"structure{ending}.svg").read_text())
    named = re.findall(r"`(\w+)`[^.]*\(figure 3\)", TEXTS[language])
    named += re.findall(r"[A-Z]\w+", next(iter(re.findall(r"!\[([^]]+)\]\(\S*structure", TEXTS[language]))))
    assert len(named) > 4
    assert set(named) <= set(drawn)


@both
def test_who_did_what_counts_every_package_once(language: str) -> None:
    """A package that is new has to have its place in the table, too."""
    counted = re.findall(
        r"`(src/[\w/]+)`", TEXTS[language].partition("figures: history")[2].partition("end of figures")[0]
    )
    packages = sorted(path.parent for path in (ROOT / "src").rglob("py.typed"))
    named = [path.relative_to(ROOT) for path in packages]
    owners = [[folder for folder in counted if path.is_relative_to(folder)] for path in named]
    assert [(path, found) for path, found in zip(named, owners, strict=True) if len(found) != 1] == []


@both
def test_the_tests_that_are_counted_are_those_that_make_test_runs(language: str) -> None:
    """Folder by folder."""
    rules = re.findall(r"^\t\$\(BIN\)/pytest (.*?) -m", (ROOT / "Makefile").read_text(), re.MULTILINE)
    run = {folder for rule in rules for folder in re.findall(r"tests/\w+(?= |$)", rule)}
    assert set(re.findall(r"^\| `(tests/\w+)` \|", TEXTS[language], re.MULTILINE)) == run


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/report.md", "docs/fr/report.md"])
def test_make_test_takes_as_long_on_every_page(page: str) -> None:
    """As decision 35 says."""
    told = re.findall(r"`make test`[^`]*?(\w+ (?:to|à) \w+) minutes", (ROOT / page).read_text())
    assert told == ["six à huit" if "fr" in page else "six to eight"]


def test_what_is_patched_is_as_much_as_is_said() -> None:
    """Eight times; and nothing is mocked."""
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    assert len(re.findall(r"monkeypatch\.set(?:attr|item)\(", tests)) == 8
    assert "eight times" in TEXTS["en"]
    assert "huit fois" in TEXTS["fr"]
    assert not re.findall(r"^ *(?:from|import) (?:unittest\.)?mock\b|^ *from unittest import mock", tests, re.MULTILINE)


@pytest.mark.parametrize("page", [*PATHS.values(), ROOT / "docs" / "performance.md"])
def test_what_was_measured_names_its_day_and_its_commit(page: Path) -> None:
    """Every caption that has a command to measure with, and every sentence that stands for one."""
    captions = re.findall(r"^\*\*Tab.*\(`(?:make|python) .*", page.read_text(), re.MULTILINE)
    words = r"\bOn 2026-|figures: roomed|benchmarks/crowds|\*now\* is"
    captions += re.findall(rf"^.*(?:{words}).*", page.read_text(), re.MULTILINE)
    assert len(captions) >= 3
    for caption in captions:
        assert re.search(r"(?i)\b2026-\d\d-\d\d, commit `[0-9a-f]{7,10}`", caption), caption


def test_the_model_promises_no_more_than_was_measured() -> None:
    """A whole core brings as many messages to a full room as it did when each delivery was a write."""
    for room in cluster_model.ROOMS:
        deliveries = room * cluster_model.most(1, room)[0] / cluster_model.BUSY
        assert deliveries <= 1e6 / cluster_model.delivered(1)


@pytest.mark.parametrize("servers", [1, 2, 3])
def test_the_model_fits_the_room_that_was_measured(servers: int) -> None:
    """It is not below what was measured, and at most by two fifths above."""
    said, measured = cluster_model.against_the_room(servers)
    assert 0.9 <= said / measured <= 1.4
