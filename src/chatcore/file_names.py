"""Names of files: a sender's is only a suggestion, and hostile until it went through here."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chatcore.limits import FILE_NAME_BYTES

# Room is left for " (2)" and the like, and for file systems that count otherwise.
_MOST_BYTES: Final = 200
_MOST_SUFFIX_BYTES: Final = 20
_UNNAMED: Final = "file"
# Control, format (bidirectional overrides are among them) and unassigned characters, surrogates, line breaks.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_FORBIDDEN: Final = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # by Windows
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def is_sane_name(name: str) -> bool:
    """Say whether a suggestion is text of a bounded length without control characters: what a server passes on."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return 0 < size <= FILE_NAME_BYTES and not any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in name)


def clean_name(suggestion: str) -> str:
    """Return a name that can be given to a file in a folder, on every system, and means nothing else.

    Without directories and drive letters, control, format and bidirectional characters, leading and trailing dots
    and spaces; not the name of a device; at most 200 bytes of UTF-8, its suffix kept; never empty.
    """
    text = unicodedata.normalize("NFC", suggestion[: 16 * FILE_NAME_BYTES])
    text = "".join(char for char in text if unicodedata.category(char) not in _INVISIBLE)
    text = re.split(r"[/\\]", text.rstrip("/\\ ."))[-1]
    text = re.sub(r"^[A-Za-z]:", "", text).translate(_FORBIDDEN)
    text = " ".join(text.split()).strip(". ")
    text = _shortened(text).strip(". ")
    if _DEVICE.match(text):
        text = f"_{text}"
    return text or _UNNAMED


def numbered_name(name: str, number: int) -> str:
    """Return `name (2).ext`, for a name that is taken; number 1 is the name itself."""
    if number == 1:
        return name
    stem, suffix = split_suffix(name)
    return f"{stem} ({number}){suffix}"


def split_suffix(name: str) -> tuple[str, str]:
    """Return a name in front of its suffix, and the suffix with its dot; a long one is no suffix."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not dot or len(suffix.encode()) >= _MOST_SUFFIX_BYTES or " " in suffix:
        return name, ""
    return stem, dot + suffix


def _shortened(name: str) -> str:
    if len(name.encode()) <= _MOST_BYTES:
        return name
    stem, suffix = split_suffix(name)
    room = _MOST_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + suffix
