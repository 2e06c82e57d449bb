"""Setting up a checkout with make: wherever it was moved, whatever became of its Python, whatever pip is told."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

ROOT: Final = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make sets up where there is bash")

# What stands for chatcore: its program says where the code is, and what was installed with it.
BACKEND: Final = '''
"""Builds the wheel of an editable chatcore, without anything that has to be installed first."""
from pathlib import Path
from zipfile import ZipFile

def build_editable(directory, config_settings=None, metadata_directory=None):
    name = "chatcore-1-py3-none-any.whl"
    info = "chatcore-1.dist-info/"
    with ZipFile(Path(directory, name), "w") as wheel:
        wheel.writestr("chatcore.pth", str(Path("src").absolute()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: chatcore\\nVersion: 1\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nchatcore = chatcore:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name
'''
PROJECT: Final = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
MAIN: Final = """
import needed
def main():
    print(__file__)
"""


def wheel_of_needed(folder: Path) -> str:
    """Put what the lock pins into a folder; return its line of the lock."""
    kept = BytesIO()
    files = {
        "needed.py": b"",
        "needed-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: needed\nVersion: 1\n",
        "needed-1.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with ZipFile(kept, "w") as wheel:
        record = "needed-1.dist-info/RECORD,,\n"
        for name, content in files.items():
            wheel.writestr(name, content)
            record += (
                f"{name},sha256={urlsafe_b64encode(sha256(content).digest()).decode().rstrip('=')},{len(content)}\n"
            )
        wheel.writestr("needed-1.dist-info/RECORD", record)
    folder.mkdir()
    Path(folder, "needed-1-py3-none-any.whl").write_bytes(kept.getvalue())
    return f"needed==1 --hash=sha256:{sha256(kept.getvalue()).hexdigest()}\n"


def make(checkout: Path, *arguments: str, **settings: str) -> str:
    """Let make start the program in a checkout; return all that was said."""
    wheels = checkout.parent / "wheels"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "MAKE"))}
    given = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), **settings}
    done = subprocess.run(
        ["make", "connect", *arguments],
        cwd=checkout,
        env=environment | given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def ran(checkout: Path) -> str:
    """Return what the program says that is run from there."""
    return f"{checkout / 'src' / 'chatcore' / '__init__.py'}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return the folder of a checkout that nobody has set up."""
    checkout = tmp_path / "a checkout"
    (checkout / "scripts").mkdir(parents=True)
    for name in ("Makefile", "scripts/setup", "scripts/setup-fits", "scripts/common.sh"):
        shutil.copy2(ROOT / name, checkout / name)
    (checkout / "requirements.lock").write_text(f"# part host\n{wheel_of_needed(tmp_path / 'wheels')}")
    (checkout / "pyproject.toml").write_text(PROJECT)
    (checkout / "backend.py").write_text(BACKEND)
    (checkout / "src" / "chatcore").mkdir(parents=True)
    (checkout / "src" / "chatcore" / "__init__.py").write_text(MAIN)
    return checkout


def test_checkout_is_set_up_once_and_again_where_it_is_copied_or_moved_to(checkout: Path) -> None:
    """What is there runs its own code."""
    assert make(checkout).endswith("setup: done: .venv is ready\n" + ran(checkout))
    assert make(checkout) == ran(checkout)

    copy = checkout.with_name("copy")
    shutil.copytree(checkout, copy, symlinks=True)
    said = make(copy)
    assert said.startswith(f"setup: removing .venv: it was made for another folder, {checkout}/.venv\n")
    assert said.endswith(ran(copy))
    assert str(copy) in (copy / ".venv" / "bin" / "activate").read_text()
    assert make(copy) == ran(copy)
    assert make(checkout) == ran(checkout)


def test_set_up_is_done_again_when_its_python_is_gone_or_another_one_is_wanted(checkout: Path) -> None:
    """What was broken off is said to be half made; what an earlier version has set up is looked at once, and stays."""
    real = Path(sys.executable).resolve()
    subprocess.run([real, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    said = make(checkout)
    assert said.startswith("setup: removing .venv: it was left half made\n")
    assert said.endswith(ran(checkout))

    for link in (checkout / ".venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to(checkout.parent / "gone")
    said = make(checkout, f"PYTHON={real}")
    assert said.startswith("setup: removing .venv: its Python is gone\n")
    assert said.endswith(ran(checkout))

    (checkout / ".venv" / ".place").unlink()
    said = make(checkout)
    assert "removing" not in said
    assert said.endswith("setup: done: .venv is ready\n" + ran(checkout))
    assert make(checkout, f"PYTHON={real}") == ran(checkout)

    assert "PYTHON=python2000 is not a working Python" in make(checkout, "PYTHON=python2000")
    # One that says that it is another, and makes nothing.
    other = checkout.parent / "other"
    answers = f'*"-m venv"*) exit 1 ;; *implementation*) echo other ;; *) exec "{real}" "$@" ;;'
    other.write_text(f'#!/bin/bash\ncase "$*" in {answers} esac\n')
    other.chmod(0o755)
    assert make(checkout, f"PYTHON={other}").startswith("setup: removing .venv: it is of another Python, ")


@pytest.mark.parametrize("told", ["environment", "file"])
def test_settings_of_pip_say_where_from_and_not_where_to(checkout: Path, told: str) -> None:
    """The index of the place (here a folder with wheels) is used: what is needed is found nowhere else."""
    elsewhere = checkout.parent / "elsewhere"
    constraint = checkout.parent / "constraint.txt"
    constraint.write_text("needed==7\n")
    settings = {
        "user": "1",
        "quiet": "2",
        "prefix": str(elsewhere),
        "root": str(elsewhere),
        "dry-run": "1",
        "constraint": str(constraint),
        "require-hashes": "1",
        "no-binary": ":all:",
        "requirement": str(constraint),
    }
    if told == "file":
        links = {"no-index": "1", "find-links": str(checkout.parent / "wheels")}
        lines = [f"{name} = {value}\n" for name, value in (settings | links).items()]
        conf = checkout.parent / "pip.conf"
        conf.write_text(f"[global]\n{''.join(lines)}[install]\ntarget = {elsewhere}\n")
        said = make(checkout, PIP_CONFIG_FILE=str(conf), PIP_NO_INDEX="", PIP_FIND_LINKS="")
    else:
        given = settings | {"target": str(elsewhere)}
        said = make(checkout, **{f"PIP_{name.upper().replace('-', '_')}": value for name, value in given.items()})
    assert said.endswith("setup: done: .venv is ready\n" + ran(checkout))
    assert not elsewhere.exists()


@pytest.mark.parametrize("told", ["environment", "file"])
def test_settings_that_pip_cannot_read_are_told_and_what_is_set_up_stays(checkout: Path, told: str) -> None:
    """Whatever pip says of them, and wherever it says it, is shown."""
    make(checkout)
    (checkout / ".venv" / ".place").unlink()
    conf = checkout.parent / "pip.conf"
    conf.write_text("timeout = 30s\n")
    said = make(checkout, **({"PIP_TIMEOUT": "30s"} if told == "environment" else {"PIP_CONFIG_FILE": str(conf)}))
    assert "removing" not in said
    assert "30s" in said
    assert "setup: FAILED: pip cannot read its settings (the lines above say why).\n" in said
    assert make(checkout).endswith("setup: done: .venv is ready\n" + ran(checkout))
