"""The server's own certificates, and those in files."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chatcore.errors import ConfigurationError
from chatcore_disk.private_files import write
from chatcore_tls.certificates import DAY, LOOK_EVERY, Certificates, FileCertificates, OwnCertificates

CERTS = Path(__file__).parent / "certs"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def test_own_certificate_is_what_browsers_accept(tmp_path: Path) -> None:
    """P-256, valid for less than 14 days, now, and signed by its own key; the key is for its owner only."""
    clock = Clock()
    identity = OwnCertificates(tmp_path / "state", clock).current()
    certificate = identity.certificate
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    begin, end = (at.timestamp() for at in (certificate.not_valid_before_utc, certificate.not_valid_after_utc))
    assert end - begin == 13 * DAY
    assert begin <= clock.now - DAY / 2
    assert clock.now + 10 * DAY < end
    certificate.verify_directly_issued_by(certificate)
    assert len(identity.fingerprint) == 64
    if hasattr(stat, "S_IRWXG"):
        assert (tmp_path / "state" / "key.pem").stat().st_mode & 0o777 == 0o600


def test_own_certificate_is_the_same_after_a_restart(tmp_path: Path) -> None:
    """Key and certificates are kept."""
    clock = Clock()
    first, second = OwnCertificates(tmp_path, clock), OwnCertificates(tmp_path, clock)
    assert first.current().fingerprint == second.current().fingerprint
    assert first.next_fingerprint() == second.next_fingerprint()


def test_own_certificate_is_renewed_while_running(tmp_path: Path) -> None:
    """For a year: always a valid one, always the one that was announced, always the same key."""
    clock = Clock()
    own = OwnCertificates(tmp_path, clock)
    key, announced, seen = own.current().key_fingerprint, own.next_fingerprint(), [own.current().fingerprint]
    for _ in range(365 * 4):
        clock.now += DAY / 4
        identity = own.current()
        certificate = identity.certificate
        begin, end = (at.timestamp() for at in (certificate.not_valid_before_utc, certificate.not_valid_after_utc))
        assert begin + DAY - 1 <= clock.now <= end - 2 * DAY
        assert identity.key_fingerprint == key
        if identity.fingerprint != seen[-1]:
            assert identity.fingerprint == announced
            seen.append(identity.fingerprint)
        announced = own.next_fingerprint()
        assert announced not in seen
    assert 38 <= len(seen) <= 42


def test_own_certificate_is_made_anew_after_a_long_rest(tmp_path: Path) -> None:
    """The old ones have expired; the key stays."""
    clock = Clock()
    before = OwnCertificates(tmp_path, clock).current()
    clock.now += 100 * DAY
    after = OwnCertificates(tmp_path, clock).current()
    assert after.fingerprint != before.fingerprint
    assert after.key_fingerprint == before.key_fingerprint
    assert after.certificate.not_valid_after_utc.timestamp() > clock.now


def test_damage_is_told_in_one_sentence(tmp_path: Path) -> None:
    """A key that cannot be used is not silently replaced; certificates are."""
    own = OwnCertificates(tmp_path)
    (tmp_path / "certificate.pem").write_text("rubbish")
    assert OwnCertificates(tmp_path).current().key_fingerprint == own.current().key_fingerprint
    (tmp_path / "key.pem").write_text("rubbish")
    with pytest.raises(ConfigurationError, match="is damaged"):
        OwnCertificates(tmp_path)
    (tmp_path / "key.pem").chmod(0o644)
    with pytest.raises(ConfigurationError, match="can be read by others"):
        OwnCertificates(tmp_path)
    (tmp_path / "key.pem").unlink()
    os.mkfifo(tmp_path / "key.pem", 0o644)
    with pytest.raises(ConfigurationError, match=r"cannot be kept in .*: it is not a file; .* with --state-dir, or"):
        OwnCertificates(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be kept in"):
        OwnCertificates(tmp_path / "file" / "below")
    (tmp_path / "nowhere").symlink_to("there/is/none")
    for name in ("file", "nowhere"):
        with pytest.raises(ConfigurationError, match=f"cannot be kept in .*{name}: Not a directory"):
            OwnCertificates(tmp_path / name)


def test_pipe_where_a_certificate_would_be_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it: it is replaced, as whatever is damaged."""
    key = OwnCertificates(tmp_path).current().key_fingerprint
    for name in ("certificate.pem", "next-certificate.pem"):
        (tmp_path / name).unlink()
        os.mkfifo(tmp_path / name)
    assert OwnCertificates(tmp_path).current().key_fingerprint == key
    assert (tmp_path / "certificate.pem").is_file()


