"""The tables and sentences of the report that are made from measurements: `scripts/report.py` fills them in."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parents[1] / "benchmarks" / "results"


def read(name: str) -> Any:
    """Return what was measured."""
    return json.loads((RESULTS / name).read_text())


def number(value: float, digits: int, language: str) -> str:
    """Return a number as people of that language write it."""
    said = f"{value:,.{digits}f}"
    return said if language == "en" else said.translate({ord(","): "\u202f", ord("."): ","})


def spread(values: list[float], digits: int, language: str) -> str:
    """Return the median of some rounds, and the least and the most."""
    least, most = (number(each, digits, language) for each in (min(values), max(values)))
    middle = number(statistics.median(values), digits, language)
    return f"{middle} ({least}–{most})" if least != most else middle


def measured_on(told: dict[str, Any], language: str) -> str:
    """Return when, with which code and on what something was measured."""
    load = told.get("load_before", 0.0)
    others = {
        "en": f" that others used too (load {number(load, 0, language)})",
        "fr": f" que d'autres employaient aussi (charge {number(load, 0, language)})",
    }[language]
    parts = [
        told["date"] if language == "en" else f"le {told['date']}",
        f"commit `{told['commit']}`",
        *([told["processor"]] if "processor" in told else []),
        f"{told['cores']} {'cores' if language == 'en' else 'cœurs'}{others if load >= 1 else ''}",
        *([told["system"], f"Python {told['python']}"] if "python" in told else []),
    ]
    return ", ".join(parts)


def in_turn(rounds: int, language: str) -> str:
    """Return how often something was measured."""
    return f"{rounds} rounds in turn" if language == "en" else f"{rounds} manches à tour de rôle"


SERVERS: Final = ("chatcore", "floor")
"""What one message to a full room was measured with: our server, and a loop in C that has no chat behind it."""
AS_MANY_BYTES: Final = "floor with as many bytes"
"""The same loop, which adds as much to each message as our server says besides."""


def ratios(rows: list[dict[str, Any]], window: int, beside: str = "floor") -> list[float]:
    """Return what a delivery costs beside a floor, round by round."""
    cost = {(row["server"], row["round"]): row["cpu_us_per_delivery"] for row in rows if row["window"] == window}
    return [cost["chatcore", turn] / cost[beside, turn] for server, turn in cost if server == beside]


def readme_sentence(language: str) -> str:
    """Return what a delivery costs, in one sentence."""
    found = read("fanout.json")
    rows, told = found["rows"], found["machine"]
    one, many = (spread(ratios(rows, window), 2, language) for window in (1, 32))
    return (
        "To bring one message to 1,000 members over WebSocket costs the server, beside a bare C loop without a chat,\n"
        f"× {one} the CPU time with one message in flight and × {many} with 32\n"
        f"(`make bench`: median of {found['rounds']} rounds, least–most; {told['date']}, commit `{told['commit']}`, "
        f"{told['cores']} cores)."
    )


def results_sentence(language: str) -> str:
    """Return how a full room was measured."""
    found = read("fanout.json")
    return f"{measured_on(found['machine'], language)}, {in_turn(found['rounds'], language)}"


def results_table(language: str) -> str:
    """Return what a full room costs, beside the floor."""
    rows = read("fanout.json")["rows"]
    names = {
        "en": (
            "one WebSocket message to 1,000 members",
            "{} in flight",
            "server CPU per delivery, µs",
            "of a C loop without a chat, µs",
            "ratio, round by round",
            "ratio to the same loop with as many bytes",
            "million deliveries/s",
            "messages that share a write",
        ),
        "fr": (
            "un message WebSocket à 1 000 membres",
            "{} en vol",
            "CPU du serveur par livraison, µs",
            "d'une boucle C sans chat, µs",
            "rapport, manche par manche",
            "rapport à la même boucle avec autant d'octets",
            "millions de livraisons/s",
            "messages par écriture",
        ),
    }[language]
    counted = "each_writes" in rows[0]
    names = names if counted else names[:-1]
    lines = ["| " + " | ".join((names[0], *names[2:])) + " |", "| --- " * (len(names) - 1) + "|"]
    for window in sorted({row["window"] for row in rows}):
        ours, floor = (
            [row for row in rows if (row["window"], row["server"]) == (window, server)] for server in SERVERS
        )
        cells = (
            names[1].format(window),
            *(spread([row["cpu_us_per_delivery"] for row in each], 2, language) for each in (ours, floor)),
            *(f"× {spread(ratios(rows, window, each), 2, language)}" for each in ("floor", AS_MANY_BYTES)),
            spread([row["deliveries_per_s"] / 1e6 for row in ours], 3, language),
            *([spread([row["deliveries"] / row["each_writes"][0] for row in ours], 0, language)] if counted else []),
        )
        lines.append("| " + " | ".join(cells) + " |")
    joins = [row for row in rows if row["server"] == "chatcore"]
    cpu = number(statistics.median(row["join_cpu_ms_per_client"] for row in joins), 2, language)
    memory = number(statistics.median(row["pss_kib_per_client"] for row in joins), 1, language)
    ends = {
        "en": f"A member who joins that room costs {cpu} ms of CPU and {memory} KiB of memory.",
        "fr": f"Un membre qui entre dans ce salon coûte {cpu} ms de CPU et {memory} Kio de mémoire.",
    }
    return "\n".join([*lines, "", ends[language]])


ROOMS: Final = ((2, 1), (2, 32), (10, 1), (10, 32))
"""Members and messages in flight, of the small rooms that are measured."""


def rooms_table(language: str) -> str:
    """Return what a message costs in small rooms, with our server and with others."""
    rows = read("small_rooms.json")["rows"]
    head = {"en": "{} members, {} in flight", "fr": "{} membres, {} en vol"}[language]
    lines = [
        "| | " + " | ".join(head.format(*room) for room in ROOMS) + " |",
        "| --- " * (len(ROOMS) + 1) + "|",
    ]
    for server in dict.fromkeys(row["server"] for row in rows):
        costs = (
            [
                row["cpu_us_per_message"]
                for row in rows
                if (row["server"], row["members"], row["window"]) == (server, *room)
            ]
            for room in ROOMS
        )
        lines.append(f"| {server} | " + " | ".join(spread(each, 1, language) for each in costs) + " |")
    return "\n".join(lines)


def rooms_sentence(language: str) -> str:
    """Return how that was measured."""
    found = read("small_rooms.json")
    return f"{measured_on(found['machine'], language)}, {in_turn(found['rounds'], language)}"


def slowest(language: str) -> str:
    """Return how many times as long the slowest hundredth of the messages took beside a file, at worst."""
    return number(max(_slower(row, "p99") for row in read("files.json")["rows"]), 1, language)


def _slower(row: dict[str, Any], what: str) -> float:
    """Return how many times as long a message takes beside a file, for whoever it hurts most."""
    return max(float(row[f"{who}_busy_{what}_ms"] / row[f"{who}_idle_{what}_ms"]) for who in ("pair", "others"))


def files_sentence(language: str) -> str:
    """Return how files were measured."""
    on = measured_on(read("files.json")["machine"], language)
    return f"{on}, {'one run' if language == 'en' else 'une série'}"


def files_table(language: str) -> str:
    """Return what a large file costs on each transport, beside a plain socket copy of it in the same run."""
    rows = read("files.json")["rows"]
    size = number(rows[0]["mib"], 0, language)
    head = {
        "en": (
            f"a file of {size} MiB between two users",
            "MiB/s",
            "of a plain socket copy",
            "server memory",
            "chat beside it, p50 / p99",
        ),
        "fr": (
            f"un fichier de {size} Mio entre deux utilisateurs",
            "Mio/s",
            "d'une copie par simple socket",
            "mémoire du serveur",
            "chat à côté, p50 / p99",
        ),
    }[language]
    mebibytes = "MiB" if language == "en" else "Mio"
    lines = ["| " + " | ".join(head) + " |", "| --- " * 5 + "|"]
    for row in rows:
        cells = (
            f"`{row['transport']}`",
            number(row["mib_per_s"], 1, language),
            f"{number(100 * row['mib_per_s'] / row['plain_copy_mib_per_s'], 1, language)} %",
            f"+{number(row['server_grew_mib'], 1, language)} {mebibytes}",
            " / ".join(f"× {number(_slower(row, name), 1, language)}" for name in ("p50", "p99")),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def logging_table(language: str) -> str:
    """Return how long messages took while nobody read the log."""
    rows = read("unread_log.json")["rows"]
    english = language == "en"
    columns = {
        "read": ("ours, read at once", "le nôtre, lu aussitôt"),
        "unread": ("ours, nobody reads it", "le nôtre, personne ne le lit"),
        "ordinary": ("`StreamHandler`, nobody reads it", "`StreamHandler`, personne ne le lit"),
    }
    lines = [
        f"| {'the log' if english else 'le journal'} | "
        + " | ".join(each[not english] for each in columns.values())
        + " |"
    ]
    lines.append("| --- " * 4 + "|")

    def line(told: tuple[str, str], cell: Callable[[list[dict[str, Any]]], str]) -> None:
        cells = (cell([row for row in rows if row["log"] == log]) for log in columns)
        lines.append(f"| {told[not english]} | " + " | ".join(cells) + " |")

    def arrived(found: list[dict[str, Any]]) -> str:
        some, all_ = (number(sum(row[key] for row in found), 0, language) for key in ("arrived", "sent"))
        return f"{some} {'of' if english else 'sur'} {all_}"

    def figure(key: str, digits: int) -> Callable[[list[dict[str, Any]]], str]:
        return lambda found: spread([row[key] for row in found], digits, language) if key in found[0] else "–"

    line(("messages that arrived, all rounds", "messages arrivés, toutes les manches"), arrived)
    line(("p50, ms", "p50, ms"), figure("p50", 1))
    line(("p99, ms", "p99, ms"), figure("p99", 1))
    line(("slowest, ms", "le plus lent, ms"), figure("most", 1))
    line(("records written", "lignes écrites"), figure("written", 0))
    line(("records dropped", "lignes perdues"), figure("dropped", 0))
    return "\n".join(lines)


def logging_sentence(language: str) -> str:
    """Return how that was measured."""
    found = read("unread_log.json")
    rounds = max(row["round"] for row in found["rows"]) + 1
    seconds, guests = number(found["seconds"], 0, language), found["guests_per_s"]
    on = measured_on(found["machine"], language)
    if language == "en":
        return f"{on}, {rounds} rounds of {seconds} s, {guests} guests a second"
    return f"{on}, {rounds} manches de {seconds} s, {guests} visiteurs par seconde"


def store_table(language: str) -> str:
    """Return what a store on SQLite does, beside plain commits, and what follows from that."""
    found = read("store.json")
    english = language == "en"
    heads = (
        ("kept on the disk before it is acknowledged", "conservé sur le disque avant l'acquittement"),
        ("messages/s", "messages/s"),
        ("p50, ms", "p50, ms"),
        ("p99, ms", "p99, ms"),
        ("CPU per message, µs", "CPU par message, µs"),
    )
    lines = ["| " + " | ".join(each[not english] for each in heads) + " |", "| --- " * 5 + "|"]
    rows = {
        "plain commits of 1": ("plain commits of `sqlite3`, one message each", "transactions simples, un message"),
        "plain commits of 64": ("the same, 64 messages each", "les mêmes, 64 messages"),
        "store, 1 proposing": ("our store, one sender", "notre stockage, un expéditeur"),
        "store, 64 proposing": ("our store, 64 senders", "notre stockage, 64 expéditeurs"),
    }
    for key, told in rows.items():
        row = found[key]
        figures = ((row["per_second"], 0), (row["p50_ms"], 2), (row["p99_ms"], 1), (row["cpu_us"], 0))
        cells = (number(value, digits, language) for value, digits in figures)
        lines.append(f"| {told[not english]} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", _store_again(found, language), _store_room(found["full room"], language)])


def _store_again(found: dict[str, Any], language: str) -> str:
    again = found["restart"]
    messages, seconds, middle, slow = (
        number(again[key], digits, language)
        for key, digits in (("messages", 0), ("restart_s", 1), ("page_p50_ms", 1), ("page_p99_ms", 1))
    )
    if language == "en":
        return (
            f"A store with {messages} messages in 100 logs is looked through and loaded in {seconds} s at a restart; a "
            f"page of 50 from anywhere in it takes {middle} ms, a hundredth of them more than {slow}."
        )
    return (
        f"Un stockage de {messages} messages dans 100 journaux est vérifié et chargé en {seconds} s au redémarrage ; "
        f"une page de 50, prise n'importe où, demande {middle} ms, un centième d'entre elles plus de {slow}."
    )


def _store_room(rows: list[dict[str, Any]], language: str) -> str:
    costs = {
        store: [row["cpu_us_per_delivery"] for row in rows if row["store"] == store] for store in ("memory", "sqlite")
    }
    kept, memory = (spread(costs[store], 2, language) for store in ("sqlite", "memory"))
    ratio = number(statistics.median(costs["sqlite"]) / statistics.median(costs["memory"]), 2, language)
    if language == "en":
        return (
            f"In a room of 1,000 with 32 messages in flight a delivery costs the server {kept} µs of CPU with it, "
            f"and {memory} in memory: × {ratio}."
        )
    return (
        f"Dans un salon de 1 000, 32 messages en vol, une livraison coûte au serveur {kept} µs de CPU avec lui et "
        f"{memory} en mémoire : × {ratio}."
    )


def store_sentence(language: str) -> str:
    """Return how that was measured."""
    return measured_on(read("store.json")["machine"], language)
