"""The files that browsers get over plain HTTP on the WebSocket port: a fixed table, made when the server starts.

A name is looked up in the table and nowhere else, so no path leads to anything but these files. What stands before the
name is left alone: a proxy may have put it there.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from chatcore.ports.transport import WebFile

INDEX: Final = "index.html"
_NOT_FOUND: Final = "There is no such page here.\n"
# Where the page may be: in folders (of a proxy's prefix; RFC 3986, section 3.3), of which none leads upwards.
_FOLDERS: Final = re.compile(
    r"/(?:(?!(?:\.|%2e){1,2}/)(?:[a-z0-9._~!$&'()*+,;=:@-]|%(?!2f|5c|[01])[0-9a-f]{2})+/){0,8}",
    re.ASCII | re.IGNORECASE,
)
_HOST: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?")
# Content Security Policy, level 3: nothing but what comes from here; no script and no style in the page itself; nobody
# may put it in a frame; texts become no scripts (Trusted Types). Pictures of files come as `blob:`. The page itself may
# have what is made for that in a frame (`WebFile.framed`).
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; manifest-src 'self'; "
    "frame-src 'self'; connect-src {places}; base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_FOR_EVER: Final = "max-age=31536000, immutable"  # what is asked for by its tag is another file when it changes
_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)


class _Ready:
    """A file as it goes out: compressed too, where that makes it smaller, and with its tag."""

    def __init__(self, file: WebFile) -> None:
        self.media_type = file.media_type
        self.body = file.body
        packed = gzip.compress(file.body, 9, mtime=0)
        self.packed = packed if len(packed) < len(file.body) else None
        self.tag = file.tag
        self.framed = file.framed

    def policy(self, places: str) -> str:
        """Return what a browser lets it do, and whom have it in a frame."""
        return _POLICY.format(places=places, framed_by="'self'" if self.framed else "'none'")

    def etag(self, policy: str) -> str:
        """Return what a browser asks by whether it is still the same. A page is another one under another policy:
        browsers take that of the page that they have kept."""
        return hashlib.sha256(f"{self.tag} {policy}".encode()).hexdigest()[:32]


class WebFiles:
    """The files of one listener; false when there are none.

    Args:
        files: by their names; `index.html` is what a folder shows.
    """

    def __init__(self, files: Mapping[str, WebFile]) -> None:
        self._files = {name: _Ready(file) for name, file in files.items()}

    def __bool__(self) -> bool:
        return bool(self._files)

    def answer(self, protocol: ServerProtocol, request: Request, path: str, query: str, places: str) -> Response:
        """Return the answer to a request that wants no WebSocket.

        Args:
            protocol: of the connection.
            request: what it asks for.
            path: the same without its query.
            query: that.
            places: what the page may connect to.
        """
        if request.method not in ("GET", "HEAD"):
            response = _plain(protocol, 405, "This is a chat server. Its page can be read, and nothing else.\n")
            response.headers["Allow"] = "GET, HEAD"
            return response
        file = self._find(path)
        policy = "" if file is None else file.policy(places)
        if file is None:
            response = _plain(protocol, 404, _NOT_FOUND)
        elif f'"{file.etag(policy)}' in request.headers.get("If-None-Match", ""):
            response = _about_file(protocol, 304, file, policy)
        else:
            packed = file.packed if _takes_gzip(request) else None
            response = _about_file(protocol, 200, file, policy, packed=packed is not None)
            response.body = packed or file.body
            response.headers["Content-Length"] = str(len(response.body))
            response.headers["Content-Type"] = file.media_type
        if file is not None and query == file.tag:
            response.headers["Cache-Control"] = _FOR_EVER
        elif file is not None:
            response.headers["Cache-Control"] = "no-cache"  # kept, and asked for each time whether it is still the same
        if request.method == "HEAD":
            response.body = b""
        return response

    def _find(self, path: str) -> _Ready | None:
        folders, slash, name = path.rpartition("/")
        if not slash or _FOLDERS.fullmatch(f"{folders}/") is None:
            return None
        return self._files.get(name or INDEX)


def quic_ports(about: Mapping[str, Any]) -> list[int]:
    """Return where a server has WebTransport, by what it says of itself."""
    return [told["port"] for told in about.get("transports", ()) if told.get("transport") == "quic"]


def _plain(protocol: ServerProtocol, status: int, text: str, *, framed: bool = False) -> Response:
    response = protocol.reject(status, text)
    for name, value in _HEADERS:
        response.headers[name] = value
    response.headers["X-Frame-Options"] = "SAMEORIGIN" if framed else "DENY"
    return response


def _about_file(protocol: ServerProtocol, status: int, file: _Ready, policy: str, *, packed: bool = False) -> Response:
    response = _plain(protocol, status, "", framed=file.framed)
    for name in ("Content-Type", "Content-Length"):
        del response.headers[name]
    response.headers["ETag"] = f'"{file.etag(policy)}{"-gzip" if packed else ""}"'
    response.headers["Content-Security-Policy"] = policy
    if file.packed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _takes_gzip(request: Request) -> bool:
    """Tell whether a browser takes gzip (RFC 9110, section 12.5.3)."""
    for value in request.headers.get_all("Accept-Encoding"):
        for coding in value.lower().split(","):
            name, _, weight = coding.replace(" ", "").partition(";")
            if name in ("gzip", "*") and weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
                return True
    return False


def places_here(request: Request, ports: Iterable[int]) -> list[str]:
    """Return where the page of this server is, and where it has WebTransport, on other ports of the same host."""
    found = _HOST.fullmatch(request.headers.get("Host", "") if len(request.headers.get_all("Host")) == 1 else "")
    if found is None or found.group(1).startswith("["):  # which no policy can name (CSP 3, section 2.3.1, `host-char`)
        return ["'self'"]
    # Not every browser counts ws: and wss: of the same place as 'self'.
    return [
        "'self'",
        f"ws://{found.group()}",
        f"wss://{found.group()}",
        *(f"https://{found.group(1)}:{port}" for port in ports),
    ]
