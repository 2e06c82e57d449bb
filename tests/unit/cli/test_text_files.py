"""Files of settings, passwords and tokens are read alike, whatever program wrote them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatcore.errors import ConfigurationError
from chatcore_cli.commands.serve import command
from chatcore_cli.settings.config import read_settings
from chatcore_cli.settings.operators import token_in
from chatcore_cli.settings.passwords import password_in
from chatcore_cli.settings.text_files import TextFiles

TOKEN = "0123456789abcdef"


def operators_token_in(path: str) -> str | None:
    """Return the token in a file."""
    return token_in(path, "--operator-token-file")


def settings_in(path: str) -> object:
    """Return the settings in a file."""
    return read_settings(path, command)


@pytest.mark.parametrize("read", [operators_token_in, password_in])
@pytest.mark.parametrize("written", [f"\ufeff{TOKEN}\r\n", f"{TOKEN}\r\n", f"{TOKEN}\rmore", TOKEN])
def test_secret_is_the_same_whatever_program_wrote_it(
    tmp_path: Path, read: Callable[[str], str | None], written: str
) -> None:
    """Programs of Windows put a byte-order mark in front: with it, it would be another secret, refused as wrong."""
    file = tmp_path / "secret"
    file.write_bytes(written.encode())
    file.chmod(0o600)
    assert read(str(file)) == TOKEN


@pytest.mark.parametrize("read", [operators_token_in, password_in, settings_in])
def test_file_in_another_encoding_is_told_so(tmp_path: Path, read: Callable[[str], object]) -> None:
    file = tmp_path / "foreign"
    file.write_bytes(TOKEN.encode("utf-16"))
    with pytest.raises(ConfigurationError, match="is in UTF-16; save it as UTF-8"):
        read(str(file))


@pytest.mark.parametrize("read", [operators_token_in, password_in, settings_in])
def test_file_that_nobody_wrote_is_not_read_to_its_end(tmp_path: Path, read: Callable[[str], object]) -> None:
    """A device has none: it took all memory."""
    file = tmp_path / "large"
    with file.open("wb") as large:
        large.truncate(2**20 + 1)
    with pytest.raises(ConfigurationError, match="is larger than 1 MiB"):
        read(str(file))


@pytest.fixture
def pipe() -> Iterator[str]:
    """Return the path of a pipe with a token in it, as a shell has it for `<(...)`."""
    reading, writing = os.pipe()
    os.write(writing, f"{TOKEN}\n".encode())
    os.close(writing)
    yield f"/dev/fd/{reading}"
    os.close(reading)


def test_pipe_says_the_same_each_time_it_is_read(pipe: str) -> None:
    """The second time there is nothing in it, and nobody who writes."""
    files = TextFiles()
    first = files.read(pipe, "token")
    assert first.text == f"{TOKEN}\n"
    files.wait_no_more()
    assert files.read(pipe, "token") == first


def test_pipe_that_is_named_for_two_secrets_has_the_second_one_missing(pipe: str) -> None:
    """One text for both would make a password of the token, which others know."""
    files = TextFiles()
    assert token_in(pipe, "--operator-token-file", files) == TOKEN
    with pytest.raises(ConfigurationError, match="has nothing on its first line"):
        password_in(pipe, files)


def test_file_on_a_disk_says_what_stands_there_by_then(tmp_path: Path) -> None:
    files, file = TextFiles(), tmp_path / "token"
    for said in ("one", "two", ""):
        file.write_text(said)
        assert files.read(str(file), "token").text == said


def test_program_that_runs_does_not_wait_for_what_nobody_wrote(tmp_path: Path) -> None:
    files, pipe = TextFiles(), tmp_path / "pipe"
    os.mkfifo(pipe)
    files.wait_no_more()
    with pytest.raises(ConfigurationError, match="is not a file on a disk, so it can be read at the start only"):
        files.read(str(pipe), "token")
