"""Logging that never waits and never lies."""

from __future__ import annotations

import json
import logging
import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcore_cli.saying.logs import QUEUE_RECORDS, VALUE_CHARS, Logs, TextFormatter, json_formatter, quoted
from tests.patience import PATIENCE

log = logging.getLogger("chatcore")


class Pipe:
    """A pipe that a log is written to and that is read only when asked."""

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        self._open = {self.read_end, self.write_end}

    def close(self, *ends: int) -> None:
        for end in ends or tuple(self._open):
            self._open.discard(end)
            os.close(end)

    def read_until(self, wanted: bytes) -> bytes:
        data = b""
        deadline = time.monotonic() + PATIENCE
        while wanted not in data:
            assert time.monotonic() < deadline, data[-500:]
            data += os.read(self.read_end, 65536)
        return data

    def read_all(self) -> str:
        """Return what is in it up to its end; nobody may hold the other end open."""
        data = b""
        while chunk := os.read(self.read_end, 65536):
            data += chunk
        return data.decode()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Return a pipe, closed in the end."""
    pipe = Pipe()
    yield pipe
    pipe.close()


@contextmanager
def logs(pipe: Pipe, *args: str) -> Iterator[Logs]:
    running = Logs(*args, fd=pipe.write_end)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def record(
    what: str = "login", fields: Mapping[str, Any] | None = None, error: BaseException | None = None
) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    made = log.makeRecord("chatcore", logging.INFO, "file.py", 1, what, (), info)
    made.fields = fields or {}
    return made


def error_from_below() -> ValueError:
    def deeper() -> None:
        raise ValueError("bad\nvalue")

    try:
        deeper()
    except ValueError as error:
        return error
    raise AssertionError


def test_record_is_written_as_one_line_with_its_fields(pipe: Pipe) -> None:
    """Time, level, event, then key=value."""
    with logs(pipe):
        log.info("login", extra={"fields": {"user": "alice", "reason": "two words", "after": 1.5, "again": True}})
    pipe.close(pipe.write_end)
    line = pipe.read_all()
    assert line.endswith(' info login user=alice reason="two words" after=1.5 again=true\n')


def test_level_says_what_is_written(pipe: Pipe) -> None:
    """At warning, a login is not worth a line; other libraries' warnings are, at every level."""
    with logs(pipe, "warning"):
        log.info("login")
        log.warning("something")
        logging.getLogger("another").warning("foreign")
        logging.getLogger("another").info("chatter")
    pipe.close(pipe.write_end)
    assert [line.split()[3] for line in pipe.read_all().splitlines()] == ["something", "foreign"]


@given(st.text(), st.text(), st.text())
def test_no_field_ever_makes_a_second_line(what: str, key: str, value: str) -> None:
    """Newlines, escapes and U+2028 in whatever a user chose stay inside their line."""
    text = TextFormatter().format(record(what + "\n\x1b", {key + "\u2028": value + "\x85\r\n\x7f\u200fש"}))
    assert not set(text) & set("\x7f\u200fש")
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    as_json = json_formatter().format(record(what + "\n\x1b", {key + "\u2028": value + "\x85\r\n\x7f"}))
    assert as_json.isprintable()
    assert len(as_json.splitlines()) == 1
    assert as_json.isascii()
    assert isinstance(json.loads(as_json), dict)


def test_quotes_and_backslashes_do_not_end_a_value() -> None:
    """A value cannot pretend to be two fields."""
    assert TextFormatter().format(record(fields={"reason": 'a" user=root \\'})).endswith(r'reason="a\" user=root \\"')


def test_long_value_is_cut() -> None:
    """A line stays readable whatever somebody sends."""
    text = TextFormatter().format(record(fields={"reason": "x" * 100_000}))
    assert text.endswith("x" * (VALUE_CHARS - 1) + "…")


def test_exception_is_told_on_the_same_line() -> None:
    """What went wrong and where, innermost first."""
    text = TextFormatter().format(record("internal_error", error=error_from_below()))
    assert r'error="ValueError: bad\\x0avalue"' in text or r'error="ValueError: bad\x0avalue"' in text
    assert "deeper < test_logs.py" in text
    assert len(text.splitlines()) == 1


