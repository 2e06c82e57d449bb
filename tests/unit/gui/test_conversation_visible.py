"""Text from the network: nothing in it steers, and only web addresses are links."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore_qt.presenters.entries.visible import beginning, links, visible
from tests.written import LINKS

hostile = st.text(
    st.characters()
    | st.sampled_from("\x00\x1b\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u202e\u2060\u2066\u3164\ufeff\uffa0")
    | st.sampled_from("\u0301\u0315\u0323\u20dd\ud83d\U000e0041"),
)


@given(hostile)
@example("Z" + "\u0301" * 1000)
@example("\u200d" * 50)
@example("a\u2066b\n\u2069\u202e")
def test_nothing_steers_or_piles_up(text: str) -> None:
    """No control, no override, no isolate that is not closed, and few marks on a letter, whatever the text."""
    shown = visible(text)
    for char in shown:
        assert char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set("\u202e\ufeff")
    assert all(line.count("\u2066") == line.count("\u2069") for line in shown.split("\n"))
    assert "\u0301" * 7 not in shown
    assert "\n" not in visible(text, lines=False)
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\u200b\u3164", r"\u200b\u3164"), ("a\n\u2060\nb", "a\n\\u2060\nb"), ("a\u200b", "a\u200b")],
)
def test_line_of_only_invisible_characters_shows_what_is_in_it(text: str, shown: str) -> None:
    """Where there is something to see besides, they stay: they belong to scripts, and to emoji."""
    assert visible(text) == shown


def test_text_of_its_own_keeps_its_direction_and_one_among_others_is_isolated() -> None:
    """A message is laid out by itself; a name stands in a sentence."""
    assert visible("\u200fשלום!") == "\u200fשלום!"
    assert visible("\u200fשלום!", lines=False) == "\u2068\u200fשלום!\u2069"


@pytest.mark.parametrize(
    "text",
    [
        "<img src=http://evil.example/x.png>",
        "<table><tr><td>&amp;</table>",
        "Việt Nam, Ὀδυσσεύς, שָׁלוֹם, नमस्ते, ภาษาไทย, 了解です",
        "👩‍👩‍👧‍👦 می‌خواهم",
        "two\nlines and a\ttab",
        "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f and Donau\u00addampfschiff",
    ],
)
def test_what_people_write_is_shown_as_it_is(text: str) -> None:
    """Markup is text, and every script stays."""
    assert visible(text) == text


@pytest.mark.parametrize(("text", "addresses"), LINKS)
def test_links_are_web_addresses_and_nothing_else(text: str, addresses: list[str]) -> None:
    """Only http and https, without a user name, and without the marks of the sentence."""
    assert [address for _start, _end, address in links(text)] == addresses


def test_no_mark_of_any_script_makes_another_host_of_one() -> None:
    """It is not there, or ends the address; behind some of ASCII, a path begins, or there is no link."""
    marks = [char for char in map(chr, range(0x1FAFF)) if unicodedata.category(char)[0] in "PS" and char not in ".-_"]
    for mark in marks:
        for _start, _end, address in links(f"https://example.org{mark} https://example.org{mark}net"):
            assert urlsplit(address).hostname == "example.org"


@given(st.text("htps:/.ae@?[]()'»。 "))
def test_links_are_parts_of_the_text_in_order(text: str) -> None:
    """What is shown as a link is where it leads."""
    end = 0
    for start, stop, address in links(text):
        assert start >= end
        assert text[start:stop] == address
        end = stop


@given(st.text("htps:/.-ae@?[]()'»。 ") | st.sampled_from(LINKS).map(lambda case: case[0]), st.integers(0, 60))
@example("Look: https://bank.example.evil.example/", 26)
@example("Look: https://bank-evil.example/", 19)
def test_a_text_that_is_cut_leads_nowhere_else(text: str, most: int) -> None:
    """What it begins with has links of the whole, and no beginning of one."""
    shown, whole = beginning(text, most)
    assert visible(text).startswith(shown)
    assert whole == (len(visible(text)) <= most)
    assert set(links(shown)) <= set(links(visible(text)))
