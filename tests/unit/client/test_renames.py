"""Who said something, under the name of now."""

from __future__ import annotations

from chatcore.client.renames import Renames
from chatcore.commands import Position
from chatcore.events import DirectPosted, UserRenamed

AT = {"@": Position("e", 5), "lobby": Position("f", 9)}


def asked(seq: int, sender: str = "alice") -> DirectPosted:
    """Return a direct message."""
    return DirectPosted(seq=seq, sender=sender, text="hi", at=0.0, to=("bob",))


def test_names_are_followed_from_what_was_said_before_they_changed() -> None:
    """What was said under the new name is of whoever had it by then."""
    renames = Renames()
    renames.note(UserRenamed("Alice", "alina"), AT)
    renames.note(UserRenamed("alina", "aline"), AT)
    renames.note(UserRenamed("mallory", "alice"), AT)
    assert renames.name_now(asked(5), AT) == "aline"
    assert renames.name_now(asked(6), AT) == "alice"
    assert renames.name_now(asked(6, "aline"), AT) == "aline"


def test_name_that_another_one_has_taken_is_nobodys() -> None:
    """Also when who had it has left without a word."""
    renames = Renames()
    renames.note(UserRenamed("mallory", "ALICE"), AT)
    assert renames.name_now(asked(5), AT) is None
    assert renames.name_now(asked(5, "mallory"), AT) == "ALICE"


def test_what_was_seen_of_another_log_says_nothing() -> None:
    """Its numbers are others."""
    renames = Renames()
    renames.note(UserRenamed("mallory", "alice"), AT)
    assert renames.name_now(asked(5), {"@": Position("another", 5)}) == "alice"
    assert renames.name_now(asked(5), {}) == "alice"


def test_who_said_something_hundreds_of_renames_ago_is_not_known() -> None:
    """Only so many are remembered."""
    renames = Renames()
    for number in range(300):
        renames.note(UserRenamed(f"bob{number}", f"bob{number + 1}"), AT)
    assert renames.name_now(asked(5), AT) is None
    assert renames.name_now(asked(6), AT) == "alice"
