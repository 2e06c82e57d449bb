"""What some people may do, as options and the file with settings say it."""

from __future__ import annotations

import tomllib

import pytest

from chatcore.errors import ConfigurationError
from chatcore.limits import OwnLimits
from chatcore_cli.settings.people import Said, check_accounts, limits_of, people_from, people_in


def said(text: str) -> Said:
    """Return what tables of the file say."""
    return people_in("chatcore.toml", "serve.limits", tomllib.loads(text))


def test_options_go_before_the_file_setting_by_setting() -> None:
    file = said('[guest]\nrequests_per_second = 5\nrequest-burst = 30\n["@Zoë"]\nslow-mode = false')
    both = people_from(["guest.request-burst=20", "operator.requests_per_second=0.5"], "--limit", file)
    assert limits_of(both) == {
        "guest": OwnLimits(requests_per_second=5, request_burst=20),
        "@Zoë": OwnLimits(slow_mode=False),
        "operator": OwnLimits(requests_per_second=0.5),
    }


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("guest", "'guest' is not WHO.SETTING=VALUE, like guest.request-burst=20; a SETTING is requests-per-second,"),
        ("request-burst=20", "'request-burst=20' is not WHO.SETTING=VALUE"),
        ("guest.grace=20", "'guest.grace=20' is not WHO.SETTING=VALUE"),
        ("guests.request-burst=20", "'guests' is nobody: it is guest, account,"),
        ("@.request-burst=20", "'' is no name of a user: 2 to 32 letters of one script"),
        ("guest.request-burst=0", "'0' is not a possible value of request-burst."),
        ("guest.requests-per-second=inf", "'inf' is not a possible value of requests-per-second."),
        ("guest.slow-mode=maybe", "'maybe' is not a possible value of slow-mode."),
    ],
)
def test_option_that_cannot_be_meant_is_told_in_one_sentence(option: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        people_from([option], "--limit", {})
    assert str(caught.value).startswith(f"--limit: {sentence}")


def test_option_that_is_given_twice_is_refused_where_it_says_two_things() -> None:
    """One would not hold."""
    same = ["guest.request-burst=20", "guest.request_burst=20", "guest.message-burst=30"]
    assert limits_of(people_from(same, "--limit", {})) == {"guest": OwnLimits(request_burst=20, message_burst=30)}
    with pytest.raises(ConfigurationError) as caught:
        people_from([*same, "guest.request-burst=30"], "--limit", {})
    assert str(caught.value) == "--limit: guest.request-burst is said to be 20 and 30; say one of them."


@pytest.mark.parametrize(
    ("options", "file"),
    [
        (["@zoë.request-burst=20", "@Zoë.rooms-per-user=2"], ""),
        (["@Zoë.rooms-per-user=2"], "['@zoë']\nrequest-burst = 20"),
    ],
)
def test_account_in_two_spellings_is_refused_wherever_they_stand(options: list[str], file: str) -> None:
    """Only one of them would hold."""
    with pytest.raises(ConfigurationError) as caught:
        people_from(options, "--limit", said(file))
    told = "--limit: @zoë and @Zoë are one account; write its name in one way wherever it has limits."
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("guest = 3", "In chatcore.toml, serve.limits.guest has to be a table: [serve.limits.guest]."),
        ("[guest]\nburst = 3", "chatcore.toml has an unknown setting burst in [serve.limits.guest]."),
        (
            "[guest]\nmessage-burst = 1.5",
            "chatcore.toml, serve.limits.guest: '1.5' is not a possible value of message-burst.",
        ),
        ("[nobody]\nmessage-burst = 1", "chatcore.toml, serve.limits.nobody: 'nobody' is nobody"),
        (
            "['@bob']\nmessage-burst = 1\n['@Bob']\nrooms-per-user = 2",
            "In chatcore.toml, @bob and @Bob in [serve.limits] are one account.",
        ),
    ],
)
def test_table_that_cannot_be_meant_is_told_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        said(text)
    assert str(caught.value).startswith(sentence)


def test_bot_or_operator_is_an_account_that_there_can_be() -> None:
    check_accounts(("weather", "Zoë"), "--bot", "optional", "--accounts")
    with pytest.raises(ConfigurationError, match=r"--bot: '\*' is no name of a user"):
        check_accounts(("*",), "--bot", "required", "--accounts")
    with pytest.raises(ConfigurationError) as caught:
        check_accounts(("zoe",), "--operator", "off", "--accounts")
    told = "--operator is of no use: it names an account, and with --accounts off there are none."
    assert str(caught.value) == told
