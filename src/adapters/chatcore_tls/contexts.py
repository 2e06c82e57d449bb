"""TLS for stream transports: the contexts of both sides."""

from __future__ import annotations

import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from chatcore.errors import ConfigurationError
from chatcore.text.file_text import refuse_foreign
from chatcore_disk.private_files import content_of
from chatcore_tls.certificates import Certificates, Identity

_PEM: Final = serialization.Encoding.PEM
_KEY_LOG: Final = "SSLKEYLOGFILE"


class ServerTls:
    """A server's TLS: new connections are shown the certificate of the moment."""

    def __init__(self, certificates: Certificates) -> None:
        self.certificates = certificates
        self._identity = certificates.current()
        self._context = _context_of(self._identity)

    def context(self) -> ssl.SSLContext:
        """Return the context for a new connection."""
        identity = self.certificates.current()
        if identity.certificate != self._identity.certificate:
            self._identity = identity
            self._context = _context_of(identity)
        return self._context


def client_context(ca: str | None, *, pinned: bool = False) -> ssl.SSLContext:
    """Return the context of a client that trusts the system's authorities, or those in the file `ca`.

    Args:
        ca: path of PEM certificates.
        pinned: nobody has to vouch for the certificate, because the caller compares its fingerprint.

    Raises:
        ConfigurationError: the file cannot be used, or that of `SSLKEYLOGFILE`.
    """
    if pinned:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca is None:
        context = verifying()
    else:
        context = _trusting(ca, _read(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False  # as browsers, and as our QUIC
    return context


def verifying(*, cafile: str | None = None, cadata: str | None = None) -> ssl.SSLContext:
    """Return the context of a client as Python makes it: for the system's authorities, or these.

    Raises:
        ConfigurationError: Python writes the keys of connections where `SSLKEYLOGFILE` says, and cannot.
        OSError, ValueError: the authorities cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=cafile, cadata=cadata)
    except OSError as error:
        file = os.environ.get(_KEY_LOG)
        if file is None or error.filename != file:
            raise
        raise ConfigurationError(
            "the keys of encrypted connections cannot be written to {file}, which the environment variable {variable} "
            "names: {why}; unset it, or name another file",
            file=file,
            variable=_KEY_LOG,
            why=error.strerror,
        ) from error


def authorities_in(ca: str) -> bytes:
    """Return the certificates to trust in the file `ca`, PEM: nothing else of it, with the ends of lines as on Unix.

    Raises `ConfigurationError` as `client_context` does.
    """
    text = _read(ca)
    try:
        # As `_trusting`, but for the keys of connections, which QUIC writes nowhere.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
        return b"".join(each.public_bytes(_PEM) for each in x509.load_pem_x509_certificates(text.encode()))
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError("{path} is not a PEM file with certificates to trust", path=ca) from error


def _trusting(ca: str, text: str) -> ssl.SSLContext:
    try:
        if not text:  # with which Python trusts the system's authorities
            raise ValueError("there is nothing in it")
        return verifying(cadata=text)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError("{path} is not a PEM file with certificates to trust", path=ca) from error


def _context_of(identity: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    key = identity.key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain = [certificate.public_bytes(_PEM) for certificate in (identity.certificate, *identity.chain)]
    with _as_file(key + b"".join(chain)) as path:
        context.load_cert_chain(path)
    return context


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """Give the path of a file with these bytes that nobody else can read, and that is gone at once.

    Python loads certificates from files only. On Linux it is one in memory: there may be no disk to write to.
    """
    if sys.platform == "linux" and os.path.isdir("/proc/self/fd"):
        with open(os.memfd_create("chatcore"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    handle, name = tempfile.mkstemp(suffix=".pem")
    try:
        with open(handle, "wb") as file:
            file.write(data)
        yield name
    finally:
        os.unlink(name)


def _read(path: str) -> str:
    try:
        data = content_of(Path(path))  # again at each connection, which nothing else than a file bears
    except OSError as error:
        raise ConfigurationError(
            "the file of trusted certificates {path} cannot be read: {why}", path=path, why=error.strerror
        ) from error
    refuse_foreign(data, path)
    return data.decode("ascii", "ignore")
