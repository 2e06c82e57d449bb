"""Text from the network: nothing in it is hidden, and only web addresses are links."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore_qt.conversation.visible import links, visible

hostile = st.text(
    st.characters()
    | st.sampled_from("\x00\x1b\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u202e\u2060\u2066\u3164\ufeff\uffa0")
    | st.sampled_from("\u0301\u0315\u0323\u20dd\ud83d\U000e0041"),
)


@given(hostile)
@example("Z" + "\u0301" * 1000)
@example("\u200d" * 50)
def test_nothing_steers_hides_or_piles_up(text: str) -> None:
    """No control or format character but single joiners, and few marks on a letter, whatever the text."""
    shown = visible(text)
    for at, char in enumerate(shown):
        if char in "\u200c\u200d":
            assert shown[at - 1] not in "\u200c\u200d" or at == 0
        elif unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}:
            assert char in "\n\t"
    assert not set(shown) & set("\u200b\u202e\u2060\u2066\u3164\ufeff\U000e0041")
    assert "\u0301" * 7 not in shown
    assert "\n" not in visible(text, lines=False)
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "<img src=http://evil.example/x.png>",
        "<table><tr><td>&amp;</table>",
        "Việt Nam, Ὀδυσσεύς, שָׁלוֹם, नमस्ते, ภาษาไทย, 了解です",
        "👩‍👩‍👧‍👦 می‌خواهم",
        "two\nlines and a\ttab",
    ],
)
def test_what_people_write_is_shown_as_it_is(text: str) -> None:
    """Markup is text, and every script stays."""
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://example.org/a(b)?c=d#e, please", ["https://example.org/a(b)?c=d#e"]),
        ("(http://example.org/x)", ["http://example.org/x"]),
        ("HTTPS://EXAMPLE.org!", ["HTTPS://EXAMPLE.org"]),
        ("<a href='https://example.org/q'>", ["https://example.org/q"]),
        ("http://[::1]/ and https://:80 and https:// and https://?x", []),
        ("file:///etc/passwd javascript:alert(1) data:text/html,x ftp://example.org", []),
        ("https://bank.example@evil.example/", []),
        (f"https://example.org/{'x' * 3000}", []),
        ("https://example.org/\\u202etxt", ["https://example.org/"]),
        ("one https://a.example two https://b.example", ["https://a.example", "https://b.example"]),
    ],
)
def test_links_are_web_addresses_and_nothing_else(text: str, addresses: list[str]) -> None:
    """Only http and https, without a user name, and without the full stop of the sentence."""
    assert [address for _start, _end, address in links(text)] == addresses


@given(st.text("htps:/.ae@?[]() "))
def test_links_are_parts_of_the_text_in_order(text: str) -> None:
    """What is shown as a link is where it leads."""
    end = 0
    for start, stop, address in links(text):
        assert start >= end
        assert text[start:stop] == address
        end = stop
