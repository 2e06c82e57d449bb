"""Which certificates are good for which names: the same over both transports, and said in words."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatcore import ConnectionFailed, Listen, connect
from chatcore.errors import ConfigurationError, UntrustedCertificate
from chatcore.limits import Limits
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore_nats.place import parse_place
from chatcore_net.origins import Origins
from chatcore_quic.client import _read_url
from chatcore_tls.certificate_names import is_for, is_for_others
from chatcore_tls.certificates import FileCertificates
from chatcore_tls.contexts import authorities_in, client_context
from chatcore_tls.names import ascii_host, tls_name
from tests.stores import ChatServer

CA = str(Path(__file__).with_name("certs") / "ca.pem")
_PEM = serialization.Encoding.PEM
_KEY = ec.generate_private_key(ec.SECP256R1())


@cache
def certificate_for(names: tuple[str, ...], common_name: str = "test", days: int = 0) -> x509.Certificate:
    """Return one that vouches for itself; addresses among the names are such, `days` ago it would have been valid."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
    alternatives: list[x509.GeneralName] = []
    for each in names:
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(each)))
        except ValueError:
            alternatives.append(x509.DNSName(ascii_host(each)))
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return builder.sign(_KEY, hashes.SHA256())


def write(certificate: x509.Certificate, folder: Path) -> dict[str, str]:
    """Write certificate and key; returns the options of a server that shows it."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(certificate.public_bytes(_PEM))
    key.write_bytes(
        _KEY.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    return {"tls_cert": str(cert), "tls_key": str(key)}


def openssl_accepts(certificate: x509.Certificate, name: str, folder: Path) -> bool:
    """Shake hands in memory, as our WebSocket does over a socket."""
    files = write(certificate, folder)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files["tls_cert"], files["tls_key"])
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    there = server.wrap_bio(to_server, to_client, server_side=True)
    here = client_context(files["tls_cert"]).wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (here, there):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_code not in {62, 64}
    return True


@pytest.mark.parametrize(
    ("names", "host", "good"),
    [
        (("bücher.test",), "bücher.test", True),
        (("bücher.test",), "BÜCHER.test.", True),
        (("bücher.test",), "xn--bcher-kva.test", True),
        (("bücher.test",), "bucher.test", False),
        (("xn--strae-oqa.test",), "straße.test", True),
        (("strasse.test",), "straße.test", False),
        (("*.bücher.test",), "www.bücher.test", True),
        (("*.example.test",), "bücher.example.test", True),
        (("*.example.test",), "a.example.test", True),
        (("*.EXAMPLE.test",), "A.example.TEST", True),
        (("*.example.test",), "example.test", False),
        (("*.example.test",), "a.b.example.test", False),
        (("*.example.test",), "a_b.example.test", False),
        (("*.example.test",), ".example.test", None),
        (("*.test",), "example.test", False),
        (("*",), "localhost", False),
        (("w*.example.test",), "www.example.test", False),
        (("a.*.test",), "a.b.test", False),
        (("*.*.test",), "a.b.test", False),
        (("*", "a.test"), "a.test", True),
        (("a.test", "b.test"), "b.test", True),
        (("a.test",), "a.test.evil.test", False),
        (("127.0.0.1",), "127.0.0.1", True),
        (("127.0.0.1",), "127.0.0.2", False),
        (("::1",), "0:0:0:0:0:0:0:1", True),
        (("fe80::1",), "fe80::1%eth0", True),
        (("127.0.0.1",), "localhost", False),
        (("localhost",), "127.0.0.1", False),
        ((), "test", False),
        (("a.test",), "test", False),
    ],
)
def test_names_are_judged_as_openssl_judges_them(
    tmp_path: Path, names: tuple[str, ...], host: str, good: bool | None
) -> None:
    """Which is what WebSocket goes by; QUIC has the rule of `is_for`. A common name counts nowhere."""
    if good is None:
        with pytest.raises(UnicodeError):
            tls_name(host)
        return
    certificate, name = certificate_for(names), tls_name(host)
    assert is_for(certificate, name) is good
    assert openssl_accepts(certificate, name, tmp_path) is good


@pytest.mark.parametrize("scheme", ["wss", "quic"])
@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.1", None),
        ("LocalHost", None),
        ("[::1]", "not for ::1, but for localhost, *.chat.test, xn--bcher-kva.test, 127.0.0.1"),
    ],
)
async def test_certificate_with_other_names_is_refused_in_words(
    tmp_path: Path, scheme: str, host: str, why: str | None
) -> None:
    files = write(certificate_for(("localhost", "*.chat.test", "bücher.test", "127.0.0.1")), tmp_path)
    address = "::1" if host == "[::1]" else "127.0.0.1"
    error = await failure(scheme, host, ListenOptions(host=address, port=0, **files))  # type: ignore[arg-type]
    if why is None:
        assert error is None
    else:
        assert isinstance(error, UntrustedCertificate)
        assert str(error).endswith(f"is not to be trusted: it is {why}")
        assert error.key_fingerprint is not None


@pytest.mark.parametrize("scheme", ["wss", "quic"])
@pytest.mark.parametrize(
    ("certificate", "why"),
    [
        (certificate_for((), "localhost"), "it names no server, so it is not for localhost either"),
        (certificate_for(("localhost",), days=30), "certificate has expired"),
        (certificate_for(("localhost",), days=-30), "certificate is not yet valid"),
    ],
)
async def test_certificate_is_refused_with_the_same_sentence_over_both_transports(
    tmp_path: Path, scheme: str, certificate: x509.Certificate, why: str
) -> None:
    files = write(certificate, tmp_path)
    error = await failure(scheme, "localhost", ListenOptions(port=0, **files))  # type: ignore[arg-type]
    assert isinstance(error, UntrustedCertificate)
    assert str(error).endswith(f"is not to be trusted: {why}")


async def failure(
    scheme: str, host: str, options: ListenOptions, authorities: str | None = None
) -> ConnectionFailed | None:
    """Connect to a server that shows a certificate which its client trusts to vouch; returns what went wrong."""
    transport = "quic" if scheme == "quic" else "ws"
    async with ChatServer(listen=[Listen(transport, "chat", options)], limits=Limits(grace=0)) as server:
        port = server.urls[0].rpartition(":")[2]
        trusting = ConnectOptions(tls_ca=authorities or options.tls_cert)
        try:
            async with connect(f"{scheme}://{host}:{port}", username="alice", options=trusting):
                return None
        except ConnectionFailed as error:
            return error


@pytest.mark.parametrize("scheme", ["wss", "quic"])
@pytest.mark.parametrize(
    "written",
    [
        lambda pem, _key: pem.replace(b"\n", b"\r\n"),
        lambda pem, _key: b"\xef\xbb\xbf" + pem,
        lambda pem, _key: b"# caf\xc3\xa9\nSubject: CN = localhost\n" + pem + b"# the end",
        lambda pem, key: key + pem,
        lambda pem, key: pem + key,
        lambda pem, _key: pem.rstrip(b"\n"),
        lambda pem, _key: pem + b"\n\n" + pem,
    ],
    ids=["Windows", "BOM", "remarks", "key first", "key last", "no line end", "twice"],
)
async def test_file_of_authorities_is_read_alike_over_both_transports(
    tmp_path: Path, scheme: str, written: Callable[[bytes, bytes], bytes]
) -> None:
    """Whatever else is in it, and wherever it was written: over QUIC, a file from Windows was no certificate."""
    files = write(certificate_for(("localhost",)), tmp_path)
    pem, key = ((tmp_path / name).read_bytes() for name in ("cert.pem", "key.pem"))
    authorities = tmp_path / "ca.pem"
    authorities.write_bytes(written(pem, key))
    options = ListenOptions(port=0, **files)  # type: ignore[arg-type] # texts, all of them
    assert await failure(scheme, "localhost", options, str(authorities)) is None


@pytest.mark.parametrize("scheme", ["wss", "quic"])
async def test_file_of_authorities_in_another_encoding_is_named(tmp_path: Path, scheme: str) -> None:
    """As every other file is."""
    authorities = tmp_path / "ca.pem"
    authorities.write_bytes("-----BEGIN CERTIFICATE-----\n".encode("utf-16"))
    options = ConnectOptions(tls_ca=str(authorities))
    with pytest.raises(ConfigurationError, match=r"ca\.pem is in UTF-16; save it as UTF-8"):
        await connect(f"{scheme}://localhost:1", username="alice", options=options)


@pytest.mark.parametrize("scheme", ["wss", "quic"])
@pytest.mark.parametrize("written", [b"", "é".encode()])
async def test_file_without_authorities_does_not_stand_for_those_of_the_system(
    tmp_path: Path, scheme: str, written: bytes
) -> None:
    """Whoever names a file wants to trust nobody else: also when it is written anew, and read before it is whole."""
    authorities = tmp_path / "ca.pem"
    authorities.write_bytes(written)
    with pytest.raises(ConfigurationError, match=r"ca\.pem is not a PEM file with certificates to trust"):
        await connect(f"{scheme}://localhost:1", username="alice", options=ConnectOptions(tls_ca=str(authorities)))


@pytest.mark.parametrize("scheme", ["wss", "quic"])
async def test_authorities_that_can_be_read_once_only_are_refused(tmp_path: Path, scheme: str) -> None:
    """A connection that is made again reads them again; nothing waits for somebody to write them."""
    pipe = tmp_path / "ca.pem"
    os.mkfifo(pipe)
    with pytest.raises(ConfigurationError, match=r"ca\.pem cannot be read: it is not a file"):
        await connect(f"{scheme}://localhost:1", username="alice", options=ConnectOptions(tls_ca=str(pipe)))


@pytest.mark.parametrize("authorities", [None, CA])
async def test_file_for_the_keys_of_connections_that_cannot_be_written_is_named(
    authorities: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looked into connections once may have left the variable; QUIC does not go by it."""
    file = tmp_path / "gone" / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(file))
    sentence = (
        f"the keys of encrypted connections cannot be written to {file}, which the environment variable SSLKEYLOGFILE "
        "names: No such file or directory; unset it, or name another file"
    )
    with pytest.raises(ConfigurationError) as caught:
        await connect("wss://localhost:1", username="alice", options=ConnectOptions(tls_ca=authorities))
    assert str(caught.value) == sentence
    with pytest.raises(ConfigurationError) as caught:
        parse_place(
            "nats://localhost:1/chat?tls=yes" + ("" if authorities is None else f"&ca={authorities}")
        ).tls_context()
    assert str(caught.value) == sentence
    assert authorities_in(CA).startswith(b"-----BEGIN CERTIFICATE-----")
    file.parent.mkdir()
    assert client_context(authorities).keylog_filename == str(file)


