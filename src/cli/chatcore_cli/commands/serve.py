"""`chatcore serve`: its options, and how they become a running server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from pydantic import ValidationError

from chatcore.aio.plugins import dialect_names, store_names, transport_names
from chatcore.aio.routes import host_and_port, route_to
from chatcore.aio.server import MEMORY, Listen
from chatcore.errors import ConfigurationError, ConnectionFailed
from chatcore.limits import FIXED, PER_PEER, Limits
from chatcore.ports.server_address import DEFAULT_PORT
from chatcore.ports.transport import ConnectOptions, ListenOptions
from chatcore.server.signing_in.terms import Accounts
from chatcore_cli.hosting.announcing import is_here
from chatcore_cli.hosting.inviting import Code, public_url
from chatcore_cli.hosting.keeping import Keeping, rooms_from
from chatcore_cli.hosting.nearby import check_announcing
from chatcore_cli.hosting.places import check_ports, place_at, shared_places, with_web_page
from chatcore_cli.hosting.running import run
from chatcore_cli.hosting.serve_settings import ServeSettings
from chatcore_cli.hosting.usable import check_can_encrypt, check_encryption, check_usable
from chatcore_cli.saying.logs import FORMATS
from chatcore_cli.saying.texts import N_, _
from chatcore_cli.settings.config import read_settings
from chatcore_cli.settings.of_use import check_of_use, tell_of_two_passwords
from chatcore_cli.settings.operators import token_in
from chatcore_cli.settings.options import (
    HostPort,
    Number,
    NumberOption,
    SectionedCommand,
    WholeNumber,
    log_level_option,
    state_dir_option,
)
from chatcore_cli.settings.passwords import password_in
from chatcore_cli.settings.paths import FILE, KEPT_FILE, STORE
from chatcore_cli.settings.people import check_accounts, limits_of, people_from, people_in
from chatcore_cli.settings.sources import (
    SETTINGS_FILE,
    origin,
    read_again,
    setting_name,
    text_files_of,
    was_given,
    with_origin,
)

_MEBIBYTE: Final = 2**20
# Where in `Context.meta` it stands what the file says of single rooms.
ROOMS: Final = "chatcore.rooms"
# The same of some people.
PEOPLE: Final = "chatcore.people"
# Options that are fields of `Limits`; their defaults and bounds are written there, and only there.
_LIMITS: Final = {
    "username-max": ("username_chars", N_("Longest username, in characters.")),
    "default-room": ("default_room", N_("Name of the lobby, the room where everybody starts.")),
    "text-max": ("text_bytes", N_("Longest message, in bytes.")),
    "messages-per-second": ("messages_per_second", N_("Most messages per second of one user; 0: no limit.")),
    "message-burst": ("message_burst", N_("How many messages may come at once before that limit counts.")),
    "requests-per-second": ("requests_per_second", N_("Requests per second of one user, over time; 0: no limit.")),
    "request-burst": ("request_burst", N_("How many requests may come at once before that limit counts.")),
    "connections-per-address": (
        "connections_per_address",
        N_("Most connections of one network address, and most of its users who wait for another one; 0: no limit."),
    ),
    "file-max": ("file_bytes", N_("Largest file that users may send each other, in bytes.")),
    "file-offers": ("file_offers", N_("How many files one user may have on offer at a time; 0: no files.")),
    "file-transfers": ("file_transfers", N_("How many files may be on their way from and to one user at a time.")),
    "file-transfers-per-address": (
        "file_transfers_per_address",
        N_("The same of all users of one network address, with those on offer, once for each receiver; 0: no limit."),
    ),
    "file-transfers-in-all": (
        "file_transfers_in_all",
        N_("The same of everybody: what may be on offer or on its way."),
    ),
    "file-window": ("file_window_bytes", N_("Most bytes of one file that are under way at a time.")),
    "file-idle": ("file_idle", N_("After how many seconds without a move a file is given up.")),
    "sessions-max": ("sessions", N_("Most users at a time.")),
    "accounts-max": ("accounts", N_("Most registered names.")),
    "rooms-per-user": ("rooms_per_user", N_("Most rooms that one user may own at a time; 0: no limit.")),
    "sessions-per-account": (
        "sessions_per_account",
        N_("Most sessions at a time of one registered name, under whatever names; 0: no limit."),
    ),
    "inbox-messages": (
        "inbox_messages",
        N_("How many direct messages wait for somebody with a registered name who is away."),
    ),
    "history": ("log_messages", N_("How many messages of each room the server remembers.")),
    "grace": ("grace", N_("How many seconds a user who lost the connection keeps name and room.")),
    "login-timeout": ("login_timeout", N_("How many seconds a connection may take to log in.")),
    "keepalive-interval": (
        "keepalive_interval",
        N_("After how many silent seconds a peer is asked for a sign of life."),
    ),
    "keepalive-timeout": ("keepalive_timeout", N_("How many seconds the answer to that may take.")),
}
# Options that are fields of `ListenOptions`, and of `Keeping`.
_LISTENING: Final = (
    "host",
    "tls_cert",
    "tls_key",
    "tls_own",
    "state_dir",
    "origins",
    "proxies",
    "allow",
    "deny",
    "max_connections",
)
_KEEPING: Final = ("keep_messages", "keep_days", "keep_mib")
# What may be otherwise while the server runs, beside limits.
_LIVE: Final = {"people", "bots", "operators", "no_limits", "password_file", "operator_token_file", "log_level"}
_SECTIONS: Final = {
    _("Where it listens"): (
        "transports",
        "dialect",
        "host",
        "port",
        "addresses",
        "origins",
        "proxies",
        "allow",
        "deny",
        "password_file",
        "accounts",
        "no_web",
        "public",
        "announce",
        "qr",
        "no_qr",
        "max_connections",
    ),
    _("Encryption"): ("tls_own", "tls_cert", "tls_key", "state_dir"),
    _("Users and messages"): (
        "username_max",
        "default_room",
        "sessions_max",
        "accounts_max",
        "rooms_per_user",
        "sessions_per_account",
        "inbox_messages",
        "text_max",
        "messages_per_second",
        "message_burst",
        "history",
        "history_memory",
        "whois_address",
    ),
    _("What one user may do to the others"): (
        "requests_per_second",
        "request_burst",
        "connections_per_address",
        "people",
        "bots",
        "no_limits",
    ),
    _("Files between users"): (
        "file_max",
        "file_offers",
        "file_transfers",
        "file_transfers_per_address",
        "file_transfers_in_all",
        "file_window",
        "file_idle",
    ),
    _("What a restart keeps"): ("store", "advertised", "rooms", "keep_messages", "keep_days", "keep_mib"),
    _("Connections"): ("grace", "login_timeout", "keepalive_interval", "keepalive_timeout"),
    _("Log and operation"): ("log_level", "log_format", "operators", "operator_token_file", "admin_listen", "drain"),
}
_EXAMPLES: Final = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore serve
  chatcore serve --transport ws --transport quic --host 0.0.0.0
  chatcore serve --tls-cert cert.pem --tls-key key.pem
  chatcore serve --listen wss://0.0.0.0:8765 --listen tcp+echo://127.0.0.1:7007
  chatcore serve --config chatcore.toml""",
        _("In the file, settings are named like the options:"),
        """\b
  [serve]
  port = 9000
  log-level = "debug\"""",
        _("The command line goes before the environment (CHATCORE_SERVE_PORT=9000), and that before the file."),
    )
)


