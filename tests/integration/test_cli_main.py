"""`chatcore` itself: help, languages, mistakes, and the schema."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import chatcore
from chatcore_cli.commands.serve import command as serve
from tests.patience import PATIENCE
from tests.unit.cli.processes import environment, run, run_here, sentences


@pytest.fixture
def mistaken(tmp_path: Path) -> dict[str, str]:
    """Return an environment with something broken in it that nobody has thought of: a library of ours."""
    (tmp_path / "uvloop.py").write_text("raise ZeroDivisionError('ours')\n")
    return {"PYTHONPATH": str(tmp_path)}


def test_help_names_the_commands_and_shows_examples() -> None:
    """Whoever types `chatcore --help` can go on from there."""
    done = run("--help")
    assert done.returncode == 0
    for expected in ("serve", "connect", "schema", "chatcore connect ws://127.0.0.1:8765 --username alice"):
        assert expected in done.stdout


def test_help_is_quick() -> None:
    """It imports nothing that only a subcommand needs."""
    command = [sys.executable, "-X", "importtime", "-m", "chatcore_cli", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "chatcore_cli.main" in imported
    assert imported.isdisjoint({"asyncio", "pydantic", "ssl", "websockets", "aioquic", "prompt_toolkit", "PyQt6"})


def test_an_address_may_come_from_the_environment() -> None:
    """Like every option."""
    done = run("connect", "--username", "alice", env={"CHATCORE_CONNECT_URL": "gopher://127.0.0.1"})
    assert done.returncode == 2
    assert "gopher://127.0.0.1" in done.stderr


def test_version_is_the_package_s() -> None:
    """For reports of mistakes."""
    assert run("--version").stdout == f"chatcore {chatcore.__version__}\n"


def test_help_speaks_the_language_of_the_environment() -> None:
    """click's own words are in the catalogue too."""
    text = run("serve", "--help", env={"LC_ALL": "fr_FR.UTF-8"}).stdout
    assert "Utilisation\xa0: chatcore serve" in text
    assert "Port où écouter" in text
    assert "[par défaut\xa0: 127.0.0.1]" in text
    assert "[par défaut\xa0: 8765\xa0; de 0 à 65535]" in re.sub(r"\n +", " ", text)


@pytest.mark.parametrize("command", [[], ["serve"], ["connect"], ["admin"], ["store"], ["store", "check"]])
def test_headings_of_help_have_the_colon_of_the_language(command: list[str]) -> None:
    """French has a space before it."""
    headings = re.findall(r"^(\w.*):$", run(*command, "--help", env={"LC_ALL": "fr_FR.UTF-8"}).stdout, re.MULTILINE)
    assert len(headings) > 0
    assert [each for each in headings if not each.endswith("\xa0")] == []


def test_help_of_serve_names_what_is_installed() -> None:
    """Transports and dialects are found through entry points."""
    text = run("serve", "--help").stdout
    assert "--transport [" in text
    assert "--dialect [chat|echo" in text
    assert "echo sends back" in " ".join(text.split())
    assert "[default: 8765; from 0 to 65535]" in " ".join(text.split())


def test_help_of_serve_is_in_sections() -> None:
    """Every option stands in one of them; what belongs nowhere is little."""
    sections = run_here("serve", "--help").stdout.partition("Where it listens:")[2].partition("Examples:")[0]
    other = sections.partition("Other options:")[2]
    assert re.findall(r"^  (?:-h, )?(--\S+)", other, re.MULTILINE) == ["--config", "--help"]
    listed = re.findall(r"^  (--\S+)", sections, re.MULTILINE)
    assert len(listed) == len(set(listed)) == len(serve.params)


def test_unknown_command_or_option_exits_2() -> None:
    """Mistakes of the command line are told, with what was probably meant."""
    done = run_here("serve", "--prot", "1")
    assert done.returncode == 2
    assert "--port" in done.stderr
    done = run_here("conect")
    assert done.returncode == 2
    assert "No such command 'conect'. Did you mean 'connect'?" in done.stderr


def test_mistake_of_ours_is_one_sentence_and_exits_70(mistaken: dict[str, str]) -> None:
    """No traceback, unless asked for."""
    done = run("serve", "--port", "0", env=mistaken)
    assert done.returncode == 70
    assert len(sentences(done.stderr)) == 1
    assert "a mistake in chatcore, not yours (ZeroDivisionError: ours); --log-level debug" in done.stderr
    done = run("serve", "--port", "0", "--log-level", "debug", env=mistaken)
    assert done.returncode == 70
    assert "Traceback" in done.stderr


def test_reader_that_goes_away_is_no_mistake() -> None:
    """`chatcore --help | head -1` is quiet."""
    command = f"'{sys.executable}' -m chatcore_cli connect --help | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    assert (done.stdout, done.stderr) == (b"U", b"")


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("--help", "> /dev/full"),
        ("--version", ">&-"),
        ("doctor ws://127.0.0.1:1", "> /dev/full"),
        ("schema protocol", ">&-"),
    ],
)
def test_output_that_cannot_be_written_is_told_and_exits_1(command: str, output: str, tmp_path: Path) -> None:
    """A full disk, or a standard output that is closed."""
    line = f"exec '{sys.executable}' -m chatcore_cli {command} {output}"
    done = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, stderr=subprocess.PIPE, env=environment(), timeout=PATIENCE, check=False
    )
    why = "No space left on device" if "full" in output else "Bad file descriptor"
    assert (done.returncode, done.stderr.decode()) == (1, f"chatcore: The output cannot be written: {why}.\n")


@pytest.mark.parametrize("errors", ["2> /dev/full", "2>&-"])
def test_exit_code_tells_what_nobody_can_be_told(errors: str) -> None:
    """Also where standard error takes nothing."""
    line = f"exec '{sys.executable}' -m chatcore_cli serve --port many {errors}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, b"", b"")


def test_schema_is_written_and_checked(tmp_path: Path) -> None:
    """`--check` exits with 1 when a file is missing or differs, and with 0 after the files were written."""
    directory = str(tmp_path / "protocol")
    done = run_here("schema", directory, "--check")
    assert done.returncode == 1
    assert len(sentences(done.stderr)) == 1
    assert not Path(directory).exists()
    assert run_here("schema", directory).returncode == 0
    assert run_here("schema", directory, "--check").returncode == 0
    written = sorted(Path(directory).iterdir())
    assert written
    written[0].write_text("something else")
    assert run_here("schema", directory, "--check").returncode == 1


def test_schema_that_cannot_be_written_is_one_sentence_and_exits_2(tmp_path: Path) -> None:
    """A file where the directory should be, for example."""
    (tmp_path / "file").touch()
    done = run_here("schema", str(tmp_path / "file" / "protocol"))
    assert done.returncode == 2
    assert len(sentences(done.stderr)) == 1
