"""What is looked for in what was said, and what is found of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chatcore.events import MessagePosted


class Query(NamedTuple):
    """What somebody looks for in the messages of rooms; all of it has to be so."""

    words: tuple[str, ...] = ()
    """As `chatcore.text.finding.words.sought` gives them."""
    sender: str | None = None
    """Key of the name that its sender had then."""
    key: str | None = None
    """Of the room's log; None for all rooms."""
    hidden: frozenset[str] = frozenset()
    """Keys of logs in which nothing is to be found."""
    since: float | None = None
    """Not said before, in seconds since 1970."""
    until: float | None = None
    """Said before."""
    before: str | None = None
    """Where the page before ended: `Found.cursor` or `Page.before`."""
    limit: int = 20


class Found(NamedTuple):
    """A message that was found."""

    key: str
    """Of its log."""
    entry: MessagePosted
    cursor: str
    """What comes behind this one is found with `Query.before`."""


class Page(NamedTuple):
    """Some of what was found, the newest first."""

    found: Sequence[Found]
    before: str | None
    """Where to go on; None when that was all. A page may be empty, and not be the last: much was looked at."""
