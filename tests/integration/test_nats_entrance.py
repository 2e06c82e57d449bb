"""How a server gets in at NATS: encryption, credentials, what it may do there; and what is said when it does not."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from nats.aio.client import Srv
from nats.errors import Error
from scripts.cluster import LocalCluster

from chatcore.aio.client import Client
from chatcore.aio.client import connect as log_in
from chatcore.aio.server import ChatServer
from chatcore.errors import ConfigurationError
from chatcore.events import MessagePosted, Posted
from chatcore.limits import Limits
from chatcore_nats.asking import ask
from chatcore_nats.connection.connecting import Connection, close, connect, jetstream
from chatcore_nats.connection.failures import NoAnswer, unreachable
from chatcore_nats.journal import StreamJournal
from chatcore_nats.place import parse_place
from tests.contracts.journal import Follower, batch
from tests.integration.nats_credentials import NatsUsers, client_certificate, credentials_of_a_stranger
from tests.integration.nats_house import HeldNetwork, NatsServer, Stores, nats, nats_server
from tests.patience import PATIENCE
from tests.stopwatch import Stopwatch

__all__ = ["nats"]

CERTS = Path(__file__).parent / "certs"
TLS = ("-js", "--tls", "--tlscert", str(CERTS / "server.pem"), "--tlskey", str(CERTS / "server.key"))


async def why_not(address: str) -> str:
    """Return why a store cannot be opened."""
    with pytest.raises(ConfigurationError) as refused:
        await Stores(address)()
    return str(refused.value)


async def says(nats: NatsServer, words: str) -> None:
    """Wait until a server of NATS has said something in its log."""
    async with asyncio.timeout(PATIENCE):
        while words not in (nats.folder / "log").read_text():
            await asyncio.sleep(0.02)


async def gets_in(address: str) -> None:
    """Open a store, and close it."""
    stores = Stores(address)
    await stores()
    await stores.close()


@asynccontextmanager
async def mute(count: int) -> AsyncIterator[list[str]]:
    """Give the addresses of servers that take connections, and say nothing."""
    async with AsyncExitStack() as stack:
        addresses = []
        for _ in range(count):
            listening = socket.create_server(("127.0.0.1", 0))
            stack.callback(listening.close)
            addresses.append(f"127.0.0.1:{listening.getsockname()[1]}")
        yield addresses


async def test_server_of_nats_that_says_nothing_keeps_nobody_out(nats: NatsServer) -> None:
    """Each has a time of its own for its answer; which one is asked first is left to chance."""
    async with mute(2) as silent:
        place = parse_place(f"nats://{','.join(silent)},127.0.0.1:{nats.port}/chat")
        for client in await asyncio.gather(*[connect(place, "test") for _ in range(8)]):
            assert client.is_connected
            assert {server.uri.port for server in client._server_pool} == {int(each[-5:]) for each in silent} | {
                nats.port
            }
            await close(client)


async def test_server_of_nats_that_says_nothing_is_named_where_there_is_no_other() -> None:
    """Beside one that is not there at all."""
    async with mute(1) as (silent,):
        why = await why_not(f"nats://{silent},127.0.0.1:1/chat")
        assert why.startswith(f"NATS cannot be reached at nats://{silent},127.0.0.1:1/chat ({silent} does not answer);")


async def test_server_of_nats_that_refuses_keeps_nobody_out_whom_another_one_lets_in(
    nats: NatsServer, tmp_path: Path
) -> None:
    """As one whose users somebody has not brought up to date."""
    with nats_server(tmp_path, "-js", "--user", "anna", "--pass", "secret") as other:
        place = parse_place(f"nats://anna:wrong@127.0.0.1:{other.port},127.0.0.1:{nats.port}/chat")
        for client in await asyncio.gather(*[connect(place, "test") for _ in range(8)]):
            assert client.is_connected
            await close(client)


async def test_encrypted_nats_lets_in_who_knows_its_authority(tmp_path: Path) -> None:
    """Whoever does not know it is told what does not fit."""
    with nats_server(tmp_path, *TLS) as server:
        chat = server.fresh_chat()
        await gets_in(f"{chat}?ca={CERTS / 'ca.pem'}")
        for unknown in (chat, f"{chat}?tls=yes"):
            why = await why_not(unknown)
            assert "cannot be reached over TLS (unable to get local issuer certificate); look at tls, ca" in why


async def test_nothing_is_warned_of_when_an_encrypted_connection_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever asks the servers of a chat would read it."""
    with nats_server(tmp_path, *TLS) as server:
        client = await connect(parse_place(f"{server.fresh_chat()}?ca={CERTS / 'ca.pem'}"), "test")
        reading = client._reading_task
        assert reading is not None
        server.process.terminate()
        await asyncio.wait({reading}, timeout=PATIENCE)
        assert reading.done()
        await close(client)
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


