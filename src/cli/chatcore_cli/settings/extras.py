"""What not every installation has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution

from chatcore.aio.installing import how_to_install
from chatcore.errors import ConfigurationError


@contextmanager
def needs(extra: str, option: str) -> Iterator[None]:
    """Raise `ConfigurationError` where what is imported within is not installed.

    Args:
        extra: of this package, that installs it.
        option: what needs it, as it is typed.
    """
    try:
        yield
    except ImportError as error:
        raise ConfigurationError(
            "{option} needs more than is installed; to install it: {command}",
            option=option,
            command=how_to_install(distribution("chatcore"), extra),
        ) from error
