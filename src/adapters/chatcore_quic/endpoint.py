"""The server's UDP sockets: which datagram belongs to which connection, and what becomes of strangers.

A stranger costs us a connection only when its first packet can be decrypted, and only as long as there are few who
have not shown yet that their address is theirs: from `RETRY_ABOVE` of them on, the next ones have to show it first.
Finding out is half a millisecond of work, and a handshake more than one. So only some are tried in a second, and all
strangers share what a turn of the event loop has time for with the handshakes of the other transports.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections import deque
from typing import Any, Final, Protocol, cast

from aioquic.buffer import Buffer  # type: ignore[attr-defined]  # it is C, and not exported
from aioquic.quic.configuration import SMALLEST_MAX_DATAGRAM_SIZE
from aioquic.quic.connection import TRANSPORT_CLOSE_FRAME_CAPACITY
from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import (
    QuicErrorCode,
    QuicFrameType,
    QuicHeader,
    QuicPacketType,
    QuicProtocolVersion,
    encode_quic_retry,
    encode_quic_version_negotiation,
    pull_quic_header,
)
from aioquic.quic.packet_builder import QuicPacketBuilder
from aioquic.quic.retry import QuicRetryTokenHandler

from chatcore_net.slices import slices_of
from chatcore_quic.arrivals import Arrivals, Taker
from chatcore_quic.reset import Resets
from chatcore_quic.send_rounds import SendRounds

RETRY_ABOVE: Final = 64
"""From how many half-open connections on a client has to show that its address is its own."""
_BEGIN_PER_SECOND: Final = 128
"""How many first packets are tried in a second although nobody has shown that yet."""
_MAX_WAITING: Final = 256
"""How many first packets may wait for their turn. Others are lost, as on the way: who means it sends again."""
MAX_HALF_OPEN: Final = 1024
CID_BYTES: Final = 8
LINGER: Final = 20.0
"""How long a connection that we closed is remembered: its peer may have missed that."""
_MAX_LINGERING: Final = 2000
_VERSIONS: Final = [QuicProtocolVersion.VERSION_1, QuicProtocolVersion.VERSION_2]


class Member(Taker, Protocol):
    """A connection, as the registry sees it."""

    cids: list[bytes]
    udp: Any


class StrangerAdmission(Protocol):
    """Lets strangers in, or not."""

    def refusal(self, address: Any) -> str | None:
        """Return why somebody at this address cannot come in at present, for people."""
        ...

    def admit(self, udp: UdpSocket, data: bytes, address: Any, original: bytes, retried: bytes | None) -> None:
        """Make a connection for a stranger's first packet."""
        ...


class _Closed:
    """What is left of a connection that we closed."""

    __slots__ = ("asked", "cids", "packet", "until")

    def __init__(self, cids: list[bytes], packet: bytes, until: float) -> None:
        self.cids = cids
        self.packet = packet
        self.until = until
        self.asked = 0


class Registry:
    """All connections by their ids. Closing one costs no more than its own ids."""

    def __init__(self, loop: asyncio.AbstractEventLoop, resets: Resets) -> None:
        self.members: dict[bytes, Member] = {}
        self.half_open = 0
        self.resets = resets
        self._loop = loop
        self._closed: dict[bytes, _Closed] = {}
        self._lingering: deque[_Closed] = deque()
        self.retry = QuicRetryTokenHandler()
        self._begun = 0
        self._second = loop.time()

    def may_begin(self) -> bool:
        """Tell whether one more may begin without having shown its address, and count it."""
        now = self._loop.time()
        if now - self._second >= 1:
            self._second, self._begun = now, 0
        self._begun += 1
        return self._begun <= _BEGIN_PER_SECOND and self.half_open < RETRY_ABOVE

    def add(self, member: Member, cid: bytes) -> None:
        """Add a name of a connection."""
        if cid not in self.members:
            self.members[cid] = member
            member.cids.append(cid)

    def retire(self, member: Member, cid: bytes) -> None:
        """Forget a name that is not used any more."""
        if self.members.get(cid) is member:
            del self.members[cid]
            member.cids.remove(cid)

    def remove(self, member: Member, last_packet: bytes) -> None:
        """Forget a connection; `last_packet` is said again to a peer that goes on talking."""
        for cid in member.cids:
            self.members.pop(cid, None)
        now = self._loop.time()
        lingering = self._lingering
        while lingering and (lingering[0].until < now or len(lingering) >= _MAX_LINGERING):
            for cid in lingering.popleft().cids:
                self._closed.pop(cid, None)
        if last_packet:
            closed = _Closed(member.cids, last_packet, now + LINGER)
            lingering.append(closed)
            for cid in closed.cids:
                self._closed[cid] = closed

    def answer(self, cid: bytes, size: int) -> bytes | None:
        """Return what somebody is to hear whose packet of `size` bytes belongs to no connection.

        A peer that missed the end hears the last words again, ever more rarely; others, that we know nothing of them.
        """
        closed = self._closed.get(cid)
        if closed is None:
            return self.resets.answer(cid, size, self._loop.time())
        closed.asked += 1
        rare = closed.asked & (closed.asked - 1) == 0
        return closed.packet if rare and len(closed.packet) <= 3 * size else None


