"""Files of settings, passwords and tokens are read alike, whatever program wrote them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chatcore.errors import ConfigurationError
from chatcore_cli.commands.serve import command
from chatcore_cli.settings.config import read_settings
from chatcore_cli.settings.operators import read_token
from chatcore_cli.settings.passwords import password_in

TOKEN = "0123456789abcdef"


def token_in(path: str) -> str:
    """Return the token in a file."""
    return read_token(path, "--operator-token-file")


def settings_in(path: str) -> object:
    """Return the settings in a file."""
    return read_settings(path, command)


@pytest.mark.parametrize("read", [token_in, password_in])
@pytest.mark.parametrize("written", [f"\ufeff{TOKEN}\r\n", f"{TOKEN}\r\n", f"{TOKEN}\rmore", TOKEN])
def test_secret_is_the_same_whatever_program_wrote_it(tmp_path: Path, read: Callable[[str], str], written: str) -> None:
    """Programs of Windows put a byte-order mark in front: with it, it would be another secret, refused as wrong."""
    file = tmp_path / "secret"
    file.write_bytes(written.encode())
    file.chmod(0o600)
    assert read(str(file)) == TOKEN


@pytest.mark.parametrize("read", [token_in, password_in, settings_in])
def test_file_in_another_encoding_is_told_so(tmp_path: Path, read: Callable[[str], object]) -> None:
    file = tmp_path / "foreign"
    file.write_bytes(TOKEN.encode("utf-16"))
    with pytest.raises(ConfigurationError, match="is in UTF-16; save it as UTF-8"):
        read(str(file))


@pytest.mark.parametrize("read", [token_in, password_in, settings_in])
def test_file_that_nobody_wrote_is_not_read_to_its_end(tmp_path: Path, read: Callable[[str], object]) -> None:
    """A device has none: it took all memory."""
    file = tmp_path / "large"
    with file.open("wb") as large:
        large.truncate(2**20 + 1)
    with pytest.raises(ConfigurationError, match="is larger than 1 MiB"):
        read(str(file))
