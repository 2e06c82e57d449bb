"""Numbers that bound the chat are checked once, at the edge."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from chatcore.limits import MAX_INTEGER, Limits, OwnLimits


def test_defaults_are_valid_and_cannot_be_changed() -> None:
    """Limits are frozen."""
    limits = Limits()
    assert (limits.default_room, limits.username_chars, limits.text_bytes) == ("lobby", 32, 60_000)
    with pytest.raises(ValidationError):
        limits.grace = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    "value",
    [
        {"default_room": ""},
        {"default_room": "a b"},
        {"default_room": "@"},
        {"default_room": "a" * 33},
        {"username_chars": 1},
        {"username_chars": 33},
        {"text_bytes": 0},
        {"text_bytes": 60_001},
        {"recipients": 65},
        {"messages_per_second": -1},
        {"message_burst": 0},
        {"requests_per_second": -1},
        {"request_burst": 0},
        {"connections_per_address": -1},
        {"log_messages": 0},
        {"history_messages": 501},
        {"grace": -1},
        {"grace": float("inf")},
        {"messages_per_second": float("nan")},
        {"login_timeout": 0},
        {"presence_window": -0.1},
        {"names_per_frame": 0},
        {"rooms_per_frame": 501},
        {"request_burst": 2**53 + 1},
        {"keepalive_interval": 1e17},
        {"people": {"guest": {"message_burst": 2**60}}},
        {"unknown": 1},
    ],
    ids=str,
)
def test_setting_is_refused_when_out_of_its_range(value: dict[str, Any]) -> None:
    """A wrong or unknown setting never gets as far as the chat."""
    with pytest.raises(ValidationError):
        Limits(**value)


def test_nothing_is_without_a_bound() -> None:
    """Clients could not read a larger number, and event loops cannot wait for longer."""
    for model in (Limits, OwnLimits):
        for name, field in model.model_fields.items():
            if (
                isinstance(field.default, int | float)
                or "int" in str(field.annotation)
                or "float" in str(field.annotation)
            ):
                with pytest.raises(ValidationError):
                    model.model_validate({name: 2 * MAX_INTEGER})


def test_limits_of_what_one_peer_may_do_are_switched_off_together() -> None:
    """And by name: what bounds sizes and memory stays."""
    limits = Limits.unlimited(grace=1.0, request_burst=7)
    assert (limits.requests_per_second, limits.connections_per_address) == (0, 0)
    assert limits.file_transfers_per_address == 0
    assert (limits.grace, limits.request_burst, limits.log_bytes) == (1.0, 7, Limits().log_bytes)
