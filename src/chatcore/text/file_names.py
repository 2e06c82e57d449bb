"""Names of files: a sender's is only a suggestion, and hostile until it went through here."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chatcore.limits import FILE_NAME_BYTES
from chatcore.text.safe_text import shows_nothing

_MOST_SUFFIX_BYTES: Final = 20
_UNNAMED: Final = "file"
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# What is written after them would be read in another order: `gpj.exe` as `exe.jpg`.
_OVERRIDES: Final = re.compile("[\u202a-\u202e\u2066-\u206f\ufeff\ud800-\udfff]")
# A byte that is no UTF-8, as Python writes it in a name that the system gives (PEP 383).
_BYTE: Final = re.compile("[\udc80-\udcff]")
_NOT_ON_WINDOWS: Final = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def is_sane_name(name: str) -> bool:
    """Say whether a suggestion is text of a bounded length without control characters: what a server passes on."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return False
    return 0 < size <= FILE_NAME_BYTES and not _CONTROLS.search(name)


def suggested_name(name: str) -> str:
    """Return what to call a file of this machine to others: its name, as far as a server passes it on.

    Bytes that are no UTF-8 are taken for Latin-1; controls go; letters are composed (NFC), which macOS may have taken
    apart; at most 255 bytes, the suffix kept; never empty.
    """
    text = _BYTE.sub(lambda match: chr(ord(match.group()) - 0xDC00), name.rpartition("/")[2])
    text = _CONTROLS.sub("", text).encode("utf-8", "ignore").decode("utf-8")
    return _shortened(unicodedata.normalize("NFC", text), FILE_NAME_BYTES) or _UNNAMED


def clean_name(suggestion: str, *, windows: bool = False, most: int = FILE_NAME_BYTES) -> str:
    """Return a name that can be given to a file in a folder, and means nothing else.

    Without directories, controls and overrides of the writing direction; it does not begin with a dot, which hides a
    file and may be somebody's settings; never empty, and something of it can be seen. What else a system allows stays,
    with its letters composed (NFC): of two names that look the same, one gets a number.

    Args:
        suggestion: what the sender calls it.
        windows: whether what Windows forbids goes too: some punctuation, names of devices, and dots and
            spaces at the end.
        most: the most bytes of UTF-8; the suffix is kept.
    """
    text = _OVERRIDES.sub("", _CONTROLS.sub("", suggestion[: 16 * FILE_NAME_BYTES]))
    text = unicodedata.normalize("NFC", text)
    if windows:
        text = re.split(r"[/\\]", text.rstrip("/\\ ."))[-1]
        text = _shortened(text.translate(_NOT_ON_WINDOWS).strip(" ").lstrip("."), most).strip(". ")
        if _DEVICE.match(text):
            text = f"_{text}"
    else:
        text = _shortened(text.rstrip("/").rpartition("/")[2].lstrip("."), most)
    return _UNNAMED if shows_nothing(text) else text


def numbered_name(name: str, number: int, most: int = FILE_NAME_BYTES) -> str:
    """Return `name (2).ext`, in at most so many bytes, for a name that is taken; number 1 is the name itself."""
    if number == 1:
        return name
    stem, suffix = split_suffix(name)
    suffix = f" ({number}){suffix}"
    return _cut(stem, most - len(suffix.encode())) + suffix


def split_suffix(name: str) -> tuple[str, str]:
    """Return a name in front of its suffix, and the suffix with its dot; a long one is no suffix."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or not dot or len(suffix.encode()) >= _MOST_SUFFIX_BYTES or " " in suffix:
        return name, ""
    return stem, dot + suffix


def _shortened(name: str, most: int) -> str:
    if len(name.encode()) <= most:
        return name
    stem, suffix = split_suffix(name)
    return _cut(stem, most - len(suffix.encode())) + suffix


def _cut(text: str, most: int) -> str:
    """Return as much of a text as has so many bytes."""
    return text.encode()[:most].decode("utf-8", "ignore").rstrip() if len(text.encode()) > most else text
