"""The oracle: reads what every client was told and what the store has, and says what was lost, doubled or leaked.

It runs in a process of its own and knows nothing of how the chat works::

    python -m tests.kill.oracle JOURNAL EXPORT

`JOURNAL` is a line of JSON for everything that a client did or was told, in the order of each client (`people` writes
it); `EXPORT` is what `chatcore store export` says at the end. It expects that nobody is gone for too long, that nothing
is too old to be kept, and that every client has seen everything when the journal ends.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chatcore.events import BROADCAST_LOG, DIRECT_LOG
from chatcore.testing.checker import Checker
from chatcore.text.names import name_key
from chatcore.text.reasons import CONNECTION_LOST

Line = Mapping[str, Any]

_SHOWN_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Post:
    """Something that somebody said; no two have the same text."""

    who: str
    cid: int
    log: str
    to: tuple[str, ...]
    text: str


class Oracle:
    """Takes the lines of a journal, then those of an export, and judges."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._checker = Checker()
        self._posts: dict[str, Post] = {}
        self._numbered: dict[tuple[str, int], Post] = {}
        self._acknowledged: dict[str, tuple[str, int] | None] = {}
        """By text: epoch and seq, as the sender knows them; None when only that it counted is known."""
        self._given_up: set[str] = set()
        self._epochs: dict[tuple[str, str], str] = {}
        self._rooms: dict[str, str] = {}
        self._shown: Counter[tuple[str, str]] = Counter()
        self._stored: dict[str, Line] = {}
        self._last: dict[tuple[str, str], int] = {}
        """By log and epoch, the seq that was stored last; by log and sender, the sender's number."""
        self._problems: list[str] = []

    # The journal.

    def read(self, line: Line) -> None:
        """Take a line of the journal."""
        self.counts[line["what"]] += 1
        getattr(self, f"_on_{line['what']}")(line.get("who", ""), line)

    def _on_killed(self, _who: str, _line: Line) -> None:
        pass  # what is promised is promised whenever that is

    def _on_posts(self, who: str, line: Line) -> None:
        post = Post(who, line["cid"], line["log"], tuple(line["to"]), line["text"])
        self._posts[post.text] = self._numbered[who, post.cid] = post
        self._checker.sent(who, post.cid, post.text)

    def _on_welcomed(self, who: str, line: Line) -> None:
        if who in self._rooms and not line["resumed"]:
            self._problems.append(f"{who} came back, and its session was gone")
        for log, (epoch, seq, *_changes) in line["positions"].items():
            if log in (DIRECT_LOG, BROADCAST_LOG):
                self._listens(who, log, epoch, seq)
        epoch, seq, *_changes = line["positions"][line["room"]]
        self._enters(who, name_key(line["room"]), epoch, seq)

    def _on_entered(self, who: str, line: Line) -> None:
        self._enters(who, name_key(line["room"]), line["epoch"], line["seq"])

    def _enters(self, who: str, room: str, epoch: str, seq: int) -> None:
        before = self._rooms.get(who)
        if before is not None and before != room:
            self._checker.stops_listening(who, before)
            self._epochs.pop((who, before), None)
        self._rooms[who] = room
        self._listens(who, room, epoch, seq)

    def _listens(self, who: str, log: str, epoch: str, seq: int) -> None:
        known = self._epochs.setdefault((who, log), epoch)
        if known != epoch:
            self._problems.append(f"{who} was told that {log} begins anew: {epoch} instead of {known}")
        elif not self._shown[who, f"listens to {log}"]:
            self._shown[who, f"listens to {log}"] = 1
            self._checker.listens(who, log, epoch, seq)

    def _on_shown(self, who: str, line: Line) -> None:
        log, text = name_key(line["log"]), line["text"]
        self._checker.was_shown(who, log, line["seq"], text)
        self._shown[who, text] += 1
        if self._shown[who, text] == 2:
            self._problems.append(f"{who} was shown {text!r} twice")
        post = self._posts.get(text)
        if post is None:
            self._problems.append(f"{who} was shown {text!r} in {log}, which nobody said")
        elif post.log != log or line["sender"] != post.who:
            self._problems.append(f"{who} was shown {text!r} in {log} by {line['sender']}: {post}")
        elif log == DIRECT_LOG and who not in (post.who, *post.to):
            self._problems.append(f"leaked: {who} was shown {text!r}, which is for {', '.join(post.to)}")

    def _on_acknowledged(self, who: str, line: Line) -> None:
        post = self._numbered[who, line["cid"]]
        if line["log"] is None:
            self._acknowledged[post.text] = None
            return
        log = name_key(line["log"])
        epoch = self._epochs.get((who, log), "")
        self._acknowledged[post.text] = epoch, line["seq"]
        self._checker.was_acknowledged(who, line["cid"], log, epoch, line["seq"])
        if log != post.log:
            self._problems.append(f"{who} was told that {post.text!r} stands in {log}, not in {post.log}")

    def _on_refused(self, who: str, line: Line) -> None:
        if line["code"] == CONNECTION_LOST:
            # Its client gave it up, and says so: every connection that it was sent on ended at once.
            self.counts["given up"] += 1
            self._given_up.add(self._numbered[who, line["cid"]].text)
            return
        self._problems.append(f"{who} was refused {line['cid']} for good: {line['code']}")

    def _on_gap(self, who: str, line: Line) -> None:
        self._problems.append(f"{who} was told of a gap in {line['log']}: {line['first']} to {line['last']}")
        self._checker.gap_announced(who, name_key(line["log"]), line["epoch"], line["last"])

    def _on_found(self, who: str, line: Line) -> None:
        """Somebody asked for the history of what may be nobody's own."""
        post = self._posts.get(line["text"])
        if post is None or who not in (post.who, *post.to):
            self._problems.append(f"leaked: {who} found {line['text']!r}, asking for {line['asked']}")

    # The store.

    def read_stored(self, line: Line) -> None:
        """Take a line of the export."""
        self.counts["stored"] += 1
        text, kind = line["text"], line["type"]
        post = self._posts.get(text)
        if post is None:
            self._problems.append(f"the store has {text!r}, which nobody said")
            return
        if text in self._stored:
            self._problems.append(f"the store has {text!r} twice")
        self._stored[text] = line
        log = {"direct": DIRECT_LOG, "broadcast": BROADCAST_LOG}.get(kind) or name_key(line["room"])
        if log != post.log or line["from"] != post.who or tuple(line.get("to", ())) != post.to:
            self._problems.append(f"the store has {text!r} in {log} by {line['from']}: {post}")
        if log == DIRECT_LOG:
            return  # each has a log of its own, of which an export shows a part
        if line["seq"] != self._last.setdefault((log, line["epoch"]), 0) + 1:
            self._problems.append(f"the store has {log} {line['seq']} behind {self._last[log, line['epoch']]}")
        self._last[log, line["epoch"]] = line["seq"]
        if post.cid <= self._last.setdefault((log, f"by {post.who}"), 0):
            self._problems.append(f"the store has {text!r} in {log} behind what {post.who} said later")
        self._last[log, f"by {post.who}"] = post.cid

    # The judgement.

    def problems(self) -> list[str]:
        """Return what went wrong, in words; empty when every promise was kept."""
        found = [*self._problems, *self._checker.problems()]
        for text, place in self._acknowledged.items():
            post, line = self._posts[text], self._stored.get(text)
            if line is None:
                found.append(f"lost: {post.who} was acknowledged {text!r}, and the store does not have it")
            elif place is not None and not _is_at(line, place, own=line["epoch"] == place[0] or post.log != DIRECT_LOG):
                found.append(f"{post.who} was acknowledged {text!r} at {place}; the store has it at {line}")
            if post.log == DIRECT_LOG:
                found += [
                    f"lost: {who} was never shown {text!r}, which {post.who} was acknowledged"
                    for who in {post.who, *post.to}
                    if not self._shown[who, text]
                ]
        answered = {*self._acknowledged, *self._given_up}
        missing = [post for text, post in self._posts.items() if text not in answered]
        if missing:
            found.append(f"{len(missing)} sends were never answered, such as {missing[0]}")
        return found


def _is_at(line: Line, place: tuple[str, int], *, own: bool) -> bool:
    return not own or (line["epoch"], line["seq"]) == place


def judge(journal: Iterable[Line], export: Iterable[Line]) -> Oracle:
    """Return an oracle that has seen all of it."""
    oracle = Oracle()
    for line in journal:
        oracle.read(line)
    for line in export:
        oracle.read_stored(line)
    return oracle


def lines(path: Path) -> Iterable[Line]:
    """Yield the lines of a file of JSON lines."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def main(journal: str, export: str) -> int:
    """Say what was found; returns the exit code."""
    oracle = judge(lines(Path(journal)), lines(Path(export)))
    problems = oracle.problems()
    counts = oracle.counts
    print(
        f"{counts['killed']} kills, {counts['posts']} sends, {counts['acknowledged']} acknowledged,"
        f" {counts['given up']} given up, {counts['shown']} shown, {counts['welcomed']} logins,"
        f" {counts['stored']} in the store: {len(problems)} problems"
    )
    for problem in problems[:_SHOWN_PROBLEMS]:
        print(" ", problem[:300])
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
