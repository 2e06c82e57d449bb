"""What `make dist` builds; `make installed` installs it and lets it talk."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tarfile
import venv
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


def _newer(wheel: Path, folder: Path) -> Path:
    """Return a wheel of the same name and version that has one line more."""
    folder.mkdir()
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(folder / wheel.name, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"NEWER = True\n" if name == "chatcore/version.py" else b""))
    return folder / wheel.name


def test_upgrade_of_the_guide_installs_a_newer_wheel_of_the_same_version(built: Path, tmp_path: Path) -> None:
    """Else the service would be restarted as it was, and nobody would know."""
    wheel = _wheel_in(built)
    guide = (ROOT / "docs" / "host" / "operate.md").read_text()
    (line,) = (line for line in guide.split("\n") if line.startswith("$ sudo /opt/chatcore/bin/pip install "))
    words = shlex.split(line)[4:]
    assert words[-1].startswith(f"./{wheel.name}[")
    venv.create(tmp_path / "opt", with_pip=False)
    python = next((tmp_path / "opt").glob("*/python"))
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", python, "install"]
    alone = {**os.environ, "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1"}
    subprocess.run([*pip, wheel], env=alone, check=True)
    subprocess.run([*pip, *words], env=alone, cwd=_newer(wheel, tmp_path / "newer").parent, check=True)
    subprocess.run([python, "-c", "from chatcore.version import NEWER"], cwd=tmp_path, check=True)