def test_state_directory_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`CHATCORE_STATE_DIR` names it."""
    monkeypatch.setenv("CHATCORE_STATE_DIR", str(tmp_path / "elsewhere"))
    OwnCertificates()
    assert (tmp_path / "elsewhere" / "key.pem").exists()


def test_certificate_whose_place_a_pipe_takes_stays_in_use(tmp_path: Path) -> None:
    """Nothing waits for somebody to write into it."""
    clock, cert = Clock(), tmp_path / "cert.pem"
    cert.write_bytes((CERTS / "server.pem").read_bytes() + (CERTS / "server.key").read_bytes())
    files = FileCertificates(str(cert), None, clock)
    before = files.current()
    cert.unlink()
    os.mkfifo(cert)
    clock.now += LOOK_EVERY
    assert files.current() == before


def test_files_are_read_again_when_they_change(tmp_path: Path) -> None:
    """Both of them; as long as only one is there, the old pair stays in use."""
    clock = Clock()
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    shutil.copy(CERTS / "server.pem", cert)
    shutil.copy(CERTS / "server.key", key)
    files = FileCertificates(str(cert), str(key), clock)

    def shown() -> str:
        clock.now += LOOK_EVERY
        return files.current().fingerprint

    before = shown()
    own = OwnCertificates(tmp_path / "own")
    shutil.copy(tmp_path / "own" / "certificate.pem", cert)
    assert shown() == before
    shutil.copy(tmp_path / "own" / "key.pem", key)
    assert shown() == own.current().fingerprint
    cert.unlink()
    assert shown() == own.current().fingerprint


class Simple:
    """A file system that knows neither links nor rights, such as vfat."""

    def link(self, src: str, dst: Path, /) -> None:
        """Fail."""
        raise PermissionError(errno.EPERM, "Operation not permitted", src, None, str(dst))

    def chmod(self, path: str, mode: int, /) -> None:
        """Fail."""
        raise PermissionError(errno.EPERM, "Operation not permitted", path)


def test_key_is_kept_where_there_are_neither_links_nor_rights(tmp_path: Path) -> None:
    """Nothing is left lying about, and a key that is there is never written over."""
    first = OwnCertificates(tmp_path, files=Simple())
    assert OwnCertificates(tmp_path, files=Simple()).current().fingerprint == first.current().fingerprint
    assert {path.name for path in tmp_path.iterdir()} == {"key.pem", "certificate.pem", "next-certificate.pem"}
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    write(tmp_path / "key.pem", b"another key", 0o600, Simple(), only_new=True)
    assert OwnCertificates(tmp_path).current().key_fingerprint == first.current().key_fingerprint


@pytest.mark.parametrize("mode", [0o660, 0o640, 0o440])
def test_key_that_a_group_can_read_is_warned_about_and_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int
) -> None:
    """Whoever runs servers from images gives keys to groups."""
    before = OwnCertificates(tmp_path).current().key_fingerprint
    assert not caplog.records
    (tmp_path / "key.pem").chmod(mode)
    assert OwnCertificates(tmp_path).current().key_fingerprint == before
    (record,) = caplog.records
    assert record.getMessage() == "key_readable"
    assert f"{tmp_path / 'key.pem'} can be read by its group" in vars(record)["fields"]["why"]


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666])
def test_key_that_everybody_can_read_is_refused_where_that_can_be_helped(tmp_path: Path, mode: int) -> None:
    OwnCertificates(tmp_path)
    (tmp_path / "key.pem").chmod(mode)
    with pytest.raises(ConfigurationError, match="can be read by others; take that right away"):
        OwnCertificates(tmp_path)


def test_sentence_about_a_directory_names_the_file_that_was_to_be_kept(tmp_path: Path) -> None:
    """And not one that is there for a moment only."""
    (tmp_path / "key.pem").symlink_to(tmp_path / "nowhere")
    (tmp_path / "nowhere").symlink_to(tmp_path / "key.pem")
    with pytest.raises(ConfigurationError, match=rf"cannot be kept in {tmp_path / 'key.pem'}: "):
        OwnCertificates(tmp_path)


def test_certificate_that_cannot_be_kept_is_used_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once."""
    (tmp_path / "certificate.pem").mkdir()
    (tmp_path / "next-certificate.pem").mkdir()
    clock = Clock()
    own = OwnCertificates(tmp_path, clock)
    for _ in range(3):
        clock.now += 5 * DAY
        assert is_valid(own, clock)
    (record,) = caplog.records
    assert f"cannot be kept in {tmp_path / 'certificate.pem'}: Is a directory" in vars(record)["fields"]["why"]


# Clocks that are put right.


def is_valid(source: Certificates, clock: Clock) -> bool:
    """Say whether the certificate in use is valid by the clock."""
    certificate = source.current().certificate
    begin, end = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
    return begin <= clock.now <= end


@pytest.mark.parametrize("days", [-3650, -30, -2, 2, 30, 3650])
def test_own_certificate_is_renewed_when_the_clock_was_wrong(tmp_path: Path, days: int) -> None:
    """At the next connection, without a restart, and for those who start with what it has kept."""
    clock = Clock()
    own = OwnCertificates(tmp_path, clock)
    key = own.current().key_fingerprint
    clock.now += days * DAY
    assert is_valid(own, clock)
    assert own.current().key_fingerprint == key
    announced = own.next_fingerprint()
    assert OwnCertificates(tmp_path, clock).current().fingerprint == own.current().fingerprint
    clock.now += 10 * DAY
    assert own.current().fingerprint == announced


def test_certificate_in_a_file_is_warned_about_when_it_is_outside_its_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At the start and when it happens; once for each."""
    clock = Clock()
    own = OwnCertificates(tmp_path, clock).current().certificate
    begin, end = own.not_valid_before_utc, own.not_valid_after_utc
    cert, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    refused = "browsers, and clients that go by authorities, refuse it"

    def said() -> list[str]:
        messages = [vars(record)["fields"]["why"] for record in caplog.records]
        caplog.clear()
        return messages

    clock.now = begin.timestamp() - DAY
    files = FileCertificates(cert, key, clock)
    files.current()
    assert said() == [f"the TLS certificate {cert} is not valid before {begin}: {refused} until then"]
    clock.now = begin.timestamp() + DAY
    for _ in range(3):
        files.current()
    assert said() == []
    clock.now = end.timestamp() - 6 * DAY
    for _ in range(3):
        files.current()
        clock.now += DAY
    assert said() == [f"the TLS certificate {cert} expires on {end}: {refused} from then on; renew it"]
    clock.now = end.timestamp() + LOOK_EVERY
    expired = [f"the TLS certificate {cert} has expired on {end}: {refused}; renew it"]
    for _ in range(3):
        files.current()
        clock.now += LOOK_EVERY
    assert said() == expired
    FileCertificates(cert, key, clock)
    assert said() == expired
