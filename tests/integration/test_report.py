"""The report: both languages say the same, figures and tables are referred to, sources stand as they are cited."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
