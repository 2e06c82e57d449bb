"""The server's own certificates, and those in files."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chatcore.errors import ConfigurationError
from chatcore_tls import certificates
from chatcore_tls.certificates import DAY, FileCertificates, OwnCertificates

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
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be kept in"):
        OwnCertificates(tmp_path / "file" / "below")


def test_state_directory_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`CHATCORE_STATE_DIR` names it."""
    monkeypatch.setenv("CHATCORE_STATE_DIR", str(tmp_path / "elsewhere"))
    OwnCertificates()
    assert (tmp_path / "elsewhere" / "key.pem").exists()


def test_files_are_read_again_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of them; as long as only one is there, the old pair stays in use."""
    monkeypatch.setattr(certificates, "LOOK_EVERY", 0.0)
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    shutil.copy(CERTS / "server.pem", cert)
    shutil.copy(CERTS / "server.key", key)
    files = FileCertificates(str(cert), str(key))
    before = files.current().fingerprint
    own = OwnCertificates(tmp_path / "own")
    shutil.copy(tmp_path / "own" / "certificate.pem", cert)
    assert files.current().fingerprint == before
    shutil.copy(tmp_path / "own" / "key.pem", key)
    assert files.current().fingerprint == own.current().fingerprint
    cert.unlink()
    assert files.current().fingerprint == own.current().fingerprint
