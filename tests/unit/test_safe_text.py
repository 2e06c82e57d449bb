"""No text steers its reader."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcore.safe_text import safe_text

HARMFUL = (
    [chr(code) for code in range(0x20)]
    + [chr(code) for code in range(0x7F, 0xA0)]
    + list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")
)
any_text = st.text(st.characters() | st.sampled_from(HARMFUL) | st.characters(categories=["Cs", "Cc"]))


@given(any_text)
@example("\x1b]0;pwned\x07")
@example("al\u202eice")
@example("\ud83d")
def test_reader_gets_no_control_character_whatever_the_text(text: str) -> None:
    """No C0, DEL, C1, bidirectional control, line separator or surrogate survives."""
    safe = safe_text(text)
    assert not set(safe) & set(HARMFUL)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in safe)
    assert "\n" not in safe
    safe.encode("utf-8")


@given(any_text)
def test_layout_survives_only_when_asked_for(text: str) -> None:
    """Newlines and tabs stay with `keep_layout`, and nothing else that is harmful does."""
    safe = safe_text(text, keep_layout=True)
    assert not set(safe) & (set(HARMFUL) - {"\n", "\t"})
    assert (safe.count("\n"), safe.count("\t")) == (text.count("\n"), text.count("\t"))


@given(any_text)
def test_safe_text_stays_as_it_is(text: str) -> None:
    """What is safe already is not escaped again."""
    assert safe_text(safe_text(text)) == safe_text(text)
    kept = safe_text(text, keep_layout=True)
    assert safe_text(kept, keep_layout=True) == kept


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_people_read_their_own_script_unchanged(text: str) -> None:
    """Letters, digits, punctuation, symbols and spaces of every script stay."""
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\r\nb", r"a\x0d\x0ab"),
        ("\x7f\x9b", r"\x7f\x9b"),
        ("\u202e", r"\u202e"),
        ("\ufeff", r"\ufeff"),
        ("\udc80", r"\udc80"),
    ],
)
def test_operator_sees_which_character_it_was(text: str, safe: str) -> None:
    """A harmful character is written as its escape."""
    assert safe_text(text) == safe
