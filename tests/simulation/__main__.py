"""Runs the simulation of many nodes with many seeds: `make simulation ARGS="--seeds 200"`."""

from __future__ import annotations

import argparse
import sys

from tests.simulation.mutants import MUTANTS
from tests.simulation.world import run


def main() -> int:
    """Say what came of each seed that went wrong, and of all together."""
    parser = argparse.ArgumentParser(prog="make simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=40, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first one (default: %(default)s)")
    parser.add_argument("--mutant", choices=MUTANTS, help="let all nodes make this mistake")
    parser.add_argument("--looked-after", action="store_true", help="let somebody kick, ban and mute the others")
    options = parser.parse_args()
    acks = kills = wrong = 0
    for seed in range(options.first, options.first + options.seeds):
        result = run(seed, MUTANTS.get(options.mutant), looked_after=options.looked_after)
        acks += result.acks
        kills += result.kills
        if result.problems:
            wrong += 1
            print(f"seed {seed}:", *dict.fromkeys(result.problems), sep="\n  ", flush=True)
    print(f"{options.seeds} seeds, {acks} acknowledged, {kills} nodes killed, {wrong} seeds with problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
