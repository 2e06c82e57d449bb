"""Where a server listens: `--listen` addresses, or transports that share host and port."""

from __future__ import annotations

from dataclasses import replace

from chatcore.aio.plugins import load_dialect, load_transport, scheme_of, split_dialect, transport_for
from chatcore.aio.server import Listen
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.ports.server_address import server_address
from chatcore.ports.transport import ListenOptions, Transport
from chatcore_cli.saying.texts import languages
from chatcore_web import web_files


def shared_places(
    transports: tuple[str, ...], dialect: str, port: int | None, options: ListenOptions
) -> tuple[Listen, ...]:
    """Return the places for transports that share host, port and dialect. Raises `ConfigurationError`."""
    load_dialect(dialect)
    return tuple(
        Listen(name, dialect, replace(options, port=load_transport(name).default_port if port is None else port))
        for name in dict.fromkeys(transports)
    )


def place_at(address: str, options: ListenOptions) -> Listen:
    """Return the place that an address such as `tcp+echo://0.0.0.0:7` names.

    Raises:
        ConfigurationError: there is no such transport or dialect, or it is no address.
    """
    url, dialect = split_dialect(address)
    try:
        transport = transport_for(url)
        found = server_address(url, target=False, any_port=True)
    except ConnectionFailed:  # its sentence is for those who connect
        raise ConfigurationError(
            "{address} is not a place to listen at; write it like ws://0.0.0.0:8765 or tcp+echo://127.0.0.1:7.",
            address=address,
        ) from None
    load_dialect(dialect or "chat")
    options = replace(options, host=found.host, port=transport.default_port if found.port is None else found.port)
    if not transport.can_encrypt or f"{found.scheme}s" in transport.schemes:  # there is another scheme for that
        options = replace(options, tls_cert=None, tls_key=None, tls_own=False)
    elif found.scheme.removesuffix("s") in transport.schemes:
        options = replace(options, tls_own=True)
    return Listen(transport.name, dialect or "chat", options)


def with_web_page(places: tuple[Listen, ...]) -> tuple[Listen, ...]:
    """Return the places, those of the chat with the page that browsers get there."""
    files = web_files(languages())
    return tuple(
        replace(place, options=replace(place.options, web=files)) if place.dialect == "chat" else place
        for place in places
    )


def is_encrypted(place: Listen) -> bool:
    """Tell whether a place that was given by its address is encrypted."""
    return place.options.tls_own or place.options.tls_cert is not None


def secure_address(address: str) -> str | None:
    """Return the address of the same place, encrypted; None where there is no such thing."""
    url, _dialect = split_dialect(address)
    scheme = scheme_of(url)
    return f"{scheme}s{address[len(scheme) :]}" if f"{scheme}s" in transport_for(url).schemes else None


def transport_of(place: Listen) -> Transport:
    """Return the transport of a place."""
    return load_transport(place.transport) if isinstance(place.transport, str) else place.transport