async def test_nats_that_is_not_encrypted_is_told_nothing_where_tls_is_asked_for(tmp_path: Path) -> None:
    """No password either: whoever is in between may have taken the encryption out."""
    with nats_server(tmp_path, "-js", "--user", "anna", "--pass", "secret", "-DV") as server:
        why = await why_not(f"nats://anna:secret@127.0.0.1:{server.port}/chat?ca={CERTS / 'ca.pem'}")
        assert "cannot be reached over TLS (TLS is not offered there)" in why
        assert "[CONNECT" not in (server.folder / "log").read_text()


async def test_nats_that_says_nothing_before_it_is_encrypted_lets_in_who_begins_so(tmp_path: Path) -> None:
    """As its `handshake_first` has it."""
    settings = tmp_path / "nats.conf"
    files = f'cert_file: "{CERTS / "server.pem"}", key_file: "{CERTS / "server.key"}"'
    settings.write_text(f"jetstream: enabled, tls {{{files}, handshake_first: true}}")
    with nats_server(tmp_path / "nats", "-c", str(settings)) as server:
        await gets_in(f"{server.fresh_chat()}?tls=first&ca={CERTS / 'ca.pem'}")


async def test_nats_that_hangs_up_before_a_word_is_said_is_asked_about_tls_where_that_is_asked_for() -> None:
    """It waits for the other side to begin with it."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        chat = f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}/chat"
        assert "cannot be reached over TLS (" in await why_not(f"{chat}?ca={CERTS / 'ca.pem'}")
        assert "NATS cannot be reached at" in await why_not(chat)


async def test_nats_that_wants_a_certificate_gets_the_one_of_the_address(tmp_path: Path) -> None:
    """Without one, it is said."""
    certificate, key = client_certificate(tmp_path)
    with nats_server(tmp_path, *TLS, "--tlsverify", "--tlscacert", str(certificate)) as server:
        chat = f"{server.fresh_chat()}?ca={CERTS / 'ca.pem'}"
        await gets_in(f"{chat}&cert={certificate}&key={key}")
        assert "cannot be reached over TLS" in await why_not(chat)


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ("cert={one}&key={locked}", "the TLS key {locked} is protected by a password; give one that is not"),
        ("cert={locked}", "the TLS key {locked} is protected by a password; give one that is not"),
        ("cert={one}&key={other_key}", "{unusable}{one}, {other_key}: the key belongs to another certificate"),
        ("cert={one}&key={empty}", "{unusable}{one}, {empty}: that is no PEM file, or damaged"),
        (
            "cert={one}",
            "{unusable}{one}: a certificate and its key are not in it; key=FILE names another file for the key",
        ),
        ("ca={empty}", "{unusable}{empty}: there is no certificate in it"),
        ("cert={one}&key={none}", "{unusable}{none}: No such file or directory"),
    ],
)
async def test_files_for_tls_that_cannot_be_used_are_named_and_nobody_is_asked(
    shown: str, why: str, tmp_path: Path
) -> None:
    """OpenSSL asks for a password on the terminal by itself, in the middle of everything."""
    (tmp_path / "other").mkdir()
    one, key = client_certificate(tmp_path)
    _other, other_key = client_certificate(tmp_path / "other")
    locked, empty = tmp_path / "locked", tmp_path / "empty"
    locked.write_bytes(
        one.read_bytes()
        + load_pem_private_key(key.read_bytes(), None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
        )
    )
    empty.touch()
    files = {"one": one, "other_key": other_key, "locked": locked, "empty": empty, "none": tmp_path / "none"}
    unusable = "the certificates for nats://127.0.0.1:1/chat cannot be used: "
    said = await why_not(f"nats://127.0.0.1:1/chat?{shown.format(**files)}")
    assert said == why.format(unusable=unusable, **files)


async def test_nats_that_does_not_take_a_certificate_is_said_to_be_there(tmp_path: Path) -> None:
    """It hangs up when this side has said hello already, and often before its reason is heard."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTS / "server.pem", CERTS / "server.key")

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"tls_required": true, "tls_verify": true, "max_payload": 1048576}\r\n')
        await writer.start_tls(context)
        await reader.readline()
        writer.close()

    certificate, key = client_certificate(tmp_path)
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        chat = f"nats://127.0.0.1:{port}/chat"
        assert await why_not(f"{chat}?ca={CERTS / 'ca.pem'}&cert={certificate}&key={key}") == (
            f"NATS at {chat} cannot be reached over TLS (127.0.0.1:{port} ends the connection); "
            "look at tls, ca, cert and key in the address"
        )


