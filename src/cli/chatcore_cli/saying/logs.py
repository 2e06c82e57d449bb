"""Logging that never stops the chat: records go into a bounded queue, another thread writes them.

The thread writes to a duplicate of the file descriptor of standard error, past Python's own file objects, so no lock
of the interpreter is held while a full pipe or a slow disk keeps it waiting, and nothing hangs at the exit. What cannot
be written (a full disk, a reader that is being restarted) is tried again; meanwhile the queue fills, and what finds no
room in it is counted and told later.
"""

from __future__ import annotations

import logging
import os
import queue
import select
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import datetime
from logging.handlers import QueueHandler
from typing import Any, Final

from chatcore.text.safe_text import escaped
from chatcore_cli.saying.abilities import takes_colours
from chatcore_cli.saying.out import tell
from chatcore_cli.saying.texts import ngettext

QUEUE_RECORDS: Final = 10_000
VALUE_CHARS: Final = 256
LEVELS: Final = ("debug", "info", "warning", "error")
FORMATS: Final = ("text", "json")

_BATCH: Final = 500
# A pause after each write: one switch between threads for many records, not one for each.
_PAUSE: Final = 0.02
_TRACE_CHARS: Final = 2000
_COLOURS: Final = {logging.DEBUG: "2", logging.INFO: "32", logging.WARNING: "33", logging.ERROR: "31"}


class Logs:
    """Takes over the root logger until `stop`.

    Args:
        level: one of `LEVELS`, for the records of chatcore; others are taken from warnings on.
        style: one of `FORMATS`.
        fd: file descriptor to write to; it is duplicated.
        retry: how many seconds after a failure to try again.
    """

    def __init__(self, level: str = "info", style: str = "text", *, fd: int = 2, retry: float = 1.0) -> None:
        self._level = level
        self._fd = os.dup(fd)
        colours = style == "text" and os.isatty(self._fd) and takes_colours()
        self._formatter = json_formatter() if style == "json" else TextFormatter(colours=colours)
        self._retry = retry
        self._queue: queue.Queue[logging.LogRecord | None] = queue.Queue(QUEUE_RECORDS)
        self._handler = BoundedHandler(self._queue)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="chatcore-logs", daemon=True)

    @property
    def dropped(self) -> int:
        """How many records found no room so far."""
        return self._handler.dropped

    def start(self) -> None:
        """Take the records of the whole program from now on."""
        logging.getLogger().addHandler(self._handler)
        self.set_level(self._level)
        logging.captureWarnings(True)
        self._thread.start()

    def set_level(self, level: str) -> None:
        """Take records of that level and above from now on; of other libraries, warnings at most."""
        number = getattr(logging, level.upper())
        logging.getLogger().setLevel(max(number, logging.WARNING))
        logging.getLogger("chatcore").setLevel(number)

    def stop(self, patience: float = 2.0) -> None:
        """Write what is still waiting, for at most `patience` seconds, and let go of the loggers."""
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(self._handler)
        logging.getLogger("chatcore").setLevel(logging.NOTSET)
        self._handler.close()
        self._stopping.set()
        try:
            self._queue.put_nowait(None)  # wakes the thread; when the queue is full it is awake already
        except queue.Full:
            pass
        self._thread.join(patience)
        if not self._thread.is_alive():
            os.close(self._fd)

    # In the thread.

    def _write_all(self) -> None:
        over = False
        while not over:
            batch, over = self._next_batch()
            lines = [self._format(record) for record in batch]
            dropped = self._handler.take_dropped()
            if dropped:
                lines.append(self._format(_dropped_record(dropped)))
            if lines and not self._write("".join(lines).encode("utf-8", "backslashreplace")):
                return
            if not over:
                self._stopping.wait(_PAUSE)

    def _next_batch(self) -> tuple[list[logging.LogRecord], bool]:
        """Wait for records; the second value tells whether these were the last ones."""
        batch: list[logging.LogRecord] = []
        try:
            record = self._queue.get(block=not self._stopping.is_set())
            while record is not None:
                batch.append(record)
                if len(batch) >= _BATCH:
                    return batch, False
                record = self._queue.get_nowait()
        except queue.Empty:
            return batch, self._stopping.is_set()
        return batch, False

    def _format(self, record: logging.LogRecord) -> str:
        try:
            return self._formatter.format(record) + "\n"
        except Exception as error:
            return f"a log record of {record.name} could not be written: {escaped(repr(error))}\n"

    def _write(self, data: bytes) -> bool:
        """Write it all, however long that takes; returns False when the program ends before that was possible."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                select.select([], [self._fd], [])
            except OSError:
                if self._stopping.is_set():
                    return False
                self._stopping.wait(self._retry)
        return True


class BoundedHandler(QueueHandler):
    """Puts records into a bounded queue and counts those that find no room; never waits."""

    def __init__(self, records: queue.Queue[logging.LogRecord | None]) -> None:
        super().__init__(records)
        self.dropped = 0
        """How many found no room so far."""
        self._told = 0
        self._dropped_lock = threading.Lock()

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Leave the formatting to the other thread."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put the record into the queue, or count it as dropped."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            with self._dropped_lock:
                self.dropped += 1

    def take_dropped(self) -> int:
        """Return how many records were dropped since the last call."""
        with self._dropped_lock:
            dropped, self._told = self.dropped - self._told, self.dropped
        return dropped


class ShownLogs(logging.Handler):
    """Says what nobody else takes on standard error, past a prompt that is there."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        tell(TextFormatter().format(record))


