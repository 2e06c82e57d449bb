"""`chatcore handout`: what a host prints says how to get in, and which certificate is the right one."""

from __future__ import annotations

import html
import re
import ssl
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.unit.cli.processes import Server, run

LINK = "http://192.168.1.5:8765/#room=caf%C3%A9"


def link_of(server: Server) -> str:
    """Return the link for browsers that a server has printed."""
    return server.out.wait_for(r"Link for browsers: +(\S+)").group(1)


def test_page_to_print_has_the_link_the_code_and_the_way_without_a_browser() -> None:
    """All in one file: nothing is fetched from elsewhere."""
    done = run("handout", LINK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(html.escape(LINK)) == 1
    assert "chatcore://192.168.1.5:8765/caf%C3%A9" in done.stdout
    assert "<svg" in done.stdout
    assert "When the browser warns you" not in done.stdout
    assert re.findall(r"(?:src|href)=", done.stdout) == []


def test_page_tells_the_certificate_that_the_browser_has_to_show(tmp_path: Path) -> None:
    """As browsers write it; asked of the server that the link means, and of no other one."""
    with Server("--tls", "--state-dir", str(tmp_path)) as server:
        link = link_of(server)
        parts = urlsplit(link)
        assert parts.hostname is not None
        assert parts.port is not None
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((parts.hostname, parts.port)))
        done = run("handout", link)
        assert sha256(shown).hexdigest().upper() == re.sub(
            ":", "", re.findall(r"(?:[0-9A-F]{2}:){31}..", done.stdout)[0]
        )
        other = run("handout", re.sub("key=.{8}", "key=" + "0" * 8, link))
        assert other.returncode != 0
        assert "is not the one that was pinned" in other.stderr
        assert other.stdout == ""
    gone = run("handout", link)
    assert "nothing listens at" in gone.stderr


@pytest.mark.parametrize("link", ["chatcore://127.0.0.1:8765/x", "ws://127.0.0.1:8765", "lobby", "http://[/#room=x"])
def test_what_is_no_link_for_browsers_is_refused(link: str) -> None:
    done = run("handout", link)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_text_of_a_link_is_text() -> None:
    """Somebody else may have made it."""
    done = run("handout", "http://127.0.0.1:8765/<script>#room=%3Cb%3E&invite=abc")
    assert "<script>" not in done.stdout
    assert "<b>" not in done.stdout