async def test_server_goes_on_when_nats_has_another_certificate_and_authority(tmp_path: Path) -> None:
    """What it knows NATS by is read again at each connection."""
    now, later = tmp_path / "now", tmp_path / "later"
    for folder in (now, later):
        folder.mkdir()
        client_certificate(folder)
    settings = tmp_path / "nats.conf"
    settings.write_text(f'jetstream: enabled, tls {{cert_file: "{now}/client.pem", key_file: "{now}/client.key"}}')
    with nats_server(tmp_path / "nats", "-c", str(settings)) as nats:
        async with (
            HeldNetwork(nats) as network,
            ChatServer(port=0, store=f"{network.address}/chat?ca={now}/client.pem") as server,
            log_in(server.urls[0], username="alice") as alice,
        ):
            await alice.send("hello")
            for file in later.iterdir():
                file.replace(now / file.name)
            nats.process.send_signal(signal.SIGHUP)
            await says(nats, "Reloaded: tls")
            network.cut()
            assert isinstance(await alice.send("hello again"), MessagePosted)


async def test_credentials_in_a_file_let_in(tmp_path: Path) -> None:
    """Those of somebody else do not, and neither does a file without any."""
    users = NatsUsers(tmp_path)
    with nats_server(tmp_path, "-c", str(users.settings)) as server:
        chat = server.fresh_chat()
        await gets_in(f"{chat}?creds={users.credentials}")
        stranger = credentials_of_a_stranger(tmp_path / "stranger.creds")
        assert "does not take these credentials" in await why_not(f"{chat}?creds={stranger}")
        assert "wants to know who connects" in await why_not(chat)


async def test_server_goes_on_when_its_credentials_expire_that_were_renewed(tmp_path: Path) -> None:
    """They are read again: NATS ends the connection, and the next one has the new ones."""
    users = NatsUsers(tmp_path)
    users.renew(3)
    with nats_server(tmp_path, "-D", "-c", str(users.settings)) as nats:
        async with (
            ChatServer(port=0, store=f"{nats.fresh_chat()}?creds={users.credentials}") as server,
            log_in(server.urls[0], username="alice") as alice,
        ):
            users.renew()
            await says(nats, "Client connection closed: Authentication Expired")
            assert isinstance(await alice.send("hello"), MessagePosted)


