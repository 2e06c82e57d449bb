"""HTTP/3 without I/O: the settings that browsers look for, and the capsule that closes a WebTransport session."""

from __future__ import annotations

from typing import Final

import pylsqpack
from aioquic.buffer import Buffer, encode_uint_var  # type: ignore[attr-defined]  # it is C, and not exported
from aioquic.h3.connection import ErrorCode, H3Connection
from aioquic.h3.events import H3Event, WebTransportStreamDataReceived
from aioquic.quic.events import QuicEvent, StreamDataReceived

from chatcore_quic.bounded_quic import Quic

GONE: Final = 0x170D7B68
"""Code of a stream whose WebTransport session is over (draft-ietf-webtrans-http3, WT_SESSION_GONE)."""
REJECTED: Final = 0x3994BD84
"""Code of a stream of a session that does not exist, or not yet (the same, WT_BUFFERED_STREAM_REJECTED)."""
_APPLICATION: Final = 0x52E4A40FA8DB

_CLOSE_SESSION: Final = 0x2843
_CLOSE_TEXT_BYTES: Final = 1024
CAPSULE_BYTES: Final = _CLOSE_TEXT_BYTES + 16


class H3(H3Connection):
    """HTTP/3 with the settings that every browser looks for, and without QPACK's dynamic table."""

    def __init__(self, quic: Quic) -> None:
        super().__init__(quic, enable_webtransport=True)

    def handle_event(self, event: QuicEvent) -> list[H3Event]:
        """Take an event; tells of a session's new stream even when it brings no data yet."""
        results = super().handle_event(event)
        if not results and isinstance(event, StreamDataReceived):
            stream = self._stream.get(event.stream_id)
            if stream is not None and stream.session_id is not None and not event.end_stream:
                new = WebTransportStreamDataReceived(
                    data=b"", session_id=stream.session_id, stream_id=event.stream_id, stream_ended=False
                )
                return [new]
        return results

    def forget_stream(self, stream_id: int) -> None:
        """Keep nothing about a stream."""
        self._stream.pop(stream_id, None)

    def _init_connection(self) -> None:
        # With a table, 16 KiB of a hostile head could stand for 64 MiB of headers.
        self._max_table_capacity = self._blocked_streams = 0
        self._decoder = pylsqpack.Decoder(0, 0)
        super()._init_connection()

    def _get_local_settings(self) -> dict[int, int]:
        return super()._get_local_settings() | {
            0xFFD277: 1,  # datagrams, as in drafts: Firefox
            0xC671706A: 1,  # WebTransport draft 07: most sessions at a time
            0x14E9CD29: 1,  # drafts 13 and 14: Safari. More than 1 would promise flow control of sessions
            0x2C7CF000: 1,  # draft 15
        }


def application_code(number: int) -> int:
    """Return the HTTP/3 code for an application's own error, 0 to 2**32 - 1, on one of its streams.

    Every 31st code is left out, because it is reserved (draft-ietf-webtrans-http3, "Resetting Data Streams").
    """
    return _APPLICATION + number + number // 0x1E


def closing_capsule(code: int, text: str) -> bytes:
    """Return the capsule that closes a WebTransport session."""
    words = text.encode("utf-8", "replace")[:_CLOSE_TEXT_BYTES].decode("utf-8", "ignore").encode()
    return encode_uint_var(_CLOSE_SESSION) + encode_uint_var(4 + len(words)) + code.to_bytes(4, "big") + words


def read_closing_capsule(data: bytes) -> tuple[int, str] | None:
    """Return code and text of a capsule that closes a session; None when there is no such capsule."""
    buf = Buffer(data=data)
    try:
        if buf.pull_uint_var() != _CLOSE_SESSION:
            return None
        words = buf.pull_bytes(buf.pull_uint_var())
    except ValueError:
        return None
    return int.from_bytes(words[:4], "big"), words[4 : 4 + _CLOSE_TEXT_BYTES].decode("utf-8", "replace")


__all__ = [
    "CAPSULE_BYTES",
    "GONE",
    "H3",
    "REJECTED",
    "ErrorCode",
    "application_code",
    "closing_capsule",
    "read_closing_capsule",
]
