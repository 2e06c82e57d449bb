"""What a server says of itself by HTTP, and what browsers get there."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chatcore.ports.network_address import host_port
from chatcore.text.safe_text import safe_text
from chatcore_cli.examining.finding import Finding
from chatcore_cli.saying.texts import _
from chatcore_tls.contexts import client_context
from chatcore_tls.names import ascii_host

_ABOUT_PATH: Final = "/.well-known/chatcore"
_ABOUT_BYTES: Final = 64 * 1024
PATIENCE: Final = 3.0
"""How long a server may take for an answer, in seconds."""
_CLOCK_MAY_DIFFER: Final = 60.0
# How many addresses of other servers are looked at.
_MOST_ADDRESSES: Final = 32


class Validity(NamedTuple):
    """For whom a certificate is valid: from when to when, and with a key that is not for everybody."""

    begin: datetime
    end: datetime
    odd_key: str
    """What kind of key browsers do not understand; empty for what they do."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server says about its page for browsers."""

    scheme: str
    port: int
    may_connect: bool
    """Whether the server takes WebSockets of the page, at the address that was asked."""
    path: str = "/"


@dataclass(frozen=True, slots=True)
class About:
    """What a server says about itself at `/.well-known/chatcore`."""

    transports: tuple[tuple[str, int, bool], ...]
    """Name, port, and whether it is encrypted."""
    version: str
    clock_ahead: float | None
    """How far this computer's clock is ahead of the server's, in seconds."""
    page: Page | None
    """None: browsers get none."""
    addresses: tuple[str, ...] = ()
    """Where all servers of its chat are, when there are several."""
    passed_on: bool = False
    """Whether the place that was asked is none of the server's own."""
    encrypted: bool = False
    """Whether that was asked by HTTPS."""
    validity: Validity | None = None
    """Of the certificate that it showed then."""

    def findings(self) -> Sequence[Finding]:
        """Return what is worth saying about it."""
        names = ", ".join(f"{name} ({port})" for name, port, _encrypted in self.transports)
        text = _("The server is chatcore {version} and offers: {names}.")
        found = [Finding(text.format(version=safe_text(self.version), names=safe_text(names)), good=True)]
        if self.clock_ahead is not None and abs(self.clock_ahead) > _CLOCK_MAY_DIFFER:
            text = (
                _("This computer's clock is {seconds} s ahead of the server's: certificates may seem to be expired.")
                if self.clock_ahead > 0
                else _("This computer's clock is {seconds} s behind the server's: certificates may seem not valid yet.")
            )
            found.append(Finding(text.format(seconds=round(abs(self.clock_ahead))), good=False))
        elif self.clock_ahead is not None:
            found.append(Finding(_("The clocks of both computers agree."), good=True))
        return found


def fetch_about(
    host: str, port: int, patience: float = PATIENCE, *, encrypted: bool = False, folder: str = ""
) -> About | None:
    """Ask the server what it is; None when it does not say so in time, which is one for all of its answer.

    Behind a proxy it may be in a folder.
    """
    for scheme in ("https", "http") if encrypted else ("http", "https"):
        origin = quote(f"{scheme}://{host_port(host, port)}", safe="")
        for place in dict.fromkeys((folder, "")):
            answer = _get(scheme, host, port, f"{place}{_ABOUT_PATH}?origin={origin}", patience)
            if answer is None:
                break
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                if answer.status == http.client.OK:
                    about = _read_about(json.loads(answer.body), answer.headers["Date"])
                    return _as_asked(replace(about, validity=answer.validity), scheme, port, folder)
    return None


def _as_asked(about: About, scheme: str, port: int, folder: str) -> About:
    """Return what a server says of itself, with the page where it was asked: a proxy there passes on what it gets."""
    own = {(told, encrypted) for name, told, encrypted in about.transports if name == "ws"}
    if (port, scheme == "https") in own:
        return about
    page = None if about.page is None else replace(about.page, scheme=scheme, port=port, path=f"{folder}/")
    return replace(about, page=page, passed_on=True, encrypted=scheme == "https")


