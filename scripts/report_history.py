"""Who did what, as the history tells it, and what there is of tests: `scripts/report.py --count` counts."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, Final

from report_figures import RESULTS, number, read

ROOT: Final = Path(__file__).parents[1]

COMPONENTS: Final[list[tuple[str, str, tuple[str, ...]]]] = [
    (
        "core: chat, sessions, room log, dialects, fan-out",
        "cœur : chat, sessions, journal, dialectes, diffusion",
        ("src/chatcore", ":!src/chatcore/aio", ":!src/chatcore/bots", ":!src/chatcore/testing"),
    ),
    (
        "asyncio server, client and bots; test tools",
        "serveur, client et bots asyncio ; outils de test",
        ("src/chatcore/aio", "src/chatcore/bots", "src/chatcore/testing"),
    ),
    ("WebSocket", "WebSocket", ("src/adapters/chatcore_ws",)),
    (
        "QUIC, certificates",
        "QUIC, certificats",
        ("src/adapters/chatcore_quic", "src/adapters/chatcore_tls"),
    ),
    (
        "TCP, coursework dialects",
        "TCP, dialectes des travaux",
        ("src/adapters/chatcore_tcp", "src/adapters/chatcore_simple"),
    ),
    (
        "what transports share",
        "ce que les transports partagent",
        ("src/adapters/chatcore_net",),
    ),
    (
        "stores: SQLite, NATS",
        "stockages : SQLite, NATS",
        ("src/adapters/chatcore_sqlite", "src/adapters/chatcore_nats"),
    ),
    (
        "files that are sent, and what is kept on disk",
        "fichiers envoyés, et ce qui est gardé sur disque",
        ("src/adapters/chatcore_disk", "src/adapters/chatcore_files", "src/adapters/chatcore_sessions"),
    ),
    (
        "passwords, metrics, discovery on a network",
        "mots de passe, métriques, annonce sur un réseau",
        ("src/adapters/chatcore_mdns", "src/adapters/chatcore_metrics", "src/adapters/chatcore_passwords"),
    ),
    ("command line, terminal, log", "ligne de commande, terminal, journal", ("src/cli",)),
    ("window", "fenêtre", ("src/gui/chatcore_qt",)),
    ("page in the browser", "page dans le navigateur", ("src/gui/chatcore_web",)),
    ("tests", "tests", ("tests",)),
    (
        "guides, report, examples, measurements",
        "guides, rapport, exemples, mesures",
        ("docs", "examples", "benchmarks", "README.md"),
    ),
]
_EMPTY_TREE: Final = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def count(revision: str) -> None:
    """Count who did what up to a commit, by component, and the tests of the present state."""
    found = [_counted(revision, paths) for *_, paths in COMPONENTS]
    collected = _run(sys.executable, "-m", "pytest", "--collect-only", "-q", "tests")
    files = (line.partition("::")[0] for line in collected.splitlines() if "::" in line)
    result = {
        "commit": _git("rev-parse", "--short=10", revision),
        "date": _git("log", "-1", "--format=%as", revision),
        "authors": dict(Counter(_git("log", "--no-merges", "--format=%an", revision).splitlines())),
        "components": found,
        "tests": dict(Counter("/".join(file.split("/")[:2]) for file in files)),
    }
    (RESULTS / "history.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def _counted(revision: str, paths: tuple[str, ...]) -> dict[str, Any]:
    log = _git("log", "--no-merges", "--format=%as%x09%an", revision, "--", *paths).splitlines()
    days = sorted(line.partition("\t")[0] for line in log)
    lines = _git("diff", "--numstat", _EMPTY_TREE, revision, "--", *paths).splitlines()
    return {
        "paths": paths,
        "commits": len(log),
        "authors": dict(Counter(line.partition("\t")[2] for line in log)),
        "first": days[0],
        "last": days[-1],
        "lines": sum(int(line.split("\t")[0]) for line in lines if line[0] != "-"),  # pictures have none
    }


def _git(*arguments: str) -> str:
    return _run("git", *arguments).strip()


def _run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def history_table(language: str) -> str:
    """Return who did what."""
    head = {
        "en": "| component | where | commits | lines now | first and last day |",
        "fr": "| composant | où | commits | lignes | premier et dernier jour |",
    }[language]
    lines = [head, "| --- " * 5 + "|"]
    for (english, french, _), found in zip(COMPONENTS, read("history.json")["components"], strict=True):
        where = ", ".join(f"`{path}`" for path in found["paths"] if not path.startswith(":"))
        days = " – ".join(dict.fromkeys(found[key] for key in ("first", "last")))
        cells = (
            english if language == "en" else french,
            where,
            number(found["commits"], 0, language),
            number(found["lines"], 0, language),
            days,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def history_sentence(language: str) -> str:
    """Return up to where that was counted, and whose name the history has."""
    found = read("history.json")
    names = ", ".join(f"{name} ({number(times, 0, language)})" for name, times in found["authors"].items())
    if language == "en":
        return f"up to commit `{found['commit']}` of {found['date']}; authors in it, with their commits: {names}"
    return f"jusqu'au commit `{found['commit']}` du {found['date']} ; auteurs, avec leurs commits : {names}"


def tests_table(language: str) -> str:
    """Return how many tests there are of each kind."""
    found = read("history.json")["tests"]
    kinds = {
        "tests/unit": ("the core, every state and trigger", "le cœur, chaque état et chaque événement"),
        "tests/kill": (
            "servers that are killed, with a store and on NATS; their judge",
            "des serveurs tués, avec un stockage et sur NATS ; leur juge",
        ),
        "tests/simulation": ("whole systems in virtual time", "des systèmes entiers en temps virtuel"),
        "tests/integration": (
            "real sockets, processes, browsers, windows; the guides",
            "vrais sockets, processus, navigateurs, fenêtres ; les guides",
        ),
    }
    head = "| tests | of what | how many |" if language == "en" else "| tests | de quoi | combien |"
    lines = [head, "| --- " * 3 + "|"]
    for folder, (english, french) in kinds.items():
        told = english if language == "en" else french
        lines.append(f"| `{folder}` | {told} | {number(found[folder], 0, language)} |")
    return "\n".join(lines)


_MONTHS: Final = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)


def title_lines(language: str) -> str:
    """Return who wrote this, and when."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    counted = read("history.json")
    day = date.fromisoformat(counted["date"])
    authors = ", ".join(each["name"] for each in project["authors"])
    names = ", ".join(counted["authors"])
    if language == "en":
        return (
            f"**Authors:** {authors}; in the history of the repository: {names}<br>\n"
            f"**Date:** {day.day} {day:%B %Y} · **Version:** {project['version']}, commit `{counted['commit']}`"
        )
    return (
        f"**Auteurs :** {authors} ; dans l'historique du dépôt : {names}<br>\n"
        f"**Date :** {day.day} {_MONTHS[day.month - 1]} {day.year} · **Version :** {project['version']}, "
        f"commit `{counted['commit']}`"
    )
