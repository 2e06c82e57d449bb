"""Every refusal of the core says what it is about, and the catalogue has the sentence for just that."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from chatcore.errors import ErrorCode, Refusal
from chatcore.text.reasons import REFUSALS, WHAT, fields, refusal_sentence, refused

CORE = Path(__file__).parents[2] / "src" / "chatcore"
REFUSE = ("Refusal", "refuse")
# Whoever takes tokens says of what kind; that is the `what` of their refusal.
KINDS = {"take_token": 2, "_too_often": 0}
TEXTS = ("name", "other", "room", "asked", "rule")
# Beside the sentence, which says for how many minutes.
FOR_PROGRAMS = {"until"}
# The rules of the chat need a role.
ROLES = {"not_allowed": {"moderator", "owner"}}  # the others are said in so many words


@cache
def calls() -> list[ast.Call]:
    """Return every call, of the modules that call what is looked for."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(CORE.rglob("*.py"))]
    trees = [ast.parse(source) for source in sources if any(f"{name}(" in source for name in (*REFUSE, *KINDS))]
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def called(*names: str) -> Iterator[ast.Call]:
    return (call for call in calls() if isinstance(call.func, ast.Name) and call.func.id in names)


def refusals() -> list[tuple[ErrorCode, dict[str, object]]]:
    """Return each refusal that the code can make: its code, and values of the kinds that it gives."""
    found: list[tuple[ErrorCode, dict[str, object]]] = []
    for call in called(*REFUSE):
        code = call.args[0]
        if isinstance(code, ast.Name) and code.id == "batch":
            continue  # a journal refuses what was proposed
        assert len(call.args) == 1, f"its sentence stands in the catalogue: {ast.unparse(call)}"
        if not isinstance(code, ast.Attribute):
            continue
        values: dict[str, object] = {}
        for word in call.keywords:
            if word.arg == WHAT:
                values[WHAT] = word.value.value if isinstance(word.value, ast.Constant) else None
            elif word.arg not in ("retry_after", None, *FOR_PROGRAMS):
                values[str(word.arg)] = "x" if word.arg in TEXTS else 7
        kinds = [values]
        if WHAT in values and values[WHAT] is None:
            kinds = [values | {WHAT: kind} for kind in sorted(ROLES.get(ErrorCode[code.attr].value) or taken())]
        found += ((ErrorCode[code.attr], each) for each in kinds)
    return found


def taken() -> set[str]:
    """Return what tokens are taken for."""
    kinds = {call.args[place] for name, place in KINDS.items() for call in called(name)}
    return {kind.value for kind in kinds if isinstance(kind, ast.Constant) and isinstance(kind.value, str)}


@pytest.mark.parametrize(("code", "values"), refusals(), ids=str)
def test_code_values_and_sentence_of_a_refusal_fit_together(code: ErrorCode, values: dict[str, object]) -> None:
    """Nothing that is said is left out of the sentence, and the sentence needs nothing that is not said."""
    sentence = refusal_sentence(code, values)
    assert sentence is not None
    assert fields(sentence.text) == set(values) - {WHAT}
    if WHAT in values:
        assert sentence.text == REFUSALS[f"{code}.{values[WHAT]}"][0]


def test_the_core_refuses_in_many_ways_and_uses_every_sentence_but_what_others_say() -> None:
    """What is in the catalogue and nowhere said by the core is a plain sentence, or the words of an interface."""
    found = [(code, frozenset(values), values.get(WHAT)) for code, values in refusals()]
    assert len(set(found)) > 30
    said = {sentence for code, values in refusals() if (sentence := refusal_sentence(code, values)) is not None}
    used = {sentence.text for sentence in said}
    unused = {form for forms in REFUSALS.values() for form in forms} - used - {forms[-1] for forms in REFUSALS.values()}
    unused = {form for form in unused if not fields(form) & {"hours", "days"}}  # many minutes are said so
    assert unused == {"this server has nothing like {asked}"}


def test_event_of_a_refusal_has_its_values_and_an_english_sentence() -> None:
    event = refused(Refusal(ErrorCode.BAD_NAME, shortest=2, longest=12), cid=3)
    assert (event.code, event.cid, event.values) == ("bad_name", 3, {"shortest": 2, "longest": 12})
    assert event.message == "a name has 2 to 12 letters of one script, digits, _ or -"
    assert type(event.message) is str
