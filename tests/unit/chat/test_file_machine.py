"""Transfers driven at random: whatever either side does, nothing raises, nothing grows, and both end alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chatcore.chat.kept.offers import Stage
from tests.unit.playbook import Client, Frame, Server

NAMES = ("ann", "bob", "cid")
GRACE = 20.0
IDLE = 30.0
WINDOW = 2 * 32 * 1024
MOST_OFFERS = 2
MOST_TRANSFERS = 3
OVER = {"file_decline", "file_cancel", "file_done", "file_error"}


CONTENT = bytes(index * 7 % 251 for index in range(100_000))


def content(offset: int, end: int) -> bytes:
    """Return what every file holds there."""
    return CONTENT[offset:end]


@dataclass
class Side:
    """One user, with what its client has understood."""

    name: str
    client: Client
    connected: bool = True
    sending: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """By file and receiver: the present number, where to go on, and the credit."""
    offered: dict[str, Frame] = field(default_factory=dict)
    got: dict[str, bytearray] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)

    def understand(self) -> None:
        """Take in what came, as a client does."""
        for frame in self.client.take():
            getattr(self, f"on_{frame['type']}", lambda frame: None)(frame)
        for number, offset, data in self.client.chunks:
            file = self.numbers.get(number)
            if file is not None:
                assert offset == len(self.got[file]), "a hole, or something twice"
                assert data == content(offset, offset + len(data))
                self.got[file] += data
        self.client.chunks.clear()

    def on_file_offer(self, frame: Frame) -> None:
        self.offered[frame["file"]] = frame

    def on_file_accept(self, frame: Frame) -> None:
        run = {"number": frame["transfer"], "offset": frame["offset"], "upto": frame["offset"]}
        self.sending[frame["file"], frame["from"]] = run

    def on_file_credit(self, frame: Frame) -> None:
        for run in self.sending.values():
            if run["number"] == frame["transfer"]:
                run["upto"] = frame["upto"]

    def _over(self, frame: Frame) -> None:
        self.sending.pop((frame["file"], frame["from"]), None)
        if self.offered.pop(frame["file"], None) is not None:
            self.forget(frame["file"])

    on_file_decline = on_file_cancel = on_file_done = on_file_error = _over

    def forget(self, file: str) -> None:
        self.offered.pop(file, None)
        self.numbers = {number: each for number, each in self.numbers.items() if each != file}


class FileMachine(RuleBasedStateMachine):
    """Three users who offer, accept, pay, send, lose their connections and come back, in any order."""

    @initialize()
    def open_the_doors(self) -> None:
        self.server = Server(
            grace=GRACE,
            file_idle=IDLE,
            file_window_bytes=WINDOW,
            file_offers=MOST_OFFERS,
            file_transfers=MOST_TRANSFERS,
            file_request_burst=1000,
        )
        self.sides = [Side(name, self.server.login(name)) for name in NAMES]

    def _side(self, index: int) -> Side | None:
        side = self.sides[index % len(self.sides)]
        return side if side.connected else None

    def _ask(self, side: Side, kind: str, **fields: Any) -> Frame:
        side.client.link.reads_again()  # or there is no answer
        self.server.settle()
        side.understand()
        answer = side.client.ask(kind, **fields)
        assert answer["type"] != "error" or answer["code"] != "internal", answer
        return answer

    def _pick(self, found: list[str], index: int) -> str:
        return found[index % len(found)] if found else "nothing"

    @rule(index=st.integers(0, 2), to=st.sets(st.sampled_from(NAMES)), size=st.sampled_from([0, 1, 5, 300, 100_000]))
    def offer(self, index: int, to: set[str], size: int) -> None:
        if (side := self._side(index)) is not None:
            fields: dict[str, Any] = {"to": sorted(to)} if to else {"room": True}
            self._ask(side, "file_offer", name="x", size=size, sha256="0" * 64, **fields)

    @rule(index=st.integers(0, 2), which=st.integers(0, 3), anew=st.booleans())
    def accept(self, index: int, which: int, anew: bool) -> None:
        if (side := self._side(index)) is not None:
            side.understand()
            file = self._pick(sorted(side.offered), which)
            got = bytearray() if anew else side.got.get(file, bytearray())
            answer = self._ask(side, "file_accept", file=file, offset=len(got))
            if answer["type"] == "file_transfer":
                side.numbers = {number: each for number, each in side.numbers.items() if each != file}
                side.numbers[answer["transfer"]] = file
                side.got[file] = got

    @rule(index=st.integers(0, 2), ahead=st.integers(0, 200_000))
    def grant(self, index: int, ahead: int) -> None:
        if (side := self._side(index)) is not None:
            side.understand()
            for number, file in side.numbers.items():
                side.client.say("file_credit", transfer=number, upto=len(side.got[file]) + ahead)

    @rule(index=st.integers(0, 2), size=st.integers(1, 32 * 1024), times=st.integers(1, 4))
    def send(self, index: int, size: int, times: int) -> None:
        """Send what there is credit for."""
        if (side := self._side(index)) is not None:
            for _ in range(times):
                side.understand()
                for run in list(side.sending.values()):
                    end = min(run["offset"] + size, run["upto"])
                    if end > run["offset"]:
                        side.client.send_chunk(run["number"], run["offset"], content(run["offset"], end))
                        run["offset"] = end

    @rule(index=st.integers(0, 2), number=st.integers(1, 8), offset=st.integers(0, 400), size=st.integers(1, 40_000))
    def send_nonsense(self, index: int, number: int, offset: int, size: int) -> None:
        """Send what nobody has asked for."""
        if (side := self._side(index)) is not None and size <= 32 * 1024:
            mine = {run["number"] for run in side.sending.values()}
            if number not in mine:  # a hole in one's own file would be one in the model's
                side.client.send_chunk(number, offset, b"?" * size)

    @rule(
        index=st.integers(0, 2),
        which=st.integers(0, 3),
        kind=st.sampled_from(["file_decline", "file_cancel", "file_error", "file_done"]),
    )
    def end(self, index: int, which: int, kind: str) -> None:
        if (side := self._side(index)) is not None:
            side.understand()
            mine = sorted({*side.offered, *(file for file, _user in side.sending)})
            file = self._pick(mine, which)
            more = {"code": "disk"} if kind == "file_error" else {}
            answer = self._ask(side, kind, file=file, **more)
            if answer["type"] == "ok":
                if kind == "file_done":
                    assert len(side.got[file]) == side.offered[file]["size"]
                    assert bytes(side.got[file]) == content(0, len(side.got[file]))
                side.forget(file)
                side.sending = {key: run for key, run in side.sending.items() if key[0] != file}

    @rule(index=st.integers(0, 2))
    def lose(self, index: int) -> None:
        if (side := self._side(index)) is not None:
            side.client.drop()
            side.connected = False

    @rule(index=st.integers(0, 2))
    def come_back(self, index: int) -> None:
        side = self.sides[index]
        client = self.server.connect()
        client.welcome = client.ask("login", username=side.name, token=side.client.token)
        if client.welcome["type"] == "error":
            return
        resumed = client.welcome["resumed"]
        side.client, side.connected = client, True
        side.numbers.clear()
        side.sending.clear()
        side.offered.clear()
        if not resumed:
            side.got.clear()
        side.understand()

    @rule(index=st.integers(0, 2), reads=st.booleans())
    def read(self, index: int, reads: bool) -> None:
        if (side := self._side(index)) is not None:
            (side.client.link.reads_again if reads else side.client.link.stops_reading)()
            self.server.settle()

    @rule(seconds=st.sampled_from([0.1, 1.0, 25.0, 40.0]))
    def wait(self, seconds: float) -> None:
        self.server.advance(seconds)

    @invariant()
    def memory_is_bounded(self) -> None:
        offers = self.server.chat.files.offers
        most = len(NAMES) * MOST_OFFERS
        assert len(offers) <= most
        transfers = [
            t for mine in offers._by_sender.values() for offer in mine.values() for t in offer.transfers.values()
        ]
        assert len(transfers) <= most * len(NAMES)
        assert sum(map(len, offers._by_receiver.values())) <= len(transfers)
        assert {t.number for t in transfers if t.stage is Stage.RUNNING} == set(offers.running)
        for side in self.sides:
            chunks = side.client.connection.chunks
            assert chunks is None or chunks._bytes <= (MOST_TRANSFERS + 1) * WINDOW + 2 * 32 * 1024
        for transfer in transfers:
            assert transfer.offset <= transfer.upto <= min(transfer.offer.size, transfer.offset + WINDOW)

    @invariant()
    def nobody_made_a_mistake(self) -> None:
        assert self.server.mistakes() == []

    def teardown(self) -> None:
        """Everybody goes: then nothing is left."""
        if hasattr(self, "server"):
            for side in self.sides:
                if side.connected:
                    side.client.drop()
            self.server.advance(GRACE + 1)
            offers = self.server.chat.files.offers
            assert (offers._by_sender, offers._by_receiver, offers.running) == ({}, {}, {})


TestFileMachine = FileMachine.TestCase