def test_files_in_the_address_of_a_store_may_begin_at_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No shell has seen what stands behind the `?`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    place = parse_place("nats://one/chat?creds=~/a.creds&ca=%7E/ca.pem&cert=~root/cert.pem&key=k.pem")
    assert place.creds == str(tmp_path / "a.creds")
    assert place.ca == str(tmp_path / "ca.pem")
    assert place.cert == os.path.expanduser("~root/cert.pem") != "~root/cert.pem"
    assert place.key == "k.pem"
    with pytest.raises(ConfigurationError, match="the home directory ~nobody-at-all is not known"):
        parse_place("nats://one/chat?creds=~nobody-at-all/a.creds")


@pytest.mark.parametrize("option", ["creds", "ca", "cert", "key"])
def test_files_in_the_address_of_a_store_are_none_that_can_be_read_once_only(tmp_path: Path, option: str) -> None:
    """They are read again at each connection: a pipe would be at its end, or wait for somebody who writes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ConfigurationError, match="pipe is not a file on a disk; it is read again at each connection"):
        parse_place(f"nats://one/chat?cert=cert.pem&{option}={pipe}".replace("cert=cert.pem&cert", "cert"))


async def test_connection_that_is_cut_off_because_it_is_refused_says_that_it_is_refused() -> None:
    """Which of the two comes last is left to the network."""
    connection = Connection(parse_place("nats://127.0.0.1:1/chat"))
    for error in (BrokenPipeError(32, "Broken pipe"), Error("nats: authentication expired"), BrokenPipeError()):
        await connection.failed(error)
    assert str(connection.failure) == "nats: authentication expired"


@pytest.mark.parametrize("name", ["nats-tls", "authorization.internal", "nats.ssl-zone", "credentials", "nonce"])
async def test_names_in_what_went_wrong_say_nothing_of_what_it_is(name: str) -> None:
    """A server that is silent, or a file that is not there, may be called whatever somebody likes."""
    place = parse_place(f"nats://{name}:4222/chat?ca=ca.pem&creds=my.creds")
    at, over_tls = f"NATS cannot be reached at {place.text}", f"NATS at {place.text} cannot be reached over TLS"
    server = Srv(urlsplit(f"nats://{name}:4222"))
    mismatch = ssl.SSLCertVerificationError(1, f"certificate is not valid for '{name}'")
    for error, begins, refused in (
        (NoAnswer("{server} does not answer", server), f"{at} ({name}:4222 does not answer)", False),
        (OSError(111, f"Connect call failed ('fe80::1%{name}', 4222, 0, 3)"), at, False),
        (ValueError(f"{name} is not a valid Semantic Version"), at, False),
        (mismatch, over_tls, True),
        (ConfigurationError("the certificates cannot be used: {file}", file=f"/{name}/ca.pem"), over_tls, True),
        (
            FileNotFoundError(2, "No such file or directory", f"/{name}/my.creds"),
            f"the credentials for {place.text} cannot be read from /{name}/my.creds: No such file or directory",
            True,
        ),
    ):
        connection = Connection(place)
        await connection.failed(error)
        assert (connection.refused_since is not None) == refused, error
        assert str(unreachable(place, error)).startswith(begins)


async def test_nats_that_has_refused_and_is_away_then_is_waited_for(tmp_path: Path) -> None:
    """As while somebody repairs it: whoever is refused for long ends."""
    settings = tmp_path / "nats.conf"
    lets_in = "authorization {{ user: chat, password: {} }}\n"
    settings.write_text(lets_in.format("secret"))
    with nats_server(tmp_path / "nats", "-js", "-c", str(settings)) as nats:
        chat = nats.fresh_chat().replace("://", "://chat:secret@")
        async with following(chat, 10 * PATIENCE) as (client, follower), asyncio.timeout(PATIENCE):
            client._forgets = 1.0
            settings.write_text(lets_in.format("another"))
            nats.process.send_signal(signal.SIGHUP)
            while client.refused_since is None:
                await asyncio.sleep(0.01)
            nats.stop()
            while client.refused_since is not None:
                await asyncio.sleep(0.01)
            assert follower.failures == []


async def test_nothing_is_left_of_a_connection_that_was_lost_as_it_came_about(nats: NatsServer) -> None:
    """nats-py tries again then, and knows only of what reads and pings for the new one."""
    place = parse_place(nats.fresh_chat())
    client = await connect(place, "test")
    earlier = client.under_way()
    assert len(earlier) == 3
    assert client._current_server is not None
    await client._connect_to_server(client._current_server)
    await client._process_connect_init()
    _done, left = await asyncio.wait(earlier, timeout=PATIENCE)
    assert not left
    assert len(client.under_way()) == 3
    await close(client)


@pytest.mark.parametrize("renewed", [True, False])
async def test_server_whose_credentials_are_renewed_late_goes_on_and_without_them_ends(
    renewed: bool, tmp_path: Path
) -> None:
    """After a while of being refused, with a sentence."""
    users = NatsUsers(tmp_path)
    users.renew(3)
    with nats_server(tmp_path, "-D", "-c", str(users.settings)) as nats:
        stores = Stores(f"{nats.fresh_chat()}?creds={users.credentials}")
        await stores()
        client = await connect(stores.place, "test")
        js = await jetstream(client, stores.place)
        follower = await Follower(StreamJournal(client, js, stores.place, loss=PATIENCE if renewed else 1.0)).start()
        await says(nats, "Client connection closed: Authentication Expired")
        if renewed:
            users.renew()
            async with asyncio.timeout(PATIENCE):
                while not client.is_connected:
                    await asyncio.sleep(0.01)
            follower.journal.propose(batch(1))
            await follower.wait_for(entries=1)
        else:
            await follower.wait_for(failures=1)
            why = str(follower.failures[0])
            assert "does not take these credentials; look at user, password or creds in the address" in why
        await follower.journal.close(answered=renewed)
        await close(client)
        await stores.close()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory"),
        ("", "it is no file as nsc writes them"),
        ("-----BEGIN NATS USER JWT-----\nabc\n------END NATS USER JWT------\n", "it is no file as nsc writes them"),
        (
            "-----BEGIN NATS USER JWT-----\nabc\n------END NATS USER JWT------\n"
            "-----BEGIN USER NKEY SEED-----\nSUsecret\n------END USER NKEY SEED------\n",
            "it is no file as nsc writes them",
        ),
    ],
)
async def test_file_without_credentials_is_said_before_anything_is_connected_to(
    text: str | None, why: str, tmp_path: Path
) -> None:
    """Without a word of what stands in it."""
    path = tmp_path / "me.creds"
    if text is not None:
        path.write_text(text)
    said = await why_not(f"nats://127.0.0.1:1/chat?creds={path}")
    assert said == f"the credentials for nats://127.0.0.1:1/chat cannot be read from {path}: {why}"


PERMISSIONS = """
jetstream: {{}}
accounts: {{ CHAT: {{ jetstream: enabled, users: [{{ user: chat, password: secret, permissions: {{
    publish: {{ allow: ["_INBOX.>", {publish}], deny: [{denied}] }}, subscribe: {{ allow: [{subscribe}] }}
}} }}] }} }}
"""
# As the guide has it.
NEEDED = [f'"{subject}"' for subject in ("$JS.API.>", "$JS.FC.>", "$O.chatcore_school.>", "chatcore.school.>")]


HEARD = ['"_INBOX.>"', '"chatcore.school.>"']


def permit(path: Path, publish: Sequence[str] = NEEDED, subscribe: Sequence[str] = HEARD, denied: str = "") -> None:
    """Write settings of NATS that allow one user no more than that."""
    text = PERMISSIONS.format(publish=", ".join(publish), subscribe=", ".join(subscribe), denied=denied)
    path.write_text(text)


@contextmanager
def permitting(
    folder: Path, publish: Sequence[str] = NEEDED, subscribe: Sequence[str] = HEARD, denied: str = ""
) -> Iterator[tuple[NatsServer, str]]:
    """Give a server of NATS that allows one user no more than that, and the address of a chat for him."""
    path = folder / "nats.conf"
    permit(path, publish, subscribe, denied)
    with nats_server(folder / "nats", "-c", str(path)) as server:
        yield server, f"nats://chat:secret@127.0.0.1:{server.port}/school"


async def test_user_of_nats_needs_what_the_guide_says(tmp_path: Path) -> None:
    """Then a server begins, and keeps a snapshot when it ends."""
    with permitting(tmp_path) as (_server, chat):
        for _ in range(2):
            async with ChatServer(port=0, store=chat) as one:
                assert one.urls


async def test_who_may_answer_what_is_asked_need_not_write_into_every_inbox(tmp_path: Path) -> None:
    """NATS can allow an answer because somebody has asked."""
    path = tmp_path / "nats.conf"
    permit(path)
    path.write_text(
        path.read_text().replace('"_INBOX.>", "$JS', '"$JS').replace("subscribe:", "allow_responses: true, subscribe:")
    )
    with nats_server(tmp_path / "nats", "-c", str(path)) as server:
        await gets_in(f"nats://chat:secret@127.0.0.1:{server.port}/school")


@pytest.mark.parametrize(
    "subject",
    [
        "$JS.API.INFO",
        "$JS.FC.chatcore_school.-.-",
        "$O.chatcore_school.C.-",
        "$O.chatcore_school.M.-",
        "chatcore.school.journal",
        "chatcore.school.files.0",
    ],
)
async def test_subject_where_nats_does_not_let_a_server_publish_is_named_at_the_start(
    subject: str, tmp_path: Path
) -> None:
    """With NATS's own word for it, and before anything was made there."""
    with permitting(tmp_path, denied=f'"{subject}"') as (_server, chat):
        why = await why_not(chat)
        assert f'does not allow what a chat needs (permissions violation for publish to "{subject}"' in why
        assert "secret" not in why


