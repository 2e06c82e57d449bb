"""What is written beside a stream that has lost its end: who notices that ends, and whoever starts next has to know.

Times are what the stream says of its entries, in nanoseconds since 1970. They stand in its metadata, and so they are
there for as long as the stream is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import StreamInfo
from nats.js.errors import APIError, ServiceUnavailableError
from pydantic_core import to_json

from chatcore_nats.place import Place

_LOST: Final = "chatcore_lost"
_RENEWED: Final = "chatcore_renewed"
SOMETHING_LOST: Final = {_LOST: "1"}
"""What is written beside a new stream in the place of one of which nobody knows what was in it."""
_TRY_AGAIN: Final = 0.5


class Losses(NamedTuple):
    """What a stream says of itself."""

    lost: int
    """When the last entry was written that somebody had, and that is not there any more; 0 for none."""
    renewed: int
    """Since when all logs go on under other epochs for that; 0 for never."""

    @property
    def are_new(self) -> bool:
        """True while users may take a new message for one that they have."""
        return self.lost > self.renewed


def losses_of(info: StreamInfo) -> Losses:
    """Return what a stream says of itself."""
    return _losses(info.config.metadata or {})


async def note_loss(js: JetStreamContext, place: Place, stamp: int | None) -> None:
    """Write down that the entry of that time is not there any more; None: it is not known of when it was."""
    await _note(js, place, stamp, _LOST)


async def note_renewal(js: JetStreamContext, place: Place, stamp: int) -> None:
    """Write down that all logs go on under other epochs since the entry of that time."""
    await _note(js, place, stamp, _RENEWED)


async def _note(js: JetStreamContext, place: Place, stamp: int | None, name: str) -> None:
    """Write down a time, unless a later one is there, as soon as NATS lets us; where it refuses, it stays as it is."""
    while True:
        try:
            # As NATS says it: nats-py leaves out of a config what it does not know.
            config = (await js._api_request(f"{js._prefix}.STREAM.INFO.{place.stream}"))["config"]
            metadata = config.get("metadata") or {}
            known = _losses(metadata)
            wanted = known.renewed + 1 if stamp is None else stamp
            if wanted > (known.lost if name == _LOST else known.renewed):
                changed = config | {"metadata": metadata | {name: str(wanted)}}
                await js._api_request(f"{js._prefix}.STREAM.UPDATE.{place.stream}", to_json(changed))
        except (TimeoutError, OSError, ServiceUnavailableError):
            await asyncio.sleep(_TRY_AGAIN)
        except APIError:
            return
        except Error:  # there is no connection at present, or nobody who answers
            await asyncio.sleep(_TRY_AGAIN)
        else:
            return


def _losses(metadata: Mapping[str, Any]) -> Losses:
    return Losses(*(_number(metadata.get(name)) for name in (_LOST, _RENEWED)))


def _number(text: str | None) -> int:
    """Return a time; 0 for what is none, whoever has written it."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 20 else 0
