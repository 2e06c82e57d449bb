"""Settings from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatcore.errors import ConfigurationError
from chatcore_cli.chatting.joining.address import full_url
from chatcore_cli.commands.serve import command
from chatcore_cli.settings.config import read_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a file for settings."""
    return tmp_path / "chatcore.toml"


def test_every_option_may_stand_in_the_file(file: Path) -> None:
    """They are named like the options, with - or _; click checks the values as it does on the command line."""
    file.write_text(
        '[serve]\nport = 9000\nlog-level = "debug"\nusername_max = 20\ngrace = 1.5\n'
        'transport = ["ws"]\norigin = "https://example.org"\nwhois-address = true\n'
    )
    assert read_settings(str(file), command).options == {
        "port": "9000",
        "log_level": "debug",
        "username_max": "20",
        "grace": "1.5",
        "transports": ["ws"],
        "origins": ["https://example.org"],
        "whois_address": True,
    }


def test_file_without_the_table_sets_nothing(file: Path) -> None:
    """An empty file is a file."""
    file.write_text("")
    assert read_settings(str(file), command) == ({}, {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[serve]\nprot = 9000", "unknown setting prot in [serve]. Did you mean port?"),
        ("[serve]\nconfig = 'x'", "unknown setting config in [serve]."),
        ("[server]\nport = 9000", "unknown table or setting server; settings belong into [serve]. Did you mean serve?"),
        ("port = 9000", "unknown table or setting port"),
        ("serve = 1", "serve has to be a table"),
        ("[serve]\nport = [1]", "port has a value that it cannot have"),
        ("[serve]\nhost = 2026-11-27", "host has a value that it cannot have"),
        ("[serve]\nstore = true", "store has a value that it cannot have"),
        ("[serve]\nwhois-address = 'yes'", "whois-address is either true or false, without quotes"),
        ("[serve]\nport =", "is not TOML"),
        ("[serve]\nlog-level = 'info'\nlog_level = 'info'", "log-level stands twice, with - and with _"),
        ("[serve]\nrooms = ['help']", "serve.rooms has to be a table: [serve.rooms]"),
    ],
)
def test_mistake_in_the_file_is_told_in_one_sentence(file: Path, text: str, sentence: str) -> None:
    """With the name of the file, what is wrong, and what was probably meant."""
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        read_settings(str(file), command, tables=["rooms"])
    assert str(file) in str(caught.value)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "9" * 5000, "0x" + "f" * 5000], ids=["deep", "long", "hex"])
@pytest.mark.parametrize("place", ["port", "rooms.help.keep-messages"])
def test_value_that_is_beyond_measure_is_told_in_one_sentence(file: Path, place: str, value: str) -> None:
    file.write_text(f"[serve]\n{place} = {value}")
    with pytest.raises(ConfigurationError, match=r"has a number or brackets in brackets beyond what any setting is\.$"):
        read_settings(str(file), command, tables=["rooms"])


def test_file_that_is_missing_or_unreadable_is_told_in_one_sentence(file: Path) -> None:
    """There is no silent default for a file that somebody named."""
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_settings(str(file), command)
    file.write_bytes(b"[serve]\n# \xff")
    with pytest.raises(ConfigurationError, match="not in UTF-8"):
        read_settings(str(file), command)


@pytest.mark.parametrize(
    "text", ["[serve]\nport = 8766\n", "[serve]\r\nport = 8766\r\n", "\ufeff[serve]\r\nport = 8766"]
)
def test_file_written_by_a_program_of_windows_is_read(file: Path, text: str) -> None:
    """With a byte-order mark in front, and lines that end in CR LF."""
    file.write_bytes(text.encode())
    assert read_settings(str(file), command).options == {"port": "8766"}


def test_file_in_another_encoding_is_told_by_its_name(file: Path) -> None:
    """As `echo ... > chatcore.toml` makes it in Windows PowerShell."""
    file.write_bytes("[serve]\nport = 8766\n".encode("utf-16"))
    with pytest.raises(ConfigurationError, match="is in UTF-16; save it as UTF-8"):
        read_settings(str(file), command)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("ws://example.org:9000", "ws://example.org:9000"),
        ("wss://example.org", "wss://example.org"),
        ("example.org", "chat://example.org:8765"),
        ("example.org:9000", "chat://example.org:9000"),
        ("127.0.0.1", "chat://127.0.0.1:8765"),
        ("[::1]", "chat://[::1]:8765"),
        ("[::1]:9000", "chat://[::1]:9000"),
        ("::1", "chat://[::1]:8765"),
        ("tcp+simple-json://example.org", "tcp+simple-json://example.org"),
        ("chat+echo://example.org", "chat+echo://example.org"),
        ("example.org/chat", "chat://example.org:8765/chat"),
        ("example.org:9000/chat?x=1", "chat://example.org:9000/chat?x=1"),
        ("::1/chat", "chat://[::1]:8765/chat"),
        ("fe80::1%eth0", "chat://[fe80::1%eth0]:8765"),
        ("[fe80::1%25eth0]:9000", "chat://[fe80::1%25eth0]:9000"),
    ],
)
def test_address_may_be_a_host_alone(address: str, url: str) -> None:
    """What is left out is what `chatcore serve` does without options."""
    assert full_url(address) == url


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("127.0.0.1:notaport", "127.0.0.1:notaport is not the address of a server; write it like 192.168.1.5"),
        ("example.org:70000", "example.org:70000 is not the address of a server"),
        ("ws://example.org:port", "ws://example.org:port is not the address of a server"),
        ("tcp+simple-json://", "tcp+simple-json:// is not the address of a server"),
        ("", " is not the address of a server"),
        ("ws://example.org:0", "ws://example.org:0 is not the address of a server"),
        ("caf\udce9", "caf\udce9 is not the address of a server; write it like 192.168.1.5"),
        ("ws://exam ple.org", "ws://exam ple.org is not the address of a server"),
        ("ws://example.org#room", "leave #room out of ws://example.org#room; it has no meaning there"),
        ("ann:secret@example.org", "leave ***@ out of chat://***@example.org; it has no meaning there"),
        ("ann:secret@example.org:port", "***@example.org:port is not the address of a server"),
        ("ws:/example.org", "ws:/example.org is not the address of a server; write it like"),
        ("example.org:", "example.org: is not the address of a server"),
        ("gopher://example.org", "'gopher://example.org' is not an address that can be connected to"),
        ("tcp+latin://example.org", "there is no dialect called 'latin'"),
    ],
)
def test_what_is_no_address_is_told_as_it_was_typed(address: str, sentence: str) -> None:
    """With how it should look."""
    with pytest.raises(ConfigurationError) as caught:
        full_url(address)
    assert str(caught.value).startswith(sentence)
