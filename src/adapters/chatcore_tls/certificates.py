"""A server's certificates: its own ones, and those in files.

A browser trusts a server's own certificate by its SHA-256 if it is for a P-256 key and valid for less than 14 days.
So the server keeps one key, makes a new certificate for it in time, and tells the next one's fingerprint beforehand.
"""

from __future__ import annotations

import datetime
import ipaddress
import logging
import math
import os
import socket
import ssl
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from chatcore.errors import ConfigurationError
from chatcore.ports.transport import ListenOptions
from chatcore.text.file_text import refuse_foreign
from chatcore_disk.private_files import FileSystem, content_of, write
from chatcore_tls.certificate_names import is_for
from chatcore_tls.fingerprints import fingerprint_of, key_fingerprint_of
from chatcore_tls.own_key import note, own_key
from chatcore_tls.state import state_dir

DAY: Final = 86400.0
VALID: Final = 13 * DAY
"""How long a certificate of our own is valid; browsers want less than 14 days."""
RENEWED: Final = 10 * DAY
"""How old it is when the next one takes its place."""
EARLY: Final = DAY
"""How long it is valid already when it is used first: clocks differ."""
LOOK_EVERY: Final = 1.0
"""How often files are looked at, at most, in seconds."""
_RSA_BITS: Final = 2048
CURVES: Final[tuple[type[ec.EllipticCurve], ...]] = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
"""Those that keys in files may be for."""
QUIC_CURVES: Final = CURVES[:2]
"""Those that aioquic can sign with (1.2 and before): with another one, no handshake came to an end."""
SOON: Final = 7 * DAY
"""How long before its end a certificate in a file is warned about."""
_REFUSED: Final = "browsers, and clients that go by authorities, refuse it"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a server shows, and the key that goes with it."""

    certificate: x509.Certificate
    chain: list[x509.Certificate]
    key: Any

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the certificate."""
        return fingerprint_of(self.certificate)

    @property
    def key_fingerprint(self) -> str:
        """SHA-256 over the public key."""
        return key_fingerprint_of(self.certificate)


class Certificates(ABC):
    """Where a server gets its certificate from."""

    @abstractmethod
    def current(self) -> Identity:
        """Return what to show to a new connection."""

    @abstractmethod
    def next_fingerprint(self) -> str | None:
        """Return the fingerprint of the certificate after this one, if it is known."""

    def are_for(self, name: str) -> bool:
        """Say whether the one in use is for a name."""
        return is_for(self.current().certificate, name)

    def about(self) -> dict[str, Any]:
        """Return what clients may know of them, as JSON: `key_fingerprint`, and `certificate_hashes` for browsers."""
        identity = self.current()
        hashes = [identity.fingerprint, self.next_fingerprint()]
        return {
            "key_fingerprint": identity.key_fingerprint,
            "certificate_hashes": [{"algorithm": "sha-256", "value": found} for found in hashes if found],
        }


def certificates_for(options: ListenOptions, curves: tuple[type[ec.EllipticCurve], ...] = CURVES) -> Certificates:
    """Return where a server with these options gets its certificate from: the files that are named, or its own.

    Args:
        options: name the files.
        curves: those that the transport can sign with.

    Raises:
        ConfigurationError: with one clear sentence, when they cannot be used.
    """
    if options.tls_cert is not None or options.tls_key is not None:
        return FileCertificates(options.tls_cert, options.tls_key, curves=curves)
    return OwnCertificates(options.state_dir)


