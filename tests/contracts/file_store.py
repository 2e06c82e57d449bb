"""What every `chatcore.ports.file_store.FileStore` has to keep. Subclass it and say how to make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chatcore.errors import FileError
from chatcore.ports.file_store import FileStore

DIGEST, OTHER = "ab" * 32, "cd" * 32


@dataclass
class Stored:
    """A file store, and what a test has to know of it."""

    store: FileStore
    put: Callable[[str, bytes], str]
    """Make a file that can be sent, and return what `open_source` takes for it."""
    contents: Callable[[str], bytes]
    """Return what is at a place that `finish` gave."""


class FileStoreContract:
    """The promises of the port. A subclass gives the fixture `stored`."""

    @pytest.fixture
    def stored(self) -> Stored:
        """Return an empty store."""
        raise NotImplementedError

    # Files that are sent.

    def test_source_gives_the_bytes_that_are_asked_for(self, stored: Stored) -> None:
        """From any place, in any order; fewer only at the end."""
        source = stored.store.open_source(stored.put("letter.txt", b"0123456789"))
        assert (source.name, source.size) == ("letter.txt", 10)
        assert source.read(4, 3) == b"456"
        assert source.read(0, 2) == b"01"
        assert source.read(8, 100) == b"89"
        assert source.read(10, 1) == b""
        source.close()
        source.close()

    def test_file_that_is_not_there_is_an_error_for_people(self, stored: Stored) -> None:
        """And nothing else."""
        with pytest.raises(FileError):
            stored.store.open_source("no such file")

    # Files that come.

    def test_part_grows_and_becomes_a_file(self, stored: Stored) -> None:
        """What was there can be read again, so that its SHA-256 can be made of all of it."""
        part = stored.store.open_part(DIGEST, 10)
        assert part.size == 0
        part.append(b"01234")
        part.append(b"56789")
        assert part.size == 10
        assert part.read(3, 4) == b"3456"
        assert part.read(8, 100) == b"89"
        assert stored.contents(part.finish("letter.txt")) == b"0123456789"

    def test_part_that_is_kept_goes_on_where_it_was(self, stored: Stored) -> None:
        """After the connection is back, or after another start of the program."""
        part = stored.store.open_part(DIGEST, 10)
        part.append(b"01234")
        part.keep()
        part.keep()
        part = stored.store.open_part(DIGEST, 10)
        assert (part.size, part.read(0, 100)) == (5, b"01234")
        part.append(b"56789")
        assert stored.contents(part.finish("letter.txt")) == b"0123456789"

    def test_part_that_is_discarded_leaves_nothing_behind(self, stored: Stored) -> None:
        """The next one begins anew."""
        part = stored.store.open_part(DIGEST, 10)
        part.append(b"01234")
        part.discard()
        part.discard()
        part = stored.store.open_part(DIGEST, 10)
        assert part.size == 0
        part.discard()

    def test_finished_file_is_no_part_any_more(self, stored: Stored) -> None:
        """The same content may come again, and is another file."""
        part = stored.store.open_part(DIGEST, 5)
        part.append(b"01234")
        part.finish("letter.txt")
        part = stored.store.open_part(DIGEST, 5)
        assert part.size == 0
        part.discard()

    def test_two_files_may_come_at_once_whatever_is_in_them(self, stored: Stored) -> None:
        """The content is no identity: neither writes into the other."""
        parts = [stored.store.open_part(digest, 5) for digest in (DIGEST, DIGEST, OTHER)]
        for number, part in enumerate(parts):
            part.append(b"%d" % number * 5)
        places = [part.finish(f"{number}.txt") for number, part in enumerate(parts)]
        assert [stored.contents(place) for place in places] == [b"00000", b"11111", b"22222"]
