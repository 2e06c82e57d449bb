"""The WebSocket protocol without I/O: websockets' sans-I/O layer, and the checks that it leaves to its user.

That layer checks masks, reserved bits, opcodes, control frames and the size of messages. Here are UTF-8, the number
of fragments, and floods of pings; and a short way for the usual frame, which a chat gets nearly always. Nothing that a
peer sends raises anything.
"""

from __future__ import annotations

import codecs
import logging
import struct
from functools import lru_cache
from types import GeneratorType
from typing import Final, NamedTuple, cast

from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol, Side

from chatcore.errors import Sentence
from chatcore.ports.transport import Binary, Lost, LostReason

try:
    from websockets.speedups import apply_mask
except ImportError:  # there is not a wheel for every machine
    from websockets.utils import apply_mask

MAX_FRAGMENTS: Final = 64
"""Most fragments of one message."""
LITTLE_PER_SECOND: Final = 32.0
LITTLE_BURST: Final = 80.0
"""How many frames that say little may come at once before `LITTLE_PER_SECOND` counts: pings, pongs, small fragments.
Each takes as long to parse as a thousand bytes of text, and none is a request, which has its own budget."""
_LITTLE: Final = 512

# Silent unless somebody asks for it: what a peer does wrong stands in the reason of its `connection_lost`.
logger = logging.getLogger("chatcore.ws")
logger.addHandler(logging.NullHandler())
if logger.level == logging.NOTSET:
    logger.setLevel(logging.CRITICAL)

_TEXT: Final = 0x80 | Opcode.TEXT
_BINARY: Final = 0x80 | Opcode.BINARY
_PONG: Final = 0x80 | Opcode.PONG
_USUAL: Final = frozenset({_TEXT, _BINARY, _PONG})
_MASKED: Final = 0x80
_SHORT: Final = 2048
_NOT_UTF8: Final = Lost(LostReason.BAD_DATA, Sentence("not UTF-8"))
_TOO_MANY_PINGS: Final = Lost(LostReason.BAD_DATA, Sentence("too many pings and pongs"))
_TOO_MANY_FRAGMENTS: Final = Lost(LostReason.BAD_DATA, Sentence("too many fragments"))
_utf8_decoder = codecs.getincrementaldecoder("utf-8")


def server_frame(payload: bytes) -> bytes:
    """Return the unmasked frame that carries a payload, the same for every client."""
    return _head(_BINARY if isinstance(payload, Binary) else _TEXT, len(payload)) + payload


@lru_cache(maxsize=512)
def _head(opcode: int, size: int) -> bytes:
    """Return what stands in front of so many bytes of payload; most messages are as long as one before."""
    if size < 126:
        return bytes((opcode, size))
    if size < 65536:
        return struct.pack("!BBH", opcode, 126, size)
    return struct.pack("!BBQ", opcode, 127, size)


def client_frame(payload: bytes) -> bytes:
    """Return a masked frame that carries a payload."""
    opcode = Opcode.BINARY if isinstance(payload, Binary) else Opcode.TEXT
    return Frame(opcode, payload).serialize(mask=True)


class Frames(Protocol):
    """The library's layer for the frames of an open connection."""

    def recv_frame(self, frame: Frame) -> None:
        """Take a frame; the peer may close in the middle of a message (RFC 6455, sections 5.4 and 5.5.1)."""
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)


class Rules(NamedTuple):
    """What the library has to know of a connection, in its words."""

    side: Side
    max_message_size: int | None
    """Longest message that is taken."""