def _limit_option(name: str, field: str, about: str) -> click.Option:
    info = Limits.model_fields[field]
    bounds: dict[str, Any] = {}
    for rule in info.metadata:
        for bound in ("ge", "gt", "le"):
            if hasattr(rule, bound):
                bounds["max" if bound == "le" else "min"] = getattr(rule, bound)
                bounds["min_open"] = bounds.get("min_open", False) or bound == "gt"
    kinds: dict[type, click.ParamType[Any]] = {int: WholeNumber(**bounds), float: Number(**bounds)}
    kind = kinds.get(type(info.default), click.STRING)
    metavar = _("NAME") if kind is click.STRING else None
    return NumberOption(
        [f"--{name}"], type=kind, metavar=metavar, default=info.default, show_default=True, help=_(about)
    )


def _read_config(ctx: click.Context, _param: click.Parameter, path: str | None) -> None:
    if path is None:
        return
    ctx.meta[SETTINGS_FILE] = path
    try:
        ctx.default_map, tables = read_settings(path, ctx.command, ("rooms", "limits"), text_files_of(ctx))
        ctx.meta[ROOMS] = rooms_from(path, f"{ctx.command.name}.rooms", tables.get("rooms", {}))
        ctx.meta[PEOPLE] = people_in(path, f"{ctx.command.name}.limits", tables.get("limits", {}))
    except ConfigurationError as error:
        raise with_origin(ctx, error, {"config": path}) from error