class UdpSocket(asyncio.DatagramProtocol):
    """One socket of a server."""

    def __init__(
        self, registry: Registry, admission: StrangerAdmission, rounds: SendRounds, gone: asyncio.Event
    ) -> None:
        self._registry = registry
        self._admission = admission
        self._rounds = rounds
        self._gone = gone
        self._slices = slices_of(asyncio.get_running_loop())
        self._arrivals = Arrivals(self._slices)
        self._waiting = 0
        self._transport: asyncio.DatagramTransport
        self.send: Any = None
        """Sends a datagram to an address."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.DatagramTransport", transport)  # uvloop's is not of asyncio's class
        self.send = self._transport.sendto

    def connection_lost(self, error: Exception | None) -> None:
        """Let go of the socket, which is closed."""
        self._gone.set()

    def pause_writing(self) -> None:
        """Wait, while the system takes no more datagrams."""
        self._rounds.choke()

    def resume_writing(self) -> None:
        """Go on when it takes them again."""
        self._rounds.unchoke()

    def error_received(self, error: Exception) -> None:
        """Leave it out: somebody whom we answered is gone."""

    def close(self) -> None:
        """Close the socket."""
        self._transport.close()

    def datagram_received(self, data: bytes | str, address: Any) -> None:
        """Take a datagram from anybody."""
        packet = cast("bytes", data)
        if not packet:
            return
        self._rounds.reading = True
        if packet[0] & 0x80:
            self._long(packet, address)
            return
        cid = packet[1 : 1 + CID_BYTES]
        member = self._registry.members.get(cid)
        if member is not None:
            member.udp = self
            self._arrivals.add(member, packet, address)
            return
        answer = self._registry.answer(cid, len(packet))
        if answer is not None:
            self.send(answer, address)

    def _long(self, data: bytes, address: Any) -> None:
        """Take a packet of the handshake."""
        try:
            header = pull_quic_header(Buffer(data=data), host_cid_length=CID_BYTES)
        except ValueError:
            return
        member = self._registry.members.get(header.destination_cid)
        if member is not None:
            member.udp = self
            self._arrivals.add(member, data, address)
        elif len(data) < SMALLEST_MAX_DATAGRAM_SIZE or header.packet_type is QuicPacketType.VERSION_NEGOTIATION:
            return  # nobody we know, and an answer could be longer than the question
        elif header.version not in _VERSIONS:
            answer = encode_quic_version_negotiation(
                source_cid=header.destination_cid,
                destination_cid=header.source_cid,
                supported_versions=[int(version) for version in _VERSIONS],
            )
            self.send(answer, address)
        elif header.packet_type is QuicPacketType.INITIAL:
            if self._slices.may_take():
                self._stranger(header, data, address)
            elif self._waiting < _MAX_WAITING:
                self._waiting += 1
                self._slices.wait(functools.partial(self._waited, header, data, address))

    def _waited(self, header: QuicHeader, data: bytes, address: Any) -> None:
        """Take a first packet whose turn has come; one before it may have been of the same client."""
        self._waiting -= 1
        member = self._registry.members.get(header.destination_cid)
        if member is not None:
            member.udp = self
            member.datagram_received(data, address)
        elif not self._transport.is_closing():
            self._stranger(header, data, address)

    def _stranger(self, header: QuicHeader, data: bytes, address: Any) -> None:
        registry = self._registry
        refusal = self._admission.refusal(address)
        if refusal is not None:
            self.send(_goodbye(header, QuicErrorCode.CONNECTION_REFUSED, refusal), address)
            return
        original = self._confirmed(header, address) if header.token else None
        if original is not None:
            if registry.half_open < MAX_HALF_OPEN:
                self._admission.admit(self, data, address, original, header.destination_cid)
        elif registry.may_begin():
            self._admission.admit(self, data, address, header.destination_cid, None)
        else:
            self._ask_to_retry(header, address)

    def _confirmed(self, header: QuicHeader, address: Any) -> bytes | None:
        """Return what a client called us before it was asked to retry; None when its token is not from us."""
        try:
            return self._registry.retry.validate_token(
                address=address,
                destination_cid=header.destination_cid,
                token=header.token,
                now=asyncio.get_running_loop().time(),
            )
        except ValueError:
            return None

    def _ask_to_retry(self, header: QuicHeader, address: Any) -> None:
        assert header.version is not None  # it is a long header
        source_cid = os.urandom(CID_BYTES)
        token = self._registry.retry.create_token(
            address=address,
            original_destination_connection_id=header.destination_cid,
            retry_source_connection_id=source_cid,
            now=asyncio.get_running_loop().time(),
        )
        answer = encode_quic_retry(
            version=header.version,
            source_cid=source_cid,
            destination_cid=header.source_cid,
            original_destination_cid=header.destination_cid,
            retry_token=token,
        )
        self.send(answer, address)


def _goodbye(header: QuicHeader, code: int, phrase: str) -> bytes:
    """Return a packet that ends a connection before it began, without any memory of it."""
    assert header.version is not None  # it is a long header
    crypto = CryptoPair()
    crypto.setup_initial(cid=header.destination_cid, is_client=False, version=header.version)
    builder = QuicPacketBuilder(
        host_cid=header.destination_cid,
        is_client=False,
        max_datagram_size=SMALLEST_MAX_DATAGRAM_SIZE,
        peer_cid=header.source_cid,
        version=header.version,
    )
    builder.start_packet(QuicPacketType.INITIAL, crypto)
    words = phrase.encode()
    buf = builder.start_frame(QuicFrameType.TRANSPORT_CLOSE, capacity=TRANSPORT_CLOSE_FRAME_CAPACITY + len(words))
    buf.push_uint_var(code)
    buf.push_uint_var(QuicFrameType.PADDING)
    buf.push_uint_var(len(words))
    buf.push_bytes(words)
    datagrams, _ = builder.flush()
    return datagrams[0]
