"""The core is pure: importing it loads no loop, no network and no adapter."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys

import pytest

import chatcore

FORBIDDEN = {
    "asyncio",
    "ssl",
    "_ssl",
    "socket",
    "selectors",
    "sqlite3",
    "chatcore.aio",
    "chatcore.bots",
    "chatcore.testing",
    "chatcore_disk",
    "chatcore_net",
    "chatcore_metrics",
    "chatcore_passwords",
    "chatcore_sessions",
    "chatcore_simple",
    "chatcore_sqlite",
    "chatcore_tcp",
    "chatcore_tls",
    "chatcore_ws",
    "chatcore_cli",
    "chatcore_quic",
    "chatcore_qt",
    "websockets",
    "uvloop",
    "click",
    "prompt_toolkit",
    "platformdirs",
    "pythonjsonlogger",
}


def pure_modules() -> list[str]:
    """Return every module of chatcore but the driver and the test tools."""
    found = (
        module.name
        for module in pkgutil.walk_packages(chatcore.__path__, "chatcore.")
        if module.name.split(".")[1] not in {"aio", "bots", "testing"}
    )
    return ["chatcore", *sorted(found)]


def loaded_by(*names: str) -> dict[str, list[str]]:
    """Return what a fresh interpreter has loaded that it should not, after each of these imports."""
    program = f"""
import importlib, json, sys
import pydantic
class Model(pydantic.BaseModel):  # pydantic may drag in what it needs, the core nothing else
    field: int = pydantic.Field(1, description="of a model")
allowed = set(sys.modules)
found = {{}}
for name in {names!r}:
    importlib.import_module(name)
    found[name] = sorted(set(sys.modules) - allowed)
    allowed |= set(sys.modules)
print(json.dumps(found))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return {
        name: [each for each in modules if each in FORBIDDEN or each.split(".")[0] in FORBIDDEN]
        for name, modules in found.items()
    }


def test_import_of_chatcore_loads_neither_loop_nor_network_nor_adapter() -> None:
    """`import chatcore` in a fresh interpreter leaves asyncio, ssl and every adapter alone."""
    program = "import sys, chatcore; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & FORBIDDEN


def test_import_of_any_pure_module_loads_neither_loop_nor_network_nor_adapter() -> None:
    """One by one, no module of the core brings in what is not pure."""
    names = pure_modules()
    assert len(names) > 25
    assert loaded_by(*names) == {name: [] for name in names}


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "name",
    ["chatcore.server.switchboard", "chatcore.chat.chat", "chatcore.dialects.chat", "chatcore.chat.kept.room_log"],
)
def test_module_can_be_imported_first(name: str) -> None:
    """No import order is needed: there are no cycles that only work the other way round."""
    assert loaded_by(name) == {name: []}
