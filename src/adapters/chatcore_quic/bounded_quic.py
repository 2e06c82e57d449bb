"""QUIC without I/O: aioquic's connections, and the bounds that they leave to their user.

aioquic doubles its windows whether or not anybody reads, and keeps every acknowledgement that it sent until the
peer answers with one. Here a window grows by what was consumed, and what a peer can make us keep has a limit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

from aioquic.buffer import Buffer  # type: ignore[attr-defined]  # it is C, and not exported
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.congestion.base import register_congestion_control
from aioquic.quic.congestion.reno import RenoCongestionControl
from aioquic.quic.connection import (
    CONNECTION_LIMIT_FRAME_CAPACITY,
    MAX_STREAM_DATA_FRAME_CAPACITY,
    QuicConnection,
    QuicConnectionError,
    QuicReceiveContext,
)
from aioquic.quic.connection import QuicConnectionState as QuicState
from aioquic.quic.events import ConnectionTerminated
from aioquic.quic.packet import QuicErrorCode
from aioquic.quic.packet_builder import QuicPacketBuilder, QuicSentPacket
from aioquic.quic.recovery import QuicPacketSpace
from aioquic.quic.stream import QuicStream, QuicStreamSender
from aioquic.tls import Epoch

from chatcore_quic.reset import is_reset

ALPN: Final = "h3"
# In which aioquic looks up what takes a frame; ours counts how often.
_TABLE: Final = "_QuicConnection__frame_handlers"
_MAX_FRAMES: Final = 64
"""Most frames in one packet (RFC 9000, section 12.4). Each takes some microseconds to look at, and has a byte or two at
least: a packet of nothing but those takes as long as a hundred others. Those of a browser, or of ours, have ten."""
WINDOW: Final = 128 * 1024
"""How many bytes a peer may send on the chat's stream before we consumed some."""
SECOND_STREAM_WINDOW: Final = 256 * 1024
"""The same for its second stream, which carries more."""
HEAD_BYTES: Final = 16 * 1024
"""The same for every other stream, and for ever: they carry a request, settings and little else."""
MAX_STREAMS: Final = 8
"""Most streams of each kind that a peer may have open."""
MAX_REFUSALS: Final = 100
"""After how many streams that were not wanted a peer is dropped."""
MAX_DATAGRAM_BYTES: Final = 65536

# Holes in what arrived: each costs memory, and time for every packet that follows.
_MAX_HOLES: Final = 1024
_MAX_HOLES_ELSEWHERE: Final = 64
_HANDSHAKE_BYTES: Final = 64 * 1024
_KEPT_PACKETS: Final = 256
_LEAST_PACKETS: Final = 4
# What is longer, in seconds, has no room in QUIC's numbers; this is a century.
_LONGEST_IDLE: Final = 100 * 365 * 86400.0
# How often the time to the next probe is doubled.
_MOST_DOUBLINGS: Final = 5

# Silent unless somebody asks for it: what a peer does wrong stands in the reason of its `connection_lost`.
logger = logging.getLogger("chatcore.quic")
for _logger in (logger, logging.getLogger("quic"), logging.getLogger("http3")):
    _logger.addHandler(logging.NullHandler())
    if _logger.level == logging.NOTSET:
        _logger.setLevel(logging.CRITICAL)


class PersistentReno(RenoCongestionControl):
    """Reno that never sends less than a few packets at a time: a chat is small, and loss is not always congestion."""

    def on_packets_lost(self, *, now: float, packets: Iterable[QuicSentPacket]) -> None:
        """Send less: packets did not arrive."""
        super().on_packets_lost(now=now, packets=packets)
        self._keep_some()

    def on_persistent_congestion(self) -> None:
        """Begin anew with little: nothing arrives."""
        super().on_persistent_congestion()
        self._keep_some()

    def _keep_some(self) -> None:
        self.congestion_window = max(self.congestion_window, _LEAST_PACKETS * self._max_datagram_size)


register_congestion_control("chatcore", PersistentReno)


