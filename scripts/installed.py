"""Checks that what `make dist` built installs and works anywhere: `make installed`, which CI runs too.

Installs the wheel into empty environments, one for each supported Python of this machine, with the versions of
requirements.lock as constraints, while an index offers something newer of everything. Then, outside the checkout and
with the programs of that environment alone, a server and its clients talk; without an extra, what the program says
how to install it is done as it says. With `--all`, each extra gets an environment of its own too, the window opens,
and pipx installs the file as the guides say.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from fresh import locked, mebibytes, offer_newer, spelling

ROOT: Final = Path(__file__).parents[1]
PYTHONS: Final = ("3.11", "3.12", "3.13")
EXTRAS: Final = ("quic", "gui", "all")
PATIENCE: Final = 240.0
"""So long may a program run: on a busy machine, a start alone takes seconds."""


def fail(what: str) -> NoReturn:
    """End with what is wrong."""
    sys.exit(f"installed: FAILED: {what}")


def pythons() -> Iterator[tuple[str, str]]:
    """Return the supported Pythons of this machine, the running one among them, each with its version."""
    mine = "{}.{}".format(*sys.version_info)
    for version in PYTHONS:
        homes = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions").glob(f"{version}.*"))
        candidates = (
            [sys.executable] if version == mine else [f"python{version}", *(f"{home}/bin/python" for home in homes)]
        )
        for candidate in candidates:
            asked = [candidate, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
            done = shutil.which(candidate) and subprocess.run(asked, capture_output=True, text=True, check=False)
            if done and done.stdout.strip() == version:
                yield version, candidate
                break
        else:
            print(f"installed: there is no Python {version} here", flush=True)


class Program:
    """A program that runs until the end of the block; what it says is waited for."""

    def __init__(self, command: tuple[str, ...], folder: str, env: dict[str, str]) -> None:
        self._called = shlex.join(command)
        self._process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self._killer = threading.Timer(PATIENCE, self._process.kill)
        self._killer.start()

    def __enter__(self) -> Program:
        return self

    def wait_for(self, wanted: str) -> str:
        """Return the first line from here on that has `wanted` in it."""
        for line in self._process.stdout or ():
            if wanted in line:
                return line
        return fail(f"{self._called} never said {wanted!r}, and ended with {self._process.wait()}")

    def __exit__(self, *_raised: object) -> None:
        self._process.terminate()
        self._process.communicate()
        self._killer.cancel()
        if self._process.returncode not in (0, 128 + signal.SIGTERM):
            fail(f"{self._called} ended with {self._process.returncode}")


class Place:
    """A user with an empty home and nothing but what is installed in `bin`, outside the checkout."""

    def __init__(self, home: Path, bin_dir: Path) -> None:
        home.mkdir()
        self.home = str(home)
        kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "PIPX_"))}
        self.env = {"HOME": self.home, "PATH": f"{bin_dir}:/usr/bin:/bin", "LANG": "C.UTF-8", **kept}

    def run(self, *command: str, typed: str = "", code: int = 0, **env: str) -> str:
        """Run a command; returns what it said. It has to end with `code`."""
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self.env | env,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != code:
            fail(f"{shlex.join(command)} ended with {done.returncode}, not with {code}:\n{done.stdout}")
        return done.stdout

    def running(self, *command: str, **env: str) -> Program:
        """Start a command."""
        return Program(command, self.home, self.env | env)

    def talk(self, *transports: str, window: bool = False) -> None:
        """Let a server and clients talk over each transport."""
        if "Démarrer" not in self.run("chatcore", "serve", "--help", LANGUAGE="fr", LANG="C.UTF-8"):
            fail("the program does not speak French")
        chosen = [word for transport in transports for word in ("--transport", transport)]
        with self.running("chatcore", "serve", "--port", "0", "--log-level", "warning", *chosen) as server:
            listens = server.wait_for("chatcore listens on ")
            for transport in transports:
                address = re.sub(r".* on \w+(?=://)", transport, listens).strip()
                options = ["--json", "--stay", "--username", "bob"]
                with self.running("chatcore", "connect", address, *options) as bob:
                    bob.wait_for('"welcome"')
                    self.run("chatcore", "connect", address, "--username", "alice", typed="bonjour\n")
                    bob.wait_for('"bonjour"')
                    if window:
                        screen = {"QT_QPA_PLATFORM": "offscreen"}
                        with self.running("chatcore", "gui", address, "--username", "dora", **screen):
                            bob.wait_for('"dora"')

    def hint(self, *command: str) -> list[str]:
        """Return the command that a program which lacks something recommends."""
        said = self.run(*command, code=2)
        found = re.search(r"[Tt]o install it: (.+)", said)
        return shlex.split(found[1]) if found else fail(f"{shlex.join(command)} does not say what to install: {said}")


def environment(folder: Path, python: str) -> Place:
    """Make an empty environment, and somebody who uses it."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    return Place(folder / "home", folder / "bin")