@pytest.mark.parametrize("subject", ["_INBOX", "chatcore.school.nodes", "chatcore.school.files.0"])
async def test_subject_that_nats_does_not_let_a_server_hear_is_named_at_the_start(subject: str, tmp_path: Path) -> None:
    """Nothing would come, and the server would take users all the same."""
    everything = ["_INBOX.>", "chatcore.school.nodes", "chatcore.school.files.*"]
    heard = [f'"{each}"' for each in everything if not each.startswith(subject.removesuffix("0"))]
    with permitting(tmp_path, NEEDED, heard) as (_server, chat):
        assert f'(permissions violation for subscription to "{subject}' in await why_not(chat)


async def test_who_may_not_ask_the_servers_of_a_chat_is_told_so(tmp_path: Path) -> None:
    """It is not that nobody answers."""
    denied = '"chatcore.school.nodes"'
    with permitting(tmp_path, denied=denied) as (_server, chat), pytest.raises(ConfigurationError) as refused:
        await ask(parse_place(chat), {"ask": "status"}, PATIENCE)
    assert f"permissions violation for publish to {denied}" in str(refused.value)


async def test_subject_that_is_not_allowed_is_named_as_one_writes_it(tmp_path: Path) -> None:
    """Capital letters are others to NATS: who copies a subject into the permissions allows that one."""
    with permitting(tmp_path, subscribe=['"chatcore.School.>"']) as (_server, chat):
        with pytest.raises(ConfigurationError, match=r'permissions violation for subscription to "_INBOX\.\w+"'):
            await ask(parse_place(chat), {"ask": "status"}, PATIENCE)
        place = parse_place(chat.replace("/school", "/School"))
        with pytest.raises(ConfigurationError, match=r'permissions violation for publish to "chatcore\.School\.nodes"'):
            await ask(place, {"ask": "status"}, PATIENCE)
        client = await connect(place, "test")
        with pytest.raises(ConfigurationError, match=r'permissions violation for subscription to "_INBOX\.\w+\.\*"'):
            await jetstream(client, place)
        await close(client)


