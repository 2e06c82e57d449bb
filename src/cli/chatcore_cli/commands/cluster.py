"""`chatcore cluster`: look after several servers that share a store on NATS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from chatcore.errors import ConfigurationError
from chatcore.text.reasons import unready_sentence
from chatcore.text.safe_text import safe_text
from chatcore_cli.saying.out import complain, say
from chatcore_cli.saying.texts import _, ngettext, told
from chatcore_cli.settings.extras import needs
from chatcore_cli.settings.options import subcommand

if TYPE_CHECKING:
    from chatcore_nats.place import Place

EXIT_NOBODY: Final = 1
# So long servers have for their answers, in seconds, when nobody knows how many there are; and for a snapshot.
_PATIENCE: Final = 2.0
_SNAPSHOT_TIME: Final = 60.0


@click.group("cluster", help=_("Look after several servers that are one chat."))
def command() -> None:
    """Carry out a subcommand."""


@subcommand(command, "status", _("Say which servers share STORE (nats://HOST/CHAT), and how each of them does."))
@click.argument("store")
def status(*, store: str, log_level: str) -> int:
    """Ask all of them."""
    found = _ask(store, {"ask": "status"})
    for each in found:
        say(_line(each))
    if not found:
        return _nobody(store)
    silent = max(each["nodes"] for each in found) - len(found)
    if silent > 0:
        text = ngettext(
            "{number} more server does not answer: it has stopped, or was up until a few seconds ago.",
            "{number} more servers do not answer: they have stopped, or were up until a few seconds ago.",
            silent,
        )
        complain(text.format(number=silent))
    return 0


@subcommand(
    command,
    "drain",
    _("Ask the server NODE (its number in the status) to end, as SIGTERM does: its users go to others."),
)
@click.argument("store")
@click.argument("node", type=int)
def drain(*, store: str, node: int, log_level: str) -> int:
    """Ask one of them."""
    if not _ask(store, {"ask": "drain", "node": node}, one=True):
        raise ConfigurationError("no server of {store} has the number {node}", store=_place(store).text, node=node)
    say(_("{node} ends.").format(node=node))
    return 0


@subcommand(
    command, "snapshot", _("Let a snapshot of STORE be kept now, so that a server that starts has less to read.")
)
@click.argument("store")
def snapshot(*, store: str, log_level: str) -> int:
    """Ask all of them: one does it."""
    found = _ask(store, {"ask": "snapshot"}, one=True, patience=_SNAPSHOT_TIME)
    for each in found:
        if not each["kept"]:
            why = str(each.get("why") or _("try again later"))
            raise ConfigurationError("no snapshot of {store} was kept: {why}", store=_place(store).text, why=why)
        say(_("The snapshot is at entry {position} of the journal.").format(position=each["position"]))
    return 0 if found else _nobody(store)


def _place(store: str) -> Place:
    with needs("nats", "chatcore cluster"):
        from chatcore_nats.place import parse_place
    return parse_place(store)


def _ask(
    store: str, question: Mapping[str, Any], *, one: bool = False, patience: float = _PATIENCE
) -> list[dict[str, Any]]:
    place = _place(store)
    from chatcore_nats.asking import ask

    return asyncio.run(ask(place, question, patience, one=one))


def _nobody(store: str) -> int:
    complain(_("No server of {store} answers.").format(store=_place(store).text))
    return EXIT_NOBODY


def _line(node: Mapping[str, Any]) -> str:
    unready = node["unready"]
    addresses = " ".join(safe_text(str(each)) for each in node["addresses"])
    connections = ngettext("{number} connection", "{number} connections", node["connections"])
    text = _("{node} {addresses}: version {version}, {connections}, at entry {position}, {behind} behind; {state}")
    if node["behind"] is None:  # nothing is heard of the journal there
        text = _("{node} {addresses}: version {version}, {connections}, at entry {position}; {state}")
    return text.format(
        node=node["node"],
        addresses=addresses,
        version=safe_text(str(node["version"])),
        connections=connections.format(number=node["connections"]),
        position=node["position"],
        behind=node["behind"],
        state=_("ready") if unready is None else told(unready_sentence(str(unready), node.get("unready_why"))),
    )
