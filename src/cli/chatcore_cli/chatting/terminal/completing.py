"""What Tab does: it completes what is certain, and shows what there is to choose from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, get_common_complete_suffix
from prompt_toolkit.document import Document

from chatcore.aio.client import Client
from chatcore.text.names import name_key
from chatcore.text.safe_text import safe_name
from chatcore.text.slash import complete
from chatcore_cli.chatting.showing.render import Line, names_text, notice
from chatcore_cli.chatting.terminal.wrap import wrapped

# Around what runs from right to left, where it is shown.
_ISOLATES: Final = "\u2068\u2069"


class Names(Completer):
    """Completes commands, and the names of users and rooms."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get_completions(self, document: Document, _event: CompleteEvent) -> Iterable[Completion]:
        """Yield what the word before the cursor may become."""
        rooms = [room.name for room in self._client.rooms.values()]
        me = name_key(self._client.username)
        users = [name for name in self._client.members if name_key(name) != me]
        found = complete(document.text_before_cursor, users=users, rooms=rooms)
        for candidate in found.candidates:
            if safe_name(candidate).strip(_ISOLATES) != candidate:
                continue  # no name of a server that keeps to the rules
            yield Completion(candidate, -len(found.word), display=candidate.strip(" :"))


def completed(buffer: Buffer) -> list[str]:
    """Complete the word before the cursor as far as there is no choice; return the choice where nothing is certain.

    prompt_toolkit's own Tab asks whether to show a long list, by a prompt of its own: lines that come in meanwhile
    begin behind its question, what is typed there is lost, and no signal ends it when that prompt fails.
    """
    found = list(buffer.completer.get_completions(buffer.document, CompleteEvent(completion_requested=True)))
    if len(found) == 1:
        buffer.delete_before_cursor(-found[0].start_position)
        buffer.insert_text(found[0].text)
        return []
    certain = get_common_complete_suffix(buffer.document, found)
    buffer.insert_text(certain)
    return [] if certain else [one.display_text for one in found]


def fitting(names: Sequence[str], columns: int, rows: int, width_of: Callable[[str], int]) -> Line:
    """Return a notice of the first names, as many as there is room for and at least one, and how many more there are.

    Args:
        names: what to show.
        columns: how wide the terminal is.
        rows: how many rows of it are free.
        width_of: tells how many columns a character takes.
    """

    def listed(shown: int) -> Line:
        return notice(names_text(names, shown=shown))

    def height(shown: int) -> int:
        return 1 + sum(text.count("\n") for _style, text in wrapped(listed(shown), columns, width_of))

    most = min(len(names), columns * rows // 3)  # a name and what parts it from the next one take three columns or more
    if most == len(names) and height(most) <= rows:
        return listed(most)  # which may be shorter than all but one and "1 more"
    return listed(max(bisect_right(range(1, most + 1), rows, key=height), 1))
