"""What a certificate is recognised by: SHA-256 of the certificate, or of its public key. In hex."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from chatcore.errors import UntrustedCertificate


def fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 over a certificate (DER), in hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def key_fingerprint_of(certificate: x509.Certificate) -> str:
    """Return the SHA-256 over a certificate's public key (DER), in hex."""
    encoding, kind = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(certificate.public_key().public_bytes(encoding, kind)).hexdigest()


def is_pinned(certificate: x509.Certificate, pins: frozenset[str]) -> bool:
    """Tell whether a certificate, or its key, is one of those."""
    return bool(pins & {fingerprint_of(certificate), key_fingerprint_of(certificate)})


def untrusted(place: str, why: str, certificate: x509.Certificate | None) -> UntrustedCertificate:
    """Return the error for a certificate that no authority vouches for; None when the server did not show it."""
    shown = None if certificate is None else fingerprint_of(certificate)
    key = None if certificate is None else key_fingerprint_of(certificate)
    return UntrustedCertificate(
        "the certificate of {place} is not to be trusted: {why}", shown, key, place=place, why=why
    )


def not_pinned(place: str, certificate: x509.Certificate) -> UntrustedCertificate:
    """Return the error for a certificate that is not the one that was asked for."""
    shown = fingerprint_of(certificate)
    return UntrustedCertificate(
        "the certificate of {place} is not the one that was pinned: its fingerprint is {shown}",
        shown,
        key_fingerprint_of(certificate),
        place=place,
        shown=shown,
    )
