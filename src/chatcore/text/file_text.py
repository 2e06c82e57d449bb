"""Text that people wrote with a program of their own choice: settings, known servers, what is piped in."""

from __future__ import annotations

from typing import Final

from chatcore.errors import ConfigurationError

BOM: Final = b"\xef\xbb\xbf"
"""The byte-order mark in UTF-8, which programs of Windows put in front; it is no part of the text."""
# Longest first: UTF-32 in little-endian order begins like UTF-16 (Unicode 16.0, section 23.8).
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def foreign_encoding(head: bytes) -> str | None:
    """Return the name of the encoding of a text that is not UTF-8, by its first four bytes; None when nothing tells.

    Without a mark, UTF-16 is known by its first two characters, if they are from ASCII.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    zeros = [byte == 0 for byte in head[:4]]
    return "UTF-16" if zeros in ([True, False] * 2, [False, True] * 2) else None


def refuse_foreign(data: bytes, path: str) -> None:
    """Raise `ConfigurationError` for a file that is in another encoding than those that begin like ASCII."""
    encoding = foreign_encoding(data)
    if encoding is not None:
        raise ConfigurationError("{file} is in {encoding}; save it as UTF-8", file=path, encoding=encoding)


def text_of_file(data: bytes, path: str) -> str:
    r"""Return the text of a file that people write: UTF-8, with or without a byte-order mark. Lines end in ``\n``.

    Raises:
        ConfigurationError: it is in another encoding.
    """
    refuse_foreign(data, path)
    try:
        text = data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError("{file} is not in UTF-8; save it as UTF-8", file=path) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
