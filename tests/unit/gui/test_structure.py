"""Who may know Qt, and who may know qasync."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import chatcore_qt

_ROOT = Path(chatcore_qt.__file__).parent


def imports(file: Path) -> set[str]:
    """Return the top-level names of what a module imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_only_one_module_knows_qasync() -> None:
    assert [file.name for file in _ROOT.rglob("*.py") if "qasync" in imports(file)] == ["app.py"]


def test_presenters_load_no_qt() -> None:
    modules = ", ".join(f"chatcore_qt.presenters.{file.stem}" for file in (_ROOT / "presenters").glob("[!_]*.py"))
    code = f"import sys, {modules}; print([name for name in sys.modules if name.startswith(('PyQt6', 'qasync'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
