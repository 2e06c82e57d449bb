"""Which names a certificate is good for (RFC 9525), and the sentence for one that is for others."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

from cryptography import x509

from chatcore.errors import UntrustedCertificate
from chatcore.text.safe_text import safe_text
from chatcore_tls.fingerprints import fingerprint_of, key_fingerprint_of

_NAMES_SHOWN: Final = 5
_NAME_CHARS: Final = 64
_LABEL: Final = re.compile(r"[a-z0-9-]+")


def is_for(certificate: x509.Certificate, name: str) -> bool:
    """Say whether a certificate is good for a name or an address, as `tls_name` returns it.

    A common name is not looked at (RFC 9525, section 2); a `*` stands for one whole label, the first of three or more.
    """
    names = _alternatives(certificate)
    if names is None:
        return False
    try:
        return ipaddress.ip_address(name) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        return any(_matches(pattern.lower(), name) for pattern in names.get_values_for_type(x509.DNSName))


def is_for_others(place: str, host: str, certificate: x509.Certificate) -> UntrustedCertificate:
    """Return the error for a certificate that does not name the host."""
    names = _alternatives(certificate)
    found: list[str] = []
    if names is not None:
        found += names.get_values_for_type(x509.DNSName)
        found += map(str, names.get_values_for_type(x509.IPAddress))
    known = fingerprint_of(certificate), key_fingerprint_of(certificate)
    if not found:
        return UntrustedCertificate(
            "the certificate of {place} is not to be trusted: it names no server, so it is not for {host} either",
            *known,
            place=place,
            host=host,
        )
    shown = ", ".join(safe_text(name[:_NAME_CHARS]) for name in found[:_NAMES_SHOWN])
    return UntrustedCertificate(
        "the certificate of {place} is not to be trusted: it is not for {host}, but for {names}",
        *known,
        place=place,
        host=host,
        names=shown + (", …" if len(found) > _NAMES_SHOWN else ""),
    )


def names_in(path: str) -> list[str]:
    """Return the names that the first certificate of a PEM file is good for, without those with a `*`.

    Raises:
        OSError: the file cannot be read.
        ValueError: there is no certificate in it.
    """
    names = _alternatives(x509.load_pem_x509_certificate(Path(path).read_bytes()))
    found = [] if names is None else names.get_values_for_type(x509.DNSName)
    return [name for name in found if "*" not in name]


def _alternatives(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):  # it has none, or none that can be read
        return None


def _matches(pattern: str, name: str) -> bool:
    first, _, rest = pattern.partition(".")
    if first != "*":
        return pattern == name and bool(name)
    label, _, domain = name.partition(".")
    return rest == domain and "." in rest and "*" not in rest and _LABEL.fullmatch(label) is not None
