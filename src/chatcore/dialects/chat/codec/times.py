"""Times as frames have them (RFC 3339), and as all else has them: seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from chatcore.limits import MOMENTS


@lru_cache(maxsize=64)
def moment(at: float) -> str:
    """Return a time as RFC 3339 in UTC with milliseconds."""
    second, micros = divmod(round(at * 1e6), 1_000_000)
    return f"{_second(second)}.{micros // 1000:03d}Z"


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().removesuffix("+00:00")


def moment_or_none(at: float | None) -> str | None:
    """Return a time as `moment` does, None for none."""
    return None if at is None else moment(at)


def seconds(moment: str) -> float:
    """Return seconds since 1970. Raises `ValueError`, without a zone too: it would be a time of this computer's."""
    time = datetime.fromisoformat(moment)
    since = time.timestamp()
    if time.tzinfo is None or not MOMENTS[0] <= since <= MOMENTS[1]:
        raise ValueError(moment)
    return since


def seconds_or_none(moment: str | None) -> float | None:
    """Return a time as `seconds` does, None for none."""
    return None if moment is None else seconds(moment)
