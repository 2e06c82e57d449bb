"""Measures files between users, over each transport, beside a plain socket copy of the same file in the same run.

Server, sender and receiver are processes of their own. The sender sends the receiver a direct message every 20 ms, over
the connection that carries the file too: how long it takes, idle and while the file is under way, is the latency; so do
two others who have nothing to do with the file. What the server's memory grows by is its peak while the file is
under way less what it was before.

    .venv/bin/python benchmarks/files.py --size 1024
    .venv/bin/python benchmarks/files.py --size 64 --transports ws,tcp

`chat` is a server that offers QUIC and WebSocket, met at `chat://`: files take a second connection there. Beside `ws`,
it is said how they compare, by time and by the processor time of everybody, which others on the machine change less:

    .venv/bin/python benchmarks/files.py --size 60 --transports ws,chat
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from compare_transports import machine

from chatcore import Client, ConnectionFailed, connect
from chatcore.events import DirectPosted, FileFailed, FileOffered, FileReceived, FileSent
from chatcore.ports.transport import ConnectOptions
from chatcore_files import DownloadFolder

CHATCORE = Path(sys.executable).with_name("chatcore")
MEBIBYTE = 2**20
PAUSE = 0.02
IDLE_SECONDS = 4.0


def free_port() -> int:
    """Return a TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def milliseconds(times: list[float], share: float) -> float:
    """Return a quantile of times in seconds."""
    found = sorted(times)
    return 1000 * found[min(len(found) - 1, int(share * len(found)))] if found else float("nan")


# The two who send and receive, and the two who only talk: each a process, which prints JSON lines.


async def talk(chat: Client, to: str) -> None:
    """Send the time again and again."""
    while True:
        await asyncio.sleep(PAUSE)
        await chat.send_direct(to, str(time.monotonic_ns()))


def say(**fields: Any) -> None:
    """Tell the parent process."""
    print(json.dumps(fields), flush=True)


async def play(role: str, url: str, key: str, source: Path, folder: str) -> None:
    """Be one of the four."""
    other = {"sender": "receiver", "receiver": "sender", "talker": "hearer", "hearer": "talker"}[role]
    options = ConnectOptions(fingerprints=(key,) if key else ())
    times: list[float] = []
    async with connect(url, username=role, options=options, files=DownloadFolder(folder)) as chat:
        say(what="ready")
        talking = asyncio.create_task(talk(chat, other)) if role in {"sender", "talker"} else None
        offering: asyncio.Task[Any] | None = None

        async def offer_when_told() -> None:
            await asyncio.to_thread(sys.stdin.readline)
            await chat.offer_file(source, to=other)

        if role == "sender":
            offering = asyncio.create_task(offer_when_told())
        began = 0.0
        told = time.monotonic()
        async for event in chat:
            match event:
                case DirectPosted(text=text) if event.sender == other:
                    times.append((time.monotonic_ns() - int(text)) / 1e9)
                    if time.monotonic() - told > 1:
                        told = time.monotonic()
                        say(what="times", times=times)
                        times.clear()
                case FileOffered():
                    say(what="times", times=times)
                    times.clear()
                    began = time.monotonic()
                    say(what="began")
                    await chat.accept_file(event.file)
                case FileReceived():
                    say(what="times", times=times)
                    say(what="received", seconds=time.monotonic() - began, place=event.place)
                    times.clear()
                case FileSent():
                    say(what="sent")
                case FileFailed():
                    say(what="failed", code=event.code, message=event.message)
        del talking, offering


