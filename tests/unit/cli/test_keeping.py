"""How much a store keeps, as the file with settings says it of single rooms."""

from __future__ import annotations

import tomllib

import pytest

from chatcore.errors import ConfigurationError
from chatcore.ports.archive import Retention
from chatcore_cli.hosting.keeping import Keeping, rooms_from

DAY = 24 * 3600.0


def rooms(text: str) -> dict[str, Keeping]:
    """Return what tables of single rooms say."""
    return rooms_from("chatcore.toml", "serve.rooms", tomllib.loads(text))


def test_rooms_have_the_settings_that_all_of_them_together_have() -> None:
    """Named alike, with - or with _; in days and MiB."""
    own = rooms("[help]\nkeep-days = 1.5\n[News]\nkeep_messages = 100\nkeep_mib = 2\n[bare]")
    assert Keeping(keep_days=30).retention(own) == Retention(
        seconds=30 * DAY,
        rooms={"help": Retention(seconds=1.5 * DAY), "News": Retention(100, None, 2 * 2**20), "bare": Retention()},
    )


def test_more_than_any_disk_has_is_no_bound_that_could_not_be_counted() -> None:
    assert Keeping(keep_mib=2.0**53).retention().bytes == 2**60


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[help]\nkeep-days = 0", "serve.rooms.help.keep-days: 0 is not a number above 0."),
        ("[help]\nkeep_days = '3'", "serve.rooms.help.keep-days: '3' is not a number above 0."),
        ("[help]\nkeep-days = inf", "serve.rooms.help.keep-days: inf is not a number above 0."),
        ("[help]\nkeep-mib = true", "serve.rooms.help.keep-mib: True is not a number above 0."),
        ("[help]\nkeep-messages = 1.5", "serve.rooms.help.keep-messages: 1.5 is not a whole number from 1 up."),
        ("[help]\nkeep-messages = 0", "serve.rooms.help.keep-messages: 0 is not a whole number from 1 up."),
        ("[help]\nkeep-messages = true", "serve.rooms.help.keep-messages: True is not a whole number from 1 up."),
        ("[help]\nkeep-mib = 1e300", "serve.rooms.help.keep-mib: 1e+300 is not a number up to 9007199254740992."),
        (f"[help]\nkeep-messages = 1{'0' * 400}", "is not a whole number up to 9007199254740992."),
        ("[help]\nkeep-message = 1", "unknown setting keep-message in [serve.rooms.help]. Did you mean keep-messages?"),
        ("[help]\nkeep-days = 1\nkeep_days = 2", "keep-days stands twice, with - and with _"),
        ("help = 3", "serve.rooms.help has to be a table: [serve.rooms.help]"),
        ("['two words']\nkeep-days = 1", "serve.rooms: 'two words' is no name of a room: 1 to 32"),
        ("['*']\nkeep-days = 1", "serve.rooms: '*' is no name of a room"),
        ("[help]\n[Help]", "help and Help in [serve.rooms] are one room"),
    ],
)
def test_mistake_is_told_in_one_sentence_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rooms(text)
    assert str(caught.value).startswith("In chatcore.toml") or str(caught.value).startswith("chatcore.toml has")
    assert sentence in str(caught.value)
