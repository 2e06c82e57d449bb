"""The folder for files that come: nothing outside of it is touched, nothing in it is overwritten."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import pytest

from chatcore.errors import FileError
from chatcore_files import DownloadFolder

DIGEST = "ab" * 32
NAMES = (
    "../../x",
    "/tmp/x",
    "C:\\x",
    "CON",
    "a\x00b",
    "n" * 4096 + ".txt",
    "dots...",
    "photo\u202egpj.exe",
    ".." + "/.." * 50,
    f".{DIGEST}.part",
    "",
)


@pytest.fixture
def folder(tmp_path: Path) -> DownloadFolder:
    """Return a folder that is not there yet, in one with a neighbour."""
    (tmp_path / "neighbour").write_text("mine")
    return DownloadFolder(tmp_path / "in" / "downloads")


def receive(folder: DownloadFolder, name: str, data: bytes = b"hello", digest: str = DIGEST) -> Path:
    """Receive a file and return where it is."""
    part = folder.open_part(digest, len(data))
    part.append(data[part.size :])
    return Path(part.finish(name))


def everything(path: Path) -> set[str]:
    return {str(each.relative_to(path)) for each in path.rglob("*")}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_whatever_it_is_called_it_lies_in_the_folder(folder: DownloadFolder, tmp_path: Path, name: str) -> None:
    """And nothing else anywhere; twice the same name are two files."""
    before = everything(tmp_path)
    first, second = receive(folder, name), receive(folder, name, b"other")
    assert first.parent == second.parent == Path(folder.path)
    assert (first.read_bytes(), second.read_bytes()) == (b"hello", b"other")
    assert everything(tmp_path) - before == {
        "in",
        "in/downloads",
        f"in/downloads/{first.name}",
        f"in/downloads/{second.name}",
    }
    assert (tmp_path / "neighbour").read_text() == "mine"


def test_links_that_wait_in_the_folder_are_neither_followed_nor_replaced(
    folder: DownloadFolder, tmp_path: Path
) -> None:
    """Whether they lead somewhere or not, and whether they have the file's name or its part's."""
    downloads = Path(folder.path)
    downloads.mkdir(parents=True)
    (downloads / "a.txt").symlink_to(tmp_path / "neighbour")
    (downloads / "a (2).txt").symlink_to(tmp_path / "nowhere")
    (downloads / "a (3).txt").mkdir()
    assert receive(folder, "a.txt").name == "a (4).txt"
    assert (downloads / "a.txt").readlink() == tmp_path / "neighbour"
    assert not (tmp_path / "nowhere").exists()
    for target in ("neighbour", "nowhere"):
        part = downloads / f".{DIGEST}.part"
        part.symlink_to(tmp_path / target)
        with pytest.raises(FileError):
            folder.open_part(DIGEST, 5)
        part.unlink()
    assert (tmp_path / "neighbour").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_part_that_is_somebody_elses_file_is_not_written(folder: DownloadFolder, tmp_path: Path) -> None:
    """A second name of another file, a pipe, a folder."""
    downloads = Path(folder.path)
    downloads.mkdir(parents=True)
    part = downloads / f".{DIGEST}.part"
    os.link(tmp_path / "neighbour", part)
    with pytest.raises(FileError, match="in the way"):
        folder.open_part(DIGEST, 5)
    part.unlink()
    os.mkfifo(part)
    with pytest.raises(FileError, match="in the way"):
        folder.open_part(DIGEST, 5)
    part.unlink()
    part.mkdir()
    with pytest.raises(FileError):
        folder.open_part(DIGEST, 5)
    assert (tmp_path / "neighbour").read_text() == "mine"


def test_what_is_there_of_a_file_is_found_again(folder: DownloadFolder) -> None:
    """By its SHA-256; more than there can be of it is worth nothing."""
    part = folder.open_part(DIGEST, 5)
    part.append(b"hel")
    part.keep()
    part = folder.open_part(DIGEST, 5)
    assert (part.size, part.read(0, 10)) == (3, b"hel")
    part.append(b"lo")
    assert Path(part.finish("x")).read_bytes() == b"hello"
    part = folder.open_part(DIGEST, 5)
    part.append(b"more than five")
    part.keep()
    part = folder.open_part(DIGEST, 5)
    assert part.size == 0
    part.discard()
    part.discard()
    assert os.listdir(folder.path) == ["x"]


def test_the_same_file_is_received_by_one_at_a_time(folder: DownloadFolder) -> None:
    """Two would write into each other's."""
    part = folder.open_part(DIGEST, 5)
    with pytest.raises(FileError, match="already"):
        folder.open_part(DIGEST, 5)
    part.keep()
    folder.open_part(DIGEST, 5).discard()


def test_a_file_system_without_links_gets_files_too(folder: DownloadFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is overwritten there either."""

    def no_links(*_args: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "not here")

    monkeypatch.setattr(os, "link", no_links)
    first, second = receive(folder, "a.txt"), receive(folder, "a.txt", b"other")
    assert (first.read_bytes(), second.read_bytes()) == (b"hello", b"other")
    assert sorted(os.listdir(folder.path)) == ["a (2).txt", "a.txt"]


def test_a_disk_that_takes_no_more_is_one_sentence_and_keeps_what_is_there(folder: DownloadFolder) -> None:
    """Half a chunk is not kept."""
    part = folder.open_part(DIGEST, 10)
    part.append(b"hello")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (7, limits[1]))
    try:
        with pytest.raises(FileError, match="File too large"):
            part.append(b"world")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    part.keep()
    part = folder.open_part(DIGEST, 10)
    assert (part.size, part.read(0, 10)) == (5, b"hello")
    part.keep()


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="cannot be made"):
        DownloadFolder(tmp_path / "file").open_part(DIGEST, 1)
    with pytest.raises(FileError, match="SHA-256"):
        DownloadFolder(tmp_path).open_part("../x", 1)


def test_what_cannot_be_sent_is_one_sentence(folder: DownloadFolder, tmp_path: Path) -> None:
    """Folders, pipes, and what is not there."""
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("nothing", "No such file"), (".", "not a file"), ("pipe", "not a file"), ("a\x00b", "null")):
        with pytest.raises(FileError, match=why):
            folder.open_source(str(tmp_path / name))
    source = folder.open_source(str(tmp_path / "neighbour"))
    assert (source.name, source.size, source.read(1, 2), source.read(2, 100)) == ("neighbour", 4, b"in", b"ne")
    source.close()
    source.close()
    with pytest.raises(FileError):
        source.read(0, 1)
