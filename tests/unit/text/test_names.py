"""What may be a name, and when two names are the same."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.text.names import NameOrder, is_room_name, is_username, name_key
from tests.strategies import room_names, usernames

ALLOWED = set(string.ascii_letters + string.digits + "_-")


@given(usernames)
def test_username_of_allowed_characters_is_accepted(name: str) -> None:
    """2 to 12 letters, digits, `_` and `-` are a username."""
    assert is_username(name, 12)


@pytest.mark.parametrize("name", ["", "a", "a" * 13, "a b", "a\n", "ab\n", "é1", "al\u202eice", "аlice", "a.b", "@a"])
def test_username_is_refused_when_too_short_too_long_or_of_other_characters(name: str) -> None:
    """One character, thirteen, and anything outside ASCII letters, digits, `_` and `-` are no username."""
    assert not is_username(name, 12)


def test_username_may_be_longer_when_the_setting_says_so() -> None:
    """The upper bound of a username is a setting."""
    assert is_username("a" * 32, 32)
    assert not is_username("a" * 33, 32)


@given(st.text(max_size=40))
def test_name_has_only_allowed_characters_whenever_it_is_accepted(name: str) -> None:
    """No other character gets into a name."""
    if is_username(name, 32) or is_room_name(name):
        assert set(name) <= ALLOWED


@given(room_names)
def test_room_name_of_allowed_characters_is_accepted(name: str) -> None:
    """1 to 32 letters, digits, `_` and `-` are a room name."""
    assert is_room_name(name)


@pytest.mark.parametrize("name", ["", "a" * 33, "a b", "*", "@", "@1", "é", "a\n"])
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
