"""What may be a name, and when two names are the same."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.text.names import (
    LookAlikes,
    NameOrder,
    ascii_form,
    composed,
    from_ascii_form,
    is_room_name,
    is_username,
    looks_of,
    name_key,
    name_problem,
)
from chatcore.text.names.letters import first_fault
from chatcore.text.names.tables import LETTERS
from tests.strategies import foreign_names, names, room_names, usernames

PLAIN = set(string.ascii_letters + string.digits + "_-")


@given(usernames)
def test_username_of_allowed_characters_is_accepted(name: str) -> None:
    """2 to 12 letters, digits, `_` and `-` are a username."""
    assert is_username(name, 12)


@pytest.mark.parametrize(
    "name", ["", "a", "a" * 13, "a b", "a\n", "ab\n", "al\u202eice", "a.b", "@a", "xn--abc", "Xn--1"]
)
def test_username_is_refused_when_too_short_too_long_or_of_other_characters(name: str) -> None:
    """And when it begins as the names of others do where they are written with a to z."""
    assert not is_username(name, 12)


def test_username_may_be_longer_when_the_setting_says_so() -> None:
    """The upper bound of a username is a setting."""
    assert is_username("a" * 32, 32)
    assert not is_username("a" * 33, 32)


@given(st.text(max_size=40) | names)
def test_every_name_is_made_of_letters_marks_and_digits_that_can_be_seen(name: str) -> None:
    """Nothing that steers, nothing invisible, no space, no half of a character, in the one form that is kept."""
    if is_username(name, 32) or is_room_name(name):
        assert {unicodedata.category(each) for each in set(name) - PLAIN} <= {
            "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl",
        }  # fmt: skip
        assert unicodedata.is_normalized("NFC", name)
        assert unicodedata.category(name[0])[0] != "M"


@given(room_names)
def test_room_name_of_allowed_characters_is_accepted(name: str) -> None:
    """1 to 32 letters, digits, `_` and `-` are a room name."""
    assert is_room_name(name)


@pytest.mark.parametrize("name", ["", "a" * 33, "a b", "*", "@", "@1", "?", "a\n"])
def test_room_name_is_refused_when_empty_too_long_or_of_other_characters(name: str) -> None:
    """A room can never have the name of the logs of directs and broadcasts."""
    assert not is_room_name(name)


@given(usernames)
def test_names_are_the_same_when_they_differ_in_case_only(name: str) -> None:
    """Names are unique without regard to case."""
    assert name_key(name.upper()) == name_key(name.lower()) == name_key(name)


@given(st.lists(usernames, unique_by=name_key), st.integers(1, 7))
def test_pages_together_are_all_names_in_order(names: list[str], most: int) -> None:
    """Each continues behind the last name of the one before, however that is typed."""
    keys, order = list(map(name_key, names)), NameOrder()
    for key in keys:
        order.add(key)
    found, more = order.page(None, most)
    while more:
        assert len(found) % most == 0
        following, more = order.page(found[-1].upper(), most)
        found += following
    assert found == sorted(keys)


@given(st.lists(usernames, min_size=1, unique_by=name_key), st.data())
def test_a_name_that_is_gone_is_on_no_page(names: list[str], data: st.DataObject) -> None:
    """The others keep their order."""
    keys, order = list(map(name_key, names)), NameOrder()
    for key in keys:
        order.add(key)
    gone = data.draw(st.sampled_from(keys))
    order.remove(gone)
    assert order.page(None, len(keys)) == (sorted(set(keys) - {gone}), False)


@pytest.mark.parametrize(
    "name",
    [
        "Zoë", "Łukasz", "Nguyễn", "Çağrı", "Björk-2", "Straße", "Александра", "Олексій", "Γιώργος", "Ελένη", "Հայկ",
        "გიორგი", "דוד", "محمد", "فاطمة٢", "अनिता", "हिन्दी", "สมชาย", "ລາວ", "ខ្មែរ", "தமிழ்", "田中", "山田taro",
        "ひらがな",         "カタカナー", "日本ひらカタabc", "김민준", "한국kim", "小明", "ㄅㄆㄇ", "ገብረ", "ᏣᎳᎩ",
        "ⵜⵉⴼⵉⵏⴰⵖ", "_田中-1",
    ],
)  # fmt: skip
def test_names_of_every_script_are_names(name: str) -> None:
    """As people write them, with digits, `_` and `-`."""
    assert is_username(name, 32)
    assert is_room_name(name)
    assert name_problem(name, 2, 32) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("\u0430lice", "'l' in '\u0430lice' is from another script than what stands before it"),
        ("pay\u0440al", "'\u0440' in 'pay\u0440al' is from another script than what stands before it"),
        ("\u03b1bc", "'b' in '\u03b1bc' is from another script than what stands before it"),
        ("\u7530\u0430", "'\u0430' in '\u7530\u0430' is from another script than what stands before it"),
        ("\u05d3\u05d5a", "'a' in '\u05d3\u05d5a' is from another script than what stands before it"),
        ("\u0661\u06f1", "'\u06f1' in '\u0661\u06f1' is a digit of another script than those before it"),
        ("\u0967" + "1", "'1' in '\u0967" + "1' is a digit of another script than those before it"),
        ("\u0301abc", "in '\u0301abc' there is a mark that stands on no letter, or one too many"),
        ("-\u0301a", "in '-\u0301a' there is a mark that stands on no letter, or one too many"),
        ("x\u0323\u0323", "in 'x\u0323\u0323' there is a mark that stands on no letter, or one too many"),
        ("a\u200db", "there is '\u200d' in 'a\u200db'"),
        ("a\u00adb", "there is '\u00ad' in 'a\u00adb'"),
        ("a\u2066b", "there is '\u2066' in 'a\u2066b'"),
        ("\u3164\u3164", "there is '\u3164' in '\u3164\u3164'"),
        ("\uff41bc", "there is '\uff41' in '\uff41bc'"),
        ("bob\U0001f600", "there is '\U0001f600' in 'bob\U0001f600'"),
        ("a\u2019b", "there is '\u2019' in 'a\u2019b'"),
        ("\u7530\u3000\u4e2d", "there is a space in '\u7530\u3000\u4e2d'"),
        ("XN--abc", "'XN--abc' begins with xn--, as other names do where they are written with a to z"),
        ("\u7530", "'\u7530' is too short"),
        ("\u7530" * 33, "'" + "\u7530" * 33 + "' is too long, with 33 characters"),
    ],
)
def test_what_is_no_name_is_told_by_what_is_wrong_first(name: str, problem: str) -> None:
    """By Unicode's rules (UTS 39): scripts of one language only, digits of one kind, marks on letters."""
    assert not is_username(name, 32)
    assert name_problem(name, 2, 32) == problem


