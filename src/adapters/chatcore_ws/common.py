"""What both sides need: the settings of a connection, and the end of an HTTP head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from websockets.protocol import Side

from chatcore_net import link
from chatcore_ws.frames import Rules
from chatcore_ws.liveness import MachineAnswers, machine_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class WsSettings(link.LinkSettings):
    """What one listener's links have in common. Sizes in bytes, times in seconds."""

    transport: str
    object_bytes: int
    message_timeout: float
    machine_answers: MachineAnswers = machine_answers

    def rules(self, side: Side) -> Rules:
        """Return what the library has to know of a connection; the same object for all."""
        return _rules(side, self.object_bytes)


@lru_cache(maxsize=16)
def _rules(side: Side, object_bytes: int) -> Rules:
    return Rules(side, object_bytes)


class HttpHead:
    """Finds where an HTTP head ends, so that what follows can wait until it is answered."""

    __slots__ = ("_tail", "size")

    def __init__(self) -> None:
        self.size = 0
        """How many bytes of it came so far."""
        self._tail = b""

    def cut(self, data: bytes) -> tuple[bytes, bytes]:
        """Cut the next bytes where the head ends; returns what belongs to it, and the rest."""
        joined = self._tail + data
        end = joined.find(b"\r\n\r\n")
        cut = len(data) if end < 0 else end + 4 - len(self._tail)
        self._tail = joined[-3:]
        self.size += cut
        return data[:cut], data[cut:]