class Player:
    """One of the four, from outside."""

    def __init__(self, role: str, url: str, key: str, source: Path, folder: Path) -> None:
        self.role = role
        command = [sys.executable, __file__, "--role", role, "--url", url, "--key", key, "--source", str(source)]
        self.process = subprocess.Popen(
            [*command, "--folder", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: list[dict[str, Any]] = []
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.news:
                self.lines.append(json.loads(line))
                self.news.notify_all()

    def wait_for(self, *what: str, seconds: float) -> dict[str, Any]:
        """Return the first line of these kinds."""
        deadline = time.monotonic() + seconds
        with self.news:
            while True:
                for line in self.lines:
                    if line["what"] in what:
                        return line
                if not self.news.wait(deadline - time.monotonic()):
                    sys.exit(f"{self.role}: no {what} in {seconds} s")

    def times(self, mark: int = 0) -> list[float]:
        """Return the latencies told since `mark`."""
        with self.news:
            return [each for line in self.lines[mark:] if line["what"] == "times" for each in line["times"]]

    def go(self) -> None:
        """Give the order."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()


@contextlib.contextmanager
def serving(transport: str, state: Path, most: int) -> Iterator[tuple[psutil.Process, str, str]]:
    """Run a server; gives its process, its address and its key."""
    port = free_port()
    schemes = {"tcp": ["tcp+chat"], "chat": ["ws", "quic"]}.get(transport, [transport])
    listen = [f"{scheme}://127.0.0.1:{port}" for scheme in schemes]
    # What is said meanwhile is to fill no memory, so that only the file counts.
    command = [
        str(CHATCORE),
        "serve",
        "--no-limits",
        *(word for place in listen for word in ("--listen", place)),
        "--log-level",
        "warning",
        "--state-dir",
        str(state),
    ]
    command += ["--history", "100"]
    with subprocess.Popen([*command, "--file-max", str(most)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            key = ""
            # The key of a server with a certificate of its own is learned by meeting it.
            if "quic" in schemes:
                key = asyncio.run(key_of(listen[-1]))
            else:
                wait_for_port(port)
            yield psutil.Process(process.pid), f"chat://127.0.0.1:{port}" if len(schemes) > 1 else listen[0], key
        finally:
            process.terminate()
            process.wait(10)


def wait_for_port(port: int) -> None:
    """Wait until somebody listens there."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit("the server did not start")


async def key_of(url: str) -> str:
    """Return the fingerprint of the key that a server shows."""
    deadline = time.monotonic() + 10
    while True:
        try:
            async with connect(url, username="stranger", reconnect=False):
                sys.exit("a server without a trusted certificate was trusted")
        except ConnectionFailed as error:
            key = getattr(error, "key_fingerprint", None)
            if key:
                return str(key)
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.1)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measure(transport: str, source: Path, digest: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Send the file once, and return what it cost."""
    size = source.stat().st_size
    with serving(transport, folder / "state", size) as (server, url, key), contextlib.ExitStack() as ended:
        players = {}
        for role in ("receiver", "hearer", "sender", "talker"):
            players[role] = Player(role, url, key, source, folder / f"{transport}-{role}")
            ended.callback(players[role].process.wait, 10)
            ended.callback(players[role].process.kill)
            players[role].wait_for("ready", seconds=20)
        receiver, hearer, sender = players["receiver"], players["hearer"], players["sender"]
        time.sleep(IDLE_SECONDS)
        idle, idle_others = receiver.times(), hearer.times()
        before = peak = server.memory_info().rss
        sender.go()
        receiver.wait_for("began", "failed", seconds=seconds)
        mark, mark_others = len(receiver.lines), len(hearer.lines)
        everybody = [server, *(psutil.Process(player.process.pid) for player in players.values())]
        cpu = [sum(each.cpu_times()[:2]) for each in everybody]
        deadline = time.monotonic() + seconds
        while not any(line["what"] in {"received", "failed"} for line in receiver.lines):
            peak = max(peak, server.memory_info().rss)
            if time.monotonic() > deadline:
                sys.exit(f"{transport}: not there after {seconds} s")
            time.sleep(0.02)
        cpu = [sum(each.cpu_times()[:2]) - before for each, before in zip(everybody, cpu, strict=True)]
        result = receiver.wait_for("received", "failed", seconds=1)
        if result["what"] == "failed":
            sys.exit(f"{transport}: {result}")
        busy, busy_others = receiver.times(mark), hearer.times(mark_others)
        sender.wait_for("sent", seconds=10)
        place = Path(result["place"])
        right = digest_of(place) == digest
        place.unlink()
    return {
        "transport": transport,
        "mib": size / MEBIBYTE,
        "mib_per_s": size / MEBIBYTE / result["seconds"],
        "server_cpu_s": cpu[0],
        "all_cpu_s": sum(cpu),
        "server_grew_mib": (peak - before) / MEBIBYTE,
        "hash_matches": right,
        **{
            f"{who}_{when}_{name}_ms": milliseconds(times, share)
            for who, when, times in (
                ("pair", "idle", idle),
                ("pair", "busy", busy),
                ("others", "idle", idle_others),
                ("others", "busy", busy_others),
            )
            for name, share in (("p50", 0.5), ("p99", 0.99))
        },
    }


def plain_copy(source: Path, target: Path) -> float:
    """Copy the file through a socket as plainly as Python can, and return MiB/s."""
    listener = socket.create_server(("127.0.0.1", 0))

    def receive() -> None:
        link, _ = listener.accept()
        with link, target.open("wb") as file:
            while data := link.recv(256 * 1024):
                file.write(data)

    receiving = threading.Thread(target=receive)
    receiving.start()
    began = time.monotonic()
    with socket.create_connection(listener.getsockname()) as link, source.open("rb") as file:
        while data := file.read(256 * 1024):
            link.sendall(data)
    receiving.join()
    took = time.monotonic() - began
    listener.close()
    target.unlink()
    return source.stat().st_size / MEBIBYTE / took


def compare(rows: dict[str, dict[str, Any]]) -> None:
    """Say what was wanted of `chat` beside `ws` (issue 13), if both were measured."""
    if not {"chat", "ws"} <= rows.keys():
        return
    chat, ws = rows["chat"], rows["ws"]
    print(
        f"\nchat:// is {chat['mib_per_s'] / ws['mib_per_s']:.2f} times as fast as ws:// (0.50 or more is wanted), "
        f"for {chat['all_cpu_s'] / ws['all_cpu_s']:.2f} times the processor time of everybody"
    )
    for who, text in (("pair", "the two with the file"), ("others", "two others")):
        slower = chat[f"{who}_busy_p99_ms"] / chat[f"{who}_idle_p99_ms"]
        print(f"the p99 of a message beside it is {slower:.1f} times that of idle, of {text} (3.0 or less is wanted)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=1024, help="of the file, in MiB")
    parser.add_argument("--transports", default="ws,tcp,quic", help="with commas")
    parser.add_argument("--timeout", type=float, default=900, help="for one file, in seconds")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    parser.add_argument("--role", help=argparse.SUPPRESS)
    for name in ("url", "key", "source", "folder"):
        parser.add_argument(f"--{name}", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role:
        asyncio.run(play(options.role, options.url, options.key, Path(options.source), options.folder))
        return
    about = machine()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.bin"
        with source.open("wb") as file:
            for _ in range(max(1, int(options.size))):
                file.write(os.urandom(min(MEBIBYTE, int(options.size * MEBIBYTE))))
        digest = digest_of(source)
        copies = [plain_copy(source, folder / "copy.bin") for _ in range(3)]
        print(f"plain socket copy: {statistics.median(copies):7.1f} MiB/s\n", flush=True)
        for transport in options.transports.split(","):
            row = measure(transport, source, digest, folder, options.timeout)
            row["plain_copy_mib_per_s"] = statistics.median(copies)
            rows.append(row)
            print(
                f"{transport:4} {row['mib']:6.0f} MiB {row['mib_per_s']:7.1f} MiB/s, "
                f"{row['mib_per_s'] / row['plain_copy_mib_per_s']:6.1%} of the plain copy, "
                f"server +{row['server_grew_mib']:.1f} MiB, {row['server_cpu_s']:.2f} s CPU, "
                f"everybody {row['all_cpu_s']:.2f} s, "
                f"hash {'right' if row['hash_matches'] else 'WRONG'}",
                flush=True,
            )
            for who, text in (("pair", "sender to receiver"), ("others", "two others     ")):
                for each in ("p50", "p99"):
                    idle, busy = row[f"{who}_idle_{each}_ms"], row[f"{who}_busy_{each}_ms"]
                    print(
                        f"       {text:18} {each}: {idle:6.2f} ms idle, {busy:6.2f} ms during, {busy / idle:4.1f} times"
                    )
    compare({row["transport"]: row for row in rows})
    if options.json:
        options.json.write_text(json.dumps({"machine": about, "rows": rows}, indent=2) + "\n")
    if not all(row["hash_matches"] for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
