"""Who has another name than when they said something, as far as the room has told."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final

from chatcore.commands import Position
from chatcore.events import Posted, UserRenamed
from chatcore.text.names import name_key

_MOST: Final = 256


class Renames:
    """The last renames in the rooms of the user, and what of the logs had been shown by then."""

    def __init__(self) -> None:
        self._seen: deque[tuple[UserRenamed, Mapping[str, Position]]] = deque(maxlen=_MOST)

    def note(self, event: UserRenamed, shown: Mapping[str, Position]) -> None:
        """Take a rename; `shown`: the last entries that were shown before it, by the keys of their logs."""
        self._seen.append((event, dict(shown)))

    def name_now(self, posted: Posted, shown: Mapping[str, Position]) -> str | None:
        """Return the name that the sender of something has by now; None when another one has it, or nobody can know.

        `shown` as in `note`.
        """
        log, name, followed = name_key(posted.log), posted.sender, 0
        for event, before in self._seen:
            then, now = before.get(log), shown.get(log)
            if then is None or now is None or then.epoch != now.epoch or then.seq < posted.seq:
                continue  # before it was said
            followed += 1
            if name_key(event.old) == name_key(name):
                name = event.new
            elif name_key(event.new) == name_key(name):
                return None
        return None if followed == _MOST else name
