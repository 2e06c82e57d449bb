"""Where settings come from, and that none is ignored in silence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.core import ParameterSource

from chatcore_cli.commands.serve import command as serve
from chatcore_cli.main import cli
from chatcore_cli.settings.options import HostPort
from chatcore_cli.settings.sources import unread, variable_name
from tests.unit.cli.processes import run_here, sentences

HOUSE = click.Context(cli, **cli.context_settings)


def commands() -> Iterator[click.Command]:
    for name in cli.list_commands(HOUSE):
        command = cli.get_command(HOUSE, name)
        assert command is not None
        yield command


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def example(parameter: click.Parameter) -> str:
    """Return a value that a setting can have, and that is not its default."""
    kind = parameter.type
    if isinstance(kind, click.types.BoolParamType):
        return "false" if parameter.default is True else "true"
    if kind.name == "time":
        return "2h"
    if isinstance(kind, HostPort):
        return "127.0.0.1:9100"
    if isinstance(kind, click.Choice):
        return str(kind.choices[-1])
    if isinstance(kind, click.IntRange | click.FloatRange):
        return str((kind.min or 0) + 1)
    return "something"


OPTIONS = [
    pytest.param(command, parameter, id=variable_name(str(command.name), parameter))
    for command in commands()
    for parameter in command.params
    if parameter.name not in ("config", "directory")
    and not (parameter.required and command.name in ("admin", "invite", "handout"))
]


@pytest.mark.parametrize(("command", "parameter"), OPTIONS)
def test_every_setting_is_read_from_the_variable_that_is_named_like_it(
    command: click.Command, parameter: click.Parameter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--log-level` of `serve` from CHATCORE_SERVE_LOG_LEVEL; and an empty variable is none."""
    rest = {
        "schema": ["somewhere"],
        "admin": ["somewhere", "who"],
        "invite": ["somewhere"],
        "handout": ["somewhere"],
    }.get(str(command.name), [])
    word = parameter.opts[-1].lstrip("-").replace("-", "_").upper()
    variable, name = f"CHATCORE_{str(command.name).upper()}_{word}", str(parameter.name)
    default = command.make_context(command.name, [*rest], HOUSE).params.get(name)
    monkeypatch.setenv(variable, example(parameter))
    ctx = command.make_context(command.name, [*rest], HOUSE)
    assert ctx.get_parameter_source(name) is ParameterSource.ENVIRONMENT
    assert not parameter.expose_value or ctx.params[name] != default
    monkeypatch.setenv(variable, "")
    ctx = command.make_context(command.name, [*rest], HOUSE)
    assert ctx.get_parameter_source(name) is ParameterSource.DEFAULT
    assert ctx.params.get(name) == default


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("1", True),
        ("Yes", True),
        ("on", True),
        ("false", False),
        ("0", False),
        ("no", False),
        ("OFF", False),
    ],
)
def test_switch_is_true_or_false_in_many_words(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that has two options, --whois-address and --no-whois-address."""
    monkeypatch.setenv("CHATCORE_SERVE_TLS", text)
    monkeypatch.setenv("CHATCORE_SERVE_WHOIS_ADDRESS", text)
    params = serve.make_context("serve", [], HOUSE).params
    assert (params["tls_own"], params["whois_address"]) == (value, value)


@pytest.mark.parametrize(
    ("variables", "args", "sentence"),
    [
        (
            {"PORT": "many"},
            [],
            "Invalid value for CHATCORE_SERVE_PORT in the environment: 'many' is not a whole",
        ),
        ({"LOG_LEVEL": "loud"}, [], "Invalid value for CHATCORE_SERVE_LOG_LEVEL in the environment: 'loud' is not one"),
        ({"TLS": "perhaps"}, [], "CHATCORE_SERVE_TLS in the environment: 'perhaps' is neither true nor false."),
        (
            {"USERNAME_MAX": "99"},
            [],
            "CHATCORE_SERVE_USERNAME_MAX in the environment: '99' is not a whole number",
        ),
        ({"DEFAULT_ROOM": "two words"}, [], "two words is not a possible value of CHATCORE_SERVE_DEFAULT_ROOM."),
        ({"TRANSPORT": " "}, [], "CHATCORE_SERVE_TRANSPORT names no transport."),
        ({"TRANSPORT": "ws,quic"}, [], "(CHATCORE_SERVE_TRANSPORT is ws,quic)"),
        ({"TLS_KEY": "key.pem"}, [], "CHATCORE_SERVE_TLS_KEY is of no use without --tls-cert."),
        ({"TLS_CERT": "none.pem"}, [], "No such file or directory (CHATCORE_SERVE_TLS_CERT is none.pem)"),
        ({"CONFIG": "none.toml"}, [], "No such file or directory. (CHATCORE_SERVE_CONFIG is none.toml)"),
        ({"PORT": "0"}, ["--listen", "ws://[::1]"], "CHATCORE_SERVE_PORT and --listen exclude each other"),
        ({"PORT": "0", "LISTEN": "ws://[::1]"}, [], "CHATCORE_SERVE_PORT and CHATCORE_SERVE_LISTEN exclude each other"),
        (
            {"HOST": "no.invalid", "PORT": "0"},
            [],
            "choose another one with --host or --listen (CHATCORE_SERVE_HOST is no.invalid)",
        ),
        ({"STATE_DIR": "~nobody-at-all/x"}, [], "in the environment: the home directory ~nobody-at-all is not known"),
    ],
)
def test_sentence_names_the_variable_that_a_value_came_from(
    variables: dict[str, str], args: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with it; nobody has typed an option."""
    for name, value in variables.items():
        monkeypatch.setenv(f"CHATCORE_SERVE_{name}", value)
    done = run_here("serve", *args)
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
    assert sentence in done.stderr


def test_variable_that_kubernetes_has_made_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service called chatcore-serve makes one that is called like a setting."""
    monkeypatch.setenv("CHATCORE_SERVE_PORT", "tcp://10.0.0.5:80")
    done = run_here("serve")
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
    assert "Invalid value for CHATCORE_SERVE_PORT in the environment: 'tcp://10.0.0.5:80' is not a whole" in done.stderr
    assert "like a variable that Kubernetes makes for a service of that name; enableServiceLinks: false" in done.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = 99999", "In x.toml: Invalid value for port: '99999' is not a whole number from 0 to 65535."),
        ('log-level = "loud"', "In x.toml: Invalid value for log-level: 'loud' is not one of"),
        ('default-room = "two words"', "two words is not a possible value of default-room in x.toml."),
        ('tls-key = "key.pem"', "tls-key in x.toml is of no use without --tls-cert."),
        ('tls-cert = "none.pem"', "No such file or directory (tls-cert in x.toml is none.pem)"),
        ("transport = []", "transport in x.toml names no transport."),
        ('host = ""', "In x.toml: Invalid value for host: it is empty; leave it out instead."),
        ('port = 1\nlisten = "ws://[::1]"', "port in x.toml and listen in x.toml exclude each other"),
        ('log-level = "info"\nlog_level = "debug"', "In x.toml, log-level stands twice, with - and with _."),
        (
            'state-dir = "$HOME/x"',
            "state-dir: $HOME is not replaced in a path; write the path in full.",
        ),
        ('state-dir = "a\\u0000b"', "Invalid value for state-dir: a path cannot have the character NUL in it."),
    ],
)
def test_sentence_names_the_file_and_the_key_that_a_value_came_from(text: str, sentence: str) -> None:
    """Likewise."""
    Path("x.toml").write_text(f"[serve]\n{text}\n")
    done = run_here("serve", "--config", "x.toml")
    assert (done.returncode, len(sentences(done.stderr))) == (2, 1), done.stderr
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--tls", "--listen", "ws://[::1]:0"], "--tls is of no use: nothing is encrypted at ws://[::1]:0."),
        (["--tls", "--listen", "tcp://[::1]:0"], "--tls is of no use: nothing is encrypted at tcp://[::1]:0."),
        (
            ["--tls", "--listen", "ws+echo://[::1]:0", "--listen", "wss://[::1]:0"],
            "--tls asks for encryption, and ws+echo://[::1]:0 has none; write wss+echo://[::1]:0.",
        ),
        (
            ["--tls", "--transport", "ws", "--transport", "tcp"],
            "--tls asks for encryption, and the tcp transport has none; leave it out, or name each place with --listen",
        ),
        (
            ["--tls-cert", "c.pem", "--transport", "tcp"],
            "--tls-cert asks for encryption, and the tcp transport has none",
        ),
        (["--tls-cert", "c.pem", "--listen", "ws://[::1]:0"], "--tls-cert is of no use: nothing is encrypted at"),
        (["--listen", "ws://:secret@[::1]:0"], "is not a place to listen at"),
        (["--listen", "ws://[::1]:0#part"], "is not a place to listen at"),
        (
            ["--operator", "zoe", "--accounts", "off"],
            "--operator is of no use: it names an account, and with --accounts",
        ),
        (["--bot", "zoe", "--accounts", "off"], "--bot is of no use: it names an account, and with --accounts off"),
        (["--advertise", "ws://one:8765"], "--advertise is of no use without a store that several servers share"),
        (["--operator", "zoe"], "--operator is of no use: only operators register zoe; give --operator-token-file"),
        (["--host", ""], "Invalid value for '--host': it is empty; leave it out instead."),
        (["--state-dir", ""], "Invalid value for '--state-dir': it is empty; leave it out instead."),
        (["--listen", ""], "Invalid value for '--listen': it is empty; leave it out instead."),
    ],
)
def test_option_that_would_have_no_effect_is_refused(args: list[str], sentence: str) -> None:
    """Nobody serves in plain text who has asked for encryption, nor everywhere who has named no host."""
    done = run_here("serve", *args)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_home_directory_is_put_into_every_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By option, variable and file: no shell has seen those."""
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("x.toml").write_text('[serve]\nstate-dir = "~/state"\nstore = "sqlite:~/chat.db"\n')
    monkeypatch.setenv("CHATCORE_SERVE_TLS_KEY", "~/key.pem")
    ctx = serve.make_context("serve", ["--config=~/x.toml", "--tls-cert=~/cert.pem"], HOUSE)
    assert ctx.params["state_dir"] == str(tmp_path / "state")
    assert ctx.params["store"] == f"sqlite:{tmp_path}/chat.db"
    assert ctx.params["tls_cert"] == str(tmp_path / "cert.pem")
    assert ctx.params["tls_key"] == str(tmp_path / "key.pem")


@pytest.mark.parametrize("store", ["memory", "sqlite", "sqlite:", "sqlite:chat.db", "nats://~a:b@one/chat?creds=x"])
def test_store_without_a_home_directory_in_it_stays_as_it_is(store: str) -> None:
    """An address is no path."""
    assert serve.make_context("serve", ["--store", store], HOUSE).params["store"] == store


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("~nobody-at-all/chat.db", "the home directory ~nobody-at-all is not known; write the path in full."),
        ("$HOME/chat.db", "$HOME is not replaced in a path; write the path in full."),
        (".", "File '.' is a directory."),
    ],
)
def test_store_at_a_path_that_cannot_be_meant_is_refused(place: str, sentence: str) -> None:
    """No folder is called `~`, and none `$HOME`."""
    done = run_here("serve", "--store", f"sqlite:{place}")
    assert done.returncode == 2
    assert sentence in done.stderr