@asynccontextmanager
async def following(chat: str, loss: float) -> AsyncIterator[tuple[Connection, Follower]]:
    """Follow the journal of a chat."""
    stores = Stores(chat)
    await stores()
    client = await connect(stores.place, "test")
    journal = StreamJournal(client, await jetstream(client, stores.place), stores.place, loss=loss)
    try:
        yield client, await Follower(journal).start()
    finally:
        await journal.close(answered=False)
        await close(client)
        await stores.close()


async def test_address_is_tried_between_those_that_nats_itself_tells_of(nats: NatsServer) -> None:
    """Of these, some may be for the inside of another network: whoever is there says nothing."""
    came = asyncio.Semaphore(0)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.release()
        await reader.read()
        writer.close()

    async with AsyncExitStack() as stack, HeldNetwork(nats) as network:
        silent = [await asyncio.start_server(say_nothing, "127.0.0.1", 0) for _ in range(5)]
        for each in silent:
            stack.callback(each.close)
        told = [f"127.0.0.1:{each.sockets[0].getsockname()[1]}" for each in silent]
        client = await connect(parse_place(f"{network.address}/school"), "test")
        stack.push_async_callback(close, client)
        await client._process_info({"connect_urls": told})
        assert len(client.discovered_servers) == 5
        network.turn_away()
        async with asyncio.timeout(PATIENCE):
            for times in (1, 2):
                await came.acquire()
                assert network.came >= times


