"""What may not be lost when the app ends, for each server and name: what could not be sent yet, and what was typed."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any, Final, Protocol

from chatcore.commands import Send, SendBroadcast, SendDirect, SendMessage
from chatcore.text.names import name_key
from chatcore_qt.presenters.signals import PerFrame
from chatcore_qt.texts import translate

_PAUSE: Final = 0.25
"""Seconds from a change to its being written."""
_AGAIN: Final = 10.0
"""Seconds after which what could not be written is tried again."""
_PATIENCE: Final = 2.0
"""Seconds that the window waits for the disk."""

_Place = tuple[str, str]
"""`room` or `direct`, and a name."""


@dataclass(frozen=True, slots=True)
class KeptSend:
    """Something that could not be sent."""

    send: Send
    at: float
    """When it was written, in seconds since 1970."""
    cid: int | None = None
    """The number under which it was on its way, if it was: the server may have it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one server and one name there."""

    client_id: str
    """Tells the server whose numbers those of the sends are. A secret."""
    drafts: Mapping[_Place, str] = field(default_factory=dict)
    unsent: tuple[KeptSend, ...] = ()
    edits: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What messages are to say instead, by room and key of the message."""

    def without(self, cid: int) -> Kept:
        """Return what is left once the server has said which of the sends it has; the rest has no numbers any more."""
        left = [replace(one, cid=None) for one in self.unsent if one.cid is None or one.cid > cid]
        return replace(self, unsent=tuple(left))

    def along_with(self, other: Kept) -> Kept:
        """Return this with what is kept of another window; not what is under way, which goes by its own client id."""
        drafts, edits = dict(self.drafts), dict(other.edits) | dict(self.edits)
        for place, text in other.drafts.items():
            drafts[place] = _below(drafts.get(place, ""), text)
        for (room, key), text in other.edits.items():
            if edits[room, key] != text:
                drafts["room", room] = _below(drafts.get(("room", room), ""), text)
        more = [one for one in other.unsent if one.cid is None and one not in self.unsent]
        unsent = sorted((*self.unsent, *more), key=lambda one: one.at)
        return Kept(self.client_id, drafts, tuple(unsent), edits)

    def under_way(self) -> Kept:
        """Return what the server may have."""
        return Kept(self.client_id, unsent=tuple(one for one in self.unsent if one.cid is not None))

    def as_saved(self) -> dict[str, Any]:
        """Return it as JSON can hold it; empty when there is nothing to keep."""
        if not (self.drafts or self.unsent or self.edits):
            return {}
        return {
            "version": 1,
            "client_id": self.client_id,
            "drafts": [{"kind": kind, "name": name, "text": text} for (kind, name), text in self.drafts.items()],
            "unsent": [_as_saved(one) for one in self.unsent],
            "edits": [{"room": room, "message": key, "text": text} for (room, key), text in self.edits.items()],
        }


def read(saved: object, new_id: Callable[[], str]) -> Kept:
    """Return what was saved, as far as it makes sense, or nothing with a new client id."""
    if not isinstance(saved, dict):
        return Kept(new_id())
    client_id = str(saved.get("client_id"))
    drafts = {
        (one["kind"], one["name"]): one["text"]
        for one in _dicts(saved.get("drafts"))
        if one.get("kind") in ("room", "direct") and _are_texts(one.get("name"), one.get("text"))
    }
    unsent = [found for one in _dicts(saved.get("unsent")) if (found := _unsent(one)) is not None]
    edits = {
        (one["room"], one["message"]): one["text"]
        for one in _dicts(saved.get("edits"))
        if _are_texts(one.get("room"), one.get("message"), one.get("text"))
    }
    return Kept(client_id if _is_id(client_id) else new_id(), drafts, tuple(unsent), edits)


WhatToKeep = tuple[Mapping[_Place, str], Iterable[KeptSend], Mapping[tuple[str, str], str]]
"""The drafts by place, what is not sent, and edits by room and key of the message."""


