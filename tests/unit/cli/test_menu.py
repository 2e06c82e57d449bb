"""The app in the menu of a desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chatcore.errors import ConfigurationError
from chatcore_cli.desktop.menu import add_to_menu, menu_dir, starts_this

ENTRY = Path("applications", "chatcore.desktop")
ICON = Path("icons", "hicolor", "scalable", "apps", "chatcore.svg")
VALIDATOR = "desktop-file-validate"
validates = pytest.mark.skipif(
    shutil.which(VALIDATOR) is None and not os.environ.get("CI"), reason=f"{VALIDATOR} (desktop-file-utils) is missing"
)


def test_entry_starts_this_very_program_with_the_link(tmp_path: Path) -> None:
    entry = add_to_menu(["/home/me/.local/bin/chatcore"], tmp_path)
    assert entry == tmp_path / ENTRY
    lines = entry.read_text().splitlines()
    assert 'Exec="/home/me/.local/bin/chatcore" gui -- %u' in lines
    assert "MimeType=x-scheme-handler/chatcore;" in lines
    assert (tmp_path / ICON).read_text().startswith("<svg ")


def test_program_may_have_any_path(tmp_path: Path) -> None:
    """Quoted as the specification of desktop entries wants it, once for Exec and once for strings."""
    entry = add_to_menu(['/my "apps"/100%/$x\\y/chatcore'], tmp_path)
    assert 'Exec="/my \\\\"apps\\\\"/100%%/\\\\$x\\\\\\\\y/chatcore" gui -- %u' in entry.read_text().splitlines()


@validates
@pytest.mark.parametrize("program", [["/usr/bin/chatcore"], ["/a b/python", "-m", "chatcore_cli"], ["/$a/%u"]])
def test_entry_is_one_that_desktops_understand(program: list[str], tmp_path: Path) -> None:
    done = subprocess.run([VALIDATOR, add_to_menu(program, tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_adding_it_again_renews_it(tmp_path: Path) -> None:
    add_to_menu(["/old/chatcore"], tmp_path)
    assert "/old/" not in add_to_menu(["/new/chatcore"], tmp_path).read_text()


def test_menu_is_where_the_users_own_entries_are() -> None:
    assert menu_dir({}, "/home/me") == Path("/home/me/.local/share")
    assert menu_dir({"XDG_DATA_HOME": "/data"}, None) == Path("/data")
    assert menu_dir({"XDG_DATA_HOME": "relative"}, "/home/me") == Path("/home/me/.local/share")
    with pytest.raises(ConfigurationError, match="set XDG_DATA_HOME"):
        menu_dir({}, None)


def test_folder_that_takes_nothing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "applications").write_text("no folder")
    with pytest.raises(ConfigurationError, match="the app cannot be added to the menu in "):
        add_to_menu(["/usr/bin/chatcore"], tmp_path)


def test_what_starts_this_program(tmp_path: Path) -> None:
    script = tmp_path / "chatcore"
    script.touch(mode=0o755)
    assert starts_this(str(script), sys.executable) == [str(script)]
    assert starts_this("chatcore_cli/__main__.py", "/usr/bin/python") == ["/usr/bin/python", "-m", "chatcore_cli"]