def check_pins(here: Place, pins: dict[str, set[str]]) -> None:
    """Check that nothing is there but what the lock says."""
    found = json.loads(here.run("pip", "list", "--format=json"))
    own = {"chatcore", "pip", "setuptools"}
    wrong = [
        f"{each['name']} {each['version']}"
        for each in found
        if spelling(each["name"]) not in own and each["version"] not in pins.get(spelling(each["name"]), ())
    ]
    if wrong:
        fail(f"not what requirements.lock says: {', '.join(wrong)}")


def try_python(folder: Path, version: str, python: str, built: Path, pins: dict[str, set[str]]) -> None:
    """Install the wheel without extras; then add one as the program says."""
    here = environment(folder / version, python)
    here.run("pip", "install", "--quiet", str(built))
    here.talk("ws")
    size = mebibytes(folder / version)
    here.run(*here.hint("chatcore", "serve", "--transport", "quic"), "--quiet")
    here.talk("ws", "quic")
    check_pins(here, pins)
    print(f"installed: Python {version}: {size} MiB, {mebibytes(folder / version)} with QUIC; it talks", flush=True)


def try_extras(folder: Path, version: str, python: str, built: Path, pins: dict[str, set[str]]) -> None:
    """Install the wheel with each extra, and the window's needs as the program says."""
    for extra in EXTRAS:
        here = environment(folder / f"{version}-{extra}", python)
        here.run("pip", "install", "--quiet", f"{built}[{extra}]")
        transports = ("ws", "quic") if extra != "gui" else ("ws",)
        here.talk(*transports, window=extra != "quic")
        size = mebibytes(Path(here.home).parent)
        if extra == "quic":
            here.run(*here.hint("chatcore", "gui"), "--quiet")
            here.talk("ws", window=True)
        check_pins(here, pins)
        print(f"installed: Python {version} with [{extra}]: {size} MiB; it talks", flush=True)


def try_pipx(folder: Path, built: Path) -> None:
    """Install the file as the guides say, and what is missing as the program says."""
    subprocess.run([sys.executable, "-m", "venv", folder / "pipx"], check=True)
    os.environ |= {"PIPX_HOME": str(folder / "pipx-home"), "PIPX_BIN_DIR": str(folder / "pipx" / "bin")}
    here = Place(folder / "pipx-user", folder / "pipx" / "bin")
    here.run("pip", "install", "--quiet", "pipx", PIP_EXTRA_INDEX_URL="", PIP_CONSTRAINT="")
    shutil.copy(built, here.home)
    here.run("pipx", "install", f"./{built.name}[quic]")
    here.talk("ws", "quic")
    here.run(*here.hint("chatcore", "gui"))
    here.talk("ws", window=True)
    here.run("pipx", "install", "--force", f"./{built.name}[all]")
    here.talk("quic", window=True)
    print("installed: pipx installs the file, and adds to it; it talks", flush=True)


def main() -> None:
    """Install and talk."""
    (built,) = (ROOT / "dist").glob("chatcore-*.whl")
    pins = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="chatcore-installed-") as name:
        folder = Path(name)
        lines = re.findall(
            r"(?m)^([A-Za-z0-9._-]+==[^\\\n]+)", (ROOT / "requirements.lock").read_text(encoding="utf-8")
        )
        (folder / "constraints.txt").write_text("\n".join(lines), encoding="utf-8")
        index = offer_newer(pins, [sys.executable, "-m", "pip"], folder)
        os.environ["PIP_CONSTRAINT"] = str(folder / "constraints.txt")
        for version, python in pythons():
            try_python(folder, version, python, built, pins)
            if "--all" in sys.argv:
                try_extras(folder, version, python, built, pins)
        if "--all" in sys.argv:
            try_pipx(folder, built)
    index.shutdown()


if __name__ == "__main__":
    main()
