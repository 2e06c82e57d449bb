"""Where a second connection goes, and that it is never less safe than the chat beside it."""

from __future__ import annotations

from typing import Any

import pytest

from chatcore.aio.second_place import second_place
from chatcore.errors import ConnectionFailed
from chatcore.ports.transport import ConnectOptions
from tests.unit.fakes import FakeClock, FakeLink

KEY, OTHER = "ab" * 32, "cd" * 32


def main_link(address: str, key: str | None = KEY) -> FakeLink:
    """Return the connection of a chat over QUIC."""
    link = FakeLink(FakeClock(), address=address)
    link.key_fingerprint = key
    return link


def place(offered: dict[str, Any], address: str = "192.0.2.1:8765", **options: Any) -> tuple[str, object]:
    """Return where a second connection goes beside one to that address, and by what the server is recognised."""
    found = second_place("chat://example.org:8765", ConnectOptions(**options), offered, main_link(address))
    assert found.url.startswith(f"{found.scheme}://")
    return found.url, found.options.fingerprints


def test_an_encrypted_place_has_to_show_the_key_of_the_chat_or_the_one_that_it_told() -> None:
    """Unless the user has said by what the server is to be recognised."""
    wss = {"scheme": "wss", "port": 443}
    assert place(wss) == ("wss://example.org:443", (KEY,))
    assert place({**wss, "key_fingerprint": OTHER}) == ("wss://example.org:443", (KEY, OTHER))
    assert place(wss, fingerprints=(OTHER,))[1] == (OTHER,)
    assert place(wss, tls_ca="school.pem")[1] == ()


def test_an_authority_vouches_for_a_place_behind_a_proxy() -> None:
    """Its certificate is not the server's."""
    assert place({"url": "wss://chat.example.org/chat/"}) == ("wss://chat.example.org/chat/", ())


def test_file_bytes_go_without_encryption_only_where_they_stay_on_this_machine() -> None:
    """What is said over an encrypted connection was meant to stay between the two."""
    ws = {"scheme": "ws", "port": 8765}
    for address in ("127.0.0.1:8765", "[::1]:8765", "127.8.9.1:1"):
        assert place(ws, address)[0] == "ws://example.org:8765"
    for address in ("192.0.2.1:8765", "[2001:db8::1]:8765", "10.0.0.1:8765", "", "example"):
        for offered in (ws, {"url": "ws://example.org:8765/"}):
            with pytest.raises(ConnectionFailed, match="not encrypted"):
                place(offered, address)


def test_an_ipv6_address_keeps_its_brackets() -> None:
    """The host is the one that the user has named."""
    found = second_place("quic://[::1]:8765", ConnectOptions(), {"scheme": "ws", "port": 1}, main_link("[::1]:8765"))
    assert found.url == "ws://[::1]:1"


@pytest.mark.parametrize(
    "offered",
    [
        {},
        {"scheme": "wss"},
        {"scheme": "wss", "port": "443"},
        {"scheme": "wss", "port": True},
        {"scheme": "wss", "port": 0},
        {"scheme": "wss", "port": 65536},
        {"scheme": "tcp", "port": 1},
        {"port": 1},
        {"url": "https://example.org/"},
        {"url": "example.org"},
        {"url": ""},
        {"url": "wss://"},
        {"url": 7, "port": None},
    ],
)
def test_what_a_server_says_and_is_no_place_is_refused(offered: dict[str, Any]) -> None:
    """It is a stranger's word."""
    with pytest.raises(ConnectionFailed):
        place(offered)
