"""Whether a server can be run with its settings, as far as that shows without starting one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import closing

import click

from chatcore.aio.arguments import check_room_names
from chatcore.aio.clock import LoopClock
from chatcore.aio.server import Listen
from chatcore.aio.server.signing_in import check_secrets
from chatcore.aio.server.stores import open_store
from chatcore.errors import ConfigurationError
from chatcore.text.names import composed
from chatcore_cli.hosting.observing import load_admin
from chatcore_cli.hosting.places import KINDS, is_encrypted, secure_address, transport_of
from chatcore_cli.hosting.serve_settings import ServeSettings
from chatcore_cli.settings.sources import origin
from chatcore_net.binding import check_host
from chatcore_net.entrance import Entrance
from chatcore_net.origins import Origins


def check_usable(settings: ServeSettings) -> None:
    """Look at what the settings name, and change nothing. Raises `ConfigurationError`."""
    for place in settings.listen:
        if place.transport in KINDS:
            check_host(place.options.host)
        Entrance(place.options)
        Origins(place.options.origins)
        if place.options.tls_cert is not None or place.options.tls_key is not None:
            from chatcore_tls.certificates import CURVES, QUIC_CURVES, certificates_for

            certificates_for(place.options, QUIC_CURVES if place.transport == "quic" else CURVES)
    check_secrets(settings.password, settings.operator_token)
    check_room_names(map(composed, (settings.limits.default_room, *settings.rooms, *settings.retention.rooms)))
    with closing(asyncio.new_event_loop()) as loop:  # nothing runs in it
        open_store(settings.store, LoopClock(loop), settings.retention, advertised=bool(settings.advertised))
    if settings.admin is not None:
        check_host(settings.admin[0])
        load_admin()


def check_can_encrypt(ctx: click.Context, places: Iterable[Listen]) -> None:
    """Refuse transports that are never encrypted where all of them are to be."""
    asked = [name for name in ("tls_own", "tls_cert") if ctx.params[name]]
    for place in places if asked else ():
        if not transport_of(place).can_encrypt:
            raise ConfigurationError(
                "{option} asks for encryption, and the {transport} transport has none; leave it out, or name each "
                "place with --listen, like {like}.",
                option=origin(ctx, asked[0]),
                transport=place.transport,
                like="wss://0.0.0.0:8765",
            )


def check_encryption(ctx: click.Context, places: Mapping[str, Listen]) -> None:
    """Refuse addresses that are not encrypted although that is asked for, and a certificate that nothing shows."""
    asked = [name for name in ("tls_own", "tls_cert") if ctx.params[name]]
    plain = [address for address, place in places.items() if not is_encrypted(place)]
    if asked and len(plain) == len(places):
        raise ConfigurationError(
            "{option} is of no use: nothing is encrypted at {places}.",
            option=origin(ctx, asked[0]),
            places=", ".join(plain),
        )
    for address in plain:
        if asked == ["tls_own"] and (secure := secure_address(address)) is not None:
            raise ConfigurationError(
                "{option} asks for encryption, and {address} has none; write {secure}.",
                option=origin(ctx, "tls_own"),
                address=address,
                secure=secure,
            )