_listen = ListenOptions()


@click.command(
    "serve",
    cls=SectionedCommand,
    sections=_SECTIONS,
    help=_("Start a chat server and run it until Ctrl-C."),
    epilog=_EXAMPLES,
)
@click.option(
    "--config",
    type=FILE,
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    help=_("File with settings, in TOML."),
)
@click.option(
    "--transport",
    "transports",
    multiple=True,
    default=("ws",),
    show_default=True,
    metavar="[" + "|".join(transport_names()) + "]",
    help=_("What clients connect with; may be given more than once."),
)
@click.option(
    "--dialect",
    default="chat",
    show_default=True,
    metavar="[" + "|".join(dialect_names()) + "]",
    help=_(
        "What clients speak: chat is the protocol of chatcore, simple-json and simple-text are those of two "
        "courseworks, echo sends back what comes."
    ),
)
@click.option(
    "--host",
    metavar=_("HOST"),
    default=_listen.host,
    show_default=True,
    help=_("Address to listen on; 0.0.0.0 opens the server to the network."),
)
@click.option(
    "--port",
    cls=NumberOption,
    type=WholeNumber(0, 65535),
    show_default=str(_listen.port),
    help=_("Port to listen on, by TCP and by UDP; 0 picks a free one."),
)
@click.option(
    "--listen",
    "addresses",
    multiple=True,
    metavar="URL",
    help=_("Place to listen at instead, like wss://0.0.0.0:8765 or tcp+echo://[::1]:7; may be given more than once."),
)
@click.option(
    "--tls",
    "tls_own",
    is_flag=True,
    help=_("Encrypt WebSocket with a certificate that the server makes itself; QUIC always is."),
)
@state_dir_option(_("Directory for the key of the server's own certificates."))
@click.option("--tls-cert", type=KEPT_FILE, help=_("PEM file with the certificate; makes the server encrypted."))
@click.option("--tls-key", type=KEPT_FILE, help=_("PEM file with the key of the certificate."))
@click.option(
    "--origin",
    "origins",
    metavar="URL",
    multiple=True,
    help=_(
        "Origin of web pages that may connect, besides the server's own, like https://chat.example.org; a server "
        "behind a proxy goes by that name too. May be given more than once."
    ),
)
@click.option(
    "--trust-proxy",
    "proxies",
    multiple=True,
    metavar=_("NETWORK"),
    help=_(
        "Address or network of a reverse proxy, like 127.0.0.1: who it says that it speaks for is who comes "
        "(X-Forwarded-For); may be given more than once."
    ),
)
@click.option(
    "--no-web",
    is_flag=True,
    help=_("Show browsers no page to chat in; without this, they get one at the address of the WebSocket."),
)
@click.option(
    "--public-url",
    "public",
    metavar="URL",
    help=_("Address of that page for everybody, like https://chat.example.org/, for the links that are printed."),
)
@click.option(
    "--announce",
    is_flag=True,
    help=_("List the server by name on the local network, for programs that look there (mDNS)."),
)
@click.option(
    "--qr", is_flag=True, help=_("Print a code for cameras wherever that goes, even if only this computer is reached.")
)
@click.option("--no-qr", is_flag=True, help=_("Print no code for cameras beside the link for others."))
@click.option(
    "--allow",
    multiple=True,
    metavar=_("NETWORK"),
    help=_("Address or network that users may come from, and from nowhere else; may be given more than once."),
)
@click.option(
    "--deny",
    multiple=True,
    metavar=_("NETWORK"),
    help=_("Address or network that nobody may come from, even if it is allowed; may be given more than once."),
)
@click.option(
    "--password-file",
    type=FILE,
    help=_("File with the password that everybody has to give at the login, on its first line."),
)
@click.option(
    "--accounts",
    type=click.Choice([each.value for each in Accounts], case_sensitive=False),
    default=Accounts.OPTIONAL.value,
    show_default=True,
    help=_("Whether users may register their names (optional), have to (required), or cannot (off)."),
)
@click.option(
    "--max-connections",
    cls=NumberOption,
    type=WholeNumber(1),
    default=_listen.max_connections,
    show_default=True,
    help=_("Most connections at a time, of all places where it listens together."),
)
@click.option(
    "--history-memory",
    cls=NumberOption,
    type=WholeNumber(1),
    default=Limits().total_log_bytes // _MEBIBYTE,
    show_default=True,
    help=_("Most memory for all remembered messages together, in MiB."),
)
@click.option(
    "--store",
    type=STORE,
    default=MEMORY,
    show_default=True,
    metavar="[" + "|".join((MEMORY, *store_names())) + "][:PLACE]",
    help=_("What keeps rooms, users and messages over a restart: nothing (memory), or a file, like sqlite:chat.db."),
)
@click.option(
    "--advertise",
    "advertised",
    multiple=True,
    metavar="URL",
    help=_(
        "Address where clients reach this server when several share a store: those of the others come here when they "
        "lose theirs. May be given more than once."
    ),
)
@click.option(
    "--room",
    "rooms",
    multiple=True,
    metavar=_("NAME"),
    help=_("Name of a room that is always there; may be given more than once."),
)
@click.option(
    "--keep-messages",
    cls=NumberOption,
    type=WholeNumber(1),
    help=_("Most messages that the store keeps, over all rooms; the oldest go first."),
)
@click.option(
    "--keep-days",
    cls=NumberOption,
    type=Number(min=0, min_open=True),
    help=_("How many days the store keeps a message."),
)
@click.option(
    "--keep-mib",
    cls=NumberOption,
    type=Number(min=0, min_open=True),
    help=_("Most MiB of messages that the store keeps, over all rooms; the oldest go first."),
)
@click.option(
    "--whois-address/--no-whois-address",
    default=False,
    show_default=True,
    help=_("Whether users can see each other's network addresses."),
)
@click.option(
    "--limit",
    "people",
    multiple=True,
    metavar=_("WHO.SETTING=VALUE"),
    help=_(
        "Limit of some people in place of everybody's, like guest.request-burst=20: WHO is guest, account, moderator, "
        "owner, operator, bot, or @NAME for one account; operators and bots have none. May be given more than once."
    ),
)
@click.option(
    "--bot",
    "bots",
    multiple=True,
    metavar=_("NAME"),
    help=_("Registered name of a program that has no limits; may be given more than once."),
)
@click.option(
    "--no-limits",
    is_flag=True,
    help=_("Limit neither requests nor connections per address, unless another option says how: for load tests."),
)
@click.option(
    "--operator",
    "operators",
    multiple=True,
    metavar=_("NAME"),
    help=_("Registered name of an operator, who looks after the server; may be given more than once."),
)
@click.option(
    "--operator-token-file",
    type=FILE,
    help=_("File with the token of the operators, who look after the server (chatcore admin)."),
)
@log_level_option("info")
@click.option(
    "--log-format",
    type=click.Choice(FORMATS, case_sensitive=False),
    default="text",
    show_default=True,
    help=_("How log records are written, on standard error."),
)
@click.option(
    "--admin-listen",
    type=HostPort(),
    metavar=_("HOST:PORT"),
    help=_("Where programs that look after the server ask how it does (/metrics, /healthz, /readyz), by HTTP."),
)
@click.option(
    "--drain",
    cls=NumberOption,
    type=Number(min=0),
    default=0.0,
    show_default=True,
    help=_("For how many seconds users may go on after SIGTERM, while nobody new gets in."),
)
def command(**_params: Any) -> int:
    """Run a server."""
    ctx = click.get_current_context()
    return run(settings_of(ctx), partial(_read_again, ctx))


