"""How to add what an extra needs, for whatever has installed the package."""

from __future__ import annotations

from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from chatcore.aio.installing import how_to_install, needs_of

_METADATA = """\
Metadata-Version: 2.4
Name: colours
Version: 1
Requires-Dist: paint
Requires-Dist: brush>=2 ; extra == "oil"
Requires-Dist: turpentine; (sys_platform != 'win32' or x == 'y') and extra == 'oil'
Requires-Dist: water; extra == "watercolour"
"""


@pytest.fixture
def package(tmp_path: Path) -> PathDistribution:
    """Return a package with extras."""
    (tmp_path / "METADATA").write_text(_METADATA)
    return PathDistribution(tmp_path)


def test_an_extra_needs_what_the_package_says_of_it(package: PathDistribution) -> None:
    assert needs_of(package, "oil") == ["brush>=2", "turpentine; sys_platform != 'win32' or x == 'y'"]
    assert needs_of(package, "watercolour") == ["water"]
    assert needs_of(package, "ink") == []


def test_pip_installs_it_with_the_python_of_that_environment(package: PathDistribution, tmp_path: Path) -> None:
    said = how_to_install(package, "watercolour", str(tmp_path), "/my envs/chat/bin/python")
    assert said == "'/my envs/chat/bin/python' -m pip install water"


def test_what_a_shell_would_take_for_a_file_is_quoted(package: PathDistribution, tmp_path: Path) -> None:
    said = how_to_install(package, "oil", str(tmp_path), "python")
    assert said.startswith("python -m pip install 'brush>=2' ")


def test_pipx_injects_it_into_an_environment_of_its_own(package: PathDistribution, tmp_path: Path) -> None:
    (tmp_path / "pipx_metadata.json").write_text("{}")
    assert how_to_install(package, "watercolour", str(tmp_path), "python") == "pipx inject colours water"
