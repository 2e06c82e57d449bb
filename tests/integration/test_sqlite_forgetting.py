"""What was taken away leaves the files of a store, to the last byte, and soon."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from chatcore.aio.clock import LoopClock
from chatcore.events import MessagePosted
from chatcore.ports.archive import Appended, Changed, Dropped, Opened, Retention, Row, Snapshot
from chatcore.ports.search import Query
from chatcore.text.finding.words import sought
from chatcore_sqlite import SqliteStore, upkeep
from chatcore_sqlite.writing import Writer
from tests.contracts.archive import start
from tests.contracts.journal import Follower
from tests.contracts.journal import batch as messages
from tests.patience import PATIENCE

DELETED, EDITED, OLD, GONE = "Xyzzydeleted", "Plughedited", "Quuxexpired", "Frobdropped"
WORDS = (DELETED, EDITED, OLD, GONE)


class _Soon(Writer):
    """A writer that waits for nothing before it forgets."""

    forget_every = 0.0


async def opened(path: Path, writer: type[Writer] = Writer, most: int | None = 5) -> SqliteStore:
    """Return an open store that keeps so many messages."""
    store = SqliteStore(str(path), LoopClock(asyncio.get_running_loop()), Retention(messages=most))
    store.make_writer = writer
    await store.open()
    return store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Return a store that forgets soon, and keeps five messages."""
    made = await opened(tmp_path / "chat.db", _Soon)
    yield made
    await made.close()


def in_files(store: SqliteStore, words: Iterable[str] = WORDS) -> list[tuple[str, str]]:
    """Return which words, as they were said or as they are looked for, stand in which of the files of a store."""
    path = Path(store.place)
    contents = {each.name: each.read_bytes() for each in path.parent.iterdir() if each.suffix != ".lock"}
    forms = [form for word in words for form in (word, word.casefold())]
    return [(name, form) for name, there in contents.items() for form in forms if form.encode() in there]


async def until_forgotten(store: SqliteStore) -> None:
    """Wait until none of the words stands anywhere."""
    async with asyncio.timeout(PATIENCE):
        while in_files(store):
            await asyncio.sleep(0.02)


def say(*texts: str, room: str = "lobby", first: int = 1) -> list[Row]:
    """Return what it does to a log when this is said."""
    entries = [
        MessagePosted(seq=seq, sender="al", text=text, at=1.8e9, room=room) for seq, text in enumerate(texts, first)
    ]
    return [Appended(room, entry) for entry in entries]


async def speak(store: SqliteStore) -> None:
    """Have in the files what is to be forgotten, and what is not."""
    follower = await Follower(store).start()
    store.propose(messages(1, *WORDS))
    await follower.wait_for(entries=1)
    store.keep([Opened("py", "f"), *say(GONE, room="py")])
    store.keep([Opened("lobby", "e"), *say(OLD, DELETED, f"{EDITED} before", "stays here")])
    store.propose(messages(2))
    await follower.wait_for(entries=2)
    assert {form for _name, form in in_files(store)} == {*WORDS, *map(str.casefold, WORDS)}


async def take_away(store: SqliteStore) -> None:
    """Delete one, edit one, close a room, say so much that the oldest goes; and have that in the files."""
    store.keep(
        [
            Changed("lobby", 2, "", deleted=True),
            Changed("lobby", 3, "after", deleted=False),
            Dropped("py"),
            *say("x", "y", first=5),
        ]
    )
    async with asyncio.timeout(PATIENCE):
        while (await store.heads())["lobby"].floor < 2:  # in a quiet moment
            await asyncio.sleep(0.01)
    await store.save_snapshot(Snapshot(2, 1.0, []))


async def found(store: SqliteStore, text: str) -> list[int]:
    """Return the messages that are found, by seq."""
    return [each.entry.seq for each in (await store.search(Query(sought(text)))).found]


async def test_what_was_taken_away_leaves_the_files_while_the_server_goes_on(store: SqliteStore) -> None:
    """The journal, the logs, the index of words, and what is written ahead; what stays is found as before."""
    await speak(store)
    await take_away(store)
    await until_forgotten(store)
    sought_for = ("xyzzydeleted", "quuxexpired", "frobdropped", "before", "after", "stays", "y")
    assert [await found(store, text) for text in sought_for] == [[], [], [], [], [3], [4], [6]]
    await store.close()
    assert not in_files(store)
    assert upkeep.check(store.place).messages == 5


async def test_what_was_taken_away_is_nowhere_once_the_store_is_closed(tmp_path: Path) -> None:
    """Also when that is a moment later."""
    store = await opened(tmp_path / "chat.db")
    await speak(store)
    await take_away(store)
    await store.close()
    assert not in_files(store, (DELETED, EDITED, OLD))  # a room that is gone goes little by little
    again = await opened(tmp_path / "chat.db", _Soon)
    await Follower(again).start(2)
    await until_forgotten(again)
    await again.close()


async def test_vacuum_leaves_nothing_of_what_was_taken_away(tmp_path: Path) -> None:
    """Whatever servers have left, those of before among them."""

    class Before(Writer):
        """It deletes, and leaves what is beside that."""

        forget_every = 1e9

        def _forget_at_once(self) -> None: ...

    store = await opened(tmp_path / "chat.db", Before)
    await speak(store)
    await take_away(store)
    await store.close()
    assert {form for _name, form in in_files(store)} >= {each.casefold() for each in (DELETED, EDITED, OLD)}
    upkeep.vacuum(store.place)
    assert not in_files(store)
    assert upkeep.check(store.place).messages == 5
    again = await opened(tmp_path / "chat.db")
    assert await found(again, "stays") == [4]
    await again.close()


async def test_who_reads_for_long_is_waited_for_and_holds_nobody_up(store: SqliteStore) -> None:
    """What he reads has to stay until then."""
    await speak(store)
    with contextlib.closing(sqlite3.connect(store.place)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM journal").fetchone() == (2,)
        await take_away(store)
        assert await found(store, "stays") == [4]
        assert in_files(store)
    await until_forgotten(store)


async def test_large_index_is_written_anew_in_pieces_and_finds_what_it_found(tmp_path: Path) -> None:
    """What is said meanwhile as well."""
    pieces = list[bool]()

    class Counting(_Soon):
        """It notes whether there was more to do."""

        def _forget_words(self) -> bool:
            pieces.append(super()._forget_words())
            return pieces[-1]

    store = await opened(tmp_path / "chat.db", Counting, most=None)
    await start(store)
    store.keep([Opened("lobby", "e"), *say(DELETED)])
    for first in range(0, 3000, 100):
        texts = [" ".join(f"w{number}x{word}" for word in range(30)) for number in range(first, first + 100)]
        store.keep(say(*texts, first=first + 2))
        await store.heads()
        store.propose(messages(1 + first))
    store.keep([Changed("lobby", 1, "", deleted=True)])
    async with asyncio.timeout(PATIENCE):
        while in_files(store, (DELETED,)):
            assert await found(store, "w2999x7") == [3001]
            await asyncio.sleep(0.02)
    assert any(pieces)
    assert [await found(store, text) for text in ("w0x0", "w1500x29", "xyzzydeleted")] == [[2], [1502], []]
    await store.close()
    assert upkeep.check(store.place).messages == 3001
