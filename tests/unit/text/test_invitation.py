"""Links that invite somebody: every form, and what nobody should follow."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.text.invitation import Invitation, links_to, page_link, page_of, program_link, read_invitation
from tests.strategies import room_names

KEY = "3f8a" * 16
COLONS = ":".join(["3F", "8A"] * 16)
_HOSTS = st.sampled_from(["example.org", "192.168.1.5", "[2001:db8::1]"])
_PORTS = st.integers(1, 65535)


@pytest.mark.parametrize(
    ("link", "url", "room", "key"),
    [
        ("http://192.168.1.5:8765/", "chat://192.168.1.5:8765", None, None),
        ("http://192.168.1.5:8765/#room=python", "chat://192.168.1.5:8765", "python", None),
        ("HTTP://Example.org#room=python", "chat://example.org:80", "python", None),
        (f"http://h:1/#key={KEY}&room=a", "chat://h:1", "a", KEY),
        ("https://example.org/", "wss://example.org:443", None, None),
        ("https://example.org/chat/#room=a", "wss://example.org:443/chat/", "a", None),
        (f"https://[::1]:8765/#room=a&key={COLONS}", "chat://[::1]:8765", "a", KEY),
        ("chatcore://example.org", "chat://example.org", None, None),
        ("chatcore://example.org:9/lobby", "chat://example.org:9", "lobby", None),
        ("chatcore://example.org:9/lobby/", "chat://example.org:9", "lobby", None),
        (f"chatcore://[::1]:9/a?key={KEY}", "chat://[::1]:9", "a", KEY),
        ("chatcore://example.org:443/a?via=wss&path=/chat/", "wss://example.org:443/chat/", "a", None),
        ("chatcore://example.org#room=a", "chat://example.org", "a", None),
        ("chatcore://example.org?via=quic", "quic://example.org", None, None),
        ("ws://example.org:9/#room=a", "ws://example.org:9/", "a", None),
        (f"chat://example.org#key={KEY}", "chat://example.org", None, KEY),
        ("example.org:9/#room=a", "example.org:9/", "a", None),
        ("  http://h:1/#room=a\n", "chat://h:1", "a", None),
    ],
)
def test_a_link_says_where_it_leads(link: str, url: str, room: str | None, key: str | None) -> None:
    assert read_invitation(link) == Invitation(url, room, key)


@pytest.mark.parametrize("address", ["ws://example.org:9/path", "example.org", "chat://[::1]:1", "tcp+echo://h:7"])
def test_an_address_is_no_link(address: str) -> None:
    assert read_invitation(address) is None


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("http://", "http:// is not the address of a server, like http://example.org:8765/#room=lobby"),
        ("http:///#room=a", "http:/// is not the address of a server"),
        ("http://h:99999/", "http://h:99999/ is not the address of a server"),
        ("http://h:0/", "http://h:0/ is not the address of a server"),
        ("http://a b/", "http://a b/ is not the address of a server"),
        ("http://u:p@h/", "leave ***@ out of http://***@h/; it has no meaning there"),
        ("http://h/#room=", "the end of the link cannot be read: room="),
        ("http://h/#lobby", "the end of the link cannot be read: lobby"),
        ("http://h/#room=%ff", "the end of the link cannot be read: room=%ff"),
        ("http://h/#room=a&room=b", "room stands twice in the link"),
        ("http://h/#room=a b", "the room in the link cannot be: there is a space in 'a b'"),
        ("http://h/#room=%3Cb%3E", "the room in the link cannot be: there is '<' in '<b>'"),
        (f"http://h/#room={'a' * 33}", f"the room in the link cannot be: '{'a' * 33}' is too long, with 33 characters"),
        ("http://h/#room=a&key=12", "12 is not a fingerprint: 64 hexadecimal digits, with or without colons"),
        ("http://h/#room=a&color=red", "leave color out of the link; it has no meaning there"),
        (f"http://h/#room={'a' * 2000}", "the link is longer than 1024 characters"),
        ("chatcore://", "chatcore:// is not the address of a server"),
        ("chatcore://h/a/b", "the room in the link cannot be: there is '/' in 'a/b'"),
        ("chatcore://h/a#room=b", "room stands twice in the link"),
        (f"chatcore://h/a?key={KEY}#key={KEY}", "key stands twice in the link"),
        ("chatcore://h/a?via=tcp+echo", "tcp echo in the link is no way to a chat, only chat, ws, wss, quic are"),
        ("chatcore://h/a?path=evil.example", "evil.example in the link is no path: it begins with a slash"),
        ("chatcore://h/a?path=/%0d%0aHost:evil", "chat://h/\r\nHost:evil is not the address of a server"),
        ("chatcore://h/a?room=b", "leave room out of the link; it has no meaning there"),
        ("ws://h/#a=b", "leave a out of the link; it has no meaning there"),
    ],
)
def test_a_link_that_leads_nowhere_is_refused_in_words(link: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_invitation(link)
    assert str(raised.value).startswith(sentence)


@given(
    st.one_of(
        st.text(), st.builds("{}{}{}".format, st.sampled_from(["http://", "chatcore://", "h#"]), st.text(), st.text())
    )
)
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        found = read_invitation(text)
    except ConfigurationError:
        return
    assert found is None or found.room is None or (found.room.isascii() and len(found.room) <= 32)


@given(_HOSTS, _PORTS, room_names, st.sampled_from([None, KEY]))
def test_the_page_link_of_a_room_leads_there(host: str, port: int, room: str, key: str | None) -> None:
    found = read_invitation(page_link(f"http://{host}:{port}/", room, key))
    assert found == Invitation(f"chat://{host}:{port}", room, key)


@given(
    st.sampled_from(["chat", "ws", "wss", "quic"]),
    st.one_of(_HOSTS, st.builds("{}:{}".format, _HOSTS, _PORTS)),
    st.sampled_from(["", "/chat", "/a/b?c=d&e=%20"]),
    st.one_of(st.just(""), room_names),
    st.sampled_from([None, KEY]),
)
def test_the_program_link_of_a_room_leads_there(scheme: str, place: str, path: str, room: str, key: str | None) -> None:
    url = f"{scheme}://{place}{path}"
    assert read_invitation(program_link(url, room, key)) == Invitation(url, room or None, key)


@pytest.mark.parametrize(
    ("url", "transport", "page"),
    [
        ("chat://h:1", "ws", "http://h:1/"),
        ("chat://h", "wss", "https://h:8765/"),
        ("wss://h/chat/", "wss", "https://h/chat/"),
        ("chat://[::1]:1", "quic", "https://[::1]:9/"),
        ("quic://h:1", "quic", "https://h:9/"),
    ],
)
def test_who_is_in_a_room_has_links_to_it(url: str, transport: str, page: str) -> None:
    """The page is where the WebSocket is; who came otherwise is told by the server."""
    told = {"page": {"scheme": "https", "port": 9}}
    links = links_to("a", url=url, transport=transport, server=told, key=KEY)
    assert links == (f"{page}#room=a&key={KEY}", program_link(url, "a", KEY))
    assert links_to("a", url=url, transport=transport, server={}) == (program_link(url, "a"),)


@pytest.mark.parametrize(
    ("url", "transport", "backend", "page", "program"),
    [
        ("quic://h:1", "quic", "http", "https://p/chat/#room=a", f"chatcore://h:1/a?key={KEY}&via=quic"),
        ("chat://h:1", "quic", "https", f"https://p/chat/#room=a&key={KEY}", f"chatcore://h:1/a?key={KEY}"),
        ("quic://127.0.0.1:1", "quic", "http", "https://p/chat/#room=a", "chatcore://p:443/a?via=wss&path=/chat/"),
        ("ws://localhost:9", "ws", "http", "https://p/chat/#room=a", "chatcore://p:443/a?via=wss&path=/chat/"),
        ("tcp://h:1", "tcp", "http", "https://p/chat/#room=a", "chatcore://p:443/a?via=wss&path=/chat/"),
        ("wss://q/x/", "wss", "http", f"https://q/x/#room=a&key={KEY}", f"chatcore://q/a?key={KEY}&via=wss&path=/x/"),
    ],
)
def test_links_lead_where_others_reach_the_server(
    url: str, transport: str, backend: str, page: str, program: str
) -> None:
    """Also for who came past the proxy; the server's own key is not what a proxy before an unencrypted page shows."""
    told = {"page": {"scheme": backend, "port": 9, "url": "https://p/chat/"}}
    assert links_to("a", url=url, transport=transport, server=told, key=KEY) == (page, program)


