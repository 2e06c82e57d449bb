"""What `import chatcore` offers: loaded when it is asked for, and nothing else."""

from __future__ import annotations

import pytest

import chatcore


def test_every_name_is_there_and_is_listed() -> None:
    """Each of them is found by its name, and `dir` shows them all."""
    assert all(getattr(chatcore, name) is not None for name in chatcore.__all__)
    assert dir(chatcore) == sorted(chatcore.__all__)


def test_a_name_that_is_not_there_is_an_ordinary_mistake() -> None:
    """As of every other module."""
    with pytest.raises(AttributeError, match="module 'chatcore' has no attribute 'no_such_name'"):
        _ = chatcore.no_such_name
