"""TLS: contexts for both sides, and one clear sentence for everything that can be wrong with the files."""

from __future__ import annotations

import ssl

from chatcore.errors import ConfigurationError


def server_context(cert: str | None, key: str | None) -> ssl.SSLContext | None:
    """Return the context of a server; None when it is not to be encrypted."""
    if cert is None:
        if key is not None:
            raise ConfigurationError("a TLS key is given without its certificate; give that too, with --tls-cert")
        return None
    certificate = _read(cert, "TLS certificate")
    if "-----BEGIN CERTIFICATE-----" not in certificate:
        raise ConfigurationError(f"the TLS certificate {cert} is not a PEM file with a certificate")
    key_text = certificate if key is None else _read(key, "TLS key")
    if "PRIVATE KEY-----" not in key_text:
        if key is None:
            raise ConfigurationError(f"the TLS certificate {cert} needs its private key; give it with --tls-key")
        raise ConfigurationError(f"the TLS key {key} is not a PEM file with a private key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def no_password() -> str:
        raise ConfigurationError(f"the TLS key {key or cert} is protected by a password; give one that is not")

    try:
        context.load_cert_chain(cert, key, no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            text = f"the TLS key {key or cert} does not belong to the certificate {cert}"
        else:
            text = f"the TLS certificate {cert} and its key cannot be used: {error.reason or error}"
        raise ConfigurationError(text) from error
    return context


def client_context(ca: str | None) -> ssl.SSLContext:
    """Return the context of a client that trusts the system's authorities, or those in the file `ca`."""
    if ca is None:
        context = ssl.create_default_context()
    else:
        text = _read(ca, "file of trusted certificates")
        try:
            context = ssl.create_default_context(cadata=text)
        except (ssl.SSLError, ValueError) as error:
            raise ConfigurationError(f"{ca} is not a PEM file with certificates to trust") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _read(path: str, what: str) -> str:
    try:
        with open(path, encoding="ascii", errors="ignore") as file:
            return file.read()
    except OSError as error:
        raise ConfigurationError(f"the {what} {path} cannot be read: {error.strerror}") from error
