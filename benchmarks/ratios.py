"""What two servers cost, compared round by round: absolute figures move with the machine."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any


def report(rows: list[dict[str, Any]], beside: Sequence[str], memory: str, goals: Mapping[int, float]) -> None:
    """Print the ratios to the servers called `beside`, round by round and their median, and what a member costs.

    Args:
        rows: one of each server, window and round.
        beside: what chatcore is compared with.
        memory: the figure of the KiB that a member takes.
        goals: what is wanted of the ratio at most, by messages in flight.
    """
    print()
    for window in sorted({row["window"] for row in rows}):
        cost = {(row["server"], row["round"]): row["cpu_us_per_delivery"] for row in rows if row["window"] == window}
        goal = f"; at most {goals[window]:.2f} is wanted" if window in goals else ""
        for name in beside:
            ratios = [cost["chatcore", turn] / cost[name, turn] for server, turn in cost if server == name]
            print(
                f"{window:3} in flight: {statistics.median(ratios):.3f} times the CPU of the {name}, "
                f"from {min(ratios):.3f} to {max(ratios):.3f}{goal}"
            )
    joins = [row for row in rows if row["server"] == "chatcore"]
    print(f"joining: {statistics.median(row['join_cpu_ms_per_client'] for row in joins):.2f} ms CPU per member")
    print(f"memory: {statistics.median(row[memory] for row in joins):.1f} KiB per member")
