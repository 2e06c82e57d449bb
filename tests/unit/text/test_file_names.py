"""Names of files from strangers become names in a folder, and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.text.file_names import clean_name, is_sane_name, numbered_name, suggested_name
from chatcore.text.safe_text import shows_nothing


@pytest.mark.parametrize(
    "name",
    [
        "report.pdf",
        "می\u200cخواهم.txt",
        "\u200fשלום.txt",
        "a:b.txt",
        'a<b>"c|?*.txt',
        "CON.txt",
        "trailing...",
        "trailing ",
        "back\\slash",
        "été.txt",
        "two  spaces",
        "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f.png",
        "Donau\u00addampf.txt",
        "é" * 125 + ".txt",
    ],
)
def test_name_stays_where_the_system_allows_it(name: str) -> None:
    """From the sender through the server to the receiver, character by character."""
    assert suggested_name(name) == name
    assert is_sane_name(name)
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("suggestion", "name", "on_windows"),
    [
        ("../../x", "x", "x"),
        ("/etc/passwd", "passwd", "passwd"),
        ("C:\\x", "C:\\x", "x"),
        ("C:x", "C:x", "C_x"),
        ("\\\\server\\share\\x.txt", "\\\\server\\share\\x.txt", "x.txt"),
        ("..", "file", "file"),
        (".", "file", "file"),
        ("", "file", "file"),
        ("///", "file", "file"),
        ("dir/", "dir", "dir"),
        ("\u200b\u2060", "file", "file"),
        (" ", "file", "file"),
        ("CON", "CON", "_CON"),
        ("con.txt", "con.txt", "_con.txt"),
        ("NUL .txt", "NUL .txt", "_NUL .txt"),
        ("com1.log", "com1.log", "_com1.log"),
        ("LPT³", "LPT³", "_LPT³"),
        ("COM10", "COM10", "COM10"),
        ("console", "console", "console"),
        ("a\x00b", "ab", "ab"),
        ("a\nb\x1b[2J", "ab[2J", "ab[2J"),
        ("trailing... ", "trailing... ", "trailing"),
        (".hidden", "hidden", "hidden"),
        ("..\u202e.hidden", "hidden", "hidden"),
        (".0123.part", "0123.part", "0123.part"),
        ("photo\u202egpj.exe", "photogpj.exe", "photogpj.exe"),
        ("\u2066a\u2069\ufeff", "a", "a"),
        ('a<b>:"c|?*', 'a<b>:"c|?*', "a_b___c___"),
        ("file.txt:stream", "file.txt:stream", "file.txt_stream"),
        ("\ud800.txt", "txt", "txt"),
        ("e\u0301te\x00\u0301.txt", "été.txt", "été.txt"),
        ("cloc\u212a$.txt", "clocK$.txt", "_clocK$.txt"),
    ],
)
def test_name_loses_only_what_is_forbidden_or_deceives(suggestion: str, name: str, on_windows: str) -> None:
    """Directories, controls, overrides, dots in front; and on Windows, what that takes for something else."""
    assert clean_name(suggestion) == name
    assert clean_name(suggestion, windows=True) == on_windows


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("caf\udce9.txt", "café.txt"),
        ("a\udc85b", "ab"),
        ("new\nline.txt", "newline.txt"),
        ("\ud83d", "file"),
        ("/home/alice/x.txt", "x.txt"),
        ("x" * 300 + ".tar", "x" * 251 + ".tar"),
        (".bashrc", ".bashrc"),
        ("e\u0301te\u0301.txt", "été.txt"),
    ],
)
def test_name_of_a_file_here_becomes_one_that_a_server_passes_on(name: str, told: str) -> None:
    """Bytes that are no UTF-8 are those of old systems; the rest of a path is nobody's business."""
    assert suggested_name(name) == told
    assert is_sane_name(told)


@given(st.text(st.characters() | st.sampled_from("./\\\ud800\udce9\x00"), max_size=400))
def test_a_server_passes_on_whatever_the_name_of_a_file_here_becomes(name: str) -> None:
    """And doing it again changes nothing."""
    told = suggested_name(name)
    assert is_sane_name(told)
    assert unicodedata.is_normalized("NFC", told)
    assert suggested_name(told) == told


def test_long_name_keeps_its_suffix() -> None:
    """Four KiB become 255 bytes, without half a character; with a number behind it, too."""
    name = clean_name("é" * 2048 + ".tar.gz")
    assert name.endswith("é.gz")
    assert 250 < len(name.encode()) <= 255
    assert len(clean_name("x." + "y" * 4096).encode()) <= 255
    assert numbered_name(name, 12).endswith("é (12).gz")
    assert len(numbered_name(name, 12).encode()) <= 255


@pytest.mark.parametrize("windows", [False, True])
@given(suggestion=st.text(st.characters() | st.sampled_from("./\\: CONnulprt\u202e\u200b\x00"), max_size=400))
def test_whatever_the_suggestion_is_the_name_is_one_in_the_folder(windows: bool, suggestion: str) -> None:
    """And cleaning it again changes nothing."""
    name = clean_name(suggestion, windows=windows)
    assert not shows_nothing(name)
    assert not set(name) & set('/\\:*?"<>|' if windows else "/")
    assert not name.startswith(".")
    assert not windows or name.strip(". ") == name
    assert len(name.encode()) <= 256
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in name)
    assert not any(unicodedata.bidirectional(char) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI"} for char in name)
    assert unicodedata.is_normalized("NFC", name)
    assert clean_name(name, windows=windows) == name


def test_a_name_that_is_taken_gets_a_number_in_front_of_its_suffix() -> None:
    """As people know it."""
    assert [numbered_name("a.txt", number) for number in (1, 2, 3)] == ["a.txt", "a (2).txt", "a (3).txt"]
    assert numbered_name("README", 2) == "README (2)"
    assert numbered_name("no. this is no suffix", 2) == "no. this is no suffix (2)"


@pytest.mark.parametrize("name", ["", "x" * 256, "a\x00", "a\n", "\x7f", "a\u2028b", "\ud800"], ids=ascii)
def test_a_server_passes_on_no_such_name(name: str) -> None:
    """Empty, too long, or with something that steers."""
    assert not is_sane_name(name)
