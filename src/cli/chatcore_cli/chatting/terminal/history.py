"""What was typed, to be recalled with Up."""

from __future__ import annotations

from prompt_toolkit.history import InMemoryHistory

from chatcore.text.slash import is_secret


class TypedHistory(InMemoryHistory):
    """Commands one by one, and messages; no passwords."""

    def append_string(self, string: str) -> None:
        """Keep nothing of what only stands in the prompt when it is taken."""

    def keep(self, typed: str) -> None:
        """Keep a command or a message, unless it is blank or secret."""
        if typed.strip() and not is_secret(typed) and self.get_strings()[-1:] != [typed]:
            super().append_string(typed)
