"""The stream of a chat, and the bucket for its snapshots: made when they are not there, looked at when they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, ObjectStoreConfig, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, BucketNotFoundError, NotFoundError
from nats.js.object_store import ObjectStore

from chatcore.errors import ConfigurationError, Sentence
from chatcore_nats.connection.connecting import LEAST_PAYLOAD, Connection, patiently
from chatcore_nats.connection.permissions import NOWHERE
from chatcore_nats.losses import SOMETHING_LOST
from chatcore_nats.place import Place
from chatcore_nats.saved import last_saved

VERSION: Final = 1
"""Of how a chat is kept on NATS: subjects, entries, snapshots."""

ECHO: Final = 1.0
"""So long, in seconds, a stream in another domain may take to answer."""
ELSEWHERE: Final = Sentence(
    "what is said there is kept in another domain of JetStream as well, over a leafnode; give one of the two chats "
    "another name, or lead all servers to one domain"
)
# What an account says that has max_bytes_required.
_BOUND_WANTED: Final = 10113
_KEY: Final = "chatcore_version"
_NEEDED: Final[Mapping[str, object]] = {
    "retention": RetentionPolicy.LIMITS.value,
    "storage": StorageType.FILE.value,
    "discard": DiscardPolicy.NEW.value,
    "max_msgs_per_subject": -1,
    "no_ack": False,
    "persist_mode": "default",
}
"""What a stream has to have, as NATS says it: with anything else it says that it keeps what it does not, or nothing."""
_NEEDED_BY_SNAPSHOTS: Final[Mapping[str, object]] = {"storage": StorageType.FILE.value, "max_age": 0, "no_ack": False}
"""What the stream behind a bucket has to have: a journal is trimmed for a snapshot, which may not go by itself."""


async def open_stream(client: Connection, js: JetStreamContext, place: Place) -> ObjectStore:
    """Return the bucket for snapshots; stream and bucket are there then, on as many servers as the address says.

    Raises `ConfigurationError`.
    """
    try:
        return await _open(client, js, place)
    except APIError as error:
        if error.err_code == _BOUND_WANTED and place.max_bytes is None:
            raise ConfigurationError(
                "the account at {place} keeps nothing without a bound; write into the address how much a chat may "
                "have: {example}",
                place=place.text,
                example="max-bytes=10G",
            ) from error
        raise ConfigurationError(
            "JetStream at {place} does not keep the chat: {why}", place=place.text, why=error.description or str(error)
        ) from error


async def _open(client: Connection, js: JetStreamContext, place: Place) -> ObjectStore:
    try:
        info = await patiently(client, lambda: js.stream_info(place.stream), place)
    except NotFoundError:
        info = await _make(client, js, place)
    _check(info, place)
    await _spread(client, js, place, info)
    try:
        bucket = await patiently(client, lambda: js.object_store(place.stream), place)
    except (BucketNotFoundError, NotFoundError):
        return await patiently(client, lambda: make_bucket(js, place), place)
    info = await patiently(client, lambda: js.stream_info(f"OBJ_{place.stream}"), place)
    _check_settings(info, place, _NEEDED_BY_SNAPSHOTS)
    await _spread(client, js, place, info)
    return bucket


async def _make(client: Connection, js: JetStreamContext, place: Place) -> StreamInfo:
    """Make the stream, unless there is one elsewhere: its chat would end by that.

    Where there is a snapshot, there was a stream: the chat goes on behind the snapshot.
    """
    if await _is_kept(client, place):
        try:  # another server may just have made it
            return await patiently(client, lambda: js.stream_info(place.stream), place)
        except NotFoundError as error:
            raise ConfigurationError(
                "the store {path} cannot be used: {why}", path=place.text, why=ELSEWHERE
            ) from error
    behind = await patiently(client, lambda: _snapshot_position(js, place), place)
    return await patiently(client, lambda: js.add_stream(_config(place, behind)), place)


async def _snapshot_position(js: JetStreamContext, place: Place) -> int:
    """Return how far the last snapshot goes; 0 without one."""
    try:
        last = await last_saved(await js.object_store(place.stream))
    except (BucketNotFoundError, NotFoundError):
        return 0
    return 0 if last is None else last.position


async def _is_kept(client: Connection, place: Place) -> bool:
    """Tell whether there is a stream, wherever that is, that hears what is proposed for a chat."""
    try:
        await client.request(place.subject, headers=NOWHERE, timeout=ECHO)
    except (TimeoutError, Error):
        return False
    return True


async def make_bucket(js: JetStreamContext, place: Place) -> ObjectStore:
    """Make the bucket for snapshots."""
    config = ObjectStoreConfig(storage=StorageType.FILE, replicas=place.replicas, max_bytes=place.max_bytes)
    return await js.create_object_store(place.stream, config=config)


async def _spread(client: Connection, js: JetStreamContext, place: Place, info: StreamInfo) -> None:
    """Let a stream be on as many servers as the address says, or stay on more: another address may have said so."""
    config = info.config
    if (config.num_replicas or 1) < place.replicas:
        await patiently(client, lambda: js.update_stream(config.evolve(num_replicas=place.replicas)), place)


def _config(place: Place, behind: int = 0) -> StreamConfig:
    """Return what the stream is made as; the first entry comes behind that position."""
    known = {_KEY: str(VERSION)}
    return StreamConfig(
        name=place.stream,
        description="what happens in a chat, in its order (chatcore)",
        subjects=[place.subject],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        num_replicas=place.replicas,
        max_bytes=place.max_bytes,
        discard=DiscardPolicy.NEW,  # what is there is never given up for what comes
        duplicate_window=1.0,
        first_seq=behind + 1 if behind else None,
        metadata=known | SOMETHING_LOST if behind else known,
    )


def listens_to(info: StreamInfo, place: Place) -> bool:
    """Tell whether a stream keeps what is proposed for a chat, and nothing else."""
    return info.config.subjects == [place.subject]


def _check(info: StreamInfo, place: Place) -> None:
    """Make sure that a stream is one of ours. Raises `ConfigurationError`."""
    found = (info.config.metadata or {}).get(_KEY)
    if found is None or not listens_to(info, place):
        raise ConfigurationError(
            "the stream {stream} at {place} is no chat of chatcore; give another name",
            stream=place.stream,
            place=place.text,
        )
    if found != str(VERSION):
        raise ConfigurationError(
            "the chat at {place} is kept by another version of chatcore (version {found}, this one knows {known}); "
            "install that one, or give another name",
            place=place.text,
            found=found,
            known=VERSION,
        )
    _check_settings(info, place, _NEEDED)


def _check_settings(info: StreamInfo, place: Place, needed: Mapping[str, object]) -> None:
    """Make sure that a stream keeps what it takes: somebody may have made it, copied or changed it."""
    otherwise = _otherwise(info, needed)
    if otherwise is not None:
        raise ConfigurationError(
            "the stream {stream} at {place} has {found}, and a chat needs {needed}, or what was said may be lost; "
            "change that where NATS lets you, or give another name",
            stream=info.config.name,
            place=place.text,
            found=otherwise.found,
            needed=otherwise.needed,
        )


async def what_endangers(js: JetStreamContext, place: Place) -> Sentence | None:
    """Return why what was said may be lost, as the stream and the snapshots are by now; None when all is well."""
    for stream, needed in ((place.stream, _NEEDED), (f"OBJ_{place.stream}", _NEEDED_BY_SNAPSHOTS)):
        try:
            otherwise = _otherwise(await js.stream_info(stream), needed)
        except NotFoundError:  # a journal notices that itself, and a bucket is made again
            continue
        if otherwise is not None:
            return Sentence(
                "the stream {stream} at {place} has {found}, and a chat needs {needed}; change that back, and have a "
                "snapshot kept then: {command}",
                stream=stream,
                place=place.text,
                found=otherwise.found,
                needed=otherwise.needed,
                command="chatcore cluster snapshot",
            )
    return None


class _Otherwise(NamedTuple):
    """A setting that a stream has, and the one that it needs."""

    found: str
    needed: str


def _otherwise(info: StreamInfo, needed: Mapping[str, object]) -> _Otherwise | None:
    """Return what is not as it has to be; None when all is."""
    for name, value in needed.items():
        found = getattr(info.config, name, None)
        if found is not None and found != value:
            return _Otherwise(f"{name}={_spelled(found)}", f"{name}={_spelled(value)}")
    longest = info.config.max_msg_size or -1
    if needed is _NEEDED and 0 < longest < LEAST_PAYLOAD:
        return _Otherwise(f"max_msg_size={longest}", f"max_msg_size={LEAST_PAYLOAD}")
    return None


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
