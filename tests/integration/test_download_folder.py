"""The folder for files that come: nothing outside of it is touched, nothing in it is overwritten."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatcore.errors import FileError
from chatcore.text.file_names import suggested_name
from chatcore_files import DownloadFolder
from tests.contracts.file_store import FileStoreContract, Stored

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


class TestDownloadFolder(FileStoreContract):
    """Keeps what the port promises."""

    @pytest.fixture
    def stored(self, tmp_path: Path) -> Stored:
        """Return a folder, and files beside it."""

        def put(name: str, data: bytes) -> str:
            (tmp_path / name).write_bytes(data)
            return str(tmp_path / name)

        return Stored(DownloadFolder(tmp_path / "downloads"), put, lambda place: Path(place).read_bytes())


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


def test_nothing_stays_of_a_file_of_which_nothing_has_come(folder: DownloadFolder) -> None:
    """Nobody would find it, or take it away: it is hidden."""
    for sha256 in (DIGEST, DIGEST, DIGEST[::-1]):
        folder.open_part(sha256, 5).keep()
    part = folder.open_part(DIGEST, 5)
    other = folder.open_part(DIGEST, 5)
    part.append(b"hel")
    other.keep()
    part.keep()
    assert os.listdir(folder.path) == [f".{DIGEST}.part"]


def test_nothing_stays_of_an_empty_file_that_gets_no_place(tmp_path: Path) -> None:
    folder = DownloadFolder(tmp_path, Nowhere())
    with pytest.raises(FileError, match="cannot be put into"):
        folder.open_part(DIGEST, 0).finish("empty.txt")
    assert os.listdir(folder.path) == []


def test_two_files_with_the_same_content_are_received_at_once(folder: DownloadFolder) -> None:
    """Neither writes into the other's, and both get their names."""
    first, second = folder.open_part(DIGEST, 5), folder.open_part(DIGEST, 5)
    first.append(b"he")
    second.append(b"hel")
    first.append(b"llo")
    second.append(b"lo")
    places = [Path(part.finish("x.txt")) for part in (first, second)]
    assert [place.name for place in places] == ["x.txt", "x (2).txt"]
    assert [place.read_bytes() for place in places] == [b"hello", b"hello"]
    assert sorted(os.listdir(folder.path)) == ["x (2).txt", "x.txt"]


def test_another_process_that_receives_the_same_content_is_left_alone(folder: DownloadFolder) -> None:
    """The part that it has open is its own, and found again once it has let go of it."""
    script = (
        "import sys; from chatcore_files import DownloadFolder as D; part = D(sys.argv[1]).open_part(sys.argv[2], 5)"
    )
    script += "; part.append(b'he'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script, folder.path, DIGEST], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        part = folder.open_part(DIGEST, 5)
        assert part.size == 0
        part.discard()
        other.stdin.close()
    part = folder.open_part(DIGEST, 5)
    assert part.size == 2
    part.keep()


def test_a_file_that_is_completed_while_another_begins_costs_neither(folder: DownloadFolder) -> None:
    """Whoever opens a part in the moment in which it gets its name begins a new one."""

    def receive_many(letter: str) -> None:
        for _ in range(150):
            part = folder.open_part(DIGEST, 5)
            part.append(b"hello"[part.size :])
            part.finish(f"{letter}.txt")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(receive_many, "abcd"))
    assert len(os.listdir(folder.path)) == 600


class NoLinks:
    """Names as on a memory stick: implements `FileNames`."""

    replace = staticmethod(os.replace)

    def link(self, src: str, dst: str, /, *, follow_symlinks: bool) -> None:
        """Fail."""
        raise OSError(errno.EPERM, "not here")


class Nowhere(NoLinks):
    """Names that nothing can have: implements `FileNames`."""

    def replace(self, src: str, dst: str, /) -> None:
        """Fail."""
        raise OSError(errno.EROFS, "nor here")


def test_a_file_system_without_links_gets_files_too(tmp_path: Path) -> None:
    """And nothing is overwritten there either."""
    folder = DownloadFolder(tmp_path, NoLinks())
    first, second = receive(folder, "a.txt"), receive(folder, "a.txt", b"other")
    assert (first.read_bytes(), second.read_bytes()) == (b"hello", b"other")
    assert sorted(os.listdir(folder.path)) == ["a (2).txt", "a.txt"]


