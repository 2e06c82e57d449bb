"""Search by pages: `/search` alone goes on where the last one ended."""

from __future__ import annotations

from dataclasses import replace

from chatcore.commands import Search
from chatcore.events import MessagesFound


class SearchPages:
    """Remembers where the last search ended."""

    def __init__(self) -> None:
        self._more: Search | None = None

    def next(self, typed: Search) -> Search:
        """Return what to ask the server for."""
        return self._more if typed == Search() and self._more is not None else typed

    def found(self, asked: Search, page: MessagesFound) -> None:
        """Take note of where a page ended."""
        self._more = None if page.before is None else replace(asked, before=page.before)
