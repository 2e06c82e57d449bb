"""The address of a server: what it says is used, or refused in words."""

from __future__ import annotations

import pytest

from chatcore.errors import ConnectionFailed
from chatcore.ports.server_address import ServerAddress, server_address


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
        ("tcp://user@host", "user@"),
        ("tcp://:secret@host", ":secret@"),
    ],
)
def test_what_would_have_no_effect_is_refused_by_name(url: str, part: str) -> None:
    """Nobody believes to be somewhere else."""
    with pytest.raises(ConnectionFailed, match=f"^leave {part} out of "):
        server_address(url, target=False)
