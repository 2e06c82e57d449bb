"""Standard input and output next to an event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from chatcore_cli.chatting.streams import LineReader, OtherEncodingError, Output, TooLongError


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Return the two ends of a pipe, and close what the test left open."""
    read_end, write_end = os.pipe()
    yield read_end, write_end
    for end in (read_end, write_end):
        try:
            os.close(end)
        except OSError:
            pass


async def lines_of(data: bytes, ends: tuple[int, int]) -> list[object]:
    read_end, write_end = ends
    reader = LineReader(read_end)

    def feed() -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(write_end, view) :]
        os.close(write_end)

    feeding = asyncio.get_running_loop().run_in_executor(None, feed)
    lines: list[object] = [type(line) if isinstance(line, Exception) else line async for line in reader.lines()]
    await feeding
    return lines


async def test_lines_come_as_they_were_written(ends: tuple[int, int]) -> None:
    """Only LF ends a line, and CR before it goes; the last line needs no end."""
    data = "one\r\n\ntwo \u2028 still two\x85\nthrée".encode()
    assert await lines_of(data, ends) == ["one", "", "two \u2028 still two\x85", "thrée"]


async def test_line_that_is_not_utf8_is_told_and_the_next_one_comes(ends: tuple[int, int]) -> None:
    """One bad line does not end the input."""
    assert await lines_of(b"\xff\xff\nfine\n", ends) == [UnicodeDecodeError, "fine"]


async def test_mark_that_programs_of_windows_put_in_front_is_no_part_of_the_first_line(ends: tuple[int, int]) -> None:
    """Anywhere else it is what somebody wrote."""
    assert await lines_of("\ufeffone\r\n\ufefftwo\r\n".encode(), ends) == ["one", "\ufefftwo"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
async def test_text_in_another_encoding_is_no_lines(encoding: str, ends: tuple[int, int]) -> None:
    """As Windows PowerShell pipes it."""
    assert await lines_of("hello\r\nworld\r\n".encode(encoding), ends) == [OtherEncodingError]


async def test_endless_line_is_skipped_in_bounded_memory(ends: tuple[int, int]) -> None:
    """Whatever is piped in by mistake, the next line is a line again."""
    assert await lines_of(b"x" * 5_000_000 + b"\nfine\n" + b"y" * 1_000_000, ends) == [
        TooLongError,
        "fine",
        TooLongError,
    ]


async def test_input_waits_when_nobody_takes_the_lines(ends: tuple[int, int]) -> None:
    """Whoever writes faster than the chat takes it has to wait."""
    read_end, write_end = ends
    reader = LineReader(read_end)
    os.set_blocking(write_end, False)
    taken = 0
    full = 0
    while full < 100:
        try:
            taken += os.write(write_end, b"line\n" * 1000)
            full = 0
        except BlockingIOError:
            full += 1
            await asyncio.sleep(0)
    assert taken < 1_000_000
    os.close(write_end)
    assert sum([len(str(line)) + 1 async for line in reader.lines()]) in range(taken, taken + 2)


async def test_output_arrives_in_order_and_waits_for_a_slow_reader(ends: tuple[int, int]) -> None:
    """The loop goes on while the reader sleeps, and nothing is held without bound."""
    read_end, write_end = ends
    output = Output(write_end)
    text = "".join(f"line {number}\n" for number in range(1000))

    async def write() -> None:
        for _ in range(100):
            await output.write(text)
        await output.drain()
        os.close(write_end)

    writing = asyncio.create_task(write())
    received = b""
    while chunk := await asyncio.get_running_loop().run_in_executor(None, os.read, read_end, 65536):
        received += chunk
    await writing
    assert received == (text * 100).encode()


async def test_output_that_nobody_takes_any_more_is_thrown_away(ends: tuple[int, int]) -> None:
    """`| head` is no reason for a traceback."""
    read_end, write_end = ends
    os.close(read_end)
    output = Output(write_end)
    for _ in range(100):
        await output.write("x" * 10_000)
    await output.drain()
    assert output.broken.is_set()
