"""What a screen reader has of a program, by Debian's AT-SPI library: each line of the input is answered in JSON.

It runs in the system's Python, which has that library (`gir1.2-atspi-2.0`, `python3-gi`), and imports nothing of ours.
"""

# mypy: ignore-errors
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 - the version is said before

_STATES = {
    Atspi.StateType.FOCUSED: "focused",
    Atspi.StateType.FOCUSABLE: "focusable",
    Atspi.StateType.SHOWING: "showing",
    Atspi.StateType.ACTIVE: "active",
}


def label(node):
    """Return what the label says that belongs to it; a choice is named by what is chosen."""
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            return relation.get_target(0).get_name()
    return ""


def nodes(node, out):
    """Collect what is on the screen: role, name, description, text and states of each."""
    try:
        states = node.get_state_set()
        text = node if "Text" in node.get_interfaces() else None
        said = Atspi.Text.get_text(text, 0, min(500, Atspi.Text.get_character_count(text))) if text else ""
        found = [word for state, word in _STATES.items() if states.contains(state)]
        if "showing" in found or node.get_role() == Atspi.Role.APPLICATION:
            name = label(node) or node.get_name() or ""
            out.append([node.get_role_name(), name, node.get_description() or "", said, found])
        children = [node.get_child_at_index(at) for at in range(min(60, node.get_child_count()))]
    except GLib.Error:  # it has gone meanwhile
        return out
    for child in children:
        if child is not None:
            nodes(child, out)
    return out


def main():
    """Answer each line with what is there now."""
    for _line in sys.stdin:
        Atspi.Accessible.clear_cache(Atspi.get_desktop(0))
        desktop, out = Atspi.get_desktop(0), []
        for at in range(desktop.get_child_count()):
            program = desktop.get_child_at_index(at)
            if program is not None:
                program.clear_cache()
                nodes(program, out)
        print(json.dumps(out), flush=True)


main()
