"""What is generated from the code agrees with it, and what is forbidden to the code is noticed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema

from chatcore.dialects.chat.schema import json_schema
from chatcore_cli.commands.schema import documents

ROOT = Path(__file__).parents[2]


def test_the_documents_of_the_protocol_are_not_stale() -> None:
    """Run `make schema` after a change of the frames."""
    for name, text in documents().items():
        assert (ROOT / "docs" / "protocol" / name).read_text() == text, f"{name} is stale: run make schema"


def test_the_json_schema_is_one_and_tells_good_frames_from_bad_ones() -> None:
    """Anybody's validator can use it."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"type": "login", "username": "alice"})
    assert validator.is_valid({"type": "error", "code": "name_taken", "message": "somebody is called alice"})
    assert not validator.is_valid({"type": "login"})
    assert not validator.is_valid({"username": "alice"})
    assert not validator.is_valid({"type": "send_message", "text": "x", "cid": 0})


def test_the_lock_pins_every_file_by_its_hash_in_three_parts_and_names_no_index() -> None:
    """`scripts/setup` installs it as it is; `make fresh` checks that nothing newer gets in."""
    lock = (ROOT / "requirements.lock").read_text()
    assert re.findall(r"(?m)^# part (\w+):", lock) == ["host", "gui", "all"]
    entries = re.split(r"(?m)^(?=\w)", lock)[1:]
    assert all(re.match(r"[a-z0-9-]+==\S+ (; [^\\]+ )?\\\n +--hash=sha256:", entry) for entry in entries)
    assert "://" not in lock
    assert "PyQt6" not in lock.partition("# part gui")[0]


PLANTED = {
    "src/chatcore/chat/chat.py": "import asyncio",
    "src/chatcore/text/names/__init__.py": "import time",
    "src/chatcore/server/switchboard.py": "import chatcore_ws",
    "src/adapters/chatcore_ws/__init__.py": "import chatcore.aio.server",
}


def test_planted_violations_of_the_import_contracts_are_noticed(tmp_path: Path) -> None:
    """The contracts hold now, and break for each line that is added in the wrong place."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = ":".join(str(tmp_path / part) for part in ("src", "src/adapters", "src/cli"))

    def lint() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
            cwd=tmp_path,
            env={"PYTHONPATH": path, "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert lint().returncode == 0
    for module, line in PLANTED.items():
        target = tmp_path / module
        target.write_text(target.read_text() + f"\n{line}\n")
    found = lint()
    assert found.returncode == 1
    for module, line in PLANTED.items():
        importer = (
            module.removesuffix("/__init__.py").removesuffix(".py").replace("src/adapters/", "").removeprefix("src/")
        )
        arrow = f"{importer.replace('/', '.')} -> {line.removeprefix('import ')}"
        assert arrow in found.stdout, found.stdout