def _read_again(ctx: click.Context) -> ServeSettings:
    """Return what a server that runs is to be told now. Raises `ConfigurationError`."""
    now = read_again(ctx)
    live = {name.replace("-", "_") for name, (field, _about) in _LIMITS.items() if field not in FIXED} | _LIVE
    others = [each for each in ctx.command.params if each.name not in live]
    late = [setting_name(each) for each in others if now.params.get(each.name) != ctx.params.get(each.name)]
    if now.meta.get(ROOMS) != ctx.meta.get(ROOMS):
        late.append("rooms")
    return replace(usable_settings_of(now), late=tuple(late))


def usable_settings_of(ctx: click.Context) -> ServeSettings:
    """Return what a server is to be told, and look at what that names too: files, addresses, a store.

    Raises:
        ConfigurationError: no server would come up with it, as far as that shows without starting one.
    """
    try:
        with ctx.scope(cleanup=False):
            settings = settings_of(ctx)
            check_usable(settings)
    except ConfigurationError as error:
        raise with_origin(ctx, error, ctx.params) from error
    return settings


def settings_of(ctx: click.Context) -> ServeSettings:
    """Return what a server is to be told, from the parameters of this command.

    Raises:
        ConfigurationError: some of them make no sense, or not together.
    """
    given, files = ctx.params, text_files_of(ctx)
    places = _places(ctx)
    tell_of_two_passwords(ctx)
    _check_people(ctx)
    limits = _limits(ctx)
    if given["announce"]:
        _check_announced(ctx, places)
    return ServeSettings(
        listen=places if given["no_web"] else with_web_page(places),
        by_address=bool(given["addresses"]),
        public_url=None if given["public"] is None else public_url(given["public"]),
        announced=given["announce"],
        show_code=Code.ALWAYS if given["qr"] else Code.NEVER if given["no_qr"] else Code.FOR_OTHERS,
        connections_asked=was_given(ctx, "max_connections"),
        limits=limits,
        store=_store(ctx),
        advertised=_advertised(ctx),
        rooms=given["rooms"],
        retention=Keeping(**{name: given[name] for name in _KEEPING}).retention(ctx.meta.get(ROOMS)),
        show_addresses=given["whois_address"],
        password=password_in(given["password_file"], files),
        accounts=given["accounts"],
        log_level=given["log_level"],
        log_format=given["log_format"],
        admin=given["admin_listen"],
        operator_token=token_in(given["operator_token_file"], origin(ctx, "operator_token_file"), files),
        drain=given["drain"],
    )


