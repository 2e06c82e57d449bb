"""Names of files from strangers become names in a folder, and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.file_names import clean_name, is_sane_name, numbered_name


@pytest.mark.parametrize(
    ("suggestion", "name"),
    [
        ("report.pdf", "report.pdf"),
        ("été 2026.txt", "été 2026.txt"),
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("C:\\x", "x"),
        ("C:x", "x"),
        ("\\\\server\\share\\x.txt", "x.txt"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        ("///", "file"),
        ("dir/", "dir"),
        ("CON", "_CON"),
        ("con.txt", "_con.txt"),
        ("NUL .txt", "_NUL .txt"),
        ("com1.log", "_com1.log"),
        ("LPT³", "_LPT³"),
        ("COM10", "COM10"),
        ("console", "console"),
        ("a\x00b", "ab"),
        ("a\nb\x1b[2J", "ab[2J"),
        ("trailing... ", "trailing"),
        ("  .hidden", "hidden"),
        (".0123.part", "0123.part"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u2066a\u2069\u200b\ufeff", "a"),
        ('a<b>:"c|?*', "a_b___c___"),
        ("file.txt:stream", "file.txt_stream"),
        ("e\u0301.txt", "é.txt"),
        ("\ud800.txt", "txt"),
    ],
)
def test_name_is_stripped(suggestion: str, name: str) -> None:
    """Of directories, drives, devices, controls, overrides, dots and spaces."""
    assert clean_name(suggestion) == name


def test_long_name_keeps_its_suffix() -> None:
    """Four KiB become 200 bytes, without half a character."""
    name = clean_name("é" * 2048 + ".tar.gz")
    assert name.endswith(".gz")
    assert 190 < len(name.encode()) <= 200
    assert len(clean_name("x." + "y" * 4096).encode()) <= 200


@given(st.text(st.characters() | st.sampled_from("./\\: CONnulprt\u202e\x00"), max_size=400))
def test_whatever_the_suggestion_is_the_name_is_one_in_the_folder(suggestion: str) -> None:
    """And cleaning it again changes nothing."""
    name = clean_name(suggestion)
    assert name
    assert not set(name) & set('/\\:*?"<>|')
    assert name.strip(". ") == name
    assert len(name.encode()) <= 210
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in name)
    assert clean_name(name) == name
    assert is_sane_name(name)


def test_a_name_that_is_taken_gets_a_number_in_front_of_its_suffix() -> None:
    """As people know it."""
    assert [numbered_name("a.txt", number) for number in (1, 2, 3)] == ["a.txt", "a (2).txt", "a (3).txt"]
    assert numbered_name("README", 2) == "README (2)"
    assert numbered_name("no. this is no suffix", 2) == "no. this is no suffix (2)"


@pytest.mark.parametrize("name", ["", "x" * 256, "a\x00", "a\n", "\x7f", "a\u2028b", "\ud800"], ids=ascii)
def test_a_server_passes_on_no_such_name(name: str) -> None:
    """Empty, too long, or with something that steers."""
    assert not is_sane_name(name)
