"""The list of the slash commands; what they are is `chatcore.text.slash`."""

from __future__ import annotations

from chatcore.text.slash import ANYTHING_ELSE, SLASHES
from chatcore_cli.saying.texts import _, told, whole


def help_lines() -> list[str]:
    """Return the list of commands, as lines."""
    width = max(len(told(slash.usage)) for slash in SLASHES.values())
    lines = [f"{told(slash.usage):<{width}}  {told(slash.about)}" for slash in SLASHES.values()]
    return [*lines, whole(ANYTHING_ELSE), _("Ctrl-D logs out, too.")]