class FileCertificates(Certificates):
    """A certificate chain and its key in PEM files; read again when the files change.

    That one is not valid yet, or not any more, or not for long, is logged when it begins to be so; and that everybody
    may read the key, whenever it is read.

    Args:
        cert: path of the certificates.
        key: path of the key; None when it is in the same file.
        clock: the time of day.
        curves: those that the key may be for.
    """

    def __init__(
        self,
        cert: str | None,
        key: str | None,
        clock: Callable[[], float] = time.time,
        curves: tuple[type[ec.EllipticCurve], ...] = CURVES,
    ) -> None:
        self._cert = cert
        self._key = key
        self._curves = curves
        self._clock = clock
        self._seen = self._state()
        self._looked = clock()
        self._identity = self._read()
        self._refused: tuple[object, str] | None = None
        """The files as they were when they could not be used last, and why; that was told."""
        self._refused_at = -math.inf
        self._told: str | None = None
        self._tell()

    def current(self) -> Identity:
        """Return what stands in the files, or stood there before somebody broke them."""
        now = self._clock()
        if abs(now - self._looked) >= LOOK_EVERY:  # it may have been put back
            self._looked = now
            state = self._state()
            again = self._refused is not None and state == self._refused[0] and abs(now - self._refused_at) < LOOK_EVERY
            if state != self._seen and not again:
                try:
                    self._identity = self._read()
                    self._seen = state
                    end = self._identity.certificate.not_valid_after_utc
                    note(logging.INFO, "certificate_read", f"{self._cert} was read again; it is valid until {end}")
                except ConfigurationError as error:  # perhaps only one of the two is written yet
                    if self._refused != (state, str(error)):
                        note(logging.WARNING, "certificate_stays", str(error))
                    self._refused, self._refused_at = (state, str(error)), now
            self._tell()
        return self._identity

    def about(self) -> dict[str, Any]:
        """Return what clients may know of what stands in the files now."""
        self._looked = -math.inf
        return super().about()

    def next_fingerprint(self) -> None:
        """Nobody knows what will stand in the files."""

    def _tell(self) -> None:
        """Warn when the certificate is outside its time, or soon will be; once for each."""
        certificate, now = self._identity.certificate, self._clock()
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        text = None
        if now < begin.timestamp():
            text = f"the TLS certificate {self._cert} is not valid before {begin}: {_REFUSED} until then"
        elif now > end.timestamp():
            text = f"the TLS certificate {self._cert} has expired on {end}: {_REFUSED}; renew it"
        elif now > end.timestamp() - SOON:
            text = f"the TLS certificate {self._cert} expires on {end}: {_REFUSED} from then on; renew it"
        if text is not None and text != self._told:
            note(logging.WARNING, "certificate_dated", text)
        self._told = text

    def _read(self) -> Identity:
        found = _read_files(self._cert, self._key, self._curves)
        key = self._key or self._cert
        if key is not None and os.name == "posix" and os.stat(key).st_mode & stat.S_IROTH:
            why = f"everybody on this computer can read the TLS key {key}; chmod o-r helps"
            note(logging.WARNING, "key_readable", why)
        return found

    def _state(self) -> list[tuple[int, int, int] | None]:
        return [_stat(path) for path in (self._cert, self._key) if path is not None]


