"""No text steers its reader."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chatcore.text.safe_text import escaped, from_first_visible, harmless, safe_name, safe_text

HARMFUL = (
    [chr(code) for code in range(0x20)]
    + [chr(code) for code in range(0x7F, 0xA0)]
    + list("\u202a\u202b\u202c\u202d\u202e\u206a\u206f\u2028\u2029\ufeff")
)
ISOLATES = "\u2066\u2067\u2068\u2069"
any_text = st.text(
    st.characters()
    | st.sampled_from(HARMFUL)
    | st.sampled_from(f"{ISOLATES}\u05d0\u200f\u061c\u200d a")
    | st.characters(categories=["Cs", "Cc"])
)
HONEST = [
    "\u200fשלום!",  # a mark in front, so that the exclamation mark stands where it belongs
    "\u061cمرحبا 123",
    "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",  # the flag of Wales
    "👩\u200d👩\u200d👧 می\u200cخواهم ❤\ufe0f",
    "Donau\u00addampf\u200bschiff",
    "she said \u2067שלום\u2069, I think",
]


def stray(line: str) -> bool:
    """Tell whether a line has an isolate that is not closed, or an end of one that was not begun."""
    depth = 0
    for char in line:
        depth += char in "\u2066\u2067\u2068"
        depth -= char == "\u2069"
        if depth < 0:
            return True
    return depth > 0


def outside(line: str) -> str:
    """Return what is in no isolate."""
    found, depth = "", 0
    for char in line:
        depth -= char == "\u2069"
        found += "" if depth else char
        depth += char in "\u2066\u2067\u2068"
    return found


@given(any_text)
@example("\x1b]0;pwned\x07")
@example("al\u202eice")
@example("\ud83d")
@example("\u2067\u2069\u2069")
def test_reader_gets_no_control_character_whatever_the_text(text: str) -> None:
    """No C0, DEL, C1, override, line separator or surrogate survives, and no isolate that is not closed."""
    for safe in (safe_text(text), harmless(text), escaped(text), safe_name(text)):
        assert not set(safe) & set(HARMFUL)
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in safe)
        assert not stray(safe)
        safe.encode("utf-8")


@given(any_text)
def test_nothing_around_a_text_is_reordered_by_it(text: str) -> None:
    """What runs from right to left, or a mark that says so, is in an isolate on each line; a log has none of it."""
    for line in safe_text(text, keep_layout=True).split("\n"):
        assert not any(unicodedata.bidirectional(char) in {"R", "AL", "AN", "RLE", "RLO"} for char in outside(line))
    assert not any(unicodedata.bidirectional(char) in {"R", "AL", "RLI", "FSI", "LRI"} for char in escaped(text))


@given(any_text)
def test_layout_survives_only_when_asked_for(text: str) -> None:
    """Newlines and tabs stay with `keep_layout`, and nothing else that is harmful does."""
    for safe in (safe_text(text, keep_layout=True), harmless(text, keep_layout=True)):
        assert not set(safe) & (set(HARMFUL) - {"\n", "\t"})
        assert (safe.count("\n"), safe.count("\t")) == (text.count("\n"), text.count("\t"))


@given(any_text)
def test_safe_text_stays_as_it_is(text: str) -> None:
    """What is safe already is not escaped again, nor isolated twice."""
    assert safe_text(safe_text(text)) == safe_text(text)
    kept = safe_text(text, keep_layout=True)
    assert safe_text(kept, keep_layout=True) == kept
    assert safe_text(safe_name(text)) == safe_name(text)
    assert harmless(safe_text(text)) == safe_text(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_people_read_their_own_script_unchanged(text: str) -> None:
    """Letters, digits, punctuation, symbols and spaces of every script stay."""
    assume(not re.search("[\u115f\u1160\u2800\u3164\uffa0]", text))  # which are invisible letters
    assert harmless(text) == safe_text(text, isolated=False) == text
    assert safe_text(text) in (text, f"\u2068{text}\u2069")


@pytest.mark.parametrize("text", HONEST)
def test_honest_invisible_characters_stay(text: str) -> None:
    """For programs as they were sent; for people isolated where they have to be; a log shows which they are."""
    assert harmless(text) == text
    assert safe_text(text, isolated=False) == text
    assert safe_text(text).strip("\u2068\u2069") == text
    assert escaped(text).isprintable()


def test_text_that_runs_from_right_to_left_is_isolated_line_by_line() -> None:
    """A line end ends an isolate, so each line has its own."""
    assert safe_text("abc\nשלום\n\u200fx", keep_layout=True) == "abc\n\u2068שלום\u2069\n\u2068\u200fx\u2069"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u200f", r"\u200f"),
        ("\u200b \u200b", r"\u200b \u200b"),
        ("\u3164", r"\u3164"),
        ("\U000e0067\u2067\u2069", r"\U000e0067\u2067\u2069"),
        ("a\n\u200d\nb", "a\n\\u200d\nb"),
        ("  ", "  "),
    ],
)
def test_line_of_only_invisible_characters_is_shown_as_something(text: str, shown: str) -> None:
    """A message in which there is nothing to see is a riddle, or a trick."""
    assert safe_text(text, keep_layout=True) == shown


def test_name_hides_nothing() -> None:
    """Names are ASCII where servers keep to the rules."""
    assert safe_name("ali\u200bce\u00ad") == r"ali\u200bce\xad"
    assert safe_name("Zoé_1-א") == "\u2068Zoé_1-א\u2069"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\r\nb", r"a\x0d\x0ab"),
        ("\x7f\x9b", r"\x7f\x9b"),
        ("\u202e", r"\u202e"),
        ("a\u2066b", r"a\u2066b"),
        ("a\u2069b\u2068c", r"a\u2069b\u2068c"),
        ("\ufeff", r"\ufeff"),
        ("\udc80", r"\udc80"),
    ],
)
def test_operator_sees_which_character_it_was(text: str, safe: str) -> None:
    """A harmful character is written as its escape."""
    assert safe_text(text) == safe


@pytest.mark.parametrize("flood", ["\u00ad" * 30_000, " \u200b" * 15_000])
def test_flood_of_invisible_characters_before_a_letter_costs_a_glance(flood: str) -> None:
    """Its time grew with the square of its length, at every reader of one message."""
    began = time.process_time()
    assert safe_text(f"{flood}x") == f"{flood}x"
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize(
    "unseen", ["", " \t\u00a0\u3000", "\u200b\ufeff\u2060", "\u202e", "\x08\x7f", "\x1b[A\x1b[1;5C\x1bOP", "\x1b"]
)
def test_text_begins_with_what_can_be_seen(unseen: str) -> None:
    """Arrow keys, which a terminal sends that edits no lines, are no more seen than spaces are."""
    assert from_first_visible(f"{unseen}/msg bob ") == "/msg bob "
    assert from_first_visible(unseen) == ""


@pytest.mark.parametrize("text", ["[A", "\u0301x", "\\x1b[A", "é"])
def test_what_can_be_seen_stays(text: str) -> None:
    """Also where it looks like a part of what cannot."""
    assert from_first_visible(text) == text
