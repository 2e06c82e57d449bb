"""Checks that set-up works on any day: `make fresh`, which CI runs too.

Copies the project into an empty folder, makes its `.venv` with the oldest pip that a supported Python brings, adds an
index that offers a newer release of every package of the lock, and runs `scripts/setup` part by part. What is
installed then has to be what the lock says, and the server has to start. Prints how long each part took and how big
`.venv` is after it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
OLDEST_PIP: Final = "22.3"
"""What Python 3.11.0 brings; Debian 12 has 23.0.1."""
NEWER: Final = "9999"
PARTS: Final = ("host", "gui", "all")


def spelling(name: str) -> str:
    """Return a package's name as indexes spell it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock pins, by package: more than one where they differ between Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^ ;]+)", lock):
        found.setdefault(spelling(name), set()).add(version)
    return found


def wheel(name: str) -> bytes:
    """Return a wheel with nothing in it but the claim to be the newest release of a package."""
    folder = f"{name.replace('-', '_')}-{NEWER}.dist-info"
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n")
        archive.writestr(f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{folder}/RECORD", "")
    return out.getvalue()


class Index(BaseHTTPRequestHandler):
    """A package index with one newer release of everything."""

    packages: Mapping[str, bytes] = {}

    def do_GET(self) -> None:
        """Answer with the page of a package, or with its wheel."""
        name = self.path.strip("/").split("/")[-1]
        if self.path.startswith("/files/"):
            body = self.packages.get(name.split("-")[0].replace("_", "-"))
        elif name in self.packages:
            file = f"{name.replace('-', '_')}-{NEWER}-py3-none-any.whl"
            link = f"/files/{file}#sha256={sha256(self.packages[name]).hexdigest()}"
            body = f'<!DOCTYPE html><a href="{link}">{file}</a>'.encode()
        else:
            body = None
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/html" if not self.path.startswith("/files/") else "application/zip")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def offer_newer(pins: Mapping[str, object], pip: list[str | Path], folder: Path) -> ThreadingHTTPServer:
    """Let every pip from here on ask an index that has something newer of each package; `folder` takes what it needs.

    Args:
        pins: the packages.
        pip: the command of one that is there already.
        folder: an empty one.
    """
    Index.packages = {name: wheel(name) for name in pins}
    index = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=index.serve_forever, daemon=True).start()
    os.environ["PIP_EXTRA_INDEX_URL"] = f"http://127.0.0.1:{index.server_port}/simple/"
    subprocess.run([*pip, "download", "--quiet", "--no-deps", "--dest", folder, "click"], check=True)
    if not list(folder.glob(f"click-{NEWER}-*")):
        sys.exit("fresh: FAILED: the index that is to offer newer releases was not asked")
    return index


def copy_project(to: Path) -> None:
    """Copy what git knows of, as it stands in the work tree."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def mebibytes(folder: Path) -> int:
    """Return what a folder takes on the disk."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*")) >> 20


def serve(python: Path, folder: Path) -> None:
    """Start the server, wait until it says how to join, and stop it."""
    command = [python.parent / "chatcore", "serve", "--port", "0", "--transport", "ws", "--transport", "quic"]
    environment = {**os.environ, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    timer = threading.Timer(30, server.kill)
    timer.start()
    assert server.stdout is not None
    assert server.stderr is not None
    said = ""
    while "chatcore connect" not in said and (line := server.stdout.readline()):
        said += line
    server.send_signal(signal.SIGTERM)
    said += "".join(server.communicate())
    timer.cancel()
    if "chatcore connect" not in said or server.returncode != 0:
        sys.exit(f"fresh: FAILED: the server did not start, or ended with {server.returncode}:\n{said}")


def main() -> None:
    """Set up, part by part, and look at what came of it."""
    pins = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="chatcore-fresh-") as name:
        folder = Path(name) / "chatcore"
        copy_project(folder)
        python = folder / ".venv" / "bin" / "python"
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([sys.executable, "-m", "venv", folder / ".venv"], check=True)
        subprocess.run([*pip, "install", f"pip=={OLDEST_PIP}"], check=True)
        index = offer_newer(pins, pip, Path(name))
        for part in PARTS:
            began = time.monotonic()
            subprocess.run([folder / "scripts" / "setup", part], check=True, stdout=subprocess.DEVNULL)
            (folder / ".venv" / f".{part}").touch()
            size, took = mebibytes(folder / ".venv"), time.monotonic() - began
            print(f"fresh: scripts/setup {part} with pip {OLDEST_PIP}: {took:.0f} s, .venv has {size} MiB", flush=True)
            if part == "host":
                serve(python, Path(name))
        listing = subprocess.run([*pip[:-1], "list", "--format=json"], check=True, stdout=subprocess.PIPE).stdout
    found = {spelling(each["name"]): each["version"] for each in json.loads(listing)}
    wrong = [f"{name} {found.get(name)}" for name, versions in pins.items() if found.get(name) not in versions]
    if wrong:
        sys.exit(f"fresh: FAILED: not what the lock says: {', '.join(wrong)}")
    index.shutdown()
    print(f"fresh: the {len(pins)} packages are those of the lock, although newer ones were on offer")


if __name__ == "__main__":
    main()