class TidiedUp:
    """Names in a folder that somebody tidies up at once: implements `FileNames`."""

    replace = staticmethod(os.replace)

    def link(self, src: str, dst: str, /, *, follow_symlinks: bool) -> None:
        """Give a file another name, and lose the first one."""
        os.link(src, dst, follow_symlinks=follow_symlinks)
        os.unlink(src)


def test_a_file_whose_first_name_cannot_be_removed_has_come(tmp_path: Path) -> None:
    """Once, under the name that it was given."""
    folder = DownloadFolder(tmp_path, TidiedUp())
    assert receive(folder, "a.txt").read_bytes() == b"hello"
    assert os.listdir(folder.path) == ["a.txt"]


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


def _folder_is_removed(folder: Path) -> None:
    shutil.rmtree(folder)


def _folder_is_renamed(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def _file_is_put_there(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("mine")


def _part_is_removed(folder: Path) -> None:
    (folder / f".{DIGEST}.part").unlink()


def _part_is_replaced(folder: Path) -> None:
    _part_is_removed(folder)
    (folder / f".{DIGEST}.part").write_text("mine")


@pytest.mark.parametrize(
    "happens",
    [_folder_is_removed, _folder_is_renamed, _file_is_put_there, _part_is_removed, _part_is_replaced],
)
def test_what_nobody_would_find_is_not_received_to_its_end(
    happens: Callable[[Path], None], folder: DownloadFolder, tmp_path: Path
) -> None:
    """The next bytes are refused, whoever has moved what was there; and what is in its place now stays."""
    part = folder.open_part(DIGEST, 5)
    part.append(b"hel")
    happens(Path(folder.path))
    before = everything(tmp_path)
    with pytest.raises(FileError, match=r"what had come into .*downloads so far was moved or removed"):
        part.append(b"lo")
    part.discard()
    assert everything(tmp_path) == before
    assert {each.read_text() for each in tmp_path.rglob("*") if each.is_file()} <= {"mine", "hel"}


@pytest.mark.parametrize("happens", [_folder_is_renamed, _part_is_removed, _part_is_replaced])
def test_nothing_else_gets_the_name_of_a_file_that_came(
    happens: Callable[[Path], None], folder: DownloadFolder
) -> None:
    part = folder.open_part(DIGEST, 5)
    part.append(b"hello")
    happens(Path(folder.path))
    with pytest.raises(FileError, match="was moved or removed"):
        part.finish("letter.txt")
    assert not (Path(folder.path) / "letter.txt").exists()


@pytest.mark.parametrize("target", ["file", "nowhere/at/all", "/dev/null"])
def test_what_is_no_folder_is_called_none(target: str, tmp_path: Path) -> None:
    """A file, a link that leads nowhere, a device."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / target)
    for path in (tmp_path / "link", *([] if "where" in target else [tmp_path / target])):
        with pytest.raises(FileError, match=f"{path} is not a folder"):
            DownloadFolder(path).open_part(DIGEST, 1)


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    """A file is in its way."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match="cannot be made: Not a directory"):
        DownloadFolder(tmp_path / "file" / "folder").open_part(DIGEST, 1)
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


def test_what_is_sent_is_what_was_read_not_what_was_promised(folder: DownloadFolder) -> None:
    """The system makes up files that say they are empty, or one page long."""
    for path in ("/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/cpuinfo"):
        if not os.path.exists(path):
            continue
        source = folder.open_source(path)
        assert source.size > 0
        content = source.read(0, source.size + 10)
        assert len(content) == source.size != os.stat(path).st_size
        assert source.read(5, source.size) == content[5:]  # whatever it would say by now
        assert source.read(source.size, 10) == b""
        source.close()


def test_a_small_file_is_sent_as_it_was_when_it_was_offered(folder: DownloadFolder, tmp_path: Path) -> None:
    """It may grow, shrink or vanish meanwhile."""
    path = tmp_path / "neighbour"
    source = folder.open_source(str(path))
    path.write_text("something else, and longer")
    path.unlink()
    assert (source.size, source.read(0, 100)) == (4, b"mine")
    source.close()


def test_a_sparse_file_is_sent_with_its_holes(folder: DownloadFolder, tmp_path: Path) -> None:
    """They are as good as zeros, and so is a file that grows behind what was offered."""
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(3_000_000)
    source = folder.open_source(str(path))
    with path.open("ab") as file:
        file.write(b"more")
    assert (source.size, source.read(2_999_990, 10)) == (3_000_000, b"\0" * 10)
    source.close()


def test_pipe_that_is_refused_was_not_opened(folder: DownloadFolder, tmp_path: Path) -> None:
    """Whoever waits to write into it waits for somebody else; the same goes for devices, of which some do something."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(pipe.write_text, "for somebody else")
        for _ in range(20):
            with pytest.raises(FileError, match="is not a file"):
                folder.open_source(str(pipe))
        assert not writer.done()
        assert pipe.read_text() == "for somebody else"


def test_what_is_no_file_is_refused_in_words(folder: DownloadFolder) -> None:
    """Devices among them, which have no end."""
    for path in ("/dev/zero", "/dev/null", "/proc", "/proc/self/mem"):
        with pytest.raises(FileError, match=r"is not a file|cannot be read: "):
            folder.open_source(path)


def test_a_disk_without_room_is_noticed_before_anything_comes(folder: DownloadFolder, tmp_path: Path) -> None:
    """What is there of the file already needs no room any more, and stays."""
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(FileError, match="no room for this file in") as caught:
        folder.open_part(DIGEST, 2 * free)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert os.listdir(folder.path) == []
    part = folder.open_part(DIGEST, 2 * free // 3)
    part.append(b"hello")
    part.keep()
    with pytest.raises(FileError, match="no room"):
        folder.open_part(DIGEST, 2 * free)
    part = folder.open_part(DIGEST, 5)
    assert part.size == 5
    part.discard()


@pytest.mark.parametrize("name", ["می\u200cخواهم.txt", "a:b.txt", "CON.txt", "dots...", "é.txt", "é" * 125 + ".txt"])
def test_file_is_called_here_as_it_was_called_there(folder: DownloadFolder, name: str) -> None:
    """This system allows it; a second one of that name gets a number, in a long name too."""
    assert receive(folder, name).name == name
    second = receive(folder, name).name
    assert " (2)" in second
    assert sorted(os.listdir(folder.path)) == sorted([name, second])


class FewNames:
    """Names as on a stick of Windows, and shorter, as in an encrypted folder: implements `FileNames`."""

    def link(self, src: str, dst: str, /, *, follow_symlinks: bool) -> None:
        """Give a file another name, if it is one."""
        name = os.path.basename(dst)
        if ":" in name:
            raise OSError(errno.EINVAL, "Invalid argument")
        if len(os.fsencode(name)) > 143:
            raise OSError(errno.ENAMETOOLONG, "File name too long")
        os.link(src, dst, follow_symlinks=follow_symlinks)

    def replace(self, src: str, dst: str, /) -> None:
        """Do the same."""
        self.link(src, dst, follow_symlinks=False)


def test_name_that_the_file_system_refuses_becomes_a_simpler_one(tmp_path: Path) -> None:
    """The file arrives under a name that every file system takes."""
    folder = DownloadFolder(tmp_path, FewNames())
    assert receive(folder, "a:b.txt").name == "a_b.txt"
    assert receive(folder, "x" * 250 + ".txt").name == "x" * 116 + ".txt"


def test_two_names_that_look_the_same_are_told_apart(tmp_path: Path) -> None:
    """As macOS may write one, and as everybody else does: the second gets a number."""
    folder = DownloadFolder(tmp_path)
    assert [receive(folder, name).name for name in ("e\u0301.txt", "é.txt")] == ["é.txt", "é (2).txt"]


def test_name_of_bytes_that_are_no_utf_8_can_be_sent(folder: DownloadFolder, tmp_path: Path) -> None:
    """From the times of Latin-1."""
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    with open(path, "wb") as file:
        file.write(b"hello")
    source = folder.open_source(os.fsdecode(path))
    assert source.read(0, 10) == b"hello"
    assert suggested_name(source.name) == "café.txt"
    source.close()
