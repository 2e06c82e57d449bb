"""Users without a home directory: a user id without an entry, as containers have them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.unit.cli.processes import CHATCORE, Server, environment, run
from tests.unit.cli.starting import put_on_path

# A user of its own in a namespace of its own, which everybody may make.
NOBODY = ("unshare", "--user", "--map-user=12345", "--map-group=12345")
Homeless = Callable[..., "subprocess.CompletedProcess[str]"]
SENTENCE = (
    "chatcore: this user has no home directory for keys and known servers; name a directory with --state-dir, or in "
    "CHATCORE_STATE_DIR\n"
)


@pytest.fixture(scope="module")
def homeless(tmp_path_factory: pytest.TempPathFactory) -> Homeless:
    """Return what runs `chatcore` as a user whom nobody knows."""
    program = put_on_path(tmp_path_factory.mktemp("programs"), environment(), within=NOBODY)

    def run(*args: str, home: str | None = None) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in environment().items() if name not in ("HOME", "CHATCORE_STATE_DIR")}
        env |= {"QT_QPA_PLATFORM": "offscreen"} | ({} if home is None else {"HOME": home})
        return subprocess.run(
            [program, *args], input="hello\n", capture_output=True, text=True, env=env, timeout=PATIENCE, check=False
        )

    return run


def test_without_encryption_no_directory_is_needed(homeless: Homeless) -> None:
    """Nothing is read, and nothing is kept."""
    with Server() as server:
        for home in (None, "", "relative", "/proc/nowhere"):
            done = homeless("connect", server.url, "--username", "alice", home=home)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert homeless("doctor", server.url).returncode == 0


def test_keys_and_known_servers_need_one_which_can_be_named(homeless: Homeless, tmp_path: Path) -> None:
    """One sentence says how, whatever HOME says that is no directory."""
    with Server("--tls") as server:
        for command in (
            ("serve", "--tls", "--port", "0"),
            ("connect", server.url, "--username", "alice"),
            ("connect", server.url.replace("wss", "chat"), "--username", "alice"),
            ("gui",),
        ):
            done = homeless(*command)
            assert (done.returncode, done.stderr) == (2, SENTENCE)
        done = homeless("connect", server.url, "--username", "alice", home="relative")
        assert (done.returncode, done.stderr) == (2, SENTENCE)
        done = homeless("connect", server.url, "--username", "alice", "--state-dir", str(tmp_path))
        assert done.returncode == 0
        assert f"The server at 127.0.0.1:{server.port} is remembered" in done.stderr
        assert sorted(os.listdir(tmp_path)) == ["known_servers", "sessions"]


def test_home_directory_that_cannot_be_written_is_told_with_what_to_do(homeless: Homeless) -> None:
    """Here one that nobody can make."""
    with Server("--tls") as server:
        done = homeless("connect", server.url, "--username", "alice", home="/proc/nowhere")
    assert done.returncode == 2
    assert "cannot be remembered in /proc/nowhere/.local/state/chatcore/known_servers: No such file" in done.stderr
    assert "choose another directory with --state-dir" in done.stderr


def test_server_needs_no_place_for_temporary_files(tmp_path: Path) -> None:
    """As in a container whose file systems can only be read, but for the directory that is named."""
    everywhere = "for place in /tmp /var/tmp; do mount --bind $place $place && mount -o remount,bind,ro $place; done"
    script = f'mount --bind "$0" /mnt && {everywhere} && cd /proc && exec "$@" --state-dir /mnt'
    env = environment()
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(tmp_path)]
    with subprocess.Popen(
        [*command, *CHATCORE, "serve", "--tls", "--port", "0", "--store", "memory"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        assert server.stdout.readline().startswith(b"chatcore listens on wss://"), server.stderr.read()
        server.terminate()
    assert (tmp_path / "key.pem").exists()


def test_file_is_not_received_without_a_folder(tmp_path: Path) -> None:
    """And everything else goes on."""
    (tmp_path / "photo.png").write_bytes(b"pixels")
    with Server() as server:
        env = {name: value for name, value in environment().items() if name != "HOME"}
        command = [*NOBODY, *CHATCORE, "connect", server.url, "--username", "bob", "--accept-files", "--json", "--stay"]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
        ) as bob:
            assert bob.stdout is not None
            assert "welcome" in bob.stdout.readline()
            line = f"/send bob {tmp_path}/photo.png\n"
            sent = run("connect", server.url, "--username", "alice", "--commands", stdin=line.encode())
            assert sent.returncode == 1
            failed = next(line for line in bob.stdout if "file_failed" in line)
            bob.terminate()
    assert "this user has no home directory for files; name a folder with --downloads" in failed
