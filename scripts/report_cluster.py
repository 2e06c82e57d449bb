"""What the report says of several servers that are one chat: tables from `benchmarks/results/cluster.json`."""

from __future__ import annotations

import statistics
from operator import itemgetter
from typing import Final

import cluster_model as model
from report_figures import in_turn, measured_on, number, spread

_NAMES: Final = {
    "memory": ("one server, in memory", "un serveur, en mémoire"),
    "sqlite": ("one server, SQLite", "un serveur, SQLite"),
    "nats 1": ("one server, on NATS", "un serveur, sur NATS"),
    "nats 2": ("two servers", "deux serveurs"),
    "nats 3": ("three servers", "trois serveurs"),
}
_LIMITS: Final = {"nodes": ("servers", "serveurs"), "nats": ("NATS", "NATS")}


def cluster_table(language: str) -> str:
    """Return what each of the chats did."""
    french = language == "fr"
    heads = (
        ("", ""),
        ("million deliveries/s, all on two cores", "millions de livraisons/s, tout sur deux cœurs"),
        ("busiest server, µs a delivery", "serveur le plus occupé, µs par livraison"),
        ("million deliveries/s, a core each", "millions de livraisons/s, un cœur chacun"),
        ("p50 / p99, ms", "p50 / p99, ms"),
        ("a command where it is said, µs", "une commande là où elle est dite, µs"),
        ("at each other server, µs", "à chaque autre serveur, µs"),
        ("in all of NATS, µs", "dans tout NATS, µs"),
    )
    lines = ["| " + " | ".join(each[french] for each in heads) + " |", "| --- " * len(heads) + "|"]
    for setup in model.SETUPS:
        several = setup in ("nats 2", "nats 3")
        busiest = model.each(setup, "room", model.busiest)
        slow = (model.each(setup, "calm", itemgetter(name)) for name in ("p50_ms", "p99_ms"))
        nats = model.each(setup, "pair", lambda row: 1e6 * sum(row["nats_cpu_s"]) / row["messages"])
        cells = (
            _NAMES[setup][french],
            spread(model.each(setup, "room", lambda row: row["deliveries_per_s"] / 1e6), 2, language),
            spread(busiest, 2, language),
            number(1 / statistics.median(busiest), 2, language),
            " / ".join(number(statistics.median(each), 1, language) for each in slow),
            spread(model.each(setup, "pair", model.first), 0, language),
            spread(model.each(setup, "pair", model.others), 0, language) if several else "–",
            spread(nats, 0, language) if setup.startswith("nats") else "–",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cluster_sentence(language: str) -> str:
    """Return how that was measured."""
    found = model.measured()
    members = found["rows"][0]["members"]
    room = f"a room of {members}" if language == "en" else f"un salon de {members}"
    return f"{measured_on(found['machine'], language)}, {in_turn(found['rounds'], language)}, {room}"


def costs_sentence(language: str) -> str:
    """Return what the model is made of, and how it fits."""
    found = model.costs()
    entry, command, own, kept, handed = (
        number(each, 0, language) for each in (found.entry, found.command, found.own, found.kept, found.handed)
    )
    write, share = (number(each, 1, language) for each in (found.write, found.share))
    both = [model.against_the_room(nodes) for nodes in (1, 2, 3)]
    (said_1, said_2, said_3), (is_1, is_2, is_3) = (
        [number(each[what], 0, language) for each in both] for what in (0, 1)
    )
    alone = number(model.delivered(1, "deliveries_per_s") / 1e6, 3, language)
    counted = number(_rounded(model.most(1, 1000)[0]) / 1e3, 2, language)
    if language == "en":
        return (
            f"an entry of the journal takes each server {entry} µs and each command in it {command}; where something "
            f"is said, {own} more. A write to a member takes {write} µs, and each message in it {share} (table 6, with "
            f"one and with 32 in flight). NATS takes {kept} µs for an entry, and {handed} for each server that it goes "
            f"to. By that, a message to the one room of table 9, where all that is in an entry shares a write, costs "
            f"the busiest of one, two and three servers {said_1}, {said_2} and {said_3} µs; {is_1}, {is_2} and {is_3} "
            f"were measured. What table 10 counts is the dearest case, and no more than was measured: with one in "
            f"flight table 6 has {alone} million deliveries a second of a whole core, table 10 {counted} million of "
            f"70 % of one; in the one room of table 9 many messages share a write, and there are several times as many."
        )
    return (
        f"une entrée du journal prend {entry} µs à chaque serveur, et chaque commande qui s'y trouve {command} ; là où "
        f"l'on parle, {own} de plus. Une écriture vers un membre prend {write} µs, et chaque message qui s'y trouve "
        f"{share} (tableau 6, avec un message en vol et avec 32). NATS prend {kept} µs par entrée, et {handed} par "
        f"serveur qui la reçoit. D'après cela, un message au seul salon du tableau 9, où tout ce qui est dans une "
        f"entrée partage une écriture, coûte {said_1}, {said_2} et {said_3} µs au plus occupé d'un, de deux et de "
        f"trois serveurs ; on en a mesuré {is_1}, {is_2} et {is_3}. Ce que compte le tableau 10 est le cas le plus "
        f"cher, et pas plus que ce qui a été mesuré : avec un message en vol, le tableau 6 a {alone} million de "
        f"livraisons par seconde d'un cœur entier, le tableau 10 en a {counted} million de 70 % d'un cœur ; dans le "
        f"seul salon du tableau 9, beaucoup de messages partagent une écriture, et il y en a plusieurs fois autant."
    )


def model_table(language: str) -> str:
    """Return what so many servers would do, and what ends it."""
    french = language == "fr"
    heads = [
        ("servers", "serveurs"),
        *((f"messages/s, rooms of {room:,}", f"messages/s, salons de {number(room, 0, 'fr')}") for room in model.ROOMS),
        ("full first (rooms of 10)", "plein d'abord (salons de 10)"),
        ("idle: each server, all of NATS", "au repos : chaque serveur, tout NATS"),
        ("rooms of 10, sharded tenfold", "salons de 10, en dix flux"),
    ]
    lines = ["| " + " | ".join(each[french] for each in heads) + " |", "| --- " * len(heads) + "|"]
    for nodes in model.NODES:
        alone, nats = model.idle(nodes)
        cells = (
            str(nodes),
            *(number(_rounded(model.most(nodes, room)[0]), 0, language) for room in model.ROOMS),
            _LIMITS[model.most(nodes, model.ROOMS[0])[1]][french],
            f"{number(100 * alone, 1, language)} %, {number(100 * nats, 1, language)} %",
            number(_rounded(model.most(nodes, model.ROOMS[0], model.STREAMS)[0]), 0, language)
            if nodes >= model.STREAMS
            else "–",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _rounded(value: float) -> float:
    """Return a number with two digits that count: a model knows no more."""
    return float(f"{value:.1e}")
