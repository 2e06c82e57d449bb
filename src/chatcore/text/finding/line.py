"""What somebody types to look for messages: words, and from whom, where and when."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from chatcore.commands import Search

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOST_CHARS: Final = 1000


def parse_search(line: str) -> Search | None:
    """Return what is looked for by `WORDS [from:NAME] [in:ROOM] [since:DATE] [until:DATE]`, in any order.

    None when a date is none. A date is `2026-11-27` or `2026-11-27T14:30`, by this computer's clock; `until` a day is
    until its end. Nothing at all asks for more of what was looked for last.
    """
    words, given = list[str](), dict[str, str]()
    for word in line[:_MOST_CHARS].split():
        name, colon, value = word.partition(":")
        if colon and value and name.lower() in ("from", "in", "since", "until"):
            given[name.lower()] = value
        else:
            words.append(word)
    if not words and given.keys() == {"in"}:
        return None
    try:
        since = _seconds(given["since"]) if "since" in given else None
        until = _seconds(given["until"], end=True) if "until" in given else None
    except (ValueError, OverflowError, OSError):
        return None
    return Search(" ".join(words), given.get("from"), given.get("in"), since, until)


def _seconds(date: str, *, end: bool = False) -> float:
    moment = datetime.fromisoformat(date)
    if end and _DAY.match(date):
        moment += timedelta(days=1)
    return moment.timestamp()