def test_json_record_has_its_fields_beside_time_level_and_event() -> None:
    """Flat objects are easy to search; a field cannot replace what we say."""
    fields = {"user": "alice", "level": "mine", "seconds": 1.5, "address": None}
    frame = json.loads(json_formatter().format(record(fields=fields)))
    assert datetime.fromisoformat(frame.pop("time")).tzinfo is not None
    assert frame == {
        "level": "info",
        "event": "login",
        "user": "alice",
        "level_": "mine",
        "seconds": 1.5,
        "address": None,
    }


def test_json_record_of_an_exception_has_the_traceback() -> None:
    """Machines take it whole."""
    frame = json.loads(json_formatter().format(record("internal_error", error=error_from_below())))
    assert frame["exc_info"].startswith("Traceback")
    assert "ValueError: bad\nvalue" in frame["exc_info"]


def test_nobody_waits_for_a_full_pipe_and_what_is_dropped_is_reported_later(pipe: Pipe) -> None:
    """A log that nobody reads costs records, which are counted, and no time."""
    with logs(pipe):
        for number in range(2 * QUEUE_RECORDS):
            log.info("event", extra={"fields": {"number": number, "padding": "x" * 100}})
        written, kept, dropped = b"", 0, 0
        while kept + dropped < 2 * QUEUE_RECORDS:
            written += pipe.read_until(b"\n")
            whole, _newline, written = written.rpartition(b"\n")
            lines = whole.decode().splitlines()
            kept += sum(" event number=" in line for line in lines)
            dropped += sum(int(line.split()[3]) for line in lines if "were dropped dropped=" in line)
        log.info("afterwards")  # now there is room for it
        pipe.read_until(b"afterwards")
    assert dropped > QUEUE_RECORDS / 2
    assert dropped + kept == 2 * QUEUE_RECORDS


def test_stop_gives_up_on_a_full_pipe(pipe: Pipe) -> None:
    """A program ends although nobody reads its log."""
    running = Logs(fd=pipe.write_end)
    running.start()
    for _ in range(QUEUE_RECORDS):
        log.info("event", extra={"fields": {"padding": "x" * 200}})
    began = time.monotonic()
    running.stop(patience=0.2)
    assert time.monotonic() - began < 2
    pipe.read_until(b"event")
    pipe.close(pipe.read_end)  # lets the thread go


def test_numbers_are_written_as_people_write_them() -> None:
    """Without an exponent, to a thousandth."""
    assert list(map(quoted, (1.5, 100.0, 0.0, 12_345_678.25, 1 / 3, 20_000))) == [
        "1.5", "100", "0", "12345678.25", "0.333", "20000",
    ]  # fmt: skip


def test_log_whose_reader_has_gone_for_good_stops_nothing(pipe: Pipe) -> None:
    """Nothing is raised into the program, and its end does not wait."""
    pipe.close(pipe.read_end)
    with logs(pipe):
        log.info("event")


def test_log_that_could_not_be_written_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A reader that is started anew finds everything for which there was room, and how much was lost."""
    os.mkfifo(tmp_path / "log")
    first = os.open(tmp_path / "log", os.O_RDONLY | os.O_NONBLOCK)
    fd = os.open(tmp_path / "log", os.O_WRONLY)
    running = Logs(fd=fd, retry=0.01)
    running.start()
    os.close(first)
    for number in range(QUEUE_RECORDS + 2000):
        log.info("event", extra={"fields": {"number": number}})
    with open(tmp_path / "log", "rb") as second:
        written = b""
        while b"log records were dropped" not in written:
            written += os.read(second.fileno(), 65536)
        log.info("afterwards")
        while b"afterwards" not in written:
            written += os.read(second.fileno(), 65536)
        running.stop()
    os.close(fd)
    lines = written.decode().splitlines()
    numbers = [int(line.rpartition("=")[2]) for line in lines if " event number=" in line]
    dropped = sum(int(line.split()[3]) for line in lines if "were dropped dropped=" in line)
    assert numbers == sorted(numbers)
    assert len(numbers) + dropped == QUEUE_RECORDS + 2000
    assert dropped > 1000


def test_colours_are_for_terminals_only(pipe: Pipe) -> None:
    """A file gets none."""
    with logs(pipe):
        log.error("event")
    pipe.close(pipe.write_end)
    assert "\x1b" not in pipe.read_all()
    assert "\x1b[32minfo\x1b[0m" in TextFormatter(colours=True).format(record())


def test_warnings_of_python_are_records_too(pipe: Pipe) -> None:
    """They do not go past the queue."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with logs(pipe):
            warnings.warn("old habits", stacklevel=1)
    pipe.close(pipe.write_end)
    assert "old habits" in pipe.read_all()
