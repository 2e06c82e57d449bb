"""What conformance.py needs to talk to a client or a server: addresses, connections, frames."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import Server, ServerConnection, serve

Frame = dict[str, Any]
Validate = Callable[[Frame], str | None]
PATIENCE = 10.0


class Failure(Exception):
    """Something is not as the protocol says."""


class Mistake(Exception):
    """Nothing can be checked until the user puts something right."""


def check(condition: object, what: str) -> None:
    """Complain unless `condition` is true."""
    if not condition:
        raise Failure(what)


class Line(AbstractContextManager["Line"]):
    """JSON lines over plain TCP, with those methods of a WebSocket connection that are used here."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._received = b""

    def send(self, text: str) -> None:
        """Send one line."""
        try:
            self._socket.sendall(text.encode() + b"\n")
        except ConnectionError:
            raise ConnectionClosed(None, None) from None

    def recv(self, timeout: float) -> bytes:
        """Return the next line."""
        self._socket.settimeout(timeout)
        while b"\n" not in self._received:
            try:
                data = self._socket.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                raise ConnectionClosed(None, None)
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        return line

    def close(self) -> None:
        """Hang up; the other side may still read what it was sent."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(1)
            while self._socket.recv(65536):
                pass
        self._socket.close()

    def close_socket(self) -> None:
        """Hang up without a word."""
        self._socket.close()

    def __exit__(self, *_: object) -> None:
        self.close()


class LineServer(ThreadingTCPServer):
    """Listens for lines as `websockets` listens for its connections."""

    allow_reuse_address = daemon_threads = True


Connection = ClientConnection | ServerConnection | Line


def hear(connection: Connection, valid: Validate, patience: float) -> Frame:
    """Return the next frame. Raises `Failure`, `TimeoutError`, `ConnectionClosed`."""
    text = connection.recv(timeout=patience)
    try:
        frame = json.loads(text)
    except ValueError:
        frame = None
    check(isinstance(frame, dict) and isinstance(frame.get("type"), str), f"this is not a frame: {text!r}")
    wrong = valid(frame)
    check(wrong is None, f"this frame is not as described: {frame}: {wrong}")
    return frame


class Place:
    """Where a server is, or is to be. Raises `Mistake` for one that cannot be."""

    def __init__(self, url: str, pem: Path | None) -> None:
        try:
            parts = urlsplit(f"ws://127.0.0.1:{url}" if url.isdigit() else url)
            self.scheme = parts.scheme.removesuffix("+chat")
            self.host, self.port = parts.hostname, parts.port
        except ValueError:
            self.scheme = ""
        if self.scheme not in ("ws", "wss", "tcp") or not self.host or self.port is None:
            raise Mistake(f"{url!r} is not an address like ws://127.0.0.1:8765 or tcp://127.0.0.1:8765")
        if pem is not None and not pem.is_file():
            raise Mistake(f"there is no file {pem}")
        self.url = f"{self.scheme}://{parts.netloc}{parts.path}"
        self._pem = pem

    def connect(self) -> Connection:
        """Connect to the server that is there."""
        try:
            if self.scheme == "tcp":
                return Line(socket.create_connection((self.host, self.port), timeout=PATIENCE))
            tls = None
            if self.scheme == "wss":
                tls = ssl.create_default_context(cafile=self._pem)
                # websockets writes in one thread while it reads in another, and the tickets that TLS 1.3 sends after
                # the handshake are worked on while it reads: now and then a request never left.
                tls.maximum_version = ssl.TLSVersion.TLSv1_2
            return connect(self.url, open_timeout=PATIENCE, proxy=None, ssl=tls)
        except (OSError, UnicodeError, WebSocketException) as error:
            raise Mistake(f"{self.url} cannot be reached: {reason(error)}") from error

    def listen(self, handle: Callable[[Connection], None]) -> Server | LineServer:
        """Be a server at this place; it calls `handle` in a thread for each connection."""
        if self.scheme == "wss" and self._pem is None:
            raise Mistake("wss:// needs --pem FILE with a certificate and its key")
        try:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if self.scheme == "wss" else None
            if tls is not None:
                tls.load_cert_chain(self._pem)
            if self.scheme == "tcp":
                return LineServer((self.host, self.port), lambda sock, *_: handle(Line(sock)))
            return serve(handle, self.host, self.port, ssl=tls)
        except (OSError, UnicodeError) as error:
            raise Mistake(f"no server can be at {self.url}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """Return what went wrong, for people."""
    return getattr(error, "strerror", None) or str(error)


def validator(path: Path | None, kind: str) -> Validate:
    """Return what says how a frame differs from the schema; None when it does not."""
    if path is None:
        return lambda _frame: None
    try:
        import jsonschema  # noqa: PLC0415 - only with --schema

        schema = json.loads(path.read_text())
        checker = jsonschema.Draft202012Validator({**schema, "$ref": f"#/$defs/{kind}"})
        schema["$defs"][kind]
    except ImportError:
        raise Mistake("--schema needs the package jsonschema") from None
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {reason(error)}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise Mistake(f"{path} is not the schema of the protocol") from error
    return lambda frame: next((error.message for error in checker.iter_errors(frame)), None)


def checks_of(cls: type) -> list[str]:
    """Return the names of its checks, in order."""
    return [name for name in vars(cls) if not name.startswith("_") and name not in ("guest", "join")]


def run(name: str, step: Callable[[], object]) -> bool:
    """Run one check and say what came of it; returns whether all is well."""
    try:
        step()
    except (Failure, Mistake) as error:
        wrong = str(error)
    except (ConnectionClosed, OSError) as error:
        wrong = f"the connection is gone: {reason(error)}"
    except (LookupError, TypeError, AttributeError) as error:
        wrong = f"a frame is not as described: {error!r}"
    else:
        print(f"ok      {name.replace('_', ' ')}", flush=True)
        return True
    print(f"FAILED  {name.replace('_', ' ')}: {wrong}", flush=True)
    return False