class Wire:
    """One side of an open WebSocket connection: bytes to payloads.

    A server has the library's protocol only while a peer says something unusual: thousands of idle connections need
    none, and each would take more than a KiB.
    """

    __slots__ = (
        "_between",
        "_binary",
        "_brief",
        "_count",
        "_decoder",
        "_fragments",
        "_little",
        "_little_at",
        "_longest",
        "_protocol",
        "_rules",
        "_tail",
        "failure",
        "pending",
    )

    def __init__(self, rules: Rules, now: float) -> None:
        self._rules = rules
        self._protocol: Protocol | None = None
        self.failure: Lost | None = None
        """Why the connection has to end; None while the peer keeps the rules."""
        self.pending = False
        """True while the peer is in the middle of a message."""
        self._between = rules.side is SERVER
        """True while the next byte begins a message that may be a usual one: masked, as clients send."""
        self._longest = min(rules.max_message_size or 0xFFFF, 0xFFFF)
        """Most bytes of a usual frame."""
        self._brief = False
        """True while the library parses small frames."""
        self._tail = b""
        """The beginning of what may be a usual frame."""
        self._fragments: tuple[bytes, ...] = ()
        self._count = 0
        self._binary = False
        self._decoder: codecs.IncrementalDecoder | None = None
        self._little = LITTLE_BURST
        self._little_at = now

    @property
    def protocol(self) -> Protocol:
        """The library's protocol; a fresh one when nothing unusual is under way."""
        if self._protocol is None:
            self._protocol = Frames(self._rules.side, state=OPEN, max_size=self._rules.max_message_size, logger=logger)
        return self._protocol

    @property
    def is_usual(self) -> bool:
        """True when the library has no part in it: nothing is to be sent, nothing is over."""
        return self._protocol is None

    def rest(self) -> None:
        """Let go of the library's protocol, if nothing is under way that it has to know of."""
        if self._between and self._protocol is not None and not self._protocol.writes:
            self.let_go()

    def let_go(self) -> None:
        """Let go of the library's protocol, whatever is under way."""
        if self._protocol is not None:
            untie(self._protocol)
            self._protocol = None

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take bytes, cut anywhere; returns the payloads that they complete.

        Then look at what `protocol.data_to_send()` has: pongs, a Close frame, the end of the stream.
        """
        payloads: list[bytes] = []
        if self._tail:
            data, self._tail = self._tail + data, b""
        start = self._take_usual(data, payloads, now) if self._between else 0
        if start == len(data):
            self.pending = False
        elif self._between and self._may_be_usual(data, start):
            self._tail = data[start:]
            self.pending = not start
        else:
            some = self._take_unusual(data[start:] if start else data, payloads, now)
            # A frame cannot stand inside another one: bytes that complete none belong to one that is under way.
            self.pending = bool(self._count) or not (start or some)
        return payloads

    def _may_be_usual(self, data: bytes, start: int) -> bool:
        """Tell whether what begins there is a short usual frame as far as it has come: then the rest is awaited.

        Of a long one the library collects the parts: here they would be copied for each that comes.
        """
        head = data[start : start + 4]
        if head[0] not in _USUAL or len(head) == 1:
            return head[0] in _USUAL
        size, begin = head[1] - _MASKED, start + 6
        if size == 126:
            if len(head) < 4:
                return True
            size, begin = head[2] << 8 | head[3], start + 8
        elif size == 127:
            return False
        return 0 <= size <= min(self._longest, _SHORT) and len(data) < begin + size

    def _take_usual(self, data: bytes, payloads: list[bytes], now: float) -> int:
        """Take the usual frames at the beginning of `data`; returns where something else begins.

        Usual is a message that is whole, neither in fragments nor cut by the network, and up to 64 KiB long; and a
        pong. All of it is looked at: whatever is wrong with a frame makes it no usual one, and is said by the library.
        """
        start, end, longest = 0, len(data), self._longest
        while start + 6 <= end:
            first = data[start]
            if first != _TEXT and first not in _USUAL:
                break
            size, mask = data[start + 1] - _MASKED, start + 2
            if size == 126:
                size, mask = data[mask] << 8 | data[mask + 1], mask + 2
            elif size == 127:
                break
            begin = mask + 4
            stop = begin + size
            if not 0 <= size <= longest or stop > end:
                break
            payload = apply_mask(data[begin:stop], data[mask:begin])
            if first != _TEXT:
                if first == _BINARY:
                    payload = Binary(payload)
                elif begin > start + 6:
                    break
                elif self._may_say_little(now):
                    start = stop
                    continue
                else:
                    self._fail(CloseCode.POLICY_VIOLATION, _TOO_MANY_PINGS)
                    return end
            elif not payload.isascii() and not _is_utf8(payload):
                break
            payloads.append(payload)
            start = stop
        return start

    def _take_unusual(self, data: bytes, payloads: list[bytes], now: float) -> bool:
        """Let the library parse bytes: not many of them when they may be many frames, of which some are too many.

        Returns whether they complete a frame.
        """
        if self._between:
            self._brief = len(data) > 1 and data[1] & ~_MASKED < 126
        if not self._brief:
            return self._take_any(data, payloads, now)
        some = False
        for start in range(0, len(data), _LITTLE):
            some |= self._take_any(data[start : start + _LITTLE], payloads, now)
            if self.failure is not None:
                break
        return some

    def _take_any(self, data: bytes, payloads: list[bytes], now: float) -> bool:
        """Let the library parse bytes, and check what it does not; returns whether they complete a frame."""
        protocol = self.protocol
        protocol.receive_data(data)
        frames = protocol.events_received()
        for frame in frames:
            assert isinstance(frame, Frame)  # requests and responses are over
            opcode = frame.opcode
            if opcode is Opcode.TEXT and frame.fin:
                payload = bytes(frame.data)
                if not payload.isascii() and not _is_utf8(payload):
                    self._fail(CloseCode.INVALID_DATA, _NOT_UTF8)
                    break
                payloads.append(payload)
            elif opcode is Opcode.BINARY and frame.fin:
                payloads.append(Binary(frame.data))
            elif opcode is Opcode.CLOSE:
                pass
            elif opcode is Opcode.PING or opcode is Opcode.PONG:
                if not self._may_say_little(now):
                    self._fail(CloseCode.POLICY_VIOLATION, _TOO_MANY_PINGS)
                    break
            elif not self._take_fragment(frame, payloads, now):
                break
        if self.failure is None and protocol.parser_exc is not None:
            self.failure = _describe(protocol.parser_exc)
        if protocol.side is SERVER:
            self._between = _is_between_messages(protocol)
            self._brief = bool(frames) and len(cast("Frame", frames[-1]).data) < _LITTLE
        return bool(frames)

    def refuse(self, code: CloseCode, lost: Lost) -> None:
        """End the connection because of the peer."""
        self._fail(code, lost)

    def _take_fragment(self, frame: Frame, payloads: list[bytes], now: float) -> bool:
        """Take a part of a fragmented message; returns False when that ends the connection."""
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
            self._decoder = None if self._binary else _utf8_decoder()
        self._count += 1
        if self._count > MAX_FRAGMENTS or (len(frame.data) < _LITTLE and not self._may_say_little(now)):
            self._fail(CloseCode.POLICY_VIOLATION, _TOO_MANY_FRAGMENTS)
            return False
        data = bytes(frame.data)
        if self._decoder is not None:
            try:
                self._decoder.decode(data, frame.fin)
            except UnicodeDecodeError:
                self._fail(CloseCode.INVALID_DATA, _NOT_UTF8)
                return False
        self._fragments += (data,)
        if frame.fin:
            whole = b"".join(self._fragments)
            payloads.append(Binary(whole) if self._binary else whole)
            self._forget_fragments()
        return True

    def _forget_fragments(self) -> None:
        self._fragments = ()
        self._count = 0
        self._decoder = None

    def _may_say_little(self, now: float) -> bool:
        little = self._little + (now - self._little_at) * LITTLE_PER_SECOND
        self._little = min(little, LITTLE_BURST) - 1
        self._little_at = now
        return self._little >= 0

    def _fail(self, code: CloseCode, lost: Lost) -> None:
        self.failure = lost
        self._between = False
        self._forget_fragments()
        if self.protocol.state is OPEN:
            self.protocol.data_to_send()  # pongs that nobody waits for any more
            self.protocol.fail(code, lost.detail or lost)


def untie(protocol: Protocol) -> None:
    """Let go of a protocol that is over: its parser holds it, and so does what failed in there."""
    protocol.parser.close()
    protocol.parser_exc = protocol.handshake_exc = None


def _is_between_messages(protocol: Protocol) -> bool:
    """Tell whether the library waits for the first byte of a message: there it asks whether the stream has ended."""
    parser = protocol.parser
    assert isinstance(parser, GeneratorType)
    waits_in = parser.gi_yieldfrom
    return (
        isinstance(waits_in, GeneratorType)
        and waits_in.gi_code is protocol.reader.at_eof.__code__
        and protocol.current_size is None
        and protocol.state is OPEN
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _describe(error: Exception) -> Lost:
    if isinstance(error, PayloadTooBig):
        return Lost(LostReason.TOO_LARGE)
    if isinstance(error, UnicodeDecodeError):
        return _NOT_UTF8
    return Lost(LostReason.BAD_DATA, str(error))
