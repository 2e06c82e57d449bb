"""Values of options are checked before anything is done with them."""

from __future__ import annotations

import click
import pytest

from chatcore_cli.settings.options import Number, WholeNumber


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e999", "-1", "ten", ""])
def test_number_is_a_finite_one_in_its_range(value: str) -> None:
    """What is announced to clients in JSON has to be a number there too."""
    with pytest.raises(click.BadParameter, match="is not a number from 0 up"):
        Number(0).convert(value, None, None)


def test_number_may_be_large_or_written_with_an_exponent() -> None:
    """As Python reads it."""
    assert Number(0).convert("1e12", None, None) == 1e12


@pytest.mark.parametrize(("kind", "value"), [(Number(), "1e308"), (WholeNumber(), "1" + "0" * 30)])
def test_number_beyond_what_anybody_needs_is_told_where_they_end(kind: Number | WholeNumber, value: str) -> None:
    """No event loop waits for so long, and no client reads it."""
    with pytest.raises(click.BadParameter, match="number up to 9007199254740992"):
        kind.convert(value, None, None)