def test_a_name_is_kept_composed_however_it_was_typed() -> None:
    """Some keyboards and file systems take letters apart."""
    apart = "Zoe\u0308"
    assert not is_username(apart, 12)
    assert (composed(apart), name_key(apart), name_problem(apart, 2, 12)) == ("Zo\u00eb", "zo\u00eb", None)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("ZOË", "zoë"), ("STRASSE", "Straße"), ("ΓΙΏΡΓΟΣ", "γιώργος"), ("ΑΛΕΞΑΝΔΡΟΣ", "αλεξανδροσ"),
        ("ОЛЕКСІЙ", "олексій"),
        ("Ǆabc", "ǆabc"), ("ՀԱՅԿ", "հայկ"), ("Ꭳꮃ", "ᎣᎳ"), ("ᲒᲘᲝ", "გიო"),
    ],
)  # fmt: skip
def test_names_of_every_script_are_the_same_in_every_case(name: str, same: str) -> None:
    """By Unicode's full case folding."""
    assert name_key(name) == name_key(same)


@given(foreign_names)
def test_the_key_of_a_key_is_itself(name: str) -> None:
    """And that of its upper case, where that is another way to write it; so it finds the name wherever it is made."""
    key = name_key(name)
    assert name_key(key) == key
    assert looks_of(key) <= looks_of(name)
    assert looks_of(composed(key)) == looks_of(key)


def test_what_is_longer_than_any_name_costs_nothing_to_compare() -> None:
    """Marks in the wrong order take the square of their number to be put right."""
    long = "a" + "\u0301\u0323" * 30_000
    assert name_key(long) == composed(long) == from_ascii_form(long) == long


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Alice", "AIice"), ("paypal", "paypa1"), ("paypal", "PAYPA1"), ("bob", "b0b"), ("BOB", "b0b"),
        ("modern", "modem"),
        ("copa", "сора"), ("COPA", "СОРА"), ("boba", "ВОВА"), ("AHTOH", "АНТОН"), ("AEK", "ΑΕΚ"),
        ("tanaka-力", "tanaka-カ"), ("二口", "ニロ"), ("cop", "сор"), ("10", "lO"),
        ("ali\u0307ce", "alice"), ("ALİCE", "alice"), ("j\u0307an", "Jan"), ("i\u0323\u0307n", "\u1ecbn"),
        ("\u0456\u0307\u0432\u0430\u043d", "\u0456\u0432\u0430\u043d"),
    ],
)  # fmt: skip
def test_names_that_look_alike_are_known_as_such(name: str, other: str) -> None:
    """By Unicode's own table of what is confusable, in whatever case."""
    assert looks_of(name) & looks_of(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Zoë", "Zoe"),
        ("l\u0307i", "li"),
        ("i\u0301\u0307n", "\u00edn"),
        ("jose", "josé"),
        ("田中", "中田"),
        ("bob1", "bob2"),
        ("anna", "hanna"),
        ("Ivan", "Іван"),
        ("eve", "ева"),
    ],
)
def test_names_that_differ_to_the_eye_do_not_look_alike(name: str, other: str) -> None:
    """An accent is a difference."""
    assert not looks_of(name) & looks_of(other)


