"""What shells find in the place of `chatcore` does what that does: tests may take the one for the other."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

import chatcore
from tests.patience import PATIENCE
from tests.unit.cli.processes import environment
from tests.unit.cli.starting import put_on_path

Shell = Callable[[str], "subprocess.Popen[str]"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked there")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return what starts a line in a shell."""
    env = environment()
    put_on_path(tmp_path, env)
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    pipe = subprocess.PIPE

    def start(line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(["sh", "-c", line], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env)

    return start


def test_it_reads_says_and_ends_as_the_program_does(shell: Shell) -> None:
    """In the middle of a line of a shell, too."""
    with shell(
        "chatcore --version | cat && echo hello | chatcore connect gopher://nowhere --username alice; echo $?"
    ) as done:
        said, told = done.communicate(timeout=PATIENCE)
    assert said == f"chatcore {chatcore.__version__}\n2\n"
    assert told.startswith("chatcore: ")


def test_variables_and_the_folder_are_those_of_the_line(shell: Shell, tmp_path: Path) -> None:
    """And so is the mask of new files."""
    line = "umask 077; cd {} && chatcore schema out && CHATCORE_SERVE_GRACE=30 chatcore config show"
    with shell(line.format(tmp_path)) as done:
        said, told = done.communicate(timeout=PATIENCE)
    assert (done.returncode, told) == (0, "")
    assert "grace = 30" in said
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_where_an_interpreter_begins_otherwise_one_is_started(shell: Shell) -> None:
    """In another language, for example."""
    with shell("LC_ALL=fr_FR.UTF-8 chatcore --help") as done:
        assert "Utilisation\xa0: chatcore" in done.communicate(timeout=PATIENCE)[0]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_reaches_the_program(shell: Shell, number: signal.Signals, code: int) -> None:
    """However soon it comes."""
    with shell("exec chatcore serve --port 0") as server:
        listens(server.stdout)
        server.send_signal(number)
        assert server.wait(PATIENCE) in (0, code)


def test_the_program_ends_when_its_stand_in_is_killed(shell: Shell) -> None:
    """Its output, which it alone has, is at its end then."""
    with shell("exec chatcore serve --port 0") as server:
        listens(server.stdout)
        server.kill()
        server.communicate(timeout=PATIENCE)


def listens(output: IO[str] | None) -> None:
    """Wait until a server does."""
    assert output is not None
    assert "listens on" in output.readline()
