"""What the computer lacks is told as that; what else nobody has foreseen is a mistake of ours."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatcore_cli.saying.troubles import trouble_of
from tests.patience import PATIENCE
from tests.unit.cli.processes import environment


def failure(number: int, path: str | None = None) -> OSError:
    """Return an error of the system."""
    return OSError(number, os.strerror(number), path)


def after(first: Exception, then: Exception) -> Exception:
    """Return an error that came about while another one was put away."""
    then.__context__ = first
    return then


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (failure(errno.EMFILE), "too many files are open; allow more of them first, with: ulimit -n 1024"),
        (failure(errno.ENFILE, "chat.db"), "too many files are open; allow more of them first, with: ulimit -n 1024"),
        (
            after(failure(errno.EMFILE), RuntimeError("Cannot close a running event loop")),
            "too many files are open; allow more of them first, with: ulimit -n 1024",
        ),
        (
            ImportError("resource.so: cannot open shared object file: Too many open files"),
            "too many files are open; allow more of them first, with: ulimit -n 1024",
        ),
        (MemoryError(), "there is too little memory"),
        (
            RuntimeError("can't start new thread"),
            "the system starts no more threads: too many run (ulimit -u, or the limit of the container), "
            "or there is too little memory",
        ),
        (failure(errno.ENOSPC), "the system does not let it go on: No space left on device"),
        (failure(errno.EROFS, "/data/chat"), "/data/chat cannot be used: Read-only file system"),
        (failure(errno.EIO, "/data/chat"), "/data/chat cannot be used: Input/output error"),
    ],
)
def test_what_the_computer_lacks_is_told(error: Exception, sentence: str) -> None:
    assert trouble_of(error) == sentence


@pytest.mark.parametrize(
    "error",
    [
        failure(errno.EBADF),
        failure(errno.ENOENT, "of-ours"),
        ImportError("cannot import name 'x'"),
        after(failure(errno.ENOSPC), KeyError("x")),
        ZeroDivisionError("ours"),
        RuntimeError("this server is up"),
    ],
)
def test_what_is_a_mistake_of_ours_stays_one(error: Exception) -> None:
    assert trouble_of(error) is None


def test_command_in_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    """A path without a beginning leads nowhere there."""
    line = f"rmdir ../gone; exec '{sys.executable}' -m chatcore_cli serve --port 0 --store sqlite:chat.db"
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", line], cwd=gone, capture_output=True, env=environment(), timeout=PATIENCE, check=False
    )
    told = "chatcore: the folder where it was started is gone; go to one that is there\n"
    assert (done.returncode, done.stderr.decode()) == (2, told)
