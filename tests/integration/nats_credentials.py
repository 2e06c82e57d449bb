"""A server of NATS whose users come with credentials, as `nsc` makes them; and certificates of its clients."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import time
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import nkeys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_UNBOUNDED = {"subs": -1, "data": -1, "payload": -1}
_ACCOUNT = (
    _UNBOUNDED
    | {"imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1}
    | {
        "mem_storage": -1,
        "disk_storage": -1,
        "streams": -1,
        "consumer": -1,
    }
)


def _key(prefix: int) -> nkeys.KeyPair:
    return nkeys.from_seed(bytearray(nkeys.encode_seed(os.urandom(32), prefix)))


def _token(signer: nkeys.KeyPair, subject: nkeys.KeyPair, kind: str, claims: dict[str, Any], **more: int) -> str:
    """Return a token (JWT), as NATS has them: signed with Ed25519."""
    said = {
        "jti": hashlib.sha256(subject.public_key).hexdigest(),
        "iat": 1,
        "iss": signer.public_key.decode(),
        "sub": subject.public_key.decode(),
        "nats": claims | {"type": kind, "version": 2},
    } | more
    parts = [{"typ": "JWT", "alg": "ed25519-nkey"}, said]
    text = ".".join(_plain(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_plain(signer.sign(text.encode()))}"


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class NatsUsers:
    """Whom a server of NATS lets in: users with tokens of one account.

    Args:
        folder: for the files.
        limits: of the account, as its token has them.
    """

    def __init__(self, folder: Path, **limits: int) -> None:
        operator, self._account = _key(nkeys.PREFIX_BYTE_OPERATOR), _key(nkeys.PREFIX_BYTE_ACCOUNT)
        system = _key(nkeys.PREFIX_BYTE_ACCOUNT)
        accounts = {
            each.public_key.decode(): _token(operator, each, "account", {"limits": limits})
            for each, limits in ((system, _UNBOUNDED), (self._account, _ACCOUNT | limits))
        }
        self.settings = folder / "nats.conf"
        """For `nats-server -c`."""
        self.settings.write_text(
            f"operator: {_token(operator, operator, 'operator', {})}\n"
            "resolver: MEMORY\n"
            f"resolver_preload: {json.dumps(accounts)}\n"
            f"system_account: {system.public_key.decode()}\n"
            "jetstream: {}\n"
        )
        self.credentials = folder / "user.creds"
        """Of a user."""
        self.renew()

    def renew(self, seconds: float | None = None, **limits: int) -> None:
        """Write credentials that are good for so long from now on; None: for ever. The limits are those of the user."""
        user = _key(nkeys.PREFIX_BYTE_USER)
        claims = {} if seconds is None else {"exp": int(time.time() + seconds)}
        _written(self.credentials, _token(self._account, user, "user", _UNBOUNDED | limits, **claims), user.seed)


def _written(path: Path, token: str, seed: bytes) -> Path:
    path.write_text(
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed.decode()}\n------END USER NKEY SEED------\n"
    )
    return path


def credentials_of_a_stranger(path: Path) -> Path:
    """Write credentials that no server has heard of."""
    account, user = _key(nkeys.PREFIX_BYTE_ACCOUNT), _key(nkeys.PREFIX_BYTE_USER)
    return _written(path, _token(account, user, "user", _UNBOUNDED), user.seed)


def client_certificate(folder: Path) -> tuple[Path, Path]:
    """Return files with a certificate of this machine that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chatcore")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "client.pem", folder / "client.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files