async def test_server_goes_on_where_something_is_forbidden_that_it_can_do_without(tmp_path: Path) -> None:
    """For longer than it would with NATS not letting it in at all."""
    with permitting(tmp_path) as (_server, chat):
        async with following(chat, 0.5) as (client, follower):
            await client.publish("elsewhere", b"")
            loop = asyncio.get_running_loop()
            end = loop.time() + 1.5
            while loop.time() < end:
                follower.journal.propose(batch(len(follower.entries) + 1))
                await follower.wait_for(entries=len(follower.entries) + 1)
            assert client.forbidden
            assert not follower.failures


@pytest.mark.parametrize(("publish", "subscribe"), [(NEEDED, HEARD[1:]), (NEEDED[:3], HEARD)])
async def test_server_that_may_not_go_on_any_more_ends_and_says_what_nats_forbids(
    publish: list[str], subscribe: list[str], tmp_path: Path
) -> None:
    """Its credentials are as good as before."""
    with permitting(tmp_path) as (nats, chat):
        async with following(chat, 1.0) as (_client, follower):
            permit(tmp_path / "nats.conf", publish, subscribe)
            nats.process.send_signal(signal.SIGHUP)
            await says(nats, "Reloaded: accounts")
            follower.journal.propose(batch(1))
            await follower.wait_for(failures=1)
            assert "does not allow what a chat needs (permissions violation for" in str(follower.failures[0])


@pytest.mark.parametrize("subject", ["$JS.API.STREAM.MSG.GET.>", "$JS.API.CONSUMER.>"])
async def test_server_that_may_not_read_the_snapshot_says_so_as_soon_as_nats_does(subject: str, tmp_path: Path) -> None:
    """It waits for no answer: there will be none."""
    with permitting(tmp_path) as (nats, chat):
        async with ChatServer(port=0, store=chat):
            pass  # it keeps a snapshot when it ends
        permit(tmp_path / "nats.conf", denied=f'"{subject}"')
        nats.process.send_signal(signal.SIGHUP)
        await says(nats, "Reloaded: accounts")
        stopwatch = Stopwatch(nats.process.pid)
        assert f'permissions violation for publish to "{subject.removesuffix(">")}' in await why_not(chat)
        assert stopwatch.seconds < 5


