"""Runs `chatcore` as people do, with pipes or on a terminal; waits for what is expected, never for a while."""

from __future__ import annotations

import codecs
import io
import os
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cached_property
from types import TracebackType
from typing import Self

import pyte

from chatcore.aio.server import MEMORY
from chatcore_cli import main
from tests.patience import PATIENCE
from tests.stores import STORE, fresh_store
from tests.unit.cli.starting import CHATCORE, start


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a process: English, no colours, none of our settings but the store of the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "CHATCORE_STATE_DIR"
        or not name.startswith(("CHATCORE_", "LC_", "LANG", "PROMPT_TOOLKIT", "NO_COLOR"))
    }
    store = {} if STORE == MEMORY else {"CHATCORE_SERVE_STORE": fresh_store()}
    return kept | {"LANG": "C.UTF-8", "PYTHONWARNINGS": "error", "TZ": "UTC"} | store | dict(more or {})


class _Tail:
    """Collects what comes out of a pipe; `complaints` come out of the other one."""

    def __init__(self, pipe: int, complaints: _Tail | None = None) -> None:
        self._pipe = os.fdopen(pipe, "rb", buffering=0)
        self._complaints = complaints
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._changed = threading.Condition()
        self._ended = False
        self.text = ""
        self._thread = threading.Thread(target=self._collect)
        self._thread.start()

    def _collect(self) -> None:
        while chunk := os.read(self._pipe.fileno(), 65536):
            with self._changed:
                self.text += self._decoder.decode(chunk)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while (match := re.search(pattern, self.text)) is None:
                left = deadline - time.monotonic()
                assert left > 0, f"no {pattern!r} in: {self.text[-3000:]}"
                assert not self._ended, f"ended without {pattern!r}: {self.text[-3000:]}{self._last_words()}"
                self._changed.wait(left)
        return match

    def _last_words(self) -> str:
        if self._complaints is None:
            return ""
        self._complaints.close()  # both end with the process
        return self._complaints.text[-3000:]

    def close(self) -> None:
        self._thread.join(PATIENCE)
        self._pipe.close()


class Process:
    """A running `chatcore`. Leaving the `with` block ends it, one way or another."""

    def __init__(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        stderr: int | None = None,
        command: Sequence[str] = CHATCORE,
    ) -> None:
        stdin, written = os.pipe()
        read, stdout = os.pipe()
        told, errors = os.pipe() if stderr is None else (None, stderr)
        self._program = start([*command, *args], environment(env), (stdin, stdout, errors))
        for number in (stdin, stdout, *([] if told is None else [errors])):
            os.close(number)
        self._stdin = os.fdopen(written, "wb")
        self.err = None if told is None else _Tail(told)
        self.out = _Tail(read, self.err)

    def write(self, text: str | bytes) -> None:
        """Write to its standard input."""
        self._stdin.write(text if isinstance(text, bytes) else text.encode())
        self._stdin.flush()

    def end_input(self) -> None:
        """Close its standard input."""
        self._stdin.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._program.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._program.poll() is None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._program.send_signal(number)

    def wait(self) -> int:
        """Wait for its end and return its exit code."""
        return self._program.wait(PATIENCE)

    def said(self) -> str:
        """Return what it wrote to standard error, all of it once it has ended."""
        assert self.err is not None
        if self._program.poll() is not None:
            self.err.close()
        return self.err.text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.wait(PATIENCE)
        with suppress(BrokenPipeError):
            self._stdin.close()
        self.out.close()
        if self.err is not None:
            self.err.close()


class Server(Process):
    """A running `chatcore serve`, on a free port unless told otherwise."""

    def __init__(
        self, *args: str, port: int = 0, env: Mapping[str, str] | None = None, stderr: int | None = None
    ) -> None:
        super().__init__("serve", "--port", str(port), *args, env=env, stderr=stderr)

    @cached_property
    def url(self) -> str:
        """Where it listens; waits until it does."""
        return self.out.wait_for(r"listens on (\S+)").group(1)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])


class _Screen(pyte.Screen):
    """A screen that answers the questions of programs, as terminals do."""

    answers = b""

    def write_process_input(self, data: str) -> None:
        self.answers += data.encode()