class KeptStore(Protocol):
    """Where it is kept."""

    def load(self, place: str, username: str) -> Kept:
        """Return what is kept of a server (`host:port`) and a name, of which nobody else has it."""
        ...

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Keep it, instead of what was kept. Raises OSError."""
        ...

    def release(self, but: tuple[str, str] | None = None) -> None:
        """Let others have what was loaded, but for this server and name."""
        ...


class NotKept:
    """Keeps nothing."""

    def load(self, _place: str, _username: str) -> Kept:
        """Return nothing."""
        return Kept("")

    def save(self, place: str, username: str, kept: Kept) -> None:
        """Keep nothing."""

    def release(self, but: tuple[str, str] | None = None) -> None:
        """Have nothing."""


class Keeper:
    """Keeps what there is to keep, a moment after each change.

    Args:
        store: where.
        look: tells what there is.
        failed: is told why something cannot be kept, once until it can be, or for another reason.
    """

    def __init__(
        self,
        store: KeptStore,
        look: Callable[[], WhatToKeep],
        failed: Callable[[str], object],
    ) -> None:
        self._store = store
        self._look = look
        self._failed = failed
        self._of: _Place | None = None
        self._kept = Kept("")
        self._reason = ""
        """Why what there is could not be written; nothing when it is."""
        self._writing: asyncio.Future[None] | None = None
        self._numbers = count(1)
        self._saved = 0
        self._known = 0
        """The number of the last write of which it is known how it went."""
        self._saving = threading.Lock()
        self._pause = PerFrame(self._write, _PAUSE)
        self._later = PerFrame(self._write, _AGAIN)

    def load(self, place: str, username: str) -> Kept:
        """Return what is kept of a server and a name."""
        return self._kept if self.belongs_to(place, username) else self._store.load(place, username)

    def begin(self, place: str, username: str, kept: Kept) -> None:
        """Keep what there is under this server and this name from now on."""
        self._of = place, name_key(username)
        self._kept = kept
        self._reason = ""
        self._store.release(but=self._of)

    async def close(self) -> None:
        """Let others have what was kept, once it is written: nothing more is. Of a disk that hangs, nobody has it."""
        self.write_now()
        self._of = None
        if self._writing is not None:
            await asyncio.wait((self._writing,), timeout=_PATIENCE)
        self._later.stop()
        if self._reason != _hangs():
            self._store.release()

    def belongs_to(self, place: str, username: str) -> bool:
        """Tell whether it is this server and this name already."""
        return self._of == (place, name_key(username))

    def want(self) -> None:
        """Write, soon: something is another than before."""
        if self._of is not None:
            self._pause.want()

    def at_risk(self) -> str:
        """Return why what there is would be lost if the app ended now, where it cannot be written; nothing else."""
        self.write_now()
        return self._reason if self._kept.as_saved() else ""

    def write_now(self) -> None:
        """Write at once what is another than before, or may not be written yet; a disk that hangs is not waited for."""
        self._pause.stop()
        kept = self._news(unsure=self._writing is not None and not self._writing.done())
        if kept is not None and self._of is not None:
            number = next(self._numbers)
            writing = _in_thread(partial(self._save, number, *self._of, kept))
            wait((writing,), 0 if self._reason == _hangs() else _PATIENCE)
            if not writing.done():
                self._came_out(number, OSError(errno.ETIMEDOUT, _hangs()))
            else:
                self._written(number, writing)

    def _news(self, *, unsure: bool = False) -> Kept | None:
        drafts, unsent, edits = self._look()
        kept = Kept(self._kept.client_id, dict(drafts), tuple(unsent), dict(edits))
        if kept == self._kept and not self._reason and not unsure:
            return None
        self._kept = kept
        return kept

    def _write(self) -> None:
        """Write without keeping the window waiting; one after the other."""
        if self._writing is not None and not self._writing.done():
            self._pause.want()
            return
        kept = self._news()
        if kept is not None and self._of is not None:
            number = next(self._numbers)
            saving = partial(self._save, number, *self._of, kept)
            self._writing = asyncio.get_running_loop().run_in_executor(None, saving)
            self._writing.add_done_callback(partial(self._written, number))

    def _save(self, number: int, place: str, username: str, kept: Kept) -> None:
        """Write, unless what is newer is written already: threads begin when they like."""
        with self._saving:
            if number > self._saved:
                self._saved = number
                self._store.save(place, username, kept)

    def _written(self, number: int, writing: asyncio.Future[None] | Future[None]) -> None:
        error = None if writing.cancelled() else writing.exception()
        if error is not None and not isinstance(error, OSError):
            raise error
        self._came_out(number, error)

    def _came_out(self, number: int, error: OSError | None) -> None:
        """Take it that a write has succeeded, or why it has not: then it is tried again, and at the end."""
        if number < self._known:
            return  # something newer is written, or is not
        self._known = number
        before, self._reason = self._reason, "" if error is None else error.strerror or str(error)
        if self._reason:
            self._later.want()
            if self._reason != before:
                self._failed(self._reason)


def _hangs() -> str:
    return translate("Notices", "the disk does not answer")


def _in_thread(work: Callable[[], None]) -> Future[None]:
    """Do something in a thread that the end of the program does not wait for."""
    working: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except Exception as error:
            working.set_exception(error)
        else:
            working.set_result(None)

    threading.Thread(target=run, name="keep", daemon=True).start()
    return working


def _below(text: str, other: str) -> str:
    """Return a text with another one below it, unless that is there already."""
    return text if f"\n{other}\n" in f"\n{text}\n" else "\n".join(filter(None, (text, other)))


def _as_saved(kept: KeptSend) -> dict[str, Any]:
    send = kept.send
    saved: dict[str, Any] = {"text": send.text, "at": kept.at, "cid": kept.cid}
    if isinstance(send, SendDirect):
        return saved | {"to": list(send.to)}
    if isinstance(send, SendMessage):
        saved["room"] = send.room
        if send.reply_to is not None:
            saved |= {"reply_to": send.reply_to, "epoch": send.epoch}
    return saved


def _unsent(saved: dict[str, Any]) -> KeptSend | None:
    text, at, cid, to, room = (saved.get(name) for name in ("text", "at", "cid", "to", "room"))
    if not isinstance(text, str) or not isinstance(at, int | float) or isinstance(at, bool):
        return None
    number = cid if type(cid) is int and cid > 0 else None
    if isinstance(to, list):
        return KeptSend(SendDirect(tuple(to), text), at, number) if to and _are_texts(*to) else None
    if not isinstance(room, str):
        return KeptSend(SendBroadcast(text), at, number)
    said, reply_to, epoch = SendMessage(text, room=room), saved.get("reply_to"), saved.get("epoch")
    if type(reply_to) is int and reply_to > 0 and isinstance(epoch, str) and epoch:
        said = replace(said, reply_to=reply_to, epoch=epoch)
    return KeptSend(said, at, number)


def _dicts(saved: object) -> list[dict[str, Any]]:
    return [one for one in saved if isinstance(one, dict)] if isinstance(saved, list) else []


def _are_texts(*saved: object) -> bool:
    return all(isinstance(one, str) for one in saved)


def _is_id(saved: str) -> bool:
    return 16 <= len(saved) <= 64 and saved.isascii() and saved.isprintable()