class Quic(QuicConnection):
    """One side of a QUIC connection.

    Args:
        configuration: certificates and times.
        peer_bidi: how many bidirectional streams the peer may have open.
        original_destination_connection_id: a server's: what the client called it first.
        retry_source_connection_id: a server's: what it called itself in a Retry packet.
        token: a server's: the reset token that goes with a connection's name.
    """

    def __init__(
        self,
        configuration: QuicConfiguration,
        *,
        peer_bidi: int,
        original_destination_connection_id: bytes | None = None,
        retry_source_connection_id: bytes | None = None,
        token: Callable[[bytes], bytes] | None = None,
    ) -> None:
        super().__init__(
            configuration=configuration,
            original_destination_connection_id=original_destination_connection_id,
            retry_source_connection_id=retry_source_connection_id,
        )
        for limit, count in ((self._local_max_streams_bidi, peer_bidi), (self._local_max_streams_uni, MAX_STREAMS)):
            limit.value = limit.sent = count
        self._local_max_stream_data_bidi_remote = HEAD_BYTES
        self._local_max_stream_data_uni = HEAD_BYTES
        self._consumed = 0
        self._chat: QuicStream | None = None
        self._chat_consumed = 0
        self._second_stream: QuicStream | None = None
        self._second_stream_consumed = 0
        self._frames = _Frames(getattr(self, _TABLE))
        setattr(self, _TABLE, self._frames)
        self._prune_at = _KEPT_PACKETS
        self._token = token
        self._tell_tokens()
        self.fell_silent = False
        """aioquic has ended the connection, since nothing came for too long."""

    # What the link asks.

    @property
    def ending(self) -> ConnectionTerminated | None:
        """Why the connection ends; known long before aioquic makes an event of it."""
        return self._close_event

    @property
    def ended_by_peer(self) -> bool:
        """True when it was the peer that ended the connection."""
        return self._state is QuicState.DRAINING

    @property
    def began(self) -> bool:
        """False as long as nothing was received that could be decrypted."""
        return self._state is not QuicState.FIRSTFLIGHT

    @property
    def oversent(self) -> bool:
        """True when a peer who has not shown its address would get over three bytes for one (RFC 9000, section 8.1).

        aioquic looks after that itself, but not for its last packet.
        """
        path = self._network_paths[0]
        return not path.is_validated and path.bytes_sent > 3 * path.bytes_received

    def is_reset(self, packet: bytes) -> bool:
        """Say whether a packet says that the server does not know this connection any more."""
        ours = any(packet.startswith(cid.cid, 1) for cid in self._host_cids)
        return not ours and is_reset(packet, self._peer_cid.stateless_reset_token)

    @property
    def heard(self) -> float | None:
        """When the last packet came that only the peer can have sent."""
        space = self._spaces.get(Epoch.ONE_RTT)
        return None if space is None else space.largest_received_time

    @property
    def round_trip(self) -> float:
        """How long it takes until the peer's answer is here, in seconds, with what waits on the way."""
        return self._loss._rtt_smoothed

    def quiet(self, now: float) -> bool:
        """Say that there is nothing to send. It costs a tenth of `datagrams_to_send` finding out the same."""
        if (
            not self._handshake_confirmed
            or self._handshake_done_pending
            or self._ping_pending
            or self._probe_pending
            or self._retire_connection_ids
            or self._close_pending
            or self._local_max_data.sent != self._local_max_data.value
        ):
            return False
        ack_at = self._spaces[Epoch.ONE_RTT].ack_at
        if ack_at is not None and ack_at <= now:
            return False
        for path in self._network_paths:
            if path.remote_challenges or not path.is_validated:
                return False
        for cid in self._host_cids:
            if not cid.was_sent:
                return False
        for stream in self._streams_queue:
            sender = stream.sender
            if (
                not sender.buffer_is_empty
                or sender.reset_pending
                or stream.receiver.stop_pending
                or stream.max_stream_data_local_sent != stream.max_stream_data_local
            ):
                return False
        return self._crypto_streams[Epoch.ONE_RTT].sender.buffer_is_empty

    def acknowledge_along(self) -> None:
        """Let what is owed to the peer go with the data that is sent now, not in a packet of its own later."""
        space = self._spaces[Epoch.ONE_RTT]
        if space.ack_at is not None:
            space.ack_at = 0.0

    def let_go(self) -> None:
        """Keep nothing, and be of no more use.

        aioquic holds a connection in circles: they would stay, 40 KiB each, until the garbage collector looks for them.
        """
        for space in self._spaces.values():
            space.sent_packets.clear()
        vars(self).clear()

    def prune(self) -> None:
        """Forget acknowledgements that the peer did not acknowledge: it need not, and one that uploads never does."""
        sent = self._spaces[Epoch.ONE_RTT].sent_packets
        if len(sent) > self._prune_at:
            for number in [number for number, packet in sent.items() if not packet.in_flight]:
                del sent[number]
            self._prune_at = max(_KEPT_PACKETS, 2 * len(sent))

    def handle_timer(self, now: float) -> None:
        """Do what is due. However often a probe was lost, the next one comes soon enough to be worth it."""
        under_way = self._close_event is None
        super().handle_timer(now)
        self.fell_silent = self.fell_silent or (under_way and self._close_event is not None)
        self._loss._pto_count = min(self._loss._pto_count, _MOST_DOUBLINGS)

    # Streams.

    def chat_opened(self, stream_id: int) -> QuicStreamSender:
        """Set which stream carries the chat; returns its sending side."""
        stream = self._streams[stream_id]
        self._chat = stream
        self._chat_consumed = 0
        stream.max_stream_data_local = max(stream.max_stream_data_local, WINDOW)
        return stream.sender

    def second_stream_opened(self, stream_id: int) -> None:
        """Set which stream of the peer is its second one."""
        stream = self._streams[stream_id]
        self._second_stream = stream
        self._second_stream_consumed = 0
        stream.max_stream_data_local = max(stream.max_stream_data_local, SECOND_STREAM_WINDOW)

    def second_stream_consumed(self, count: int) -> bool:
        """Do for the peer's second stream what `consumed` does."""
        assert self._second_stream is not None  # or nothing came on it
        told = False
        self._second_stream_consumed += count
        wanted = self._second_stream_consumed + SECOND_STREAM_WINDOW
        if wanted - self._second_stream.max_stream_data_local >= SECOND_STREAM_WINDOW // 4:
            self._second_stream.max_stream_data_local = wanted
            told = True
        return self.consumed(count, chat=False) or told

    def sender_of(self, stream_id: int) -> QuicStreamSender:
        """Return the sending side of a stream that we opened."""
        return self._streams[stream_id].sender

    def is_stopped(self, stream_id: int) -> bool:
        """Say whether the peer wants to hear nothing on a stream: aioquic resets it before it tells."""
        return self._streams[stream_id].sender._reset_error_code is not None

    def consumed(self, count: int, *, chat: bool) -> bool:
        """Count bytes that are done with; returns whether the peer is to be told that it may send more."""
        told = False
        if chat and self._chat is not None:
            self._chat_consumed += count
            wanted = self._chat_consumed + WINDOW
            if wanted - self._chat.max_stream_data_local >= WINDOW // 4:
                self._chat.max_stream_data_local = wanted
                told = True
        self._consumed += count
        limit = self._local_max_data
        wanted = self._consumed + self._configuration.max_data
        if wanted - limit.value >= WINDOW // 4:
            limit.value = wanted
            told = True
        return told

    def consumed_reset(self, stream_id: int) -> None:
        """Count what was under way on a stream that was reset as consumed."""
        stream = self._streams.get(stream_id)
        if stream is not None:
            self.consumed(stream.receiver.highest_offset - stream.receiver.starting_offset(), chat=False)

    def refuse_stream(self, stream_id: int, code: int) -> None:
        """Neither read nor write a stream of the peer."""
        if stream_id not in self._streams:
            return
        self.stop_stream(stream_id, code)
        if self._stream_can_send(stream_id):
            self.reset_stream(stream_id, code)

    # What aioquic does otherwise.

    def _tell_tokens(self) -> None:
        if self._token is not None:
            for cid in self._host_cids:
                cid.stateless_reset_token = self._token(cid.cid)

    def _replenish_connection_ids(self) -> None:
        super()._replenish_connection_ids()
        self._tell_tokens()

    def _payload_received(self, *args: Any, **more: Any) -> tuple[bool, bool]:
        self._frames.left = _MAX_FRAMES
        return super()._payload_received(*args, **more)

    def _handle_stream_frame(self, context: QuicReceiveContext, frame_type: int, buf: Buffer) -> None:
        start = buf.tell()
        stream_id = buf.pull_uint_var()
        buf.seek(start)
        super()._handle_stream_frame(context, frame_type, buf)
        stream = self._streams.get(stream_id)
        if stream is not None:
            holes = len(stream.receiver._ranges)
            if holes > _MAX_HOLES_ELSEWHERE and (stream not in (self._chat, self._second_stream) or holes > _MAX_HOLES):
                raise _error(frame_type, "too many holes in a stream")

    def _handle_crypto_frame(self, context: QuicReceiveContext, frame_type: int, buf: Buffer) -> None:
        super()._handle_crypto_frame(context, frame_type, buf)
        receiver = self._crypto_streams[context.epoch].receiver
        if len(receiver._ranges) > _MAX_HOLES_ELSEWHERE or receiver.highest_offset > _HANDSHAKE_BYTES:
            raise _error(frame_type, "too much of a handshake")

    def _write_connection_limits(self, builder: QuicPacketBuilder, space: QuicPacketSpace) -> None:
        data = self._local_max_data
        for limit in (data, self._local_max_streams_bidi, self._local_max_streams_uni):
            if limit.value == limit.sent:
                continue
            if limit is not data and limit.sent - limit.used >= limit.value - limit.sent:
                continue  # the peer still has more streams to open than this would give it
            buf = builder.start_frame(
                limit.frame_type,
                capacity=CONNECTION_LIMIT_FRAME_CAPACITY,
                handler=self._on_connection_limit_delivery,
                handler_args=(limit,),
            )
            buf.push_uint_var(limit.value)
            limit.sent = limit.value

    def _write_stream_limits(self, builder: QuicPacketBuilder, space: QuicPacketSpace, stream: QuicStream) -> None:
        if stream.max_stream_data_local_sent == stream.max_stream_data_local:
            return
        buf = builder.start_frame(
            0x11,  # MAX_STREAM_DATA
            capacity=MAX_STREAM_DATA_FRAME_CAPACITY,
            handler=self._on_max_stream_data_delivery,
            handler_args=(stream,),
        )
        assert stream.stream_id is not None
        buf.push_uint_var(stream.stream_id)
        buf.push_uint_var(stream.max_stream_data_local)
        stream.max_stream_data_local_sent = stream.max_stream_data_local


