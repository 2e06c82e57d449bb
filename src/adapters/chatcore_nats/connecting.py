"""Connecting to NATS, and saying in one sentence why that is not possible."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, TypeVar

from nats.aio.client import Client
from nats.errors import Error, NoRespondersError
from nats.js import JetStreamContext
from nats.js.errors import ServiceUnavailableError

from chatcore.errors import ConfigurationError
from chatcore_nats.place import Place

_T = TypeVar("_T")

# How long it may take until a server answers, in seconds; and until its JetStream has a leader.
_PATIENCE: Final = 5.0
_STREAM_PATIENCE: Final = 20.0
# Where nobody at all hears of it, JetStream was not begun.
_ALONE_PATIENCE: Final = 2.0
_TRY_AGAIN: Final = 0.25
# Seconds. A node whose server has died is on the next one long before its lease is over.
_PING_EVERY: Final = 2
_RECONNECT_WAIT: Final = 0.2
# For each server, at the first time.
_TRIES: Final = 3
_JETSTREAM_OFF: Final = frozenset({10039, 10076})
"""JetStream is not enabled for the account, or at all."""
_PASSING: Final = (TimeoutError, NoRespondersError, ServiceUnavailableError)
"""What is said while there is no leader."""


async def connect(place: Place, name: str) -> Client:
    """Return a connection that comes back by itself, to whichever server is there. Raises `ConfigurationError`."""
    failures: list[Exception] = []

    async def failed(error: Exception) -> None:
        failures.append(error)
        del failures[:-1]

    options: dict[str, Any] = {
        "name": name,
        "error_cb": failed,
        "connect_timeout": 2,
        "ping_interval": _PING_EVERY,
        "max_outstanding_pings": 2,
        "reconnect_time_wait": _RECONNECT_WAIT,
        "allow_reconnect": False,  # who does not get in at all is told so
        "max_reconnect_attempts": _TRIES,
        "tls": place.tls_context(),
        "skip_subject_validation": True,
    }
    if place.user is not None:
        options |= {"user": place.user, "password": place.password or ""}
    elif place.password is not None:
        options["token"] = place.password
    if place.creds is not None:
        options["user_credentials"] = place.creds
    client = Client()
    try:
        async with asyncio.timeout(_PATIENCE):
            await client.connect(servers=list(place.servers), **options)
    except (TimeoutError, OSError, Error, ValueError) as error:
        why = failures[-1] if failures else error
        await close(client)
        raise _unreachable(place, why) from why
    except BaseException:
        await close(client)
        raise
    client.options |= {"allow_reconnect": True, "max_reconnect_attempts": -1}
    return client


async def close(client: Client) -> None:
    """Close a connection, however it is."""
    with suppress(TimeoutError, OSError, Error):  # whatever is left of it ends with its socket
        async with asyncio.timeout(_PATIENCE):
            await client.close()


async def jetstream(client: Client, place: Place) -> JetStreamContext:
    """Return the JetStream of a connection. Raises `ConfigurationError` when there is none."""
    context = client.jetstream(timeout=_PATIENCE)
    await patiently(context.account_info, place)
    return context


async def patiently(step: Callable[[], Awaitable[_T]], place: Place) -> _T:
    """Take a step that JetStream cannot take while it has no leader: again and again, for a while.

    Raises `ConfigurationError` when it stays so, or JetStream is not there; `APIError` for whatever else it says.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        try:
            return await step()
        except _PASSING as error:
            code = getattr(error, "err_code", None)
            if code in _JETSTREAM_OFF:
                raise _no_jetstream(place) from error
            alone = code is None and not isinstance(error, TimeoutError)
            if loop.time() >= began + (_ALONE_PATIENCE if alone else _STREAM_PATIENCE):
                raise _no_jetstream(place) from error
        await asyncio.sleep(_TRY_AGAIN)


def _unreachable(place: Place, why: BaseException) -> ConfigurationError:
    text = str(why).lower()
    if "authorization" in text or "authentication" in text or "permissions" in text or "nonce" in text:
        return ConfigurationError(
            "NATS at {place} does not take these credentials; look at user, password or creds in the address",
            place=place.text,
        )
    if "no such file" in text or isinstance(why, FileNotFoundError):
        return ConfigurationError("the file with the credentials for {place} cannot be read", place=place.text)
    if "tls" in text or "ssl" in text or "certificate" in text:
        return ConfigurationError(
            "NATS at {place} cannot be reached over TLS ({why}); look at tls, ca, cert and key in the address",
            place=place.text,
            why=str(why),
        )
    return ConfigurationError(
        "NATS cannot be reached at {place} ({why}); start nats-server -js there, or correct the address",
        place=place.text,
        why=str(why) or type(why).__name__,
    )


def _no_jetstream(place: Place) -> ConfigurationError:
    return ConfigurationError(
        "NATS at {place} has no JetStream, or no leader for it; start nats-server with -js, and most of its servers",
        place=place.text,
    )
