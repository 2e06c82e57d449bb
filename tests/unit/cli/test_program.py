"""How the program is typed, as hints show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatcore_cli.saying.typed_command import make_with, program


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a program in a folder that no shell looks into, below the current one."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    script = folder / "chatcore"
    script.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    return script


def test_program_that_the_shell_finds_is_typed_by_its_name(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also through a link."""
    monkeypatch.setenv("PATH", str(script.parent))
    assert program(str(script)) == "chatcore"
    links = script.parents[2] / "links"
    links.mkdir()
    (links / "chatcore").symlink_to(script)
    monkeypatch.setenv("PATH", str(links))
    assert program(str(script)) == "chatcore"


@pytest.mark.usefixtures("script")
def test_program_below_the_current_folder_is_typed_by_its_path_from_there() -> None:
    """As after `make`, without the virtual environment activated."""
    assert program(".venv/bin/chatcore") == ".venv/bin/chatcore"


def test_program_elsewhere_is_typed_by_its_whole_path(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quoted where that is needed; in the current folder itself, the path is not empty either."""
    other = script.parents[2] / "with space"
    other.mkdir()
    monkeypatch.chdir(script.parent)
    (other / "chatcore").touch(mode=0o755)
    assert program(str(other / "chatcore")) == f"'{other}/chatcore'"
    assert program(str(script)) == "./chatcore"


def test_program_is_typed_by_its_whole_path_at_the_root_of_all(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a container starts it: everything is below that."""
    monkeypatch.chdir(script.anchor)
    assert program(str(script)) == str(script)


def test_another_program_of_that_name_in_the_path_is_not_taken_for_it(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be another version."""
    other = script.parents[2] / "other"
    other.mkdir()
    (other / "chatcore").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(other))
    assert program(str(script)) == ".venv/bin/chatcore"


def test_under_make_options_go_where_make_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind those that are there already."""
    monkeypatch.delenv("ARGS", raising=False)
    assert make_with("--tls") is None
    monkeypatch.setenv("CHATCORE_STARTED_BY_MAKE", "1")
    assert make_with("--tls") == 'make serve ARGS="--tls"'
    monkeypatch.setenv("ARGS", "--port 9000")
    assert make_with("--tls") == 'make serve ARGS="--port 9000 --tls"'
    monkeypatch.setenv("ARGS", '--default-room "x"')
    assert make_with("--tls") == """make serve ARGS='--default-room "x" --tls'"""
