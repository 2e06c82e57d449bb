"""What `make dist` builds; `make installed` installs it and lets it talk."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTAINERS = ("adapters/", "cli/", "gui/")
"""Folders whose packages are installed at the top level."""


def _build(project: Path, folder: Path, *targets: str) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--directory", folder]
    subprocess.run([*command, *(f"--target={target}" for target in targets)], cwd=project, check=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a wheel and an sdist."""
    folder = tmp_path_factory.mktemp("dist")
    _build(ROOT, folder, "wheel", "sdist")
    return folder


def _wheel_in(folder: Path) -> Path:
    (found,) = folder.glob("*.whl")
    return found


def test_everything_that_programs_need_is_in_the_wheel(built: Path) -> None:
    """Every file of the sources, be it a catalogue, a stylesheet or a page; and nothing else."""
    sources = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    wanted = {path.removeprefix("src/") for path in sources.split() if (ROOT / path).exists()}
    for container in CONTAINERS:
        wanted = {path.removeprefix(container) for path in wanted}
    packed = set(zipfile.ZipFile(_wheel_in(built)).namelist())
    assert wanted <= packed
    added = packed - wanted
    shared = {path for path in added if path.startswith("chatcore-0.1.0.data/data/share/")}
    assert {Path(path).name for path in shared} == {"chatcore.desktop", "chatcore.svg", "chatcore.service"}
    assert {path.split("/")[0] for path in added - shared} == {"chatcore-0.1.0.dist-info"}


def test_the_sdist_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """Byte for byte, wherever and whenever."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    _build(tmp_path / archive.name.removesuffix(".tar.gz"), tmp_path, "wheel")
    assert _wheel_in(tmp_path).read_bytes() == _wheel_in(built).read_bytes()
