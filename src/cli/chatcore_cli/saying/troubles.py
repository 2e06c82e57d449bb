"""What the computer does not have for a command that has not foreseen it, which is no mistake of ours."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Final

from chatcore.errors import Sentence

FILES: Final = "ulimit -n 1024"
"""What lets the commands behind it have more files open."""
_TOO_MANY: Final = frozenset({errno.EMFILE, errno.ENFILE})
# EDQUOT: a user's quota is used up; Windows knows none.
_LACKS: Final = frozenset(
    {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EIO, errno.ENOMEM, errno.ENOBUFS}
)
_NO_THREAD: Final = "can't start new thread"
"""What Python says then; the error has nothing else to be known by."""


def trouble_of(error: Exception) -> Sentence | None:
    """Return what there is too little of, by an error that nobody has foreseen; None when it is for another reason."""
    if any(map(_is_of_too_many_files, _with_earlier(error))):
        return Sentence("too many files are open; allow more of them first, with: {command}", command=FILES)
    if isinstance(error, MemoryError):
        return Sentence("there is too little memory")
    if isinstance(error, RuntimeError) and str(error) == _NO_THREAD:
        return Sentence(
            "the system starts no more threads: too many run (ulimit -u, or the limit of the container), or there is "
            "too little memory"
        )
    if not isinstance(error, OSError):
        return None
    if error.errno in _LACKS:
        if error.filename is None:
            return Sentence("the system does not let it go on: {why}", why=error.strerror)
        return Sentence("{file} cannot be used: {why}", file=os.fsdecode(error.filename), why=error.strerror)
    if error.errno == errno.ENOENT and _is_nowhere():
        return Sentence("the folder where it was started is gone; go to one that is there")
    return None


def _with_earlier(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those that it comes from: where no file can be opened, hardly anything can be put away."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_of_too_many_files(error: BaseException) -> bool:
    if isinstance(error, ImportError):  # of a library, in words of the system's loader
        return any(os.strerror(number) in str(error) for number in _TOO_MANY)
    return isinstance(error, OSError) and error.errno in _TOO_MANY


def _is_nowhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False