def find_page(host: str, page: Page) -> Finding:
    """Ask for the page as a browser does."""
    place = f"{page.scheme}://{host_port(host, page.port)}"
    url = f"{place}{page.path}"
    if "%" in host:
        text = _("{url}: browsers open no address with a zone; the page to chat in is at the server's other addresses.")
        return Finding(text.format(url=url))
    answer = _get(page.scheme, host, page.port, page.path, PATIENCE)
    if answer is None or answer.status != http.client.OK or answer.headers.get_content_type() != "text/html":
        return Finding(_("{url}: browsers should get a page there to chat in, and do not.").format(url=url), good=False)
    if (dated := out_of_its_time(url, answer.validity)) is not None:
        return dated
    if answer.validity is not None and answer.validity.odd_key:
        text = _(
            "{url}: browsers do not understand the key of the certificate ({kind}); make one for P-256, or for RSA "
            "with 2048 bits or more"
        )
        return Finding(text.format(url=url, kind=answer.validity.odd_key), good=False)
    if not page.may_connect:
        text = _("{url}: browsers get a page there that may not connect; start the server with --origin {origin}")
        return Finding(text.format(url=url, origin=place), good=False)
    return Finding(_("{url}: browsers get a page there to chat in.").format(url=url), good=True)


def out_of_its_time(url: str, validity: Validity | None) -> Finding | None:
    """Return what is to be said of a certificate that has expired, or is not valid yet.

    Whoever knows its key, or accepts it as that of a server with one of its own, gets in all the same.
    """
    now = datetime.now(UTC)
    if validity is not None and now > validity.end:
        day, text = validity.end, _("{url}: the certificate has expired on {day}: {refused}; renew it")
    elif validity is not None and now < validity.begin:
        day, text = validity.begin, _("{url}: the certificate is not valid before {day}: {refused} until then")
    else:
        return None
    refused = _("browsers, and clients that go by authorities, refuse it")
    return Finding(text.format(url=url, day=day.date(), refused=refused), good=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    validity: Validity | None
    """Of the certificate that was shown."""


def _validity(shown: bytes | None) -> Validity | None:
    """Return for whom a certificate is valid; None where that cannot be read."""
    with suppress(ValueError, UnsupportedAlgorithm):
        certificate = x509.load_der_x509_certificate(shown or b"")
        kind = _odd_kind(certificate.public_key())
        return Validity(certificate.not_valid_before_utc, certificate.not_valid_after_utc, kind)
    return None


def _odd_kind(key: object) -> str:
    """Return what kind of key not every browser understands; empty for those that all do."""
    match key:
        case ec.EllipticCurvePublicKey():
            return "" if isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1) else key.curve.name
        case rsa.RSAPublicKey():
            return ""
        case _:
            return type(key).__name__.removeprefix("_").removesuffix("PublicKey")


def _get(scheme: str, host: str, port: int, target: str, patience: float) -> _Answer | None:
    """Ask by HTTP; None when there is no answer in time."""
    with (
        suppress(OSError, http.client.HTTPException, ValueError),
        socket.create_connection((host := ascii_host(host), port), timeout=patience) as sock,
        _hung_up_after(patience, sock),
    ):
        # Only a hint: what it says is tried out afterwards, with its certificate looked at.
        context = client_context(None, pinned=True) if scheme == "https" else None
        connection = http.client.HTTPConnection(host, port)
        tls = None if context is None else context.wrap_socket(sock, server_hostname=host)
        connection.sock = sock if tls is None else tls
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            validity = None if tls is None else _validity(tls.getpeercert(binary_form=True))
            return _Answer(response.status, response.headers, response.read(_ABOUT_BYTES), validity)
        finally:
            connection.close()  # not a server of ours, perhaps, or one that wants TLS
    return None


@contextmanager
def _hung_up_after(seconds: float, sock: socket.socket) -> Iterator[None]:
    """Shut a connection down when the time is up: a timeout of the socket begins anew with every byte that comes."""
    with sock.dup() as same:  # TLS takes the other one over
        timer = threading.Timer(seconds, _shut_down, (same,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _read_about(told: Any, date: str | None) -> About:
    transports = tuple((str(one["transport"]), int(one["port"]), bool(one["encrypted"])) for one in told["transports"])
    ahead = None
    with suppress(ValueError, TypeError):
        ahead = time.time() - parsedate_to_datetime(date or "").timestamp()
    page = told["server"].get("page")
    found = None
    if page is not None and page["scheme"] in ("http", "https"):
        found = Page(page["scheme"], int(page["port"]), told.get("page", {}).get("allowed") is not False)
    addresses = tuple(each for each in told["server"].get("addresses", ()) if isinstance(each, str))
    return About(transports, str(told["server"]["version"]), ahead, found, addresses[:_MOST_ADDRESSES])
