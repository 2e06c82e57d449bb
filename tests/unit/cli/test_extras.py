"""What not every installation has is told with the command that installs it."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import distribution

import pytest

from chatcore.aio.installing import how_to_install
from chatcore.errors import ConfigurationError
from chatcore_cli.settings.extras import needs


def test_option_that_needs_more_than_is_installed_says_how_to_install_it() -> None:
    with pytest.raises(ConfigurationError) as caught, needs("metrics", "--paint"):
        import_module("chatcore_that_is_not_there")
    command = how_to_install(distribution("chatcore"), "metrics")
    assert str(caught.value) == f"--paint needs more than is installed; to install it: {command}"


def test_what_is_there_is_imported() -> None:
    with needs("metrics", "--paint"):
        assert import_module("chatcore").__name__ == "chatcore"
