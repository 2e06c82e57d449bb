"""What the computer does not have for a command that has not foreseen it, which is no mistake of ours."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from typing import Final

from chatcore.errors import Sentence

MORE_FILES: Final = "LimitNOFILE= (systemd), --ulimit nofile= (Docker), /etc/security/limits.conf"
"""Where a program is allowed more open files than it may allow itself."""
_ENOUGH_FILES: Final = 1024
_MANY_FILES: Final = 2**20
_TOO_MANY: Final = (errno.ENFILE, errno.EMFILE)  # what the system says of the second begins what it says of the first
# EDQUOT: a user's quota is used up; Windows knows none.
_LACKS: Final = frozenset(
    {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EIO, errno.ENOMEM, errno.ENOBUFS}
)
_NO_THREAD: Final = "can't start new thread"
"""What Python says then; the error has nothing else to be known by."""


def trouble_of(error: Exception) -> Sentence | None:
    """Return what there is too little of, by an error that nobody has foreseen; None when it is for another reason."""
    for each in _with_earlier(error):
        if (number := _too_many_files(each)) is not None:
            return _fewer_files(number)
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


def _too_many_files(error: BaseException) -> int | None:
    """Return of whom there are too many files open: of this process (EMFILE), or of all of them (ENFILE)."""
    if isinstance(error, ImportError):  # of a library, in words of the system's loader
        return next((number for number in _TOO_MANY if os.strerror(number) in str(error)), None)
    return error.errno if isinstance(error, OSError) and error.errno in _TOO_MANY else None


def _fewer_files(number: int) -> Sentence:
    """Return what to do about too many open files: only an administrator allows more than the hard limit."""
    if number == errno.ENFILE:
        return Sentence("too many files are open on this computer; end other programs first")
    if sys.platform == "win32":
        return Sentence("too many files are open")
    try:
        import resource
    except ImportError:  # for want of a file
        return _allowing(_ENOUGH_FILES)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MANY_FILES if hard == resource.RLIM_INFINITY else hard
    if soft < most:
        return _allowing(_ENOUGH_FILES if soft < _ENOUGH_FILES <= most else most)
    return Sentence(
        "too many files are open: more than {limit} are not allowed here at a time; an administrator allows more by: "
        "{ways}",
        limit=soft,
        ways=MORE_FILES,
    )


def _allowing(files: int) -> Sentence:
    command = f"ulimit -n {files}"
    return Sentence("too many files are open; allow more of them first, with: {command}", command=command)


def _is_nowhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False
