"""The address of a server: what it says is used, or refused in words."""

from __future__ import annotations

import pytest

from chatcore.errors import ConnectionFailed
from chatcore.ports.known_servers import server_place
from chatcore.ports.server_address import ServerAddress, ascii_name, server_address, without_login


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ws://example.org", ServerAddress("ws", "example.org", None, "")),
        ("WS://Example.org/", ServerAddress("ws", "example.org", None, "")),
        ("wss://example.org:443/chat/", ServerAddress("wss", "example.org", 443, "/chat/")),
        ("wss://example.org/?room=x", ServerAddress("wss", "example.org", None, "/?room=x")),
        ("quic://[::1]:1?x", ServerAddress("quic", "::1", 1, "?x")),
        ("chat://[fe80::1%Eth0]:1", ServerAddress("chat", "fe80::1%Eth0", 1, "")),
        ("chat://[fe80::1%25Eth0]:1", ServerAddress("chat", "fe80::1%Eth0", 1, "")),
        ("chat://[fe80::1%25]:1", ServerAddress("chat", "fe80::1%25", 1, "")),
    ],
)
def test_everything_in_an_address_is_read(url: str, address: ServerAddress) -> None:
    """A zone may be written as in a URL; it is no part of the name."""
    assert server_address(url) == address
    assert "%" not in address.name


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.org", "ws://", "ws://:80", "ws://[::1", "ws://host:port", "ws://host:0", "ws://ho st"),
        *("ws://host\n", "ws://host:", "chat://ws:/host", "chat://ws:///host"),
        *("ws://caf\udce9", "ws://host/caf\udce9", "ws://caf\udce9@host"),
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    """With an example."""
    with pytest.raises(ConnectionFailed, match=r"is not the address of a server, like chat://example\.org:8765$"):
        server_address(url)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("tcp://host/path", "/path"),
        ("tcp://host?query", r"\?query"),
        ("tcp://host/#part", "#part"),
        ("tcp://user@host", r"\*\*\*@"),
        ("tcp://:secret@host", r"\*\*\*@"),
    ],
)
def test_what_would_have_no_effect_is_refused_by_name(url: str, part: str) -> None:
    """Nobody believes to be somewhere else."""
    with pytest.raises(ConnectionFailed, match=f"^leave {part} out of "):
        server_address(url, target=False)


@pytest.mark.parametrize(
    ("name", "ascii"),
    [
        ("bücher.test", "xn--bcher-kva.test"),
        ("straße.test", "xn--strae-oqa.test"),
        ("Straẞe.test.", "xn--strae-oqa.test."),
        ("strasse.test", "strasse.test"),
        ("οδος.test", "xn--pxavbm.test"),
        ("οδοσ.test", "xn--pxavbq.test"),
        ("ΟΔΟΣ.test", "xn--pxavbq.test"),
        ("نامه\u200cای.test", "xn--mgba3gch31f060k.test"),
        ("faß\u3002bücher\uff0etest", "xn--fa-hia.xn--bcher-kva.test"),
        ("xn--strae-oqa.test", "xn--strae-oqa.test"),
    ],
)
def test_an_international_name_leads_where_it_leads_in_browsers(name: str, ascii: str) -> None:
    """RFC 5894, section 7.2: a sharp s is no two others, and is known apart from them."""
    assert ascii_name(name) == ascii
    assert ascii_name(server_address(f"ws://{name}").host) == ascii
    assert server_place(server_address(f"ws://{name}").host, 1) == f"{ascii.removesuffix('.')}:1"


@pytest.mark.parametrize("name", ["a..b", "ß..a", ".ß", "ß" * 64, "a" * 64, "ü" * 64])
def test_what_no_server_can_be_called_has_no_name_in_ascii(name: str) -> None:
    with pytest.raises(UnicodeError):
        ascii_name(name)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("wss://ann:secret@host/x", "wss://***@host/x"),
        ("wss://ann:se/cr?e#t@host", "wss://***@host"),
        ("wss://ann:sec@ret@host", "wss://***@host"),
        ("wss://ann:sec\nret @host", "wss://***@host"),
        ("wss://ann:secret\uff20host", "wss://***@host"),
        ("ann:secret@host", "***@host"),
        ("wss:ann:secret@host", "***@host"),
        ("postgres:postgresql://ann:secret@host/db", "postgres:postgresql://***@host/db"),
        ("//ann:secret@host", "//***@host"),
        ("tcp+echo://host:7", "tcp+echo://host:7"),
        ("https://chat.example.org/@team", "https://chat.example.org/@team"),
        ("WS://127.0.0.1:8765/a?x=me@y", "WS://127.0.0.1:8765/a?x=me@y"),
        ("wss://[2001:db8::7]:1/@team#@", "wss://[2001:db8::7]:1/@team#@"),
        ("ws://localhost/@team", "ws://localhost/@team"),
        ("wss://ann@chat.example.org/@team", "wss://***@team"),
        ("wss://ann:12/34@host", "wss://***@host"),
        ("nats://to.ken/s@host", "nats://***@host"),
    ],
)
def test_who_logs_in_is_not_in_an_address_that_is_shown(address: str, shown: str) -> None:
    """Whatever is wrong with it, and wherever the password ends."""
    assert without_login(address) == shown
