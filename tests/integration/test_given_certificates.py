"""Certificates and keys in files that a server is given: what nobody could connect with is told at the start."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from chatcore import Listen, connect
from chatcore.errors import ConfigurationError
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_tls.certificates import FileCertificates
from chatcore_tls.contexts import ServerTls
from tests.stores import ChatServer
from tests.unit.cli.processes import Server, run, run_here

CERTS = Path(__file__).parent / "certs"
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])


def certificate_of(key: Any) -> str:
    """Return a certificate for a key, PEM."""
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=30))
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.PEM).decode()


def text_of(key: Any) -> str:
    """Return a key, PEM."""
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return str(key.private_bytes(encoding, form, serialization.NoEncryption()).decode())


KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "make",
    [
        lambda: rsa.generate_private_key(65537, 2048),
        lambda: ec.generate_private_key(ec.SECP256R1()),
        lambda: ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate,
    ],
)
def test_a_key_that_clients_understand_is_used(make: Callable[[], Any], tmp_path: Path) -> None:
    """In one file with its certificates, in whatever order these two kinds are, or in a file of its own."""
    key = make()
    cert, its = tmp_path / "cert.pem", tmp_path / "key.pem"
    its.write_text(text_of(key))
    cert.write_text(certificate_of(key) + certificate_of(OTHER))
    shown = FileCertificates(str(cert), str(its)).current()
    for text in (text_of(key) + certificate_of(key), certificate_of(key) + text_of(key)):
        cert.write_text(text)
        files = FileCertificates(str(cert), None)
        assert files.current().key_fingerprint == shown.key_fingerprint
        ServerTls(files).context()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "RSA, 1024 bits"),
        (lambda: ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        (lambda: dsa.generate_private_key(2048), "DSA"),
    ],
)
def test_a_key_that_no_client_understands_is_refused_at_the_start(
    make: Callable[[], Any], kind: str, tmp_path: Path
) -> None:
    """A server with one of them listened, and nobody could get in."""
    key = make()
    path = tmp_path / "cert.pem"
    path.write_text(certificate_of(key) + text_of(key))
    with pytest.raises(
        ConfigurationError, match=rf"no client understands the TLS key .* \({kind}\); make one for P-256"
    ):
        FileCertificates(str(path), None)


@pytest.mark.parametrize(
    ("make", "kind"),
    [(ed25519.Ed25519PrivateKey.generate, "Ed25519"), (lambda: ec.generate_private_key(ec.SECP521R1()), "secp521r1")],
)
def test_a_key_that_browsers_do_not_understand_is_found_by_doctor(
    make: Callable[[], Any], kind: str, tmp_path: Path
) -> None:
    """Programs get in with it, and so it is used."""
    key = make()
    path = tmp_path / "cert.pem"
    path.write_text(certificate_of(key) + text_of(key))
    path.chmod(0o600)
    with Server("--tls-cert", str(path)) as server:
        done = run("doctor", server.url, "--tls-ca", str(path))
    assert f"browsers do not understand the key of the certificate ({kind}); make one for P-256" in done.stdout


async def test_a_key_that_quic_cannot_sign_with_is_refused_at_the_start_and_over_websocket_is_used(
    tmp_path: Path,
) -> None:
    """Nobody got in: no handshake came to an end."""
    key = ec.generate_private_key(ec.SECP521R1())
    path = tmp_path / "cert.pem"
    path.write_text(certificate_of(key) + text_of(key))
    options = ListenOptions(port=0, tls_cert=str(path))
    sentence = r"no client understands the TLS key .* \(secp521r1\); make one for P-256"
    with pytest.raises(ConfigurationError, match=sentence):
        await ChatServer(listen=[Listen("quic", options=options)]).start()
    done = run_here("config", "check", "--transport", "quic", "--tls-cert", str(path))
    assert done.returncode == 2
    assert re.search(sentence, done.stderr)
    trusted = ConnectOptions(fingerprints=FileCertificates(str(path), None).current().key_fingerprint)
    async with (
        ChatServer(listen=[Listen("ws", options=options)]) as server,
        connect(server.urls[0], username="alice", options=trusted) as alice,
    ):
        assert await alice.send("hi")


def test_a_key_for_another_form_of_rsa_is_one_of_these() -> None:
    """It was a mistake of chatcore."""
    with pytest.raises(ConfigurationError, match=r"no client understands .*pss\.key \(RSA-PSS\)"):
        FileCertificates(str(CERTS / "pss.pem"), str(CERTS / "pss.key"))


def _wrong_order() -> str:
    return certificate_of(OTHER) + certificate_of(KEY) + text_of(KEY)


def _foreign() -> str:
    return certificate_of(OTHER) + text_of(KEY)


def _cut_off() -> str:
    return text_of(KEY) + certificate_of(KEY) + certificate_of(OTHER)[:200]


def _garbled() -> str:
    return text_of(KEY) + certificate_of(KEY).replace("MII", "XYZ")


def _half_a_key() -> str:
    return certificate_of(KEY) + text_of(KEY).replace("MIG", "XYZ")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (_wrong_order, "are in the wrong order: that of the key .* comes first"),
        (_foreign, "does not belong to the certificate"),
        (_cut_off, "the TLS certificate .* is damaged"),
        (_garbled, "the TLS certificate .* is damaged"),
        (_half_a_key, "the TLS key .* is damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_words(make: Callable[[], str], sentence: str, tmp_path: Path) -> None:
    """Not in those of OpenSSL."""
    path = tmp_path / "all.pem"
    path.write_text(make())
    with pytest.raises(ConfigurationError, match=sentence):
        FileCertificates(str(path), None)


def whys(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the operator is told of keys that can be read."""
    assert {record.getMessage() for record in caplog.records} == {"key_readable"}
    return [vars(record)["fields"]["why"] for record in caplog.records]


def test_key_that_everybody_can_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is used: it may be a secret of a container."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_text(certificate_of(KEY))
    key.write_text(text_of(KEY))
    key.chmod(0o640)
    FileCertificates(str(cert), str(key))
    assert not caplog.records
    key.chmod(0o644)
    FileCertificates(str(cert), str(key))
    assert whys(caplog) == [f"everybody on this computer can read the TLS key {key}; chmod o-r helps"]
    cert.write_text(certificate_of(KEY) + text_of(KEY))
    FileCertificates(str(cert), None)
    assert whys(caplog)[1:] == [f"everybody on this computer can read the TLS key {cert}; chmod o-r helps"]


def test_a_renewal_that_failed_is_told_once_however_often_somebody_asks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And is looked at again all the same: its rights may be put right, which shows nowhere else."""
    path = tmp_path / "cert.pem"
    path.write_text(certificate_of(KEY) + text_of(KEY))
    now = [1000.0]
    files = FileCertificates(str(path), None, clock=lambda: now[0])
    first = files.current().key_fingerprint
    path.write_text("half of it")
    for _ in range(100):
        now[0] += 0.1
        assert files.about()["key_fingerprint"] == first
    stays = [record for record in caplog.records if record.message == "certificate_stays"]
    assert len(stays) == 1
    path.write_text(certificate_of(OTHER) + text_of(OTHER))
    assert files.about()["key_fingerprint"] != first
