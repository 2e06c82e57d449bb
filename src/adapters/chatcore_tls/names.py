"""What a server is called in TLS. Read without the library for certificates, which takes a while to load."""

from __future__ import annotations

from chatcore.ports.server_address import ascii_name


def ascii_host(host: str) -> str:
    """Return a host as it goes over the wire: an international name in its ASCII form.

    Raises UnicodeError when it has none.
    """
    return host if host.isascii() else ascii_name(host)


def tls_name(host: str) -> str:
    """Return what a certificate has to be for: without a dot at the end (RFC 6066, section 3), or an address's zone.

    Raises UnicodeError when nothing can be called so.
    """
    name = ascii_host(host).partition("%")[0].removesuffix(".").lower()
    if not name or name.startswith("."):
        raise UnicodeError("a label is empty")
    return name
