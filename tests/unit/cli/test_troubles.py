"""What the computer lacks is told as that; what else nobody has foreseen is a mistake of ours."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
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
        (failure(errno.ENFILE, "chat.db"), "too many files are open on this computer; end other programs first"),
        (
            ImportError("resource.so: cannot open shared object file: Too many open files in system"),
            "too many files are open on this computer; end other programs first",
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


@pytest.fixture
def few_files() -> Iterator[int]:
    """Let this process have fewer files open than it may allow itself; gives how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    yield 2**20 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    "error",
    [
        failure(errno.EMFILE),
        after(failure(errno.EMFILE), RuntimeError("Cannot close a running event loop")),
        ImportError("resource.so: cannot open shared object file: Too many open files"),
    ],
)
def test_too_many_open_files_are_told_with_what_allows_more(error: Exception, few_files: int) -> None:
    command = f"ulimit -n {min(1024, few_files)}"
    assert trouble_of(error) == f"too many files are open; allow more of them first, with: {command}"


@pytest.mark.parametrize(
    ("soft", "hard", "advice"),
    [
        (100, 2000, "; allow more of them first, with: ulimit -n 1024"),
        (100, 500, "; allow more of them first, with: ulimit -n 500"),
        (1024, 2000, "; allow more of them first, with: ulimit -n 2000"),
        (
            300,
            300,
            ": more than 300 are not allowed here at a time; an administrator allows more by: LimitNOFILE= (systemd), "
            "--ulimit nofile= (Docker), /etc/security/limits.conf",
        ),
    ],
)
def test_advice_about_open_files_can_be_followed(soft: int, hard: int, advice: str) -> None:
    """Only an administrator allows more than the hard limit."""
    code = f"from chatcore_cli.saying.troubles import trouble_of; print(trouble_of(OSError({errno.EMFILE}, '')))"
    line = f"ulimit -S -n {soft}; ulimit -H -n {hard}; exec '{sys.executable}' -c \"{code}\""
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    assert (done.stdout.decode(), done.stderr.decode()) == (f"too many files are open{advice}\n", "")


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
