"""A conversation as a file."""

from __future__ import annotations

import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chatcore_qt.presenters.entries.export import write
from chatcore_qt.presenters.entries.timeline import NoticeEntry

NOTICES = tuple(NoticeEntry(f"notice/{number}", "bob joined.", datetime.now(UTC)) for number in range(100))


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of files there")
def test_what_was_exported_before_stays_where_the_new_one_cannot_be_written_whole(tmp_path: Path) -> None:
    assert sys.platform != "win32"
    import resource

    path = tmp_path / "club.txt"
    path.write_text("the earlier one")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write(str(path), NOTICES, "club")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("club.txt", "the earlier one")]


def test_export_over_an_earlier_one_keeps_its_modes_and_follows_its_link(tmp_path: Path) -> None:
    path, link = tmp_path / "club.txt", tmp_path / "link.txt"
    path.write_text("the earlier one")
    path.chmod(0o600)
    link.symlink_to(path)
    assert write(str(link), NOTICES, "club") == 100
    assert (link.is_symlink(), len(path.read_text().splitlines()), len(os.listdir(tmp_path))) == (True, 100, 2)
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_export_over_an_earlier_one_is_written_where_one_may_make_no_other_file() -> None:
    assert sys.platform != "win32"
    me = os.geteuid()
    with TemporaryDirectory() as folder:
        path = Path(folder, "club.txt")
        path.write_text("the earlier one")
        path.chmod(0o666)
        os.chmod(folder, 0o555)
        try:
            if me == 0:
                os.seteuid(65534)  # modes are nothing to root
            assert write(str(path), NOTICES, "club") == 100
            with pytest.raises(PermissionError):
                write(str(path.with_name("other.txt")), NOTICES, "club")
        finally:
            os.seteuid(me)
            os.chmod(folder, 0o700)
        assert len(path.read_text().splitlines()) == 100