def _places(ctx: click.Context) -> tuple[Listen, ...]:
    """Return where it listens."""
    given = ctx.params
    if given["tls_key"] is not None and given["tls_cert"] is None:
        raise ConfigurationError("{option} is of no use without --tls-cert.", option=origin(ctx, "tls_key"))
    if not given["transports"]:
        raise ConfigurationError("{option} names no transport.", option=origin(ctx, "transports"))
    options = ListenOptions(**{name: given[name] for name in _LISTENING})
    if addresses := given["addresses"]:
        _check_apart(ctx)
        places = tuple(place_at(address, options) for address in addresses)
        check_encryption(ctx, dict(zip(addresses, places, strict=True)))
    else:
        places = shared_places(given["transports"], given["dialect"], given["port"], options)
        check_can_encrypt(ctx, places)
    check_of_use(ctx, places)
    check_ports(places, given["admin_listen"], origin(ctx, "admin_listen"))
    return places


def _check_apart(ctx: click.Context) -> None:
    """Refuse options that say the same as `--listen` does, only otherwise."""
    for name in ("transports", "dialect", "host", "port"):
        if was_given(ctx, name):
            raise ConfigurationError(
                "{option} and {addresses} exclude each other: the address says it all.",
                option=origin(ctx, name),
                addresses=origin(ctx, "addresses"),
            )


