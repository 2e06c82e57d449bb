"""What operators ask of the program that a server runs in."""

from __future__ import annotations

import asyncio

import pytest

from chatcore.aio.server.operators import do_as_asked
from chatcore.commands import DrainServer, ReloadSettings
from chatcore.errors import ConfigurationError, Refusal


def test_program_is_drained_or_reads_its_settings_again() -> None:
    """Each does its own, and not the other."""
    drained, read = asyncio.Event(), list[str]()
    do_as_asked(ReloadSettings(), reload=lambda: read.append("settings"), drain=drained.set)
    assert (read, drained.is_set()) == (["settings"], False)
    do_as_asked(DrainServer(), reload=lambda: read.append("settings"), drain=drained.set)
    assert (read, drained.is_set()) == (["settings"], True)


def test_operator_is_told_which_settings_have_to_wait() -> None:
    """A program may return whatever it likes: what is no list says nothing."""
    for found, told in (
        (["port", "drain"], ("port", "drain")),
        (("port",), ("port",)),
        ("port", ()),
        (7, ()),
        (None, ()),
    ):
        assert do_as_asked(ReloadSettings(), reload=lambda found=found: found, drain=lambda: None) == told


def test_what_the_program_cannot_do_is_refused() -> None:
    """It has no settings to read again, or they cannot be used."""

    def fail() -> None:
        raise ConfigurationError("there is no such file")

    for reload, what in ((None, "host"), (fail, "settings")):
        with pytest.raises(Refusal) as refused:
            do_as_asked(ReloadSettings(), reload=reload, drain=fail)
        assert (refused.value.code, refused.value.values["what"]) == ("forbidden", what)
