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
    assert [file.name for file in _ROOT.rglob("*.py") if "qasync" in imports(file)] == ["event_loop.py"]


def test_presenters_load_no_qt() -> None:
    files = (_ROOT / "presenters").rglob("[!_]*.py")
    modules = ", ".join(".".join(file.relative_to(_ROOT.parent).with_suffix("").parts) for file in files)
    code = f"import sys, {modules}; print([name for name in sys.modules if name.startswith(('PyQt6', 'qasync'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


# What shows a text that is not one of ours: by module, and looked at by hand. Each shows what `safe_text`, `safe_name`,
# `visible` or `Label` has made harmless, or what the user has typed.
SINKS = {
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName", "setAccessibleDescription",
    "setStatusTip", "setWhatsThis", "showMessage", "setTitle", "drawText", "setPlainText", "setHtml", "setMarkdown",
    "addItem", "setInformativeText", "setDetailedText", "setLabelText", "QLabel", "QTextLayout", "setTabText",
}  # fmt: skip
LOOKED_AT = {
    "banner.py": {"setText"},
    "basics.py": {"setAccessibleName", "setText", "setToolTip"},
    "composer.py": {"setPlaceholderText", "setPlainText", "setText"},
    "connect_dialog.py": {"addItem", "setAccessibleDescription", "setAccessibleName", "setText"},
    "conversation_pane.py": {"setAccessibleName", "setText"},
    "file_card.py": {"setAccessibleDescription", "setAccessibleName", "setText"},
    "finding.py": {"setAccessibleDescription", "setAccessibleName", "setPlaceholderText", "setText", "setWindowTitle"},
    "labels.py": {"setText"},
    "main_window.py": {"setText", "setWindowTitle"},
    "message_list.py": {"setText"},
    "notifier.py": {"showMessage"},
    "painting.py": {"drawText"},
    "password_dialog.py": {"setAccessibleDescription", "setAccessibleName", "setText"},
    "patience.py": {"setText"},
    "picture_view.py": {"setAccessibleName", "setText"},
    "row_painting.py": {"drawText"},
    "search_bar.py": {"setText"},
    "settings_dialog.py": {"addItem", "setAccessibleName"},
    "small.py": {"setAccessibleDescription", "setText"},
    "text_block.py": {"QTextLayout"},
}


def is_ours(text: ast.expr) -> bool:
    """Tell whether a text is a constant, or a translation without values."""
    if isinstance(text, ast.IfExp):
        return is_ours(text.body) and is_ours(text.orelse)
    return isinstance(text, ast.Constant) or (isinstance(text, ast.Call) and ast.unparse(text.func) == "translate")


def test_no_text_of_others_is_shown_anywhere_else() -> None:
    """Where there is a new place, look whether its text is harmless, and add it. HTML is nowhere."""
    found: dict[str, set[str]] = {}
    for file in _ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and not all(map(is_ours, node.args)):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
                if name in SINKS:
                    found.setdefault(file.name, set()).add(name)
    assert found == LOOKED_AT