def _check_announced(ctx: click.Context, places: Sequence[Listen]) -> None:
    """Refuse to announce what nobody else reaches, or without what announces it."""
    if all(map(is_here, places)):
        raise ConfigurationError(
            "{option} is of no use: only this computer can reach the server.", option=origin(ctx, "announce")
        )
    check_announcing()


def _check_people(ctx: click.Context) -> None:
    """Refuse operators and bots that no account can belong to."""
    given = ctx.params
    for param in ("bots", "operators"):
        check_accounts(given[param], origin(ctx, param), given["accounts"], origin(ctx, "accounts"))
    if given["operators"] and given["operator_token_file"] is None and given["store"] == MEMORY:
        raise ConfigurationError(
            "{option} is of no use: only operators register {name}; give --operator-token-file, or a --store with it.",
            option=origin(ctx, "operators"),
            name=given["operators"][0],
        )


def _limits(ctx: click.Context) -> Limits:
    given = ctx.params
    params = {field: name.replace("-", "_") for name, (field, _about) in _LIMITS.items()}
    # Only what was said: for the rest a dialect may have other defaults.
    fields = {field: given[param] for field, param in params.items() if was_given(ctx, param)}
    if given["no_limits"]:
        fields = dict.fromkeys(PER_PEER, 0) | fields
    people = limits_of(people_from(given["people"], origin(ctx, "people"), ctx.meta.get(PEOPLE, {})))
    whose = {"people": people, "bots": given["bots"], "operators": given["operators"]}
    memory = given["history_memory"]
    try:
        return Limits(total_log_bytes=memory * _MEBIBYTE, **fields, **whose)
    except ValidationError as error:
        field = error.errors()[0]["loc"][0]
        raise ConfigurationError(
            "{value} is not a possible value of {option}.",
            value=fields.get(str(field), memory),
            option=origin(ctx, params.get(str(field), "history_memory")),
        ) from error


def _store(ctx: click.Context) -> str:
    """Return the store with its place; refuse what is said of keeping when nothing is kept."""
    store, state_dir = ctx.params["store"], ctx.params["state_dir"]
    name, colon, place = store.partition(":")
    if name == MEMORY:
        for option in _KEEPING:
            if was_given(ctx, option):
                raise ConfigurationError(
                    "{option} is of no use without a store, like --store sqlite.", option=origin(ctx, option)
                )
        if was_given(ctx, "advertised") and ctx.params["advertised"]:
            raise ConfigurationError(
                "{option} is of no use without a store that several servers share, like --store nats://HOST/CHAT.",
                option=origin(ctx, "advertised"),
            )
        if ctx.meta.get(ROOMS):
            raise ConfigurationError(
                "{option} is of no use without a store, like --store sqlite.",
                option=_("{key} in {file}").format(key="rooms", file=ctx.meta[SETTINGS_FILE]),
            )
        if colon:
            raise ConfigurationError("{option}: the store memory has no place.", option=origin(ctx, "store"))
    elif name == "sqlite" and state_dir is not None and not place:  # that file is its own; others say what they need
        return f"{name}:{Path(state_dir) / 'chat.db'}"
    return str(store)


def _advertised(ctx: click.Context) -> tuple[str, ...]:
    """Return the addresses that clients are to be told, if they are some."""
    urls: tuple[str, ...] = ctx.params["advertised"]
    for url in urls:
        try:
            route_to(url, ConnectOptions())
            host_and_port(url, DEFAULT_PORT)
        except ConnectionFailed as error:
            raise ConfigurationError("{option}: {why}", option=origin(ctx, "advertised"), why=error.sentence) from error
    return urls


command.params += [_limit_option(name, field, about) for name, (field, about) in _LIMITS.items()]
