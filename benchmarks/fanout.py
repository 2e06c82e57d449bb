"""Measures what it costs to bring one message to everybody in a full room, beside a floor written in C.

The floor (load/floor.c) is a WebSocket server of one epoll loop and one `send` per receiver and read, without a chat
behind it. It sends a message back as it came; ours says besides who wrote it, where, when and in which place. So the
floor runs twice, the second time with that many bytes more. All are driven by the same load generator (load/fanload.c),
in turn, in one sitting; what counts is the ratio of their CPU times per delivery, because absolute figures move with
the machine.

    make bench
    make bench ARGS="--members 1000 --rounds 3 --windows 1,32"
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from compare_transports import machine
from ratios import report

HERE = Path(__file__).parent / "load"
CHATCORE = Path(sys.executable).with_name("chatcore")
# What `from`, `room`, `seq` and `at` of an answer are longer than the request without them.
SAID_BESIDES = 66


def build(into: Path) -> tuple[Path, Path]:
    """Compile the load generator and the floor."""
    compiler = shutil.which("cc")
    if compiler is None:
        sys.exit("benchmarks need a C compiler: install one, for example with: sudo apt-get install gcc libc6-dev")
    programs = []
    for name in ("fanload", "floor"):
        target = into / name
        subprocess.run([compiler, "-O2", "-w", "-o", target, HERE / f"{name}.c"], check=True)
        programs.append(target)
    return programs[0], programs[1]


def free_port() -> int:
    """Return a TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    command: list[str], port: int, env: Mapping[str, str] | None = None, *, patience: float = 10.0
) -> Iterator[int]:
    """Run a server until the end of the block, with `env` besides; gives its process id once it listens.

    It may take `patience` seconds to stop.
    """
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(env or {})}
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"this did not start: {command}")
            time.sleep(0.02)
        time.sleep(0.2)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(patience)


def load(
    fanload: Path, port: int, *, members: int, window: int, messages: int, pid: int, at_once: int
) -> dict[str, Any]:
    """Let `members` join, one of them talk with `window` messages in flight, and return what it cost."""
    joined = '"welcome"' if at_once > 1 else "login"  # the floor has no chat: it sends the login back
    return drive(
        [
            *(fanload, "127.0.0.1", str(port), str(members), HERE / "login.txt", joined, HERE / "message.txt"),
            *(str(messages), str(window), str(pid)),
        ],
        {"WS": "1", "CW": str(at_once)},
    )


def drive(command: list[str | Path], env: Mapping[str, str]) -> dict[str, Any]:
    """Run the load generator, with `env` besides, and return what it says."""
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the load generator gave up: {done.stderr[:300]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--windows", default="1,32", help="messages in flight, with commas")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    options = parser.parse_args()
    about = machine()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        fanload, floor = build(Path(folder))
        options_of_ours = ["--no-limits", "--log-level", "warning"]
        servers: dict[str, Callable[[int], list[str]]] = {
            "chatcore": lambda port: [str(CHATCORE), "serve", *options_of_ours, "--port", str(port)],
            "floor": lambda port: [str(floor), str(port)],
            "floor with as many bytes": lambda port: [str(floor), str(port), str(SAID_BESIDES)],
        }
        for window in (int(each) for each in options.windows.split(",")):
            messages = 300 if window == 1 else 2000
            for turn in range(options.rounds):
                for name, command in servers.items():
                    port = free_port()
                    with running(command(port), port) as pid:
                        at_once = 100 if name == "chatcore" else 1
                        figures = load(
                            fanload,
                            port,
                            members=options.members,
                            window=window,
                            messages=messages,
                            pid=pid,
                            at_once=at_once,
                        )
                    rows.append({"server": name, "window": window, "round": turn, **figures})
                    print(
                        f"{name:24} {window:3} in flight: {figures['cpu_us_per_delivery']:7.3f} µs CPU per delivery, "
                        f"{figures['deliveries_per_s']:9,.0f} deliveries/s",
                        flush=True,
                    )
    report(rows, list(servers)[1:], "pss_kib_per_client", {})
    if options.json:
        found = {"machine": about, "rounds": options.rounds, "rows": rows}
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