class Terminal:
    """A `chatcore connect` on a terminal; `rows` is what one would see.

    Args:
        args: of the command.
        env: what is set otherwise in its environment.
        columns: how wide the terminal is.
        height: how many rows it has.
        command: to run instead.
        answers: whether it tells where its cursor is; a recorder or a serial line does not.
    """

    def __init__(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        columns: int = 80,
        height: int = 24,
        command: Sequence[str] = (*CHATCORE, "connect"),
        answers: bool = True,
    ) -> None:
        self._answers = answers
        self._screen = _Screen(columns, height)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        """Everything that was written to the terminal."""
        self._main, other = os.openpty()
        try:
            _set_size(other, height, columns)
            terminal = {"TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(height)}
            env = environment(terminal | dict(env or {}))
            self._program = start([*command, *args], env, (other, other, other), on_a_terminal=True)
        finally:
            os.close(other)

    @property
    def rows(self) -> list[str]:
        """The rows of the screen that are not blank."""
        return [row.rstrip() for row in self._screen.display if row.strip()]

    @property
    def text(self) -> str:
        """Everything that was written to the terminal, without the sequences that steer it."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw.decode(errors="replace"))

    def press(self, keys: str | bytes) -> None:
        """Press keys."""
        os.write(self._main, keys if isinstance(keys, bytes) else keys.encode())

    def wait_for(self, *wanted: str) -> None:
        """Wait until every one of `wanted` is a row of the screen, or part of one."""
        self._wait(lambda: all(any(each in row for row in self.rows) for each in wanted), f"{wanted!r}")

    def wait_for_row(self, wanted: str) -> None:
        """Wait until a row of the screen is exactly `wanted`."""
        self._wait(lambda: wanted in self.rows, f"the row {wanted!r}")

    def wait_for_wrapped(self, wanted: str) -> None:
        """Wait until `wanted`, without spaces, is on the screen, however narrow that is."""
        self._wait(lambda: wanted in "".join(self.rows).replace(" ", ""), f"{wanted!r}")

    def wait_until_gone(self, unwanted: str) -> None:
        """Wait until no row of the screen has `unwanted` in it."""
        self._wait(lambda: not any(unwanted in row for row in self.rows), f"a screen without {unwanted!r}")

    def wait_for_last_row(self, wanted: str) -> None:
        """Wait until the last row is `wanted`: the line that is being typed."""
        self._wait(lambda: self.rows[-1:] == [wanted], f"the last row {wanted!r}")

    def wait_for_question(self, wanted: str) -> None:
        """Wait until what was written ends with `wanted`: a question, and the space that answers are typed behind."""
        self._wait(lambda: self.text.endswith(wanted), f"question {wanted!r}")

    def wait(self) -> int:
        """Wait for the end of the program and return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._program.poll() is None:
            assert time.monotonic() < deadline, "\n".join(self.rows)
            self._pump()
        self._pump()
        return self._program.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        self._program.send_signal(number)

    def close_window(self) -> None:
        """Take the terminal away, as closing its window does."""
        os.close(self._main)
        self._main = -1

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"no {what} on the screen:\n" + "\n".join(self.rows)
            self._pump()

    def _pump(self) -> None:
        readable, _, _ = select.select([self._main] if self._main >= 0 else [], [], [], 0.05)
        if not readable:
            return
        try:
            data = os.read(self._main, 65536)
        except OSError:  # the program has ended
            return
        self.raw += data
        self._stream.feed(data)
        if self._screen.answers:
            if self._answers:
                os.write(self._main, self._screen.answers)
            self._screen.answers = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._program.terminate()  # which logs out, so that the next test can have the name
        try:
            self.wait()
        finally:
            self._program.kill()
            self._program.wait(PATIENCE)
            if self._main >= 0:
                os.close(self._main)


def run(*args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `chatcore` to its end."""
    with Process(*args, env=env) as program:
        with suppress(BrokenPipeError):  # it may end without reading all of it
            program.write(stdin)
        with suppress(BrokenPipeError):
            program.end_input()
        code = program.wait()
        program.out.close()
        return subprocess.CompletedProcess(args, code, program.out.text, program.said())


def run_all(*commands: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
    """Run several commands at the same time, each to its end."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda args: run(*args), commands))


def run_here(*args: str) -> subprocess.CompletedProcess[str]:
    """Run `chatcore` to its end in this process, which is quicker; for what ends before it really begins."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main.run(args)
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


def sentences(text: str) -> list[str]:
    """Return the lines of a complaint."""
    return [line for line in text.split("\n") if line]


def _set_size(terminal: int, rows: int, columns: int) -> None:
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
