"""Connecting: what a client is made of, from an address and a name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import Any, Final

from chatcore.aio.arguments import checked
from chatcore.aio.client.client import Client
from chatcore.aio.client.fresh_password import FreshPassword
from chatcore.aio.client.remembering import Remembering
from chatcore.aio.plugins import load_dialect_with_login, split_dialect
from chatcore.aio.routes import place_of_server, route_to
from chatcore.client.session import ClientSession
from chatcore.errors import ErrorCode, LoginRefused, Sentence
from chatcore.ports.file_store import FileStore
from chatcore.ports.known_servers import KnownServers
from chatcore.ports.session_store import SessionStore
from chatcore.ports.transport import ConnectOptions, Transport
from chatcore.text.sendable import check_login

_CLIENT_ID_CHARS: Final = (16, 64)


@checked
def connect(
    url: str,
    *,
    username: str,
    password: str | None = None,
    account_password: str | Callable[[], Awaitable[str]] | None = None,
    account: str | None = None,
    invitation: str | None = None,
    operator_token: str | None = None,
    client_id: str | None = None,
    bot: bool = False,
    reconnect: bool = True,
    repeat_private: bool = True,
    options: ConnectOptions | None = None,
    known_servers: KnownServers | None = None,
    files: FileStore | None = None,
    sessions: SessionStore | None = None,
    transport: Transport | None = None,
    dialect: str | None = None,
) -> Connecting:
    """Connect to a chat server and log in.

    ::

        from chatcore import MessagePosted, connect, run
        from chatcore.text.safe_text import safe_text


        async def main() -> None:
            async with connect("ws://127.0.0.1:8765", username="alice") as chat:
                await chat.send("hello")
                async for event in chat:
                    if isinstance(event, MessagePosted):
                        print(f"{event.sender}: {safe_text(event.text)}")


        run(main())

    Everything on the client (`help(chatcore.Client)`) may be awaited inside the loop. When the connection is lost it
    is made again, with growing pauses; what was sent and not acknowledged is sent again, what was missed is replayed,
    nothing is shown twice.

    Args:
        url: where the server listens: `ws://host:port`, `wss://host:port`, `quic://host:port`, or what other
            transports understand; `chat://host:port` takes QUIC or WebSocket, whichever connects first, and says
            which by a `TransportChosen` event. `tcp+DIALECT://host:port` speaks another dialect.
        username: 2 to 32 letters of one script, digits, `_` or `-` (a server may allow fewer).
        password: of the server, if it has one; where it has none, and the name belongs to an account, of that.
        account_password: of the account whose owner logs in. What does not last, such as a signed token, is given as
            an async function that returns it: it is asked before each connection, also when a lost one is made again,
            until the client registers or identifies with a password. While it raises OSError, or takes longer than
            `ConnectOptions.login_timeout`, there is no connection, and it is asked again; what else it raises ends
            the client.
        account: its name; the username when left out.
        invitation: what an invitation says (`chatcore.text.invitation.read_invitation` finds it in a link).
        operator_token: that of the operators, who come in without the password of the server and without an account;
            `Client.become_operator` makes one of who is in.
        client_id: random text of 16 to 64 characters that this program keeps to itself and between runs, so that the
            server goes on counting its sends; a fresh one when left out. One program at a time may use it. What is made
            of it is told to servers, never the text.
        bot: True when the program answers by itself, as a `chatcore.Bot` does: everybody is told so, and other bots do
            not answer it.
        reconnect: False ends the client with the first connection.
        repeat_private: False gives up a direct message, the offer of a file to certain users, an invitation or a role
            that has not arrived when a connection is lost, or is asked for while there is none: whoever has the name
            by then may be somebody else. It is refused with `not_repeated` before the `Welcomed` of the next
            connection, and can be sent again once it is certain to whom (`Client.whois`).
        options: limits, times and certificates of the connection (`chatcore.ports.transport.ConnectOptions`).
        known_servers: remembers the keys of servers that no authority vouches for, and so trusts them on first use
            (`chatcore_tls.known_servers.KnownServersFile` keeps them in a file); without it they are not trusted,
            unless `options.fingerprints` names their key.
        files: where files come from and go to (`chatcore_files.DownloadFolder`); without it, none are received.
        sessions: keeps what it takes to go on with the session after the program's own end, were it SIGKILL
            (`chatcore_sessions.SessionFolder` keeps it in files): the next `connect` to this server with this name is
            back in it at once, and what it says again, in the same order, counts once. One program at a time has it.
            Without it, the name is taken until the grace period of the lost connection is over.
        transport: one that is not installed, such as the one in memory of `chatcore.testing`.
        dialect: name of an installed dialect; what the address says, or `chat`, when left out.

    Returns:
        An async context manager, or an awaitable, that gives a `Client`. Leaving the context closes the client;
        whoever awaits it calls `Client.close`.

    Raises:
        ConnectionFailed: the server cannot be reached, or does not answer the login in time, or closes before it, five
            times if it may reconnect, in `ConnectOptions.login_timeout` if it closes without a word (when entered or
            awaited); no transport understands the address, or its dialect has no login (at once).
            `UntrustedCertificate` when nobody vouches for the server, `CertificateChanged` when it is not the one that
            is known.
        LoginRefused: the server does not want this login; `code` says why: `name_taken`, `bad_name`, `server_full`,
            `shutting_down`, `not_allowed` (another operator token); `name_registered`, `account_required`,
            `not_identified`: `account_password` is asked for.
            At once when the name, a secret or the client id holds what cannot be sent, such as half an emoji, or is
            too long for any server, or the client id too short.
        ConfigurationError: there is no such transport or dialect (at once); a file of certificates or known servers
            cannot be used (when entered or awaited).
        TypeError: an argument is of another kind (at once).
    """
    address, named = split_dialect(url)
    shortest, longest = _CLIENT_ID_CHARS
    if client_id is not None and not shortest <= len(client_id) <= longest:
        why = Sentence("it has {shortest} to {longest} characters", shortest=shortest, longest=longest)
        raise LoginRefused(ErrorCode.BAD_REQUEST, Sentence("the client id cannot be used: {why}", why=why))
    options = options or ConnectOptions()
    ask, fixed = (account_password, "") if callable(account_password) else (None, account_password)
    owner = None if fixed is None else (account or username, fixed)
    session = ClientSession(
        username,
        *_numbered_by(username, client_id),
        password,
        owner,
        invitation=invitation,
        operator_token=operator_token,
        bot=bot,
        repeat_private=repeat_private,
    )
    return Connecting(
        Client(
            url,
            session,
            route_to(address, options, transport, known_servers),
            load_dialect_with_login(dialect or named or "chat", url),
            reconnect=reconnect,
            login_timeout=options.login_timeout,
            options=options,
            files=files,
            fresh=None if ask is None else FreshPassword(session, ask, options.login_timeout),
            remembering=Remembering(sessions, place_of_server(address), session, own_numbers=client_id is not None),
        )
    )


def _numbered_by(username: str, client_id: str | None) -> tuple[str, str | None]:
    """Return the client id that the server is told, and the token of a first login: neither gives the other away."""
    if client_id is None:
        return secrets.token_urlsafe(16), None
    check_login(username, client_id)
    name, secret = (hashlib.sha256(f"{what} {client_id}".encode()).hexdigest()[:32] for what in ("client", "numbers"))
    return name, f".{secret}"


class Connecting:
    """What `connect` returns: enter it with `async with`, or `await` it and `close` the client yourself."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __await__(self) -> Generator[Any, None, Client]:
        return self._start().__await__()

    async def _start(self) -> Client:
        await self._client.start()
        return self._client

    async def __aenter__(self) -> Client:
        return await self._start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.close()
