"""What the report says of the transports: a table and sentences from `benchmarks/results/transports.json`."""

from __future__ import annotations

import statistics
from functools import cache
from typing import Any, Final

from report_figures import in_turn, measured_on, number, read, spread

Key = tuple[str, ...]
"""What was measured: for example `round_trip`, `idle`, `p50`."""
Measured = dict[tuple[Key, str], list[float]]
"""The figures of all rounds, by what was measured and on which transport."""

ROWS: Final[list[tuple[Key, int, str, str]]] = [
    (("set_up", "p50"), 1, "from nothing to the welcome, ms", "de rien à l'accueil, ms"),
    (
        ("round_trip", "idle", "p50"),
        2,
        "round trip of a message alone, median, ms",
        "aller-retour d'un message seul, médiane, ms",
    ),
    (
        ("round_trip", "loaded", "p50"),
        1,
        "the same with 200 messages/s in the room, ms",
        "le même, 200 messages/s dans le salon, ms",
    ),
    (("round_trip", "loaded", "p99"), 0, "its slowest hundredth (p99), ms", "son centième le plus lent (p99), ms"),
    (
        ("throughput", "1", "server_us_per_delivery"),
        1,
        "server CPU per delivery, 1 in flight, µs",
        "CPU serveur par livraison, 1 en vol, µs",
    ),
    (
        ("throughput", "32", "server_us_per_delivery"),
        1,
        "server CPU per delivery, 32 in flight, µs",
        "CPU serveur par livraison, 32 en vol, µs",
    ),
    (
        ("throughput", "32", "messages_per_write"),
        1,
        "messages that share a write, 32 in flight",
        "messages par écriture, 32 en vol",
    ),
    (
        ("throughput", "32", "client_us_per_delivery"),
        1,
        "client CPU per delivery, 32 in flight, µs",
        "CPU client par livraison, 32 en vol, µs",
    ),
    (
        ("throughput", "32", "acknowledged_per_s"),
        0,
        "acknowledged messages/s to 50 members",
        "messages acquittés/s pour 50 membres",
    ),
    (("loss 0", "p99"), 1, "slowest hundredth of deliveries, no loss, ms", "centième le plus lent, sans perte, ms"),
    (("loss 1", "p99"), 0, "the same at 1 % loss each way, ms", "le même, 1 % de perte par sens, ms"),
    (("loss 5", "p99"), 0, "the same at 5 % loss each way, ms", "le même, 5 % de perte par sens, ms"),
    (("loss 5", "most"), 0, "slowest of 12,000 deliveries, 5 % loss, ms", "la plus lente de 12 000, 5 % de perte, ms"),
]
TRANSPORTS: Final = ("ws", "wss", "quic", "tcp")


def measured(rows: list[dict[str, Any]]) -> Measured:
    """Return every figure of a run."""
    found: Measured = {}

    def walk(key: Key, value: Any, transport: str) -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                walk((*key, name), each, transport)
        else:
            found.setdefault((key, transport), []).append(float(value))

    for row in rows:
        what = f"loss {row['percent']}" if "percent" in row else row["what"]
        figures = {name: each for name, each in row.items() if name not in ("what", "transport", "round", "percent")}
        walk((what,), figures, row["transport"])
    return found


def transports_table(language: str) -> str:
    """Return the comparison of the transports."""
    found = measured(read("transports.json")["rows"])
    last = "median of the rounds (least–most), over" if language == "en" else "médiane des manches (min–max), sur"
    lines = [f"| {last} | " + " | ".join(f"`{name}`" for name in TRANSPORTS) + " |", "| --- " * 5 + "|"]
    for key, digits, english, french in ROWS:
        cells = [found.get((key, name)) for name in TRANSPORTS]
        if any(cells):
            told = (spread(values, digits, language) if values else "–" for values in cells)
            lines.append(f"| {english if language == 'en' else french} | " + " | ".join(told) + " |")
    return "\n".join(lines)


def transports_sentence(language: str) -> str:
    """Return how they were measured."""
    found = read("transports.json")
    lossy = [row for row in found["rows"] if row["what"] == "loss"]
    times = {sum((row["transport"], row["percent"]) == of for row in lossy) for of in {_loss(row) for row in lossy}}
    said = f"{measured_on(found['machine'], language)}, {in_turn(found['rounds'], language)}"
    if times <= {found["rounds"]}:
        return said
    some = f"{min(times)}–{max(times)}"
    return f"{said}; with loss {some}" if language == "en" else f"{said} ; avec pertes, {some}"


def _loss(row: dict[str, Any]) -> tuple[str, int]:
    return row["transport"], row["percent"]


@cache
def _published() -> Measured:
    return measured(read("transports.json")["rows"])


def _middle(transport: str, *key: str) -> float:
    return statistics.median(_published()[key, transport])


def _times(dear: str, cheap: str, *key: str, language: str) -> str:
    """Return how many times as much something is over one transport as over another."""
    found = _middle(dear, *key) / _middle(cheap, *key)
    return number(found, 0 if found >= 10 else 1, language)


def dearer(language: str) -> str:
    """Return how many times as much a delivery costs over QUIC as over WebSocket, one by one."""
    return _times("quic", "ws", "throughput", "1", "server_us_per_delivery", language=language)


def dearer_together(language: str) -> str:
    """Return the same when many are in flight."""
    return _times("quic", "ws", "throughput", "32", "server_us_per_delivery", language=language)


def slower(language: str) -> str:
    """Return how many times as long the slowest hundredth takes over WebSocket as over QUIC, on a bad network."""
    return _times("ws", "quic", "loss 5", "p99", language=language)


def slowest_of_all(language: str) -> str:
    """Return the same of the slowest delivery of all."""
    return _times("ws", "quic", "loss 5", "most", language=language)


def busy(language: str) -> str:
    """Return how much of the time the server works while the client sends as much as it can."""
    rate = _middle("ws", "throughput", "32", "deliveries_per_s")
    share = rate * _middle("ws", "throughput", "32", "server_us_per_delivery") / 1e6
    return f"{number(100 * share, 0, language)} %"
