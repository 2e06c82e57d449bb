"""A whole server in memory and its clients, so that tests read as transcripts of the protocol."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import lru_cache
from itertools import count
from typing import Any, Final

from chatcore.chat.chat import Chat
from chatcore.chat.kept.room_log import MemoryLog
from chatcore.commands import HostRequest, ReloadSettings
from chatcore.dialects.base import Dialect
from chatcore.dialects.chat import dialect as chat_dialect
from chatcore.dialects.chat.chunks import decode_chunk, encode_chunk
from chatcore.dialects.chat.frames import SERVER_FRAMES
from chatcore.dialects.chat.frames.sessions import Ping, Pong
from chatcore.dialects.chat.json_text import decode_object
from chatcore.limits import OBJECT_BYTES, Limits
from chatcore.ports.courier import Courier
from chatcore.ports.passwords import Vouching
from chatcore.ports.room_log import RoomLog
from chatcore.server.journal.memory_journal import MemoryJournal
from chatcore.server.journal.tickets import hashed
from chatcore.server.signing_in.door import Door
from chatcore.server.signing_in.terms import Accounts, Secrets
from chatcore.server.switchboard import Switchboard
from tests.unit.fakes import FakeArchive, FakeClock, FakeLink, FakePasswords, LateJournal

LATE: Final = os.environ.get("CHATCORE_TEST_JOURNAL") == "late"
"""True when every server has a journal that orders in a later turn, as those do that keep something."""

Frame = dict[str, Any]

_MODELS = {model.model_fields["type"].default: model for model in (*SERVER_FRAMES, Ping, Pong)}


def checked(payload: bytes) -> Frame:
    """Return the frame in `payload`, which has to keep every promise of the protocol's description."""
    _check(payload)
    frame: Frame = json.loads(payload)
    return frame


@lru_cache(maxsize=8192)
def _check(payload: bytes) -> None:
    assert len(payload) <= OBJECT_BYTES, f"a frame of {len(payload)} bytes"
    frame = decode_object(payload)
    model = _MODELS[frame["type"]]
    model.model_validate(frame)
    declared = {field.alias or name for name, field in model.model_fields.items()}
    assert set(frame) <= declared, f"not described: {set(frame) - declared}"


