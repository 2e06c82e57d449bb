"""What stands below a message, as it changes, and how it is said."""

from __future__ import annotations

import pytest
from emoji import EMOJI_DATA
from PyQt6.QtWidgets import QApplication

from chatcore.events import ReactionChanged
from chatcore.text.emoji import is_emoji
from chatcore.text.slash import Completions
from chatcore_qt.presenters.conversation.conversation import OwnName
from chatcore_qt.presenters.conversation.reacting import after
from chatcore_qt.presenters.entries.emoji import USUAL, complete, name_of, named
from chatcore_qt.presenters.entries.sentences import reacted
from chatcore_qt.presenters.entries.timeline import Reacted
from tests.unit.aio.house import House, in_virtual_time
from tests.unit.gui.desk import desk, messages, until
from tests.unit.gui.test_i18n import speaking

ALICE = OwnName("alice")


def changed(by: str, count: int, *, emoji: str = "🎉", removed: bool = False) -> ReactionChanged:
    return ReactionChanged(room="lobby", seq=1, emoji=emoji, by=by, count=count, removed=removed)


def test_emojis_stand_in_the_order_in_which_they_came_and_tell_who_put_them_there() -> None:
    there: tuple[Reacted, ...] = ()
    for event in (changed("bob", 1), changed("carol", 1, emoji="👍"), changed("Alice", 2), changed("dave", 3)):
        there = after(there, event, ALICE)
    assert there == (Reacted("🎉", 3, mine=True, by=("bob", "dave")), Reacted("👍", 1, by=("carol",)))
    there = after(there, changed("BOB", 2, removed=True), ALICE)
    there = after(there, changed("alice", 1, removed=True), ALICE)
    assert there[0] == Reacted("🎉", 1, by=("dave",))


def test_the_last_one_takes_the_emoji_away() -> None:
    assert after((Reacted("🎉", 1, by=("bob",)),), changed("bob", 0, removed=True), ALICE) == ()


def test_what_is_told_later_says_how_many_there_are_and_not_who() -> None:
    there = (Reacted("🎉", 1, mine=True),)
    assert after(there, changed("", 4), ALICE) == (Reacted("🎉", 4, mine=True),)


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (Reacted("🎉", 2), "🎉 from 2 people"),
        (Reacted("🎉", 1, mine=True), "🎉 from you"),
        (Reacted("🎉", 3, mine=True, by=("bob", "carol")), "🎉 from you, bob, carol"),
        (Reacted("🎉", 4, by=("bob",)), "🎉 from bob and 3 more"),
        (Reacted("<b>x</b>", 2), "<b>x</b> from 2 people"),
    ],
)
def test_it_is_said_who_has_put_it_there_as_far_as_that_is_known(one: Reacted, sentence: str) -> None:
    assert reacted(one) == sentence


def test_emojis_are_found_by_their_names_and_are_themselves() -> None:
    assert named("tada")[0] == "🎉"
    assert named(" 👍🏽 ") == ("👍🏽",)
    assert name_of("🎉") == "party popper"
    assert named("no such thing") == ()


def test_emojis_have_french_names_in_french_beside_those_that_are_known_everywhere(qapp: QApplication) -> None:
    with speaking(qapp, "fr"):
        assert {emoji: name_of(emoji) for emoji in USUAL} == {
            "👍": "pouce vers le haut",
            "❤️": "cœur rouge",
            "😄": "visage très souriant aux yeux rieurs",
            "🎉": "cotillons",
            "😮": "visage avec bouche ouverte",
            "👀": "yeux",
        }
        for typed in ("cœur r", "Coeur rouge", ":coeur-rouge:", "heart"):
            assert named(typed)[0] == "❤️"
        assert named("cœur")[:2] == ("\U0001fac0", "❤️")
        assert complete("bravo :cotill") == Completions(":cotill", ("🎉",))
        assert complete("c'est l'heure :étoile") is not None
    assert named("cotillons") == ()


def test_every_emoji_that_is_offered_may_stand_below_a_message() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert [emoji for letter in letters for emoji in named(letter) if not is_emoji(emoji)] == []
    assert [emoji for emoji, known in EMOJI_DATA.items() if known["status"] == 2 and not is_emoji(emoji)] == []


@in_virtual_time
async def test_what_was_put_there_while_a_room_is_read_is_there_once_it_is_shown() -> None:
    async with House() as house:
        bob = await house.guest("bob")
        await bob.send("done")
        await bob.react(1, "🎉")
        async with desk(house) as chat:
            await until(lambda: [one.reactions for one in messages(chat.conversations.shown)] == [(Reacted("🎉", 1),)])
            await bob.delete_message(1)
            await until(lambda: [one.reactions for one in messages(chat.conversations.shown)] == [()])
