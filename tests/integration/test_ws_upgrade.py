"""The short way for the usual handshake: what it takes and answers is what the library takes and answers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from chatcore_ws.upgrade import accepted, usual_upgrade

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
USUAL = {
    "Host": "chat.example.org:8765",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
BROWSER = {
    **USUAL,
    "Connection": "keep-alive, Upgrade",
    "Pragma": "no-cache",
    "Origin": "https://chat.example.org",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}


def head(fields: dict[str, str], first: str = "GET / HTTP/1.1", more: str = "") -> bytes:
    """Return a request."""
    return (first + "\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + more + "\r\n").encode()


def library(data: bytes) -> tuple[Request, bytes] | None:
    """Return a request as the library reads it, and its answer without the date; None when it does not say yes."""
    protocol = ServerProtocol()
    protocol.receive_data(data)
    events = protocol.events_received()
    if not events:
        return None
    (request,) = events
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    return (request, without_date(b"".join(protocol.data_to_send()))) if protocol.state is OPEN else None


def without_date(answer: bytes) -> bytes:
    """Return an answer without its date."""
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.startswith(b"Date: "))


@pytest.mark.parametrize("fields", [USUAL, BROWSER, {name.lower(): value for name, value in BROWSER.items()}])
def test_requests_of_programs_and_browsers_are_usual(fields: dict[str, str]) -> None:
    """They go the short way."""
    upgrade = usual_upgrade(head(fields, "GET /chat?x=1 HTTP/1.1"))
    assert upgrade is not None
    assert (upgrade.path, upgrade.key, upgrade.hosts) == ("/chat?x=1", KEY, ["chat.example.org:8765"])
    assert upgrade.origins == (["https://chat.example.org"] if len(fields) > len(USUAL) else [])


def test_request_that_is_cut_behind_many_lines_costs_nothing() -> None:
    """As a network cuts it: the time doubled with each line, and one request of a few hundred bytes was for ever."""
    whole = head({f"X-{number}": "a" for number in range(60)} | BROWSER)
    began = time.process_time()
    assert usual_upgrade(whole[:-2]) is None
    assert usual_upgrade(whole.replace(b"Mozilla", b"Moz\xff")) is None
    assert time.process_time() - began < 0.1
    assert usual_upgrade(head({f"X-{number}": "a" for number in range(40)} | BROWSER)) is not None


def test_answer_has_the_date_of_its_second() -> None:
    """As a server with a clock should send it (RFC 9110, section 6.6.1)."""
    assert b"\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n" in accepted(KEY, 784111777.9)
    assert b"\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n" in accepted(KEY, 784111778.0)


@pytest.mark.parametrize(
    "strange",
    [
        head(USUAL, "POST / HTTP/1.1"),
        head(USUAL, "GET / HTTP/1.0"),
        head(USUAL, "GET  / HTTP/1.1"),
        head(USUAL | {"Upgrade": "h2c"}),
        head(USUAL | {"Connection": "close"}),
        head(USUAL | {"Connection": "Upgrade,,"}),
        head(USUAL | {"Sec-WebSocket-Version": "8"}),
        head(USUAL | {"Sec-WebSocket-Key": "AAAA"}),
        head(USUAL | {"Sec-WebSocket-Protocol": "chat"}),
        head(USUAL | {"Content-Length": "5"}),
        head(USUAL | {"Transfer-Encoding": "chunked"}),
        head(USUAL, more="host: twice\r\n"),
        head(USUAL, more="Origin: a\r\nOrigin: b\r\n"),
        head(USUAL, more=" folded\r\n"),
        head(USUAL, more="X-Long: " + "x" * 3000 + "\r\n"),
        head(USUAL, more="".join(f"X-{number}: \r\n" for number in range(100))),
        head(USUAL, more="X: \u00e9\r\n"),
        head(USUAL).replace(b"\r\n", b"\n"),
        head(USUAL)[:-2],
        b"",
    ],
)
def test_whatever_is_strange_is_for_the_library(strange: bytes) -> None:
    """It says what is wrong, if anything is."""
    assert usual_upgrade(strange) is None


values = st.sampled_from(
    [*BROWSER.values(), "upgrade", "Upgrade, ", "WebSocket", "websocket, h2c", "12", "13 ", "0", ""]
)
names = st.sampled_from([*BROWSER, "upgrade", "sec-websocket-key", "Content-Length", "X"])


@given(
    st.dictionaries(names, values, max_size=3),
    st.lists(st.tuples(names, values), max_size=2),
    st.integers(0, 400),
    st.binary(max_size=1),
)
def test_short_way_says_yes_only_where_the_library_does_and_with_its_words(
    changed: dict[str, str], added: list[tuple[str, str]], place: int, byte: bytes
) -> None:
    """With other fields, repeated ones, or a byte that is wrong."""
    data = head(BROWSER | changed, more="".join(f"{name}: {value}\r\n" for name, value in added))
    if byte:
        data = data[:place] + byte + data[place + 1 :]
    upgrade, found = usual_upgrade(data), library(data)
    if upgrade is not None:
        assert found is not None
        request, answer = found
        assert without_date(accepted(upgrade.key, 0.0)) == answer
        assert upgrade.path == request.path
        assert upgrade.origins == request.headers.get_all("Origin")
        assert upgrade.hosts == request.headers.get_all("Host")
