"""What every `chatcore.ports.room_log.RoomLog` has to keep. Subclass it and say how to open a log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatcore.commands import Position
from chatcore.events import DirectPosted, MessagePosted, Posted
from chatcore.limits import Limits
from chatcore.ports.room_log import Receipt, RoomLog

MakeLog = Callable[[Limits], RoomLog]

_KEYS = ["lobby", "python", "@1", "*"]


def entry(seq: int, text: str = "hello", *, client: str | None = None, cid: int | None = None) -> Posted:
    """Return an entry of a room's log."""
    return MessagePosted(
        seq=seq, sender="alice", text=text, at=1_795_000_000.0 + seq, client=client, cid=cid, room="lobby"
    )


def fill(log: RoomLog, key: str, count: int, text: str = "hello") -> list[Posted]:
    """Append `count` entries and return them."""
    entries = [entry(seq, text) for seq in range(log.head(key) + 1, log.head(key) + 1 + count)]
    for each in entries:
        log.append(key, each)
    return entries


class RoomLogContract:
    """The promises of the port. A subclass gives the fixture `make_log`; it may be called several times a test."""

    @pytest.fixture
    def make_log(self) -> MakeLog:
        """Return a function that gives a fresh, empty store with these limits."""
        raise NotImplementedError

    @pytest.fixture
    def log(self, make_log: MakeLog) -> RoomLog:
        """Return a store with the default limits and one open log, `lobby`."""
        log = make_log(Limits())
        log.open("lobby", "e1")
        return log

    # Seqs.

    def test_log_begins_empty_with_an_epoch_when_it_is_opened(self, log: RoomLog) -> None:
        """A new log's head is 0 and its floor 1."""
        log.open("python", "e2")
        position = log.position("python")
        assert position.epoch == "e2"
        assert (position.seq, log.head("python"), log.floor("python")) == (0, 0, 1)
        assert list(log.read("python", 0, 10)) == []

    def test_log_is_the_same_when_it_is_opened_again(self, log: RoomLog) -> None:
        """Opening is idempotent and gives the present head."""
        before = log.position("lobby")
        fill(log, "lobby", 2)
        log.open("lobby", "another")
        assert log.position("lobby") == Position(before.epoch, 2)

    def test_changes_are_numbered_and_the_last_of_each_thing_is_remembered(self, log: RoomLog) -> None:
        """Whether the entry is left or not."""
        fill(log, "lobby", 2)
        assert (log.changes("lobby"), list(log.changed("lobby", 0))) == (0, [])
        log.change("lobby", 1, "x", deleted=False)
        log.react("lobby", 2, "👍", "a", removed=False)
        log.change("lobby", 1, "", deleted=True)
        log.change("lobby", 99, "", deleted=True)
        assert log.position("lobby").changes == log.changes("lobby") == 4
        assert list(log.changed("lobby", 0)) == [(2, 2, "👍", False), (3, 1, "", True), (4, 99, "", True)]
        assert [log.was_deleted("lobby", seq) for seq in (1, 2, 99)] == [True, False, True]
        assert [log.was_changed("lobby", seq) for seq in (1, 2, 3, 99)] == [True, False, False, True]
        assert list(log.changed("lobby", 3)) == [(4, 99, "", True)]

    def test_seqs_are_dense_from_1(self, log: RoomLog) -> None:
        """The entries come back as they were appended, numbered 1, 2, 3."""
        entries = fill(log, "lobby", 3)
        assert list(log.read("lobby", 0, 10)) == entries
        assert [each.seq for each in entries] == [1, 2, 3]
        assert (log.head("lobby"), log.floor("lobby")) == (3, 1)

    @pytest.mark.parametrize("seq", [0, 1, 2, 4, 5])
    def test_append_is_refused_when_the_seq_is_not_the_next(self, log: RoomLog, seq: int) -> None:
        """Only `head + 1` can be appended; anything else is a mistake and changes nothing."""
        fill(log, "lobby", 2)
        with pytest.raises(ValueError, match="lobby"):
            log.append("lobby", entry(seq, client="c", cid=1))
        assert log.head("lobby") == 2
        assert log.last_cid("c") == 0

    def test_logs_are_numbered_each_for_itself(self, log: RoomLog) -> None:
        """What is said in one log moves no other."""
        log.open("python", "e1")
        fill(log, "lobby", 3)
        fill(log, "python", 1)
        assert (log.head("lobby"), log.head("python")) == (3, 1)
        assert log.heads("python", "lobby") == {"python": 1, "lobby": 3}

    def test_heads_are_those_of_logs_that_there_are(self, log: RoomLog) -> None:
        """One that is not there is a mistake of whoever asks."""
        assert log.heads() == {}
        with pytest.raises(KeyError):
            log.heads("lobby", "nowhere")

    def test_every_kind_of_entry_comes_back_as_it_was(self, log: RoomLog) -> None:
        """Entries keep their class, text, receivers, client and cid."""
        log.open("@7", "e1")
        direct = DirectPosted(seq=1, sender="al", text="a\u202e\0😀\n", at=1.5, client="c", cid=3, to=("bob", "carol"))
        log.append("@7", direct)
        assert list(log.read("@7", 0, 1)) == [direct]

    @pytest.mark.parametrize("method", ["head", "floor"])
    def test_asking_a_log_that_is_not_there_raises(self, log: RoomLog, method: str) -> None:
        """There is no head and no floor without a log."""
        with pytest.raises(KeyError):
            getattr(log, method)("nowhere")

    def test_reading_or_appending_to_a_log_that_is_not_there_raises(self, log: RoomLog) -> None:
        """A log has to be opened before it is used."""
        with pytest.raises(KeyError):
            log.read("nowhere", 0, 1)
        with pytest.raises(KeyError):
            log.append("nowhere", entry(1))

    # Reading.

    def test_read_gives_what_comes_after_up_to_the_limit(self, log: RoomLog) -> None:
        """`after` is exclusive, `limit` is kept, and nothing is repeated or left out."""
        entries = fill(log, "lobby", 10)
        assert list(log.read("lobby", 3, 4)) == entries[3:7]
        assert list(log.read("lobby", 8, 4)) == entries[8:]
        assert list(log.read("lobby", 10, 4)) == []
        assert list(log.read("lobby", 99, 4)) == []

    def test_read_starts_at_the_floor_when_older_entries_are_gone(self, make_log: MakeLog) -> None:
        """The first entry that is left answers for those before it."""
        log = make_log(Limits(log_messages=3))
        log.open("lobby", "e1")
        entries = fill(log, "lobby", 10)
        assert log.floor("lobby") == 8
        assert list(log.read("lobby", 0, 10)) == entries[7:]
        assert list(log.read("lobby", 0, 2)) == entries[7:9]
        assert list(log.read("lobby", 8, 10)) == entries[8:]

    # Bounds.

    def test_log_is_bounded_by_count(self, make_log: MakeLog) -> None:
        """The oldest entries go first; the head stays."""
        log = make_log(Limits(log_messages=5))
        log.open("lobby", "e1")
        fill(log, "lobby", 100)
        assert (log.head("lobby"), log.floor("lobby")) == (100, 96)
        assert len(log.read("lobby", 0, 1000)) == 5

    def test_log_of_one_keeps_the_newest(self, make_log: MakeLog) -> None:
        """The smallest log still holds what was said last."""
        log = make_log(Limits(log_messages=1))
        log.open("lobby", "e1")
        entries = fill(log, "lobby", 3)
        assert list(log.read("lobby", 0, 10)) == entries[2:]

    def test_log_is_bounded_by_bytes(self, make_log: MakeLog) -> None:
        """Long texts push out more than short ones."""
        log = make_log(Limits(log_bytes=20_000))
        log.open("lobby", "e1")
        fill(log, "lobby", 50, "x" * 2000)
        kept = log.read("lobby", 0, 1000)
        assert 0 < sum(len(each.text) for each in kept) <= 20_000
        assert kept[-1].seq == 50
        assert log.floor("lobby") == kept[0].seq

    def test_entry_that_fits_no_log_is_gone_at_once_and_still_counted(self, make_log: MakeLog) -> None:
        """A floor over the head says that nothing is left."""
        log = make_log(Limits(log_bytes=1024))
        log.open("lobby", "e1")
        fill(log, "lobby", 1, "x" * 5000)
        assert (log.head("lobby"), log.floor("lobby")) == (1, 2)
        assert list(log.read("lobby", 0, 10)) == []

    def test_biggest_log_gives_way_when_all_together_are_too_big(self, make_log: MakeLog) -> None:
        """A quiet log keeps its entries while a loud one loses its oldest."""
        log = make_log(Limits(total_log_bytes=100_000))
        for key in ("quiet", "loud"):
            log.open(key, "e1")
        quiet = fill(log, "quiet", 3)
        fill(log, "loud", 200, "x" * 2000)
        assert list(log.read("quiet", 0, 10)) == quiet
        kept = log.read("loud", 0, 1000)
        assert 0 < sum(len(each.text) for each in kept) <= 100_000
        assert kept[-1].seq == log.head("loud") == 200

    # Epochs.

    def test_epoch_changes_when_the_log_was_dropped(self, log: RoomLog) -> None:
        """Positions of a log that began anew do not compare with those before."""
        before = log.position("lobby")
        fill(log, "lobby", 2)
        log.drop("lobby")
        log.open("lobby", "e2")
        after = log.position("lobby")
        assert after.epoch != before.epoch
        assert after.seq == 0
        assert list(log.read("lobby", 0, 10)) == []

    def test_dropping_a_log_that_is_not_there_does_nothing(self, log: RoomLog) -> None:
        """Dropping is idempotent and touches no other log."""
        fill(log, "lobby", 1)
        log.drop("nowhere")
        assert log.head("lobby") == 1

    def test_dropped_log_takes_no_more_room(self, make_log: MakeLog) -> None:
        """Its bytes are free for the others."""
        log = make_log(Limits(total_log_bytes=100_000))
        for number in range(20):
            log.open(f"room{number}", "e1")
            fill(log, f"room{number}", 20, "x" * 2000)
            assert log.floor(f"room{number}") == 1
            log.drop(f"room{number}")

    # Cids.

    def test_client_without_sends_has_cid_0(self, log: RoomLog) -> None:
        """Nothing is known of a client that never sent."""
        assert log.last_cid("c") == 0
        assert log.receipt("c", 1) is None

    def test_cid_and_receipt_are_noted_with_the_entry(self, log: RoomLog) -> None:
        """The receipt tells where the entry stands and what it was."""
        log.append("lobby", entry(1))
        log.append("lobby", entry(2, client="c", cid=1), digest=77)
        assert log.last_cid("c") == 1
        assert log.receipt("c", 1) == Receipt("lobby", 2, 77)

    def test_entries_without_client_or_cid_note_nothing(self, log: RoomLog) -> None:
        """Clients that send no cid get no receipts."""
        log.append("lobby", entry(1, client="c"))
        log.append("lobby", entry(2, cid=5))
        assert log.last_cid("c") == 0

    def test_refused_send_uses_its_cid_up(self, log: RoomLog) -> None:
        """The receipt has the code and no entry."""
        log.refuse("c", 1, "no_such_user", digest=5)
        assert log.last_cid("c") == 1
        receipt = log.receipt("c", 1)
        assert receipt is not None
        assert (receipt.refused, receipt.digest) == ("no_such_user", 5)
        assert log.head("lobby") == 0

    def test_clients_are_numbered_each_for_itself_over_all_logs(self, log: RoomLog) -> None:
        """A client's cids go over all logs; another client's are its own."""
        log.open("python", "e1")
        log.append("lobby", entry(1, client="c", cid=1))
        log.append("python", entry(1, client="c", cid=2))
        log.append("python", entry(2, client="d", cid=1))
        assert (log.last_cid("c"), log.last_cid("d")) == (2, 1)
        assert log.receipt("c", 2) == Receipt("python", 1, 0)
        assert log.receipt("d", 1) == Receipt("python", 2, 0)

    def test_cids_survive_their_log(self, log: RoomLog) -> None:
        """A client goes on numbering when a room is gone."""
        log.append("lobby", entry(1, client="c", cid=1), digest=3)
        log.drop("lobby")
        assert log.last_cid("c") == 1

    def test_receipts_are_kept_for_all_that_may_be_unacknowledged(self, log: RoomLog) -> None:
        """At least the last 64 receipts of a client are known."""
        for seq in range(1, 301):
            log.append("lobby", entry(seq, client="c", cid=seq))
        assert log.last_cid("c") == 300
        assert all(log.receipt("c", cid) == Receipt("lobby", cid, 0) for cid in range(237, 301))

    def test_a_client_that_was_released_keeps_its_highest_cid_and_what_was_refused(self, log: RoomLog) -> None:
        """That is what its repeated sends need: nothing is written twice, and no refusal becomes a success."""
        log.hold("c")
        log.append("lobby", entry(1, client="c", cid=1))
        log.refuse("c", 2, "no_such_user", digest=9)
        log.append("lobby", entry(2, client="c", cid=3))
        assert log.receipt("c", 3) == Receipt("lobby", 2, 0)
        log.release("c", "192.0.2.1")
        assert log.last_cid("c") == 3
        assert [log.receipt("c", cid) for cid in (1, 3)] == [None, None]
        assert log.receipt("c", 2) == Receipt("", 0, 9, refused="no_such_user")

    def test_a_client_goes_on_counting_after_it_was_released(self, log: RoomLog) -> None:
        """It may be held again, and released again, with sends and without."""
        for cid in (1, 2, 3):
            log.hold("c")
            log.append("lobby", entry(cid, client="c", cid=cid))
            assert log.receipt("c", cid) is not None
            log.release("c", "192.0.2.1")
            log.hold("c")
            log.release("c", "192.0.2.2")
            assert log.last_cid("c") == cid

    def test_a_client_that_never_sent_is_released_without_a_trace(self, log: RoomLog) -> None:
        """Nor does a release hurt whom nobody knows."""
        log.hold("c")
        log.release("c", "192.0.2.1")
        log.release("d", "192.0.2.1")
        assert (log.last_cid("c"), log.last_cid("d")) == (0, 0)

    def test_a_client_that_is_held_is_not_forgotten_however_many_others_come_and_go(self, make_log: MakeLog) -> None:
        """Its highest cid and its receipts stay; of the others as many are known as there is room for."""
        log = make_log(Limits(total_log_bytes=100_000))
        log.open("lobby", "e1")
        log.hold("alice")
        log.append("lobby", entry(1, client="alice", cid=1))
        for number in range(300):
            log.hold(f"stranger {number}")
            log.refuse(f"stranger {number}", 1, "forbidden")
            log.release(f"stranger {number}", "192.0.2.1")
        assert (log.last_cid("alice"), log.receipt("alice", 1)) == (1, Receipt("lobby", 1, 0))
        known = [number for number in range(300) if log.last_cid(f"stranger {number}")]
        assert 0 < len(known) < 300
        assert known == list(range(300 - len(known), 300)), "who parted first is forgotten first"

    def test_who_comes_and_goes_often_is_forgotten_before_those_who_do_not(self, make_log: MakeLog) -> None:
        """A crowd of one place pushes out its own, not the few of another place."""
        log = make_log(Limits(total_log_bytes=100_000))
        log.refuse("alice", 1, "forbidden")
        log.release("alice", "192.0.2.7")
        for number in range(300):
            log.refuse(f"stranger {number}", 1, "forbidden")
            log.release(f"stranger {number}", "192.0.2.1")
        assert log.last_cid("alice") == 1

    # All of it.

    @given(st.data())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    def test_log_does_what_a_list_does_whatever_is_asked(self, make_log: MakeLog, data: st.DataObject) -> None:
        """Any order of appending, dropping, reading and refusing gives what lists and dictionaries give."""
        most = data.draw(st.integers(1, 6), "log_messages")
        log = make_log(Limits(log_messages=most))
        model: dict[str, list[Posted]] = {}
        epochs = 0
        last: dict[str, int] = {}
        steps = st.tuples(
            st.sampled_from(["append", "append", "append", "drop", "refuse", "hold", "release"]),
            st.sampled_from(_KEYS),
            st.sampled_from(["c", "d", None]),
        )
        for action, key, client in data.draw(st.lists(steps, max_size=40), "steps"):
            if action == "drop":
                log.drop(key)
                model.pop(key, None)
                continue
            if action in ("refuse", "hold", "release"):
                if client is not None and action == "refuse":
                    last[client] = last.get(client, 0) + 1
                    log.refuse(client, last[client], "forbidden")
                elif client is not None:
                    log.hold(client) if action == "hold" else log.release(client, key)
                continue
            if key not in model:
                epochs += 1
                log.open(key, f"e{epochs}")
                assert log.position(key) == Position(f"e{epochs}", 0)
                model[key] = []
            cid = None
            if client is not None:
                cid = last[client] = last.get(client, 0) + 1
            model[key].append(entry(len(model[key]) + 1, client=client, cid=cid))
            log.append(key, model[key][-1])
        after, limit = data.draw(st.integers(0, 45), "after"), data.draw(st.integers(1, 10), "limit")
        for key, entries in model.items():
            left = entries[-most:]
            assert log.head(key) == len(entries)
            assert log.floor(key) == len(entries) - len(left) + 1
            assert list(log.read(key, after, limit)) == [each for each in left if each.seq > after][:limit]
        assert {client: log.last_cid(client) for client in last} == last
