"""The journal on a stream: what its order is, is the order of all servers that share it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo
from nats.js.errors import NotFoundError
from pydantic_core import from_json

from chatcore.dialects.record_json import NoRecords, RecordError, decode_batch, encode_batch
from chatcore.errors import ConfigurationError, FileError, Sentence
from chatcore.ports.journal import Batch, BatchTooLarge, Entry
from chatcore_nats.connection.connecting import LEAST_PAYLOAD, Connection, check_length, patiently
from chatcore_nats.connection.ending import ended
from chatcore_nats.connection.failures import not_allowed, unreachable
from chatcore_nats.connection.permissions import NOWHERE
from chatcore_nats.losses import note_loss
from chatcore_nats.place import Place
from chatcore_nats.saved import NAME as SNAPSHOT
from chatcore_nats.shortness import Shortness
from chatcore_nats.stream import ECHO, ELSEWHERE, listens_to
from chatcore_nats.tries import Refused, Tries

# How often the server shows that it is there when nothing is ordered, in seconds; and after how many silent ones the
# stream is asked anew from where it was left.
_HEARTBEAT: Final = 0.5
_SILENCE: Final = 2.0
_LOOK_EVERY: Final = 0.25
# How long a server that starts waits for the next entry, in seconds; and one that ends for its own.
_START_PATIENCE: Final = 20.0
_CLOSE_PATIENCE: Final = 5.0
# A leader that is new may not know its end for some seconds.
_LOSS: Final = 30.0
# So much of the time between two entries counts at most, in milliseconds: while nothing is ordered, nobody is there, or
# the stream has no leader. More than half a lease, so that a gap moves leases (`chatcore.chat.kept.nodes`).
_MOST_BETWEEN: Final = 3_000
_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000
_NO_SPACE: Final = frozenset({10023, 10028, 10047, 10077})
"""Insufficient resources, memory or storage used up, maximum bytes or messages exceeded: nothing was stored."""
_UNAVAILABLE: Final = 503
"""There is no leader at present, and the like: it comes again."""
# A server that has so many entries to apply, some tenths of a second, is behind, and has caught up when it has so few.
_MANY: Final = 1_000
_FEW: Final = 50
# Bytes of a message besides the batch.
_HEADROOM: Final = 1024
# To whom what no stream takes is.
_TO_NOBODY: Final = "0"
# What has no such answer is no entry, but what the consumer itself says.
_ENTRY: Final = "$JS.ACK."
# Of its tokens, counted from the end where a domain and an account stand in front.
_ACK_TOKENS: Final = 9


class StreamJournal:
    """Implements `chatcore.ports.journal.Journal` for one of several servers.

    One batch is under way at a time, so the stream has those of a server in their order; what comes meanwhile is the
    next one. Nothing is repeated here: who proposes a batch again gets it sent again (`chatcore.server.journal.lease`).

    Args:
        client: a connection.
        js: its JetStream.
        place: which chat.
        loss: after so many seconds a stream that ends before what it has delivered is taken to have lost it, and NATS
            that does not let this server in to go on so.
    """

    at_once = False

    def __init__(self, client: Connection, js: JetStreamContext, place: Place, *, loss: float = _LOSS) -> None:
        self._client, self._js, self._place = client, js, place
        self.beside: tuple[Connection, ...] = ()
        """Others of this server: of what NATS does not take there, it hears here."""
        self.position = 0
        """Of the last entry that was delivered."""
        self.is_behind = False
        """True from when there are many of them until there are few."""
        self._pending = 0
        self._milliseconds = 0  # of the journal's clock
        self._stamp: int | None = None  # of the last entry, in nanoseconds since 1970
        self._deliver: Callable[[Entry], None] = lambda entry: None
        self._refuse: Callable[[Batch, str], None] = lambda batch, why: None
        self._fail: Callable[[BaseException], None] = lambda error: None
        self._running = False
        self._failure: FileError | None = None
        self._moved = asyncio.Event()
        self._wanted = asyncio.Event()
        self._tries = Tries(loss, self._wanted.set)
        self._tasks: list[asyncio.Task[None]] = []
        self._acks: Subscription | None = None
        self._inbox = ""
        self._consumer: str | None = None
        self._entries: Subscription | None = None
        self._round = 0  # of consumers
        self._recognized = 0  # in which of them the last entry has come once more
        # When the consumer was heard last; when anything came; and an entry, or since when one has to come.
        self._heard_at = self._alive_at = self._came_at = 0.0
        self._indispensable = (place.subject, f"$JS.FC.{place.stream}.")
        self._created: object = None
        self._echoes = 0  # of what no stream takes
        self._domain: object = None
        """Where something was kept that is not the domain that is known; None when nothing was."""
        self._loss = loss
        self._shortness = Shortness(loss)
        self._noting: asyncio.Task[None] | None = None
        """Writes down for those who start that the stream has lost something."""

    # The beginning.

    async def start(
        self,
        after: int,
        deliver: Callable[[Entry], None],
        refuse: Callable[[Batch, str], None],
        fail: Callable[[BaseException], None],
        *,
        clock: float = 0.0,
        stamp: int | None = None,
    ) -> None:
        """Deliver what is there behind a position, and from then on what is ordered.

        `clock` is the journal's at `after`, and `stamp` what the stream said of that entry, where it is known. Raises
        `ConfigurationError` when it cannot be read from there on.
        """
        self._deliver, self._refuse, self._fail = deliver, refuse, fail
        self._alive_at = asyncio.get_running_loop().time()
        self.position, self._milliseconds, self._stamp = after, round(clock * 1000), stamp
        info = await self._info_of_all(after)
        last, self._created = info.state.last_seq, info.created
        if after > last:
            self._note_loss()
            raise self._unusable(_ends_early(self._place))
        if last > after and info.state.first_seq > after + 1:
            raise self._unusable(_missing(after + 1, self._place))
        try:
            await patiently(self._client, self._follow, self._place)
        except Error as error:  # too many consumers, for instance
            why = getattr(error, "description", None) or str(error).removeprefix("nats: ")
            raise self._unusable(why) from error
        self._tasks.append(asyncio.create_task(self._watch(), name="watch the journal"))
        shown = stamp is not None and info.state.first_seq <= after
        if shown and info.state.num_deleted:  # or it is shown by none
            shown = await patiently(self._client, lambda: self._is_there(after), self._place)

        def arrived() -> bool:
            return self.position >= last and (not shown or self._recognized == self._round)

        while self._failure is not None or not arrived():
            await self._progress(arrived)
        self._inbox = self._client.new_inbox()
        self._acks = await self._client.subscribe(f"{self._inbox}.*", cb=self._acknowledged)
        if self._client.domain and await self._is_elsewhere_too():
            raise self._unusable(ELSEWHERE)
        self._tasks.append(asyncio.create_task(self._send(), name="propose to the journal"))
        self._running = True

    async def _info_of_all(self, after: int) -> StreamInfo:
        """Return what there is to know of the stream; a leader that is new may not know yet that it goes so far."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _START_PATIENCE
        while True:
            info = await patiently(self._client, lambda: self._js.stream_info(self._place.stream), self._place)
            if info.state.last_seq >= after or loop.time() >= end:
                return info
            await asyncio.sleep(_LOOK_EVERY)

    async def _is_elsewhere_too(self) -> bool:
        """Tell whether more than one stream answers what none of them takes."""
        await self._client.publish(self._place.subject, b"", headers=NOWHERE, reply=f"{self._inbox}.{_TO_NOBODY}")
        return await self._until(lambda: self._echoes > 1, ECHO)

    async def _progress(self, arrived: Callable[[], bool]) -> None:
        """Wait for the next entry, or for what makes this the end of the way."""
        position = self.position
        moved = await self._until(
            lambda: self._failure is not None or self.position != position or arrived(), _START_PATIENCE
        )
        if not moved:
            raise self._unusable(Sentence("its journal gives nothing"))
        if self._failure is not None:
            raise ConfigurationError(self._failure.text, **self._failure.values) from self._failure

    async def _until(self, so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so that others bring about; tell whether it is, after so many seconds at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not so():
                    self._moved.clear()
                    await self._moved.wait()
        return so()

    def _unusable(self, why: str) -> ConfigurationError:
        return ConfigurationError("the store {path} cannot be used: {why}", path=self._place.text, why=why)

    # What the stream says.

    async def _follow(self) -> None:
        """Ask the stream for what comes behind the last entry that was delivered."""
        await self._leave()
        self._round += 1
        inbox = self._client.new_inbox()
        self._entries = await self._client.subscribe(
            inbox, cb=_only(self._round, self), pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        # The last one that was delivered comes once more: time goes on from it, and it shows whether all is as it was.
        first = max(1, self.position)
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=first,
            ack_policy=AckPolicy.NONE,
            deliver_subject=inbox,
            idle_heartbeat=_HEARTBEAT,
            flow_control=True,
            max_deliver=1,
            mem_storage=True,
            num_replicas=1,
            inactive_threshold=5.0,
        )
        made = await self._js.add_consumer(self._place.stream, config=config)
        self._consumer = made.name
        self._heard_at = self._came_at = asyncio.get_running_loop().time()

    async def _leave(self) -> None:
        entries, self._entries = self._entries, None
        consumer, self._consumer = self._consumer, None
        with suppress(Error, OSError):
            if entries is not None:
                await entries.unsubscribe()
        with suppress(Error, OSError, TimeoutError):  # the stream forgets it by itself
            if consumer is not None:
                async with self._client.until_forbidden():
                    await self._js.delete_consumer(self._place.stream, consumer)

    async def heard(self, message: Msg) -> None:
        """Take what the consumer sends: an entry, or a sign of life."""
        self._heard_at = self._alive_at = asyncio.get_running_loop().time()
        if not message.reply.startswith(_ENTRY):
            await self._heard_status(message)
            return
        self._came_at = self._heard_at
        tokens = message.reply.split(".")
        sequence, stamp, pending = _numbers(tokens)
        if sequence == self.position:
            self._recognize(stamp, pending)
        elif sequence == self.position + 1:
            self._pending = pending
            self._shortness.end()
            self.is_behind = pending > (_FEW if self.is_behind else _MANY)
            self._entry(sequence, stamp, message.data)
        else:
            self._doubt()  # something is missing, or NATS has begun the consumer anew, and perhaps the stream

    def _recognize(self, stamp: int, pending: int) -> None:
        """Go on from the last entry, which has come once more; another one in its place is in what is not the same."""
        if self._stamp is not None and self._stamp != stamp:
            self._lost()
            return
        self._stamp, self._pending, self._recognized = stamp, pending, self._round
        self._shortness.end()
        self._moved.set()

    def _doubt(self) -> None:
        """Take nothing more of this consumer: `_watch` asks for another one, from the last entry on."""
        self._round += 1
        self._heard_at = 0.0

    @property
    def pending(self) -> int | None:
        """How many entries the stream has behind it, as far as is known; None while nothing is heard of it."""
        return self._pending if asyncio.get_running_loop().time() - self._heard_at < _SILENCE else None

    def stamp_at(self, position: int) -> int | None:
        """Return what the stream said of an entry, for `start`; None for others than the last one."""
        return self._stamp if position == self.position else None

    async def _heard_status(self, message: Msg) -> None:
        headers = message.headers or {}
        asked = headers.get("Nats-Consumer-Stalled") or message.reply
        if asked:  # it waits until this much is done
            await self._client.publish(asked)
        last = headers.get("Nats-Last-Stream", "")
        if last.isdecimal() and int(last) >= self.position:
            self._shortness.end()
            if int(last) > self.position:
                self._doubt()

    def _entry(self, position: int, stamp: int, data: bytes) -> None:
        if self._failure is not None:
            return
        if self._stamp is not None:
            between = stamp // _NANOSECONDS_PER_MILLISECOND - self._stamp // _NANOSECONDS_PER_MILLISECOND
            self._milliseconds += min(max(0, between), _MOST_BETWEEN)
        self._stamp = stamp
        own = self._tries.came_back(data)
        if self._tries.was_given_up(data):
            self._failed(
                FileError(
                    "the stream of {path} has taken what it had refused; start the server again", path=self._place.text
                )
            )
            return
        awaited = self._tries.awaited
        if awaited is not None and position >= awaited:  # something else stands where that was
            self._lost()
            return
        try:
            batch = own or decode_batch(data)
        except NoRecords:
            # Somebody else has said something there. All servers pass it over: one message must not end the chat.
            self.position = position
            self._moved.set()
            return
        except RecordError as error:
            self._failed(
                FileError(
                    "entry {position} of the journal at {path} cannot be applied: {why}",
                    position=position,
                    path=self._place.text,
                    why=error.sentence,
                )
            )
            return
        self.position = position
        self._moved.set()
        self._deliver(Entry(position, stamp / 1e9, self._milliseconds / 1000, batch))

    def _failed(self, error: FileError) -> None:
        if self._failure is None:
            self._failure = error
            self._moved.set()
            if self._running:
                self._fail(error)

    async def _watch(self) -> None:
        """Ask anew when the stream is silent, or something was missing."""
        loop = asyncio.get_running_loop()
        while self._failure is None:
            await asyncio.sleep(_LOOK_EVERY)
            if self._client.is_closed:
                self._failed(FileError("NATS at {path} does not let this server in any more", path=self._place.text))
            refusal, since = self._client.failure, self._client.refused_since
            if refusal is not None and since is not None and loop.time() > since + self._loss:
                self._failed(FileError(unreachable(self._place, refusal).sentence))
            silent = loop.time() - self._heard_at >= _SILENCE or self._is_stalled(loop.time())
            self._look_what_is_forbidden(loop.time())
            self._look_what_is_too_long()
            moved = self._domain is not None
            if not (silent or self._tries.wants_a_look or moved) or not self._client.is_connected:
                continue
            try:
                if moved:
                    await self._look_where_it_is()
                await (self._ask_anew() if silent else self._look_at_first())
            except (Error, OSError, TimeoutError):
                self._heard_at = 0.0  # there is no leader at present

    def _is_stalled(self, now: float) -> bool:
        """Tell whether what the stream has does not come though its consumer is heard: somebody has paused that one."""
        return self._tries.awaited is not None and now - self._came_at >= _SILENCE

    def _look_what_is_forbidden(self, now: float) -> None:
        """Fail when NATS has not allowed what this server cannot go on without; whatever else, it goes on without."""
        forbidden = self._client.forbidden
        needed = [words for words in forbidden if any(subject in words for subject in self._indispensable)]
        if self._client.is_connected and now > self._alive_at + self._loss:  # and nothing has come since then
            needed += [words for words, at in forbidden.items() if at >= self._alive_at]
        if needed:
            self._failed(FileError(not_allowed(self._place, needed).sentence))

    def _look_what_is_too_long(self) -> None:
        """Fail when NATS takes short messages only: one that is longer would go again for ever."""
        try:
            for client in (self._client, *self.beside):
                check_length(client, self._place)
        except ConfigurationError as error:
            self._failed(FileError(error.sentence))

    async def _ask_anew(self) -> None:
        try:
            info = await self._js.stream_info(self._place.stream)
        except NotFoundError:
            self._look_whether_it_lost()
            return
        if info.created != self._created:
            self._failed(FileError("the stream of {path} was made anew", path=self._place.text))
        elif info.state.last_seq < max(self.position, self._tries.end):
            self._look_whether_it_lost()
        elif await self._misses_next(info):
            self._failed(self._overtaken())
        else:
            self._shortness.end()  # whether or not a consumer can be had; that shows whether it is the same
            await self._follow()

    async def _misses_next(self, info: StreamInfo) -> bool:
        """Tell whether the next entry was taken away: with all before it, or by somebody, that one alone."""
        wanted = self.position + 1
        if info.state.first_seq > wanted:
            return True
        if info.state.last_seq < wanted or not info.state.num_deleted:
            return False
        return not await self._is_there(wanted) and self.position + 1 == wanted

    async def _is_there(self, position: int) -> bool:
        try:
            await self._js.get_msg(self._place.stream, position)
        except NotFoundError:
            return False
        return True

    def _overtaken(self) -> FileError:
        if not self._running:
            return FileError(self._unusable(_missing(self.position + 1, self._place)).sentence)
        return FileError(
            "this server was away for so long that the journal at {path} went on without it; start it again",
            path=self._place.text,
        )

    async def _look_where_it_is(self) -> None:
        """Fail when what was proposed was kept in another domain, unless that is what its own is called by now."""
        self._client.domain = (await self._js.account_info()).domain or ""
        domain, self._domain = self._domain, None
        if domain != self._client.domain:
            self._failed(FileError(self._unusable(ELSEWHERE).sentence))

    async def _look_at_first(self) -> None:
        """Refuse what nobody has heard when the stream does not listen there any more, and what it goes on refusing."""
        info = await self._js.stream_info(self._place.stream)
        if info.state.last_seq == self.position and (refused := self._tries.all_arrived()):
            self._tell(refused)
        elif listens_to(info, self._place):
            self._tries.listens()
        else:
            why = Sentence(
                "somebody has changed what the stream listens to; it has to be {subject}", subject=self._place.subject
            )
            self._tell(self._tries.is_deaf(why))

    def _look_whether_it_lost(self) -> None:
        """Fail when the stream goes on lacking what it has delivered."""
        if self._shortness.is_loss(asyncio.get_running_loop().time()):
            self._lost()

    def _note_loss(self) -> None:
        if self._noting is None:
            self._noting = asyncio.create_task(
                note_loss(self._js, self._place, self._stamp), name="note what the stream has lost"
            )

    def _lost(self) -> None:
        self._note_loss()
        self._failed(FileError("the stream of {path} has lost what was in it", path=self._place.text))

    # What is proposed.

    def propose(self, batch: Batch) -> None:
        """Ask for a place for a batch. Never waits.

        Raises RuntimeError unless the journal runs, `BatchTooLarge`, ValueError as `encode_batch` does.
        """
        if not self._running:
            raise RuntimeError("the journal is not running")
        data = encode_batch(batch)
        if len(data) > (LEAST_PAYLOAD if len(batch.records) > 1 else self._client.max_payload) - _HEADROOM:
            raise BatchTooLarge
        self._tries.add(batch, data)

    async def _send(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            # While there is no connection, it is not for NATS to keep it: it comes again, or counts no more.
            if self._client.is_connected and (tried := self._tries.send()) is not None:
                number, data = tried
                with suppress(Error, OSError):
                    await self._client.publish(self._place.subject, data, reply=f"{self._inbox}.{number}")

    async def _acknowledged(self, message: Msg) -> None:
        """Take what the stream says of a try of the first batch."""
        number = message.subject.rpartition(".")[2]
        if number == _TO_NOBODY:
            self._echoes += 1
            self._moved.set()
            return
        try:
            said = from_json(message.data or b"{}")
        except ValueError:
            return
        if "seq" in said and "error" not in said and said.get("domain", "") != self._client.domain:
            self._domain = said.get("domain", "")
            return
        if number.isdecimal() and self._tries.is_unanswered(int(number)):
            self._answered(int(number), said)

    def _answered(self, number: int, said: Mapping[str, Any]) -> None:
        error, at = said.get("error"), said.get("seq")
        of_another = said.get("stream", self._place.stream) != self._place.stream
        if error is not None and not of_another:
            self._take_refusal(number, error)
        elif of_another or not isinstance(at, int):
            self._tell(self._tries.heard_by_nobody(number))
        elif at <= self.position:
            self._tries.listens()
            self._doubt()  # something else has come from there, unless it was one just like it
        else:
            if self._tries.awaited is None:
                self._came_at = asyncio.get_running_loop().time()
            self._tries.stored(at)

    def _take_refusal(self, number: int, error: Mapping[str, Any]) -> None:
        if error.get("err_code") in _NO_SPACE:
            why = Sentence("there is no space left in the stream")
        elif error.get("code") != _UNAVAILABLE:  # such as a bound of the stream that somebody has set
            why = Sentence("the stream does not take it: {why}", why=str(error.get("description", "")))
        else:
            self._tries.put_off(number)
            return
        self._tell(self._tries.refused(number, why, asyncio.get_running_loop().time()))

    def _tell(self, refused: Refused) -> None:
        """Say what is refused to whoever has proposed it."""
        self._moved.set()
        for batch, why in refused:
            self._refuse(batch, why)

    # The end.

    async def close(self, *, answered: bool = True) -> None:
        """Deliver what was proposed, or refuse it after a while, and end. Idempotent.

        Where NATS does not answer, nothing is waited for.
        """
        if self._running:
            self._running = False
            patience = _CLOSE_PATIENCE if answered else 0
            await self._until(lambda: self._tries.is_over or self._failure is not None, patience)
            self._tell(self._tries.refuse_all(Sentence("the server ends")))
        tasks, self._tasks = self._tasks, []
        await ended(tasks)
        noting, self._noting = self._noting, None
        if noting is not None:
            await asyncio.wait([noting], timeout=_CLOSE_PATIENCE if answered else 0)
            await ended([noting])
        acks, self._acks = self._acks, None
        if not answered:
            return
        await self._leave()
        if acks is not None:
            with suppress(Error, OSError):
                await acks.unsubscribe()


def _only(number: int, journal: StreamJournal) -> Callable[[Msg], Coroutine[Any, Any, None]]:
    """Return what takes messages of one consumer, and none any more when there is a later one."""

    async def take(message: Msg) -> None:
        if journal._round == number:
            await journal.heard(message)

    return take


def _missing(position: int, place: Place) -> Sentence:
    return Sentence(
        "entry {position} of its journal is missing; let a server that is up keep a snapshot: {command}; or, when none "
        "is up, take the stream away, and the chat goes on with what its last snapshot has, if there is one: {removal}",
        position=position,
        command="chatcore cluster snapshot",
        removal=_removal(place),
    )


def _ends_early(place: Place) -> Sentence:
    return Sentence(
        "its journal ends before its snapshot; take the one away that has less of the chat, the snapshot ({snapshot}) "
        "or the stream ({stream})",
        snapshot=f"nats object rm {place.stream} {SNAPSHOT}",
        stream=_removal(place),
    )


def _removal(place: Place) -> str:
    return f"nats stream rm {place.stream}"


def _numbers(tokens: list[str]) -> tuple[int, int, int]:
    """Return sequence, time in nanoseconds since 1970, and how many come behind it, of `$JS.ACK...`."""
    if len(tokens) > _ACK_TOKENS:  # a domain and an account in front, and a random token behind
        tokens = tokens[:11]
    return int(tokens[-4]), int(tokens[-2]), int(tokens[-1])