def test_who_came_by_plain_tcp_has_links_to_the_page_beside_it() -> None:
    told = {"page": {"scheme": "http", "port": 9}}
    assert links_to("a", url="tcp://h:1", transport="tcp", server=told) == ("http://h:9/#room=a", "chatcore://h:9/a")


@pytest.mark.parametrize(
    "public",
    [
        *(7, "", "p", "javascript:alert(1)", "https://p/?a", "https://u@p/", "https://p/\x1b[2J", "https://p/\u202e"),
        *("https://p#", "https://p/#", "https://p/?"),
    ],
)
def test_where_a_server_says_that_others_reach_it_is_checked(public: object) -> None:
    told = {"page": {"scheme": "http", "port": 9, "url": public}}
    assert links_to("a", url="quic://h:1", transport="quic", server=told)[0] == "http://h:9/#room=a"


@pytest.mark.parametrize(
    "told", [None, 7, {}, {"scheme": "http"}, {"scheme": "javascript", "port": 1}, {"scheme": "http", "port": "1"}]
)
def test_what_a_server_says_of_its_page_is_checked(told: object) -> None:
    assert len(links_to("a", url="quic://h:1", transport="quic", server={"page": told})) == 1


@pytest.mark.parametrize("room", ["Zoë", "田中", "दल", "צוות"])
def test_links_to_rooms_of_every_script_lead_there(room: str) -> None:
    """They are written with percents, as browsers do, and read with and without, also from where letters come apart."""
    links = links_to(room, url="ws://h:8765", transport="ws", server={"page": {"scheme": "http", "port": 8765}})
    assert all(link.isascii() for link in links)
    for link in (*links, f"http://h:8765/#room={room}", f"chatcore://h:8765/{unicodedata.normalize('NFD', room)}"):
        found = read_invitation(link)
        assert found is not None
        assert found.room == room


def test_there_is_no_link_to_another_dialect() -> None:
    with pytest.raises(ConnectionFailed, match="there is no link to tcp://h:1"):
        program_link("tcp://h:1", "a")


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("ws://h:8765", "http://h:8765/"),
        ("ws://h:80", "http://h/"),
        ("wss://h", "https://h/"),
        ("wss://h:443/chat/", "https://h/chat/"),
        ("wss://h/chat", "https://h/"),
        ("ws://[::1]:8765", "http://[::1]:8765/"),
        ("ws://h:1/chat?a=b", None),
        ("quic://h:1", None),
        ("chat://h:1", None),
    ],
)
def test_the_page_is_where_the_websocket_is(url: str, page: str | None) -> None:
    assert page_of(url) == page
