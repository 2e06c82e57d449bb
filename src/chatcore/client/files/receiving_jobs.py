"""What has to be done for a file that comes and takes its time: by a disk, or by the server."""

from __future__ import annotations

from dataclasses import dataclass

from chatcore.commands import FailFile, FinishFile


@dataclass(frozen=True, slots=True)
class OpenPart:
    """Open what there is of it on the disk; `opened` follows."""


@dataclass(frozen=True, slots=True)
class AskForRest:
    """Ask the server for the bytes from `offset` on, over as many connections as it takes; `begun` follows."""

    offset: int


@dataclass(frozen=True, slots=True)
class Write:
    """Add these bytes to what there is; `written` follows."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PutInPlace:
    """Give it its place if it has this SHA-256 (hex); `placed` follows, or `wrong`."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Let go of what there is on the disk, and remove it unless it is to be kept; `let_go` follows."""

    keep: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the server how it ended, whatever it says to that; `told` follows."""

    command: FinishFile | FailFile


Job = OpenPart | AskForRest | Write | PutInPlace | LetGo | Tell
"""What takes its time."""