class OwnCertificates(Certificates):
    """The server's own key, in its state directory, and certificates that it makes for it.

    Args:
        directory: where key and certificates are kept; None: `CHATCORE_STATE_DIR`, or the user's state directory.
        clock: the time of day.
        files: what the file system of the directory can do.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.time,
        files: FileSystem = os,
    ) -> None:
        self.directory = Path(directory) if directory is not None else state_dir()
        self._clock = clock
        self._files = files
        self._warned = False
        try:
            self._key = own_key(self.directory, files)
            self._current, self._next = self._stored()
        except OSError as error:
            place = error.filename or self.directory
            raise ConfigurationError(
                "the server's key cannot be kept in {place}: {why}; "
                "choose another directory with --state-dir, or give a certificate with --tls-cert and --tls-key",
                place=str(place),
                why=error.strerror,
            ) from error

    def current(self) -> Identity:
        """Return the certificate in use; another one when its time is over, or has not come: clocks are put right."""
        if not _is_used(self._current, self._clock()):
            self._current, self._next = self._stored()
        return Identity(self._current, [], self._key)

    def next_fingerprint(self) -> str:
        """Return the fingerprint of the certificate that will be used next."""
        self.current()
        return fingerprint_of(self._next)

    def _stored(self) -> tuple[x509.Certificate, x509.Certificate]:
        """Return the certificates for now and for later, made where they are missing."""
        now = self._clock()
        known = [self._read("certificate.pem"), self._read("next-certificate.pem")]
        known += [getattr(self, "_next", None)]
        good = [found for found in known if found is not None and _is_used(found, now)]
        current = good[0] if good else self._make(now - EARLY)
        after = _renewal(current) - EARLY
        later = [found for found in known if found is not None and abs(_begin(found) - after) < 2]
        following = later[0] if later else self._make(after)
        for name, certificate in (("certificate.pem", current), ("next-certificate.pem", following)):
            try:
                data = certificate.public_bytes(serialization.Encoding.PEM)
                write(self.directory / name, data, 0o644, self._files)
            except OSError as error:  # good as long as we run
                self._warn(error)
        return current, following

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            why = (
                f"the server's certificate cannot be kept in {error.filename}: {error.strerror}; web pages that name "
                "its hash need the new one after each start"
            )
            note(logging.WARNING, "certificate_not_kept", why)

    def _make(self, begin: float) -> x509.Certificate:
        begins = datetime.datetime.fromtimestamp(int(begin), datetime.UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chatcore")])
        names: list[x509.GeneralName] = [x509.DNSName("localhost")]
        with suppress(ValueError):
            names.append(x509.DNSName(socket.gethostname()))
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + datetime.timedelta(seconds=VALID))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _read(self, name: str) -> x509.Certificate | None:
        try:
            found = x509.load_pem_x509_certificate(content_of(self.directory / name))
        except (OSError, ValueError):
            return None
        return found if found.public_key() == self._key.public_key() else None


def _begin(certificate: x509.Certificate) -> float:
    return certificate.not_valid_before_utc.timestamp()


def _renewal(certificate: x509.Certificate) -> float:
    return _begin(certificate) + RENEWED


def _is_used(certificate: x509.Certificate, now: float) -> bool:
    return _begin(certificate) <= now < _renewal(certificate)


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read_files(cert: str | None, key: str | None, curves: tuple[type[ec.EllipticCurve], ...]) -> Identity:
    if cert is None:
        raise ConfigurationError("a TLS key is given without its certificate; give that too, with --tls-cert")
    try:
        certificate = content_of(Path(cert))
    except OSError as error:
        raise ConfigurationError(
            "the TLS certificate {path} cannot be read: {why}", path=cert, why=error.strerror
        ) from error
    refuse_foreign(certificate, cert)
    if b"-----BEGIN CERTIFICATE-----" not in certificate:
        raise ConfigurationError("the TLS certificate {path} is not a PEM file with a certificate", path=cert)
    try:
        key_text = certificate if key is None else content_of(Path(key))
    except OSError as error:
        raise ConfigurationError("the TLS key {path} cannot be read: {why}", path=key, why=error.strerror) from error
    refuse_foreign(key_text, key or cert)
    if b"PRIVATE KEY-----" not in key_text:
        if key is None:
            raise ConfigurationError(
                "the TLS certificate {path} needs its private key; give it with --tls-key", path=cert
            )
        raise ConfigurationError("the TLS key {path} is not a PEM file with a private key", path=key)

    try:
        found = serialization.load_pem_private_key(key_text, None)
    except TypeError as error:
        raise ConfigurationError(
            "the TLS key {path} is protected by a password; give one that is not", path=key or cert
        ) from error
    except ValueError as error:
        raise ConfigurationError("the TLS key {path} is damaged", path=key or cert) from error
    try:
        first, *others = x509.load_pem_x509_certificates(certificate)
        _check_key(first, found, key or cert, curves)
        if first.public_key() != found.public_key():
            raise _not_together(cert, key or cert, any(each.public_key() == found.public_key() for each in others))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _damaged(cert) from error
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except ssl.SSLError as error:
        if error.library == "PEM":
            raise _damaged(cert) from error
        raise _useless(cert, error.reason or str(error)) from error
    return Identity(first, others, found)


def _check_key(
    certificate: x509.Certificate, key: object, path: str, curves: tuple[type[ec.EllipticCurve], ...]
) -> None:
    """Raise `ConfigurationError` for a key that some client of a transport does not understand: nobody would get in."""
    match key:
        case rsa.RSAPrivateKey() if certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS:
            kind = "RSA-PSS"
        case rsa.RSAPrivateKey():
            if key.key_size >= _RSA_BITS:
                return
            kind = f"RSA, {key.key_size} bits"
        case ec.EllipticCurvePrivateKey():
            if isinstance(key.curve, curves):
                return
            kind = key.curve.name
        case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
            return
        case _:
            kind = type(key).__name__.removesuffix("PrivateKey")
    raise ConfigurationError(
        "no client understands the TLS key {path} ({kind}); make one for P-256, or for RSA with 2048 bits or more",
        path=path,
        kind=kind,
    )


def _not_together(cert: str, key: str, further_down: bool) -> ConfigurationError:
    if further_down:
        return ConfigurationError(
            "the certificates in {path} are in the wrong order: that of the key {key} comes first, then those "
            "that vouch for it",
            path=cert,
            key=key,
        )
    return ConfigurationError("the TLS key {key} does not belong to the certificate {path}", key=key, path=cert)


def _damaged(cert: str) -> ConfigurationError:
    return ConfigurationError("the TLS certificate {path} is damaged", path=cert)


def _useless(cert: str, why: str) -> ConfigurationError:
    return ConfigurationError("the TLS certificate {path} and its key cannot be used: {why}", path=cert, why=why)
