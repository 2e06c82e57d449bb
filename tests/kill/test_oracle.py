"""The oracle of the kills: a whole history has no problem, and each fault that was planted in it is found."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.kill.oracle import judge

Lines = list[dict[str, Any]]


def welcome(who: str, *, resumed: bool = False, room: str = "room") -> dict[str, Any]:
    """Return the line of a login."""
    positions = {room: ["e1", 0], "@": [f"d-{who}", 0], "*": ["e2", 0]}
    return {"what": "welcomed", "who": who, "resumed": resumed, "room": room, "positions": positions}


def posts(who: str, cid: int, log: str, text: str, *to: str) -> dict[str, Any]:
    """Return the line of a send."""
    return {"what": "posts", "who": who, "cid": cid, "log": log, "to": list(to), "text": text}


def acknowledged(who: str, cid: int, log: str, seq: int) -> dict[str, Any]:
    """Return the line of an acknowledgement."""
    return {"what": "acknowledged", "who": who, "cid": cid, "log": log, "seq": seq}


def shown(who: str, log: str, seq: int, sender: str, text: str, *to: str) -> dict[str, Any]:
    """Return the line of something that somebody was shown."""
    return {"what": "shown", "who": who, "log": log, "seq": seq, "sender": sender, "text": text, "to": list(to)}


def history() -> tuple[Lines, Lines]:
    """Return the journal and the export of a run with one kill in which every promise was kept."""
    journal = [welcome(who) for who in ("alice", "bob", "carol")]
    for cid, text in ((1, "one"), (2, "two")):
        journal += [posts("alice", cid, "room", text), acknowledged("alice", cid, "room", cid)]
        journal += [shown(who, "room", cid, "alice", text) for who in ("alice", "bob", "carol")]
    journal += [posts("alice", 3, "@", "psst", "bob"), acknowledged("alice", 3, "@", 1)]
    journal += [shown(who, "@", 1, "alice", "psst", "bob") for who in ("alice", "bob")]
    journal.append({"what": "killed", "who": ""})
    journal += [welcome(who, resumed=True) for who in ("alice", "bob", "carol")]
    journal += [posts("bob", 1, "*", "to all"), acknowledged("bob", 1, "*", 1)]
    journal += [shown(who, "*", 1, "bob", "to all") for who in ("alice", "bob", "carol")]
    journal += [posts("alice", 4, "room", "three"), acknowledged("alice", 4, "room", 3)]
    journal += [shown(who, "room", 3, "alice", "three") for who in ("alice", "bob", "carol")]
    export = [
        {"type": "message", "room": "Room", "seq": seq, "from": "alice", "text": text, "epoch": "e1"}
        for seq, text in enumerate(("one", "two", "three"), 1)
    ]
    export.append({"type": "broadcast", "seq": 1, "from": "bob", "text": "to all", "epoch": "e2"})
    export.append({"type": "direct", "seq": 1, "from": "alice", "to": ["bob"], "text": "psst", "epoch": "d-alice"})
    return journal, export


def test_nothing_is_found_where_every_promise_was_kept() -> None:
    """A kill in the middle is none of the oracle's business."""
    oracle = judge(*history())
    assert oracle.problems() == []
    assert (oracle.counts["killed"], oracle.counts["acknowledged"], oracle.counts["stored"]) == (1, 5, 5)


def test_what_a_client_gives_up_and_says_so_is_not_lost() -> None:
    """Whether it stands in the store or not; any other refusal is a fault."""
    journal, export = history()
    _never_answered(journal, export)
    refusal = {"what": "refused", "who": "alice", "cid": 4}
    assert judge([*journal, refusal | {"code": "connection_lost"}], export).problems() == []
    assert judge([*journal, refusal | {"code": "no_such_user"}], export).problems() != []


def _drop(lines: Lines, **fields: Any) -> None:
    for line in [line for line in lines if all(line.get(name) == value for name, value in fields.items())]:
        lines.remove(line)


def _acknowledged_before_the_commit(_journal: Lines, export: Lines) -> None:
    """What was acknowledged right before the kill is not there after it, and its number is given again."""
    _drop(export, text="two")
    export[1]["seq"] = 2


