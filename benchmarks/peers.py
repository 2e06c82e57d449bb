"""What chatcore is measured beside in small rooms, each as its makers give it away: found or installed for one run.

None of them is a dependency of ours. What cannot be had on this machine is named, with why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LOAD: Final = Path(__file__).parent / "load"
_NGIRCD: Final = """\
[Global]
Name = irc.example.org
Info = benchmark
Listen = 127.0.0.1
Ports = {port}
ServerUID = nobody
ServerGID = nogroup
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxPenaltyTime = 0
MaxJoins = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""


class Missing(Exception):
    """A peer cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server, and how the load generator talks to it."""

    name: str
    command: Callable[[int], list[str]]
    """Returns what starts it on a port."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What it needs in its environment."""
    joined: str = "login"
    """What shows a client that it is in: bare servers send the login back."""
    at_once: int = 1
    """How many clients may join at a time."""
    script: Path = LOAD / "login.txt"
    message: Path = LOAD / "message.txt"
    load: Mapping[str, str] = field(default_factory=lambda: {"WS": "1"})
    """What the load generator needs in its environment."""


def _run(command: Sequence[str | Path], cwd: Path, why: str) -> None:
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError):
        raise Missing(why) from None


def _node(folder: Path) -> list[Peer]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing("node and npm are not installed")
    # Without a prefix npm takes whatever folder above this one has a package already.
    install = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "ws"]
    _run(install, folder, "npm does not get its package")
    env = {"NODE_PATH": str(folder / "node_modules")}
    return [Peer("Node ws", lambda port: [node, str(LOAD / "ws_bare.cjs"), str(port)], env)]


def _python(folder: Path) -> list[Peer]:
    python = folder / "bin" / "python"
    venv.create(folder, with_pip=True)
    _run([python, "-m", "pip", "install", "--quiet", "uvloop", "picows", "websockets"], folder, "pip does not get it")
    return [
        Peer("picows", lambda port: [str(python), str(LOAD / "picows_bare.py"), str(port)]),
        Peer("websockets", lambda port: [str(python), str(LOAD / "websockets_bare.py"), str(port)]),
    ]


def _ngircd(folder: Path) -> list[Peer]:
    program, env = shutil.which("ngircd", path=f"{os.environ.get('PATH', '')}:/usr/sbin"), {}
    if program is None:
        # Not installed on the machine, only unpacked: nothing of it stays.
        _run(["apt-get", "download", "ngircd", "libident"], folder, "it is not installed, and apt does not get it")
        for package in folder.glob("*.deb"):
            _run(["dpkg-deb", "-x", package, folder], folder, "its package cannot be unpacked")
        program = str(folder / "usr" / "sbin" / "ngircd")
        env = {"LD_LIBRARY_PATH": ":".join(str(each.parent) for each in folder.rglob("libident.so.0"))}

    def command(port: int) -> list[str]:
        settings = folder / f"{port}.conf"
        settings.write_text(_NGIRCD.format(port=port))
        return [program, "--nodaemon", "--config", str(settings)]

    irc = Peer(
        "ngIRCd",
        command,
        env,
        joined=" 366 ",
        script=LOAD / "irc-login.txt",
        message=LOAD / "irc-message.txt",
        load={"IRC": "1", "NOSELF": "1"},  # whoever speaks there gets no copy
    )
    return [irc]


_MAKERS: Final = {"Node ws": _node, "picows and websockets": _python, "ngIRCd": _ngircd}


def peers(folder: Path) -> tuple[list[Peer], dict[str, str]]:
    """Return the peers that can be had here, and why others cannot; what they need goes into `folder`."""
    found: list[Peer] = []
    missing: dict[str, str] = {}
    for number, (name, make) in enumerate(_MAKERS.items()):
        own = folder / str(number)
        own.mkdir()
        try:
            found += make(own)
        except Missing as why:
            missing[name] = str(why)
    return found, missing
