"""What a user of NATS has to be allowed for a chat: looked at before anything else is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import Header

from chatcore_nats.connection.connecting import LEAST_PAYLOAD, PATIENCE, Connection, check_length, patiently
from chatcore_nats.connection.failures import not_allowed, unreachable
from chatcore_nats.place import Place

NOWHERE: Final = {Header.EXPECTED_STREAM.value: "-"}
"""With these headers no stream keeps a message, since none has this name; each that it reaches says so."""
_NOTHING: Final = b"nothing"
_NOBODY: Final = 0
"""The number of no node."""


async def check_allowed(client: Connection, place: Place) -> None:
    """Make sure that NATS lets this server do what it will have to, sooner or later.

    What NATS does not allow it does not refuse: nothing comes, or nothing arrives. Raises `ConfigurationError`, with
    the subjects.
    """
    client.forbidden.clear()
    inbox = client.new_inbox()
    try:
        heard = [await client.subscribe(subject) for subject in (place.nodes, inbox)]
        heard.append(await client.subscribe(place.files(_NOBODY), cb=_reflect))
        for subject in _published(place):
            await client.publish(subject, _NOTHING, headers=NOWHERE, reply=inbox)
        await client._flush_pending(force_flush=True)  # nats-py lets a ping overtake what waits to be sent
        await client.flush(PATIENCE)  # type: ignore[arg-type]  # it takes parts of a second, too
        if client.forbidden:  # NATS has said all of it by now
            raise not_allowed(place, client.forbidden)
        # What is asked may be answered, whether that is for its inbox, or because it was asked; and may be long.
        longest = bytes(LEAST_PAYLOAD)
        await patiently(client, lambda: client.request(place.files(_NOBODY), longest, timeout=PATIENCE), place)
        for each in heard:
            await each.unsubscribe()
    except (Error, OSError) as error:
        check_length(client, place)
        raise unreachable(place, client.failure or error) from error


async def _reflect(message: Msg) -> None:
    await message.respond(_NOTHING)


def _published(place: Place) -> Iterator[str]:
    """Yield where a server publishes, but for what it asks of JetStream: a start asks for that, and is told.

    Not for trimming a stream: JetStream carries that out, whatever stands in the request.
    """
    yield place.subject
    yield place.files(_NOBODY)
    yield f"$JS.FC.{place.stream}.-.-"
    for what in "CM":  # chunks of snapshots, and what there is to know of them
        yield f"$O.{place.stream}.{what}.-"