def test_names_of_a_stranger_are_shown_as_text_and_in_bounds() -> None:
    """They come from whoever sits at the other end."""
    evil = str(is_for_others("host:1", "host", certificate_for(("evil\x1b[2J\n", "x" * 1000))))
    assert evil.isprintable()
    assert len(evil) < 300
    many = certificate_for(tuple(f"{number}.{'x' * 60}.test" for number in range(100)))
    text = str(is_for_others("host:1", "host", many))
    assert len(text) < 500
    assert text.endswith(", …")


def test_address_of_a_quic_server_has_its_name_in_ascii() -> None:
    assert str(_read_url("quic://Bücher.test")) == "xn--bcher-kva.test:8765"
    assert str(_read_url("quic://Straße.test")) == "xn--strae-oqa.test:8765"
    with pytest.raises(ConnectionFailed, match="is not the address of a QUIC server"):
        _read_url("quic://" + "ü" * 70)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("chat.test:8765", True),
        ("CHAT.test.", True),
        ("a.class.test", True),
        ("class.test", False),
        ("evil.test", False),
    ],
)
def test_server_goes_by_the_names_that_its_certificate_is_for(name: str, known: bool, tmp_path: Path) -> None:
    """Whoever gave it that one calls it so, although the name leads here; and a page of that name may connect."""
    files = write(certificate_for(("chat.test", "*.class.test"), days=1), tmp_path)
    rule = Origins(certified=FileCertificates(files["tls_cert"], files["tls_key"]).are_for)
    here = ("127.0.0.1", 50000)
    assert rule.knows([name], here) is known
    assert rule.allows([f"https://{name.lower()}"], [name], here) is known
    assert not Origins().knows([name], here)
