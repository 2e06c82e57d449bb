"""Lines of the operator's log are of kinds that the guide explains."""

from __future__ import annotations

from pathlib import Path

from chatcore.chat.effects import LineKind

GUIDE = (Path(__file__).parents[3] / "docs" / "host" / "operate.md").read_text()


def test_every_kind_of_line_stands_in_the_guide() -> None:
    assert [kind for kind in LineKind if f"`{kind}`" not in GUIDE] == []
