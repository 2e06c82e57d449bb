"""IPv6 addresses that are one together with their zone only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.unit.cli.processes import environment, run_here, sentences

# A network of its own, which everybody may make, with a link-local address on `lo`.
HOUSE = 'ip link set lo up && ip -6 address add fe80::1/64 dev lo nodad && exec "$@"'
NETWORK = ("unshare", "--user", "--map-root-user", "--net", "sh", "-c", HOUSE, "house")


def in_the_house(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NETWORK, *command], capture_output=True, text=True, env=environment(), timeout=PATIENCE, check=False
    )


def test_every_transport_listens_and_connects_with_a_zone(tmp_path: Path) -> None:
    """On both event loops, with the zone written in both ways, and remembered in one."""
    done = in_the_house(sys.executable, "-m", "tests.integration.zoned_house", str(tmp_path))
    assert done.returncode == 0, done.stderr
    for scheme in ("ws", "wss", "quic", "tcp"):
        for address in ("[fe80::1%lo]", "[fe80::1%25lo]"):
            assert done.stdout.count(f"hello from {scheme}://{address}\n") == 2
    assert set(done.stdout.splitlines()[-1].split()) == {"[fe80::1%lo]"}


def test_address_that_has_no_zone_is_not_listened_at_with_one() -> None:
    """Nobody could join by what would be printed."""
    done = run_here("serve", "--port", "0", "--host", "::1%lo")
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
    assert "the host ::1%lo to listen on is not known" in done.stderr


@pytest.mark.parametrize(
    "args", [("serve", "--port", "0", "--host", "fe80::1"), ("connect", "ws://[fe80::1]:9", "--username", "al")]
)
def test_address_that_lacks_its_zone_is_told(args: tuple[str, ...]) -> None:
    """Nobody can know on which network it is meant."""
    done = run_here(*args)
    assert (done.returncode, len(sentences(done.stderr))) in ((2, 1), (3, 1)), done.stderr
    assert "fe80::1 is an address on each network of this machine; say on which one, like" in done.stderr