def waits_for_nothing(work: Coroutine[object, object, None]) -> None:
    """Do what has nothing to wait for: with the journal in memory that is everything."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits")


class Server:
    """Switchboard, chat and memory log on a virtual clock. Its clients speak the `chat` dialect.

    With another `log` it may be the next `life` of a server: ids are other ones then. With another `journal` it goes on
    where that is. `late` is for a journal that orders in a later turn; `before_start` is given the chat. With a `lease`
    it is one of several. An `archived` one fetches what is no longer in memory.
    """

    def __init__(
        self,
        *,
        boundaries: bool = True,
        lists_address: bool = False,
        log: RoomLog | None = None,
        life: str = "",
        journal: LateJournal | None = None,
        late: bool = LATE,
        before_start: Callable[[Chat], None] | None = None,
        lease: float = 0.0,
        lost: bool = False,
        operator_token: str = "",
        password: str | None = None,
        accounts: str = "optional",
        accounts_most: int | None = None,
        vouching: Vouching | None = None,
        courier: Courier | None = None,
        has_host: bool = True,
        archived: bool = False,
        **limits: Any,
    ) -> None:
        self.boundaries = boundaries
        if accounts_most is not None:
            limits["accounts"] = accounts_most
        self.limits = Limits(**{"requests_per_second": 0, "lines_per_second": 0, **limits})
        self.clock = FakeClock() if journal is None else journal.clock
        numbers = count(1)
        self.new_id: Callable[[], str] = lambda: f"identifier-{life}{next(numbers):06}"
        self.log = MemoryLog(self.limits, archived=archived)
        self.archive = FakeArchive(self.clock, self.log)
        """Where what was said is kept that is no longer in memory; of an `archived` server."""
        about = {"name": "chatcore"} if accounts == "off" else {"name": "chatcore", "accounts": accounts}
        self.chat = Chat(self.limits, log or self.log, about=about, show_addresses=lists_address)
        self.passwords = FakePasswords(self.clock)
        self.asked_of_host: list[HostRequest] = []
        """What operators asked of the program that it runs in."""
        self.records: list[tuple[str, Mapping[str, Any]]] = []
        self.journal = journal or (LateJournal(self.clock) if late else MemoryJournal(self.clock))
        if before_start is not None:
            before_start(self.chat)
        self.switchboard = Switchboard(
            self.chat,
            self.journal,
            self.clock,
            self.new_id,
            self._record,
            secrets=Secrets(
                Door(password),
                operator_token and hashed(operator_token),
                Accounts(accounts),
                vouching=vouching,
                passwords=None if vouching else self.passwords,
            ),
            courier=courier,
            host=self._asked_of_host if has_host else None,
            fetch=self.archive.fetch if archived else None,
            keep=self.archive.keep if archived else None,
        )
        waits_for_nothing(self.switchboard.start(lease=lease, lost=lambda: lost))
        self.settle()

    def _record(self, what: str, fields: Mapping[str, Any]) -> None:
        if isinstance(failed := fields.get("error"), AssertionError):
            raise failed  # what a test asserts is no mistake that a server goes on after
        self.records.append((what, fields))

    def _asked_of_host(self, request: HostRequest) -> tuple[str, ...]:
        self.asked_of_host.append(request)
        return ("port",) if isinstance(request, ReloadSettings) else ()

    def change_limits(self, **limits: Any) -> None:
        """Let it have other settings from now on."""
        self.switchboard.change_limits(Limits(**{"requests_per_second": 0, "lines_per_second": 0, **limits}))
        self.settle()

    def connect(self, dialect: Dialect = chat_dialect, *, boundaries: bool | None = None, **link: Any) -> Client:
        """Return a client that is connected and has not said anything."""
        boundaries = self.boundaries if boundaries is None else boundaries
        return Client(self, dialect, FakeLink(self.clock, boundaries=boundaries, **link))

    def login(self, username: str, *, settled: bool = True, address: str = "192.0.2.1:5000", **fields: Any) -> Client:
        """Return a client that is logged in; what it heard so far is forgotten, but for its `welcome`."""
        client = self.connect(address=address)
        client.welcome = client.ask("login", username=username, **fields)
        assert client.welcome["type"] == "welcome", client.welcome
        if settled:
            client.take()
        return client

    def logins(self, *usernames: str) -> Iterator[Client]:
        """Return logged-in clients that have heard all about each other, and forgotten it."""
        clients = [self.login(username) for username in usernames]
        self.advance(1.0)
        for client in clients:
            client.take()
        return iter(clients)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    def settle(self) -> None:
        """Let everything happen that happens without time passing."""
        self.clock.settle()

    def users(self) -> list[str]:
        """Return who is logged in, by name."""
        return sorted(session.name for session in self.chat.users.values())

    def mistakes(self) -> list[object]:
        """Return the exceptions that the switchboard had to catch."""
        return [fields["error"] for what, fields in self.records if what == "internal_error"]


class Client:
    """A client made of nothing but frames."""

    def __init__(self, server: Server, dialect: Dialect, link: FakeLink) -> None:
        self.server = server
        self.link = link
        self.connection = server.switchboard.accept(dialect, link)
        link.handler = self.connection
        self.welcome: Frame = {}
        self.chunks: list[tuple[int, int, bytes]] = []
        """Transfer, offset and bytes of every chunk that came, on a link with boundaries."""
        self._inbox: list[Frame] = []
        self._ids = count(1)

    @property
    def token(self) -> str:
        """The token of its session."""
        token: str = self.welcome["session"]["token"]
        return token

    def say(self, kind: str, /, **fields: Any) -> None:
        """Send a frame."""
        self.send_bytes(json.dumps({"type": kind, **fields}, ensure_ascii=False).encode())

    def send_bytes(self, data: bytes) -> None:
        """Send an object that may be anything."""
        self.link.sends(data if self.link.keeps_boundaries else data + b"\n")
        self.server.settle()

    def send_chunk(self, transfer: int, offset: int, data: bytes) -> None:
        """Send a chunk of a file, on a link with boundaries."""
        self.link.sends(encode_chunk(transfer, offset, data, boundaries=True))
        self.server.settle()

    def ask(self, kind: str, /, **fields: Any) -> Frame:
        """Send a request and return the one frame that answers it, without its id."""
        request = f"r{next(self._ids)}"
        self.say(kind, id=request, **fields)
        self._read()
        answers = [frame for frame in self._inbox if frame.get("id") == request]
        assert len(answers) == 1, f"{kind} was answered by {answers}"
        self._inbox = [frame for frame in self._inbox if frame is not answers[0]]
        return {key: value for key, value in answers[0].items() if key != "id"}

    def refused(self, kind: str, /, **fields: Any) -> str:
        """Send a request that is refused and return the code."""
        answer = self.ask(kind, **fields)
        assert answer["type"] == "error", answer
        assert answer["message"], "an error has a text for people"
        code: str = answer["code"]
        return code

    def take(self, *kinds: str) -> list[Frame]:
        """Return the frames of these kinds (or all) that came since the last time."""
        self._read()
        found = [frame for frame in self._inbox if not kinds or frame["type"] in kinds]
        self._inbox = [frame for frame in self._inbox if kinds and frame["type"] not in kinds]
        return found

    def peek(self) -> list[Frame]:
        """Return the frames that came since the last time, and keep them."""
        self._read()
        return list(self._inbox)

    def texts(self) -> list[str]:
        """Return the texts of everything said that came since the last time."""
        return [frame["text"] for frame in self.take("message", "direct", "broadcast")]

    def last(self) -> Frame:
        """Return the newest frame and forget the others."""
        return self.take()[-1]

    def drop(self) -> None:
        """Lose the connection."""
        self.link.breaks()
        self.server.settle()

    def _read(self) -> None:
        arrived, self.link.arrived = self.link.arrived, []
        for payload in arrived:
            chunk = decode_chunk(payload)
            if chunk is None:
                self._inbox.append(checked(payload))
            else:
                self.chunks.append(chunk)
