"""Commands as people type them: in whatever case, and however their keyboards write a character."""

from __future__ import annotations

from unicodedata import normalize


def command_key(name: str) -> str:
    """Return the form in which names of commands are compared: an é of one character is that of two."""
    return name.lower() if name.isascii() else normalize("NFC", normalize("NFC", name).casefold())


def behind_prefix(text: str, prefix: str) -> str | None:
    """Return what stands behind what commands begin with; None for what is no command. A full-width ！ is a ! here."""
    head = text[: len(prefix)]
    if head == prefix or (not head.isascii() and normalize("NFKC", head) == normalize("NFKC", prefix)):
        return text[len(prefix) :]
    return None