@given(st.lists(names, max_size=8, unique_by=name_key), names)
def test_a_look_alike_is_found_as_long_as_its_like_is_in_use(in_use: list[str], name: str) -> None:
    """It is the same as to compare the looks of each pair."""
    keys: set[str] = set()
    looks = LookAlikes(keys)
    for each in in_use:
        if looks.find(each) is None:
            keys.add(name_key(each))
            looks.add(each)
    alike = {key for each in in_use if (key := name_key(each)) in keys and looks_of(each) & looks_of(name)}
    found = looks.find(name)
    assert found in alike if alike else found is None
    for each in in_use:
        if name_key(each) in keys:
            keys.discard(name_key(each))
            looks.remove(each)
    assert looks.find(name) is None


@given(st.lists(names, max_size=8, unique_by=name_key), st.lists(names, max_size=3), st.data())
def test_all_look_alikes_are_found_where_several_may_look_so(
    in_use: list[str], asked: list[str], data: st.DataObject
) -> None:
    """Also when some of them have gone."""
    keys: set[str] = set()
    looks = LookAlikes(keys)
    for each in in_use:
        keys.add(name_key(each))
        looks.add(each)
    gone = data.draw(st.sets(st.sampled_from(in_use))) if in_use else set[str]()
    for each in gone:
        keys.discard(name_key(each))
        looks.remove(each)
    wanted = frozenset[str]().union(*map(looks_of, asked))
    assert looks.all(asked) == {name_key(each) for each in in_use if each not in gone and looks_of(each) & wanted}


@pytest.mark.parametrize(
    ("name", "form"),
    [("Zoë", "xn--Zo-ija"), ("田中", "xn--fiqx46g"), ("ÉRIC", "xn--RIC-mia"), ("alice", "alice"), ("A_1-b", "A_1-b")],
)
def test_a_name_is_written_with_a_to_z_and_found_again(name: str, form: str) -> None:
    """As domain names are."""
    assert ascii_form(name) == form
    assert from_ascii_form(form) == name


@pytest.mark.parametrize("text", ["xn--!", "xn--99999999", "xn--$-"])
def test_what_is_the_ascii_form_of_no_name_is_itself(text: str) -> None:
    """Whoever types it means that."""
    assert from_ascii_form(text) == text


@given(names, names)
def test_the_ascii_form_of_a_name_is_its_own(name: str, other: str) -> None:
    """No other name has it, it leads back, and nobody can choose it."""
    form = ascii_form(name)
    assert set(form) <= PLAIN
    assert from_ascii_form(form) == name
    assert (form == ascii_form(other)) is (name == other)
    assert (form == name) or not is_username(form, 999)
    assert name_key(from_ascii_form(form.upper())) == name_key(name.upper()) or name_key(name.upper()) != name_key(name)


@given(st.text(max_size=300) | st.text(string.ascii_letters + string.digits + "-", max_size=60).map("xn--".__add__))
def test_whatever_a_peer_takes_for_a_form_gives_a_text(text: str) -> None:
    """Its own when it is none."""
    name = from_ascii_form(text)
    assert name == text or not name.isascii()


@pytest.mark.unmeasured
def test_every_letter_of_the_tables_is_one_of_its_own_on_every_python() -> None:
    """In its composed form, and its key and its looks are final, whatever else is done to them."""
    known = 0
    for part in LETTERS.split():
        first, _, last = part.partition(":")[0].partition("-")
        for point in range(int(first, 16), int(last or first, 16) + 1):
            letter, known = chr(point), known + 1
            assert unicodedata.is_normalized("NFC", letter)
            assert unicodedata.category(letter)[0] in "LMN" or letter in "_-"
            assert first_fault(f"{letter}") is None or unicodedata.category(letter)[0] == "M"
            if not unicodedata.name(letter).startswith(("CJK", "HANGUL")):
                assert name_key(name_key(letter)) == name_key(letter)
                assert all(looks_of(look) == {look} for look in looks_of(letter))
    assert known > 30_000