async def test_server_that_may_not_take_back_what_it_asked_for_ends_as_fast_as_others(tmp_path: Path) -> None:
    """NATS forgets it by itself."""
    with permitting(tmp_path, denied='"$JS.API.CONSUMER.DELETE.>"') as (nats, chat):
        async with ChatServer(port=0, store=chat):
            stopwatch = Stopwatch(nats.process.pid)
        assert stopwatch.seconds < 5


# On how many servers of NATS.


async def replicas(address: str) -> set[int | None]:
    """Return on how many servers the stream of a chat is, and its snapshots."""
    place = parse_place(address)
    client = await connect(place, "test")
    try:
        js = await jetstream(client, place)
        streams = [await js.stream_info(name) for name in (place.stream, f"OBJ_{place.stream}")]
        return {each.config.num_replicas for each in streams}
    finally:
        await close(client)


async def keep_on(address: str, count: int) -> None:
    """Have the stream of a chat on so many servers, and wait until it is."""
    place = parse_place(address)
    client = await connect(place, "test")
    try:
        js = await jetstream(client, place)
        info = await js.stream_info(place.stream)
        await js.update_stream(info.config.evolve(num_replicas=count))
        async with asyncio.timeout(PATIENCE):
            while True:
                cluster = (await js.stream_info(place.stream)).cluster
                others = cluster.replicas or [] if cluster else []
                if len(others) == count - 1 and all(each.current for each in others):
                    return
                await asyncio.sleep(0.1)
    finally:
        await close(client)


async def talks(client: Client, over: asyncio.Event) -> list[str]:
    """Say one thing after the other until it is over; returns them."""
    said: list[str] = []
    while not over.is_set():
        said.append(str(len(said)))
        await client.send(said[-1])
    return said


async def all_of(client: Client) -> AsyncIterator[Posted]:
    """Yield what was said in the room, from the first on."""
    last = 0
    while found := await client.history(after=last, limit=100):
        for entry in found:
            yield entry
        last = found[-1].seq


@pytest.mark.slow
async def test_chat_that_one_server_of_nats_has_is_spread_when_it_is_asked_for(tmp_path: Path) -> None:
    """Never the other way round, when another server of the chat was started with fewer."""
    local = LocalCluster(tmp_path, 3, 0)
    for each in local.nats:
        each.start()
    try:
        for asked, found in ((1, 1), (3, 3), (1, 3)):
            await gets_in(f"{local.store}?replicas={asked}")
            assert await replicas(local.store) == {found}
    finally:
        local.kill()


@pytest.mark.slow
async def test_chat_goes_on_while_it_is_spread_and_gathered(tmp_path: Path) -> None:
    """As operators of NATS do it; nothing is lost or doubled."""
    local = LocalCluster(tmp_path, 3, 0)
    for each in local.nats:
        each.start()
    try:
        async with (
            ChatServer(port=0, store=f"{local.store}?replicas=1", limits=Limits.unlimited()) as server,
            log_in(server.urls[0], username="alice") as alice,
        ):
            over = asyncio.Event()
            talking = asyncio.create_task(talks(alice, over))
            for count in (3, 1, 3):
                await keep_on(local.store, count)
                assert isinstance(await alice.send("still here"), MessagePosted)
            over.set()
            said = await talking
            heard = [entry.text async for entry in all_of(alice)]
            assert [text for text in heard if text != "still here"] == said
    finally:
        local.kill()


async def test_more_replicas_than_servers_are_refused_for_a_chat_that_is_there(nats: NatsServer) -> None:
    """Rather than to go on with fewer."""
    chat = nats.fresh_chat()
    await gets_in(chat)
    assert "does not keep the chat" in await why_not(f"{chat}?replicas=3")
    await gets_in(chat)
