"""What the whole run of a command shares, and the exit codes that several commands have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EXIT_REFUSED: Final = 1
EXIT_NOT_CONNECTED: Final = 3
EXIT_INTERRUPTED: Final = 130


@dataclass
class RunState:
    """What the whole run shares; `ctx.obj` in a command."""

    debug: bool = False
    """Whether to show the traceback of a mistake of ours."""
