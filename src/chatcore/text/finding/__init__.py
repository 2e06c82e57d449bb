"""What of all that was said somebody looks for, for stores that have it in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatcore.events import MessagePosted, Posted
from chatcore.ports.search import Found, Page, Query
from chatcore.text.finding.words import has_all
from chatcore.text.names import name_key

Place = tuple[float, str, int]
"""Negative time, key of the log and negative seq of an entry: the newest is the least."""


def is_wanted(query: Query, entry: MessagePosted) -> bool:
    """Tell whether a message is what somebody looks for, wherever it stands."""
    return (
        not entry.deleted
        and (query.sender is None or name_key(entry.sender) == query.sender)
        and (query.since is None or entry.at >= query.since)
        and (query.until is None or entry.at < query.until)
        and has_all(entry.text, query.words)
    )


def place_of(key: str, entry: Posted) -> Place:
    """Return the place of an entry."""
    return -entry.at, key, -entry.seq


def cursor_at(place: Place) -> str:
    """Return what to go on with behind a place."""
    at, key, seq = place
    return f"{-at!r} {-seq} {key}"


def place_at(cursor: str) -> Place | None:
    """Return where a page ended; None for what is no cursor: then the newest are looked at."""
    try:
        at, seq, key = cursor.split(" ", 2)
        return -float(at), key, -int(seq)
    except ValueError:
        return None


def search_all(logs: Mapping[str, Sequence[Posted]], query: Query) -> Page:
    """Return what is looked for of logs, by their keys; all of it is looked at, at once."""
    behind = None if query.before is None else place_at(query.before)
    there = [
        (place_of(key, entry), entry)
        for key, entries in logs.items()
        if key not in query.hidden and query.key in (None, key)
        for entry in entries
        if isinstance(entry, MessagePosted) and is_wanted(query, entry)
    ]
    there = sorted((each for each in there if behind is None or each[0] > behind), key=lambda each: each[0])
    found = [Found(place[1], entry, cursor_at(place)) for place, entry in there[: query.limit]]
    return Page(found, found[-1].cursor if len(there) > query.limit else None)