def test_file_that_is_read_again_and_again_cannot_be_a_pipe(tmp_path: Path) -> None:
    """Nothing waits for somebody to write into it."""
    os.mkfifo(tmp_path / "pipe")
    done = run_here("serve", "--tls-cert", "pipe")
    assert done.returncode == 2
    assert "pipe is not a file on a disk; it is read again when it changes." in done.stderr


def test_every_strange_variable_is_told_with_the_nearest_name() -> None:
    """One of another command is nothing strange, nor one that belongs to everybody."""
    names = [
        "CHATCORE_SERVE_TLS_OWN",
        "CHATCORE_SERVER_LOG_LEVEL",
        "CHATCORE_PORT",
        "chatcore_serve_host",
        "CHATCORE_SERVE_XYZZY",
        "CHATCORE_CONNECT_URL",
        "CHATCORE_STATE_DIR",
        "CHATCORE_STARTED_BY_MAKE",
        "OTHER",
    ]
    assert unread(dict.fromkeys(names, "x"), list(commands())) == [
        "Nothing reads the environment variable CHATCORE_PORT. Did you mean CHATCORE_SERVE_PORT?",
        "Nothing reads the environment variable CHATCORE_SERVER_LOG_LEVEL. Did you mean CHATCORE_SERVE_LOG_LEVEL?",
        "Nothing reads the environment variable CHATCORE_SERVE_TLS_OWN. Did you mean CHATCORE_SERVE_TLS?",
        "Nothing reads the environment variable CHATCORE_SERVE_XYZZY.",
        "Nothing reads the environment variable chatcore_serve_host. Did you mean CHATCORE_SERVE_HOST?",
    ]
