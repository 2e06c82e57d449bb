"""No import runs in a circle: not even one that is for the type checker only."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
ROOTS = (SRC, SRC / "adapters", SRC / "cli", SRC / "gui")
# Rooms whose modules still call each other back. To be emptied.
STILL_CIRCULAR = ("chatcore.chat.", "chatcore.server.")


def modules() -> dict[str, Path]:
    """Return every module of every package, and its file."""
    found = {}
    for root in ROOTS:
        for path in root.glob("chatcore*/**/*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_by(source: str, known: set[str]) -> set[str]:
    """Return which known modules a source imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & known or {node.module}
    return found & known


def is_known_to_be_circular(importer: str, imported: str) -> bool:
    """Tell whether it is an import that has to go, and is not gone yet."""
    return any(importer.startswith(room) and imported.startswith(room) for room in STILL_CIRCULAR)


@pytest.mark.unmeasured
def test_no_import_runs_in_a_circle() -> None:
    """Each module can be understood after those that it imports."""
    found = modules()
    known = set(found)
    graph = {
        name: {
            each
            for each in imported_by(path.read_text(encoding="utf-8"), known) - {name}
            if not is_known_to_be_circular(name, each)
        }
        for name, path in found.items()
    }
    assert len(graph) > 200
    TopologicalSorter(graph).prepare()


def test_circle_is_found() -> None:
    """Also where only the type checker sees it."""
    known = {"a", "a.b"}
    source = "if TYPE_CHECKING:\n    from a import b\n"
    graph = {"a": imported_by("import a.b", known), "a.b": {"a"}, "c": imported_by(source, known)}
    assert graph["c"] == {"a.b"}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()
