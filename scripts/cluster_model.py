"""What one, two and three servers did in `benchmarks/cluster.py`, and what ten and a hundred would do by that.

What a delivery costs is from `benchmarks/fanout.py`, whose members are as many as those of the largest room here.

Processor time, in microseconds, is what is modelled. Each server has one core, of which it may take a share `BUSY`; the
three servers of NATS have `NATS_CORES` each. Of each message that is said in the whole chat

- each server applies the command: `command`, and its part of the entry that it came in: `entry`;
- the server of whoever said it takes it in and proposes it: `own`;
- the servers bring it to the members of its room, who are spread over them: a `write` to each, which all messages of
  an entry share that go to that member, and a `share` of it. Here there are as many rooms as make each message of an
  entry go to other members, so that each delivery is a write of its own. That is the dearest case: in a single room
  many messages share a write;
- NATS keeps and replicates its part of the entry, `kept`, and hands it to each server, `handed`.

A server has one batch under way at a time; what is said there meanwhile is the next one. So the busier servers and
NATS are, the fewer and larger batches become, and the longer a message takes. Here as few are counted with as let a
batch take `SLOWEST` seconds.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parents[1] / "benchmarks" / "results"
SETUPS: Final = ("memory", "sqlite", "nats 1", "nats 2", "nats 3")
BUSY: Final = 0.7
NATS_SERVERS: Final = 3
NATS_CORES: Final = 4
SLOWEST: Final = 0.05
NODES: Final = (1, 3, 10, 100)
ROOMS: Final = (10, 100, 1000)
"""Members of a room."""
STREAMS: Final = 10
"""By which rooms would be shared out."""

Row = dict[str, Any]
_TOGETHER: Final = 32


@cache
def measured() -> dict[str, Any]:
    """Return what was measured."""
    found: dict[str, Any] = json.loads((RESULTS / "cluster.json").read_text())
    return found


def delivered(window: int, figure: str = "cpu_us_per_delivery") -> float:
    """Return what a delivery in a full room costs the server, with so many messages in flight, in microseconds."""
    rows = json.loads((RESULTS / "fanout.json").read_text())["rows"]
    ours = [row for row in rows if (row["server"], row["window"]) == ("chatcore", window)]
    return statistics.median(float(row[figure]) for row in ours)


def each(setup: str, load: str, figure: Callable[[Row], float]) -> list[float]:
    """Return a figure of each round."""
    return [figure(row) for row in measured()["rows"] if (row["setup"], row["load"]) == (setup, load)]


def median(setup: str, load: str, figure: Callable[[Row], float]) -> float:
    """Return the median of a figure over the rounds."""
    return statistics.median(each(setup, load, figure))


def busiest(row: Row) -> float:
    """Return what a delivery costs the server that it costs most, in microseconds."""
    return float(1e6 * max(row["nodes_cpu_s"]) / (row["messages"] * row["members"]))


def first(row: Row) -> float:
    """Return what a message costs the server at which it is said, in microseconds."""
    return float(1e6 * row["nodes_cpu_s"][0] / row["messages"])


def others(row: Row) -> float:
    """Return what a message costs a server where nobody hears of it, in microseconds."""
    return float(1e6 * statistics.mean(row["nodes_cpu_s"][1:]) / row["messages"])


def nats(row: Row) -> float:
    """Return what an entry costs all servers of NATS, in microseconds."""
    return float(1e6 * sum(row["nats_cpu_s"]) / row["entries"])


@dataclass(frozen=True, slots=True)
class Costs:
    """In microseconds of a processor."""

    entry: float
    command: float
    own: float
    write: float
    share: float
    kept: float
    handed: float


@cache
def costs() -> Costs:
    """Return what the measurements say."""
    in_one = median("nats 3", "pair", lambda row: row["messages"] / row["entries"])
    together, alone = (median("nats 3", load, others) for load in ("pair", "singly"))
    entry = max(0.0, (alone - together) / (1 - 1 / in_one))
    one, three = (median(setup, "singly", nats) for setup in ("nats 1", "nats 3"))
    handed = max(0.0, (three - one) / 2)
    # One by one, each delivery is a write; of 32 in flight, all that share a turn share one.
    write = (delivered(1) - delivered(_TOGETHER)) / (1 - 1 / _TOGETHER)
    share = max(0.0, delivered(1) - write)
    return Costs(
        entry=entry,
        command=max(0.0, together - entry / in_one),
        own=max(0.0, median("nats 3", "pair", first) - together - 2 * (write / in_one + share)),
        write=write,
        share=share,
        kept=max(0.0, one - handed),
        handed=handed,
    )


def most(nodes: int, members: int, streams: int = 1) -> tuple[float, str]:
    """Return how many messages a second there can be, in rooms of so many, and whether `nodes` or `nats` is the limit.

    With several streams each server follows one of them: rooms are shared out, and the members of a room are at the
    servers that follow its stream.
    """
    found, least = costs(), nodes / streams

    def loads(messages: float) -> tuple[float, float]:
        """Return the seconds a second that a server, and a core of NATS, would have to work."""
        entries = min(messages, least / SLOWEST)
        said = found.own + members * (found.write + found.share)
        node = entries * found.entry + messages * (found.command + said / least)
        nats_work = streams * entries * (found.kept + least * found.handed) / (NATS_SERVERS * NATS_CORES)
        return node / 1e6, nats_work / 1e6

    low, high = 0.0, 1e7
    while high - low > 1:
        middle = (low + high) / 2
        if max(loads(middle)) > BUSY:
            high = middle
        else:
            low = middle
    node, nats_work = loads(high)
    return streams * low, "nodes" if node >= nats_work else "nats"


def idle(nodes: int) -> tuple[float, float]:
    """Return the share of a core that so many servers take, each, in which nobody is; and that of all of NATS.

    Each shows life once a second, and all apply it.
    """
    found = costs()
    return nodes * found.entry / 1e6, nodes * (found.kept + nodes * found.handed) / 1e6


def against_the_room(nodes: int) -> tuple[float, float]:
    """Return what a message to the measured room costs the busiest of so many servers: by the model, and measured.

    There is one room: all messages of an entry share a write, and so do those of entries that come in one turn.
    """
    found, setup = costs(), f"nats {nodes}"
    members = measured()["rows"][0]["members"]
    entries = median(setup, "room", lambda row: row["entries"] / row["messages"])
    if "nodes_writes" in measured()["rows"][0]:
        writes = median(setup, "room", lambda row: sum(row["nodes_writes"]) / row["messages"] / members)
    else:
        writes = entries
    said = found.own + members * (writes * found.write + found.share)
    return entries * found.entry + found.command + said / nodes, members * median(setup, "room", busiest)