def _last_batch_dropped(journal: Lines, export: Lines) -> None:
    """Nobody was shown it any more, either."""
    _drop(export, text="three")
    _drop(journal, what="shown", text="three")


def _log_begins_anew(journal: Lines, _export: Lines) -> None:
    for line in journal[journal.index({"what": "killed", "who": ""}) :]:
        if line["what"] == "welcomed":
            line["positions"]["room"] = ["e9", 0]


def _stored_under_another_epoch(_journal: Lines, export: Lines) -> None:
    for line in export[:3]:
        line["epoch"] = "e9"


def _stored_under_another_number(_journal: Lines, export: Lines) -> None:
    export[0]["text"], export[1]["text"] = "two", "one"


def _applied_twice(_journal: Lines, export: Lines) -> None:
    export.insert(3, export[2] | {"seq": 4})


def _shown_twice(journal: Lines, _export: Lines) -> None:
    journal.append(shown("bob", "room", 4, "alice", "three"))


def _never_shown_to_one(journal: Lines, _export: Lines) -> None:
    _drop(journal, what="shown", who="carol", text="three")


def _skipped_by_one(journal: Lines, _export: Lines) -> None:
    _drop(journal, what="shown", who="carol", text="two")


def _shown_out_of_order(journal: Lines, _export: Lines) -> None:
    one = journal.index(shown("bob", "room", 1, "alice", "one"))
    two = journal.index(shown("bob", "room", 2, "alice", "two"))
    journal[one], journal[two] = journal[two], journal[one]


def _acknowledged_twice(journal: Lines, _export: Lines) -> None:
    journal.append(acknowledged("alice", 4, "room", 3))


def _never_answered(journal: Lines, export: Lines) -> None:
    _last_batch_dropped(journal, export)
    _drop(journal, what="acknowledged", who="alice", cid=4)
    journal.append(posts("alice", 4, "room", "three"))


def _session_forgotten(journal: Lines, _export: Lines) -> None:
    journal[-1:] = [journal[-1], welcome("carol", resumed=False)]


def _inbox_key_used_again(journal: Lines, _export: Lines) -> None:
    """A stranger's log is that of somebody else."""
    journal.append({"what": "found", "who": "stranger", "text": "psst", "asked": "history of @"})


def _direct_message_shown_to_others(journal: Lines, _export: Lines) -> None:
    journal.append(shown("carol", "@", 1, "alice", "psst", "bob"))


def _direct_message_lost_by_its_receiver(journal: Lines, _export: Lines) -> None:
    _drop(journal, what="shown", who="bob", text="psst")


def _direct_message_stored_for_another(_journal: Lines, export: Lines) -> None:
    export[-1]["to"] = ["carol"]


def _nobody_said_it(journal: Lines, export: Lines) -> None:
    export.insert(3, export[2] | {"seq": 4, "text": "four"})


FAULTS: dict[Callable[[Lines, Lines], None], str] = {
    _acknowledged_before_the_commit: "lost: alice was acknowledged 'two'",
    _last_batch_dropped: "lost: alice was acknowledged 'three'",
    _log_begins_anew: "begins anew",
    _stored_under_another_epoch: "the store has it at",
    _stored_under_another_number: "behind what alice said later",
    _applied_twice: "the store has 'three' twice",
    _shown_twice: "bob was shown 'three' twice",
    _never_shown_to_one: "carol was never shown",
    _skipped_by_one: "carol was shown room 3 right after 1",
    _shown_out_of_order: "bob was shown room 1 after 2",
    _acknowledged_twice: "two acknowledgements",
    _never_answered: "never answered",
    _session_forgotten: "its session was gone",
    _inbox_key_used_again: "leaked: stranger found 'psst'",
    _direct_message_shown_to_others: "leaked: carol was shown 'psst'",
    _direct_message_lost_by_its_receiver: "lost: bob was never shown 'psst'",
    _direct_message_stored_for_another: "the store has 'psst' in @",
    _nobody_said_it: "which nobody said",
}


@pytest.mark.parametrize("plant", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_fault_is_found(plant: Callable[[Lines, Lines], None]) -> None:
    """And named."""
    journal, export = deepcopy(history())
    plant(journal, export)
    assert FAULTS[plant] in "\n".join(judge(journal, export).problems())