class _Frames(dict[int, Any]):
    """What takes the frames of each type, for as many frames as are left to a packet."""

    __slots__ = ("left",)

    left: int

    def __getitem__(self, frame_type: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise _error(frame_type, "too many frames in a packet")
        return super().__getitem__(frame_type)


def taken_of(sender: QuicStreamSender) -> int | None:
    """Return how many bytes of a stream the peer has acknowledged; None: all that it was sent.

    What it has no room for was not sent.
    """
    return sender._buffer_start if sender.highest_offset > sender._buffer_start else None


def _error(frame_type: int, text: str) -> QuicConnectionError:
    return QuicConnectionError(error_code=QuicErrorCode.INTERNAL_ERROR, frame_type=frame_type, reason_phrase=text)


def configure(*, client: bool, interval: float, timeout: float, **more: Any) -> QuicConfiguration:
    """Return what both sides' configurations have in common.

    Args:
        client: whether it is the client's.
        interval, timeout: after how many seconds of silence the peer is asked, and how many the answer may take.
        more: what is its own.
    """
    return QuicConfiguration(
        is_client=client,
        alpn_protocols=[ALPN],
        # We look after silence ourselves: aioquic starts its time anew when it asks. Both sides take the shorter one.
        idle_timeout=min(max(30.0, 3 * interval, 2 * (interval + timeout)), _LONGEST_IDLE),
        max_data=WINDOW + SECOND_STREAM_WINDOW + 4 * HEAD_BYTES,
        congestion_control_algorithm="chatcore",
        max_stream_data=WINDOW,
        max_datagram_frame_size=MAX_DATAGRAM_BYTES,
        **more,
    )