class TextFormatter(logging.Formatter):
    """One line per record: time, level, event, and its fields as `key=value`."""

    def __init__(self, *, colours: bool = False) -> None:
        super().__init__()
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, whatever is in it."""
        when = datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")
        level = record.levelname.lower()
        what = clipped(record.getMessage(), _TRACE_CHARS)
        if self._colours:
            level = f"\x1b[{_COLOURS.get(record.levelno, '31')}m{level}\x1b[0m"
            what = f"\x1b[1m{what}\x1b[0m"
        parts = [when, level, what]
        parts += [f"{clipped(str(key))}={quoted(value)}" for key, value in fields_of(record).items()]
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            parts.append(f"error={quoted(f'{type(error).__name__}: {error}')}")
            parts.append(f"at={quoted(way_of(error), _TRACE_CHARS)}")
        return " ".join(parts)


def json_formatter() -> logging.Formatter:
    """Return a formatter that writes each record as a JSON object on a line of its own, in ASCII."""
    from pythonjsonlogger.json import JsonFormatter

    class Formatter(JsonFormatter):
        def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
            stamp = datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")
            log_data |= {"time": stamp, "level": record.levelname.lower(), "event": record.getMessage()}
            for key, value in fields_of(record).items():
                plain = value if value is None or isinstance(value, bool | int | float) else _clip(str(value))
                log_data[f"{key}_" if key in log_data else key] = plain
            if record.exc_info and record.exc_info[1] is not None:
                log_data["exc_info"] = "".join(traceback.format_exception(record.exc_info[1]))

        def format(self, record: logging.LogRecord) -> str:
            return super().format(record).replace("\x7f", r"\u007f")  # which is ASCII, and a control

    return Formatter(json_ensure_ascii=True)


def fields_of(record: logging.LogRecord) -> Mapping[str, Any]:
    """Return the fields that came with the record."""
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, Mapping) else {}


def quoted(value: object, longest: int = VALUE_CHARS) -> str:
    """Return a value for the text format: harmless, cut when long, in quotes when it has to be."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")  # never with an exponent
    raw = str(value)[: longest + 1].replace("\\", "\\\\").replace('"', '\\"')
    text = clipped(raw, longest)
    return text if text and not any(mark in text for mark in ' "=') else f'"{text}"'


def clipped(text: str, longest: int = VALUE_CHARS) -> str:
    """Return a text harmless and at most `longest` characters long."""
    return _clip(escaped(text[: longest + 1]), longest)


def _clip(text: str, longest: int = VALUE_CHARS) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def way_of(error: BaseException) -> str:
    """Return where an exception came from on one line, innermost first."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return " < ".join(f"{os.path.basename(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _dropped_record(count: int) -> logging.LogRecord:
    text = ngettext("{count} log record was dropped", "{count} log records were dropped", count).format(count=count)
    fields = {"name": "chatcore", "levelno": logging.WARNING, "levelname": "WARNING", "msg": text}
    return logging.makeLogRecord(fields | {"created": time.time(), "fields": {"dropped": count}})
