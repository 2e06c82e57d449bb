"""`chatcore config`: what is wrong with settings is said before a server starts, and where each comes from."""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path

import pytest

from tests.unit.cli.processes import run, run_here

CERTS = Path(__file__).parent / "certs"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def shown(*args: str) -> dict[str, str]:
    """Return the lines of `chatcore config show`, by the name of the setting."""
    done = run_here("config", "show", *args)
    assert (done.returncode, done.stderr) == (0, "")
    return {line.lstrip("#").split(" =")[0]: " ".join(line.split()) for line in done.stdout.splitlines()}


def test_every_setting_is_shown_with_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option goes before the environment, and that before the file."""
    Path("x.toml").write_text('[serve]\nport = 1\nhost = "0.0.0.0"\ngrace = 3\n[serve.rooms.tea]\nkeep-days = 2\n')
    monkeypatch.setenv("CHATCORE_SERVE_GRACE", "7")
    monkeypatch.setenv("CHATCORE_SERVE_PORT", "2")
    lines = shown("x.toml", "--port", "3", "--room", "tea", "--store", "sqlite", "--admin-listen", "[::1]:9100")
    assert lines["port"] == "port = 3 # option"
    assert lines["grace"] == "grace = 7.0 # CHATCORE_SERVE_GRACE"
    assert lines["host"] == 'host = "0.0.0.0" # x.toml'
    assert lines["room"] == 'room = ["tea"] # option'
    assert lines["admin-listen"] == 'admin-listen = "[::1]:9100" # option'
    assert lines["dialect"] == '#dialect = "chat" # default'
    assert lines["tls-cert"] == "#tls-cert = # default"
    assert lines["keep-days"] == "keep-days = 2.0 # x.toml"


def test_what_is_shown_is_a_file_with_these_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing else in it: to begin one's own with."""
    monkeypatch.setenv("CHATCORE_SERVE_ORIGIN", "https://a.example http://b.example")
    text = run_here("config", "show", "--store", 'sqlite:a "quoted".db', "--drain", "2").stdout
    Path("again.toml").write_text(text)
    monkeypatch.delenv("CHATCORE_SERVE_ORIGIN")
    again = run_here("config", "show", "again.toml").stdout
    assert tomllib.loads(again) == tomllib.loads(text)
    assert tomllib.loads(text)["serve"]["store"] == 'sqlite:a "quoted".db'


@pytest.mark.parametrize(
    "args",
    [
        ("--listen", "ws://127.0.0.1:9000"),
        ("--dialect", "echo"),
        ("--accounts", "off"),
        ("--file-offers", "0"),
        ("--no-limits",),
        ("--public-url", "https://chat.example.org/@team"),
        ("--store", "sqlite:rooms//me@work/chat.db"),
    ],
)
def test_what_is_shown_can_be_used_whatever_is_set(args: tuple[str, ...]) -> None:
    """A setting that nobody gave is in nobody's way."""
    text = run_here("config", "show", *args).stdout
    Path("again.toml").write_text(text)
    done = run_here("config", "check", "again.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(tomllib.loads(text)["serve"]) - {"state-dir"} == {args[0].removeprefix("--")}


def test_password_in_an_address_is_not_shown() -> None:
    """Settings are shown to others, when one asks for help."""
    assert shown("--store", "nats://me:sec%40ret@a/chat")["store"] == 'store = "nats://***@a/chat" # option'


@pytest.mark.parametrize("password", ["sec ret", "sec\u3000ret", "sec\\ret"])
def test_password_in_an_address_is_not_shown_whatever_is_in_it(password: str) -> None:
    """What an address may have in it, it may have in its password."""
    assert shown("--store", f"nats://me:{password}@a/chat")["store"] == 'store = "nats://***@a/chat" # option'


@pytest.mark.parametrize("command", ["check", "show"])
@pytest.mark.parametrize(
    "address", ["ws://me:sec\uff1aret@a", "ws://me:sec/ret@a", "ws:me:secret@a", "ws://me:[sec]ret@a"]
)
@pytest.mark.parametrize("option", ["--listen", "--public-url", "--advertise", "--origin", "--admin-listen"])
def test_address_that_is_refused_is_said_without_its_secrets(option: str, address: str, command: str) -> None:
    """Also where it cannot be told what of it is the password."""
    store = ["--store", "nats://a/chat"] if option == "--advertise" else []
    done = run_here("config", command, option, address, *store)
    assert done.returncode == 2
    assert "***@a" in done.stderr
    assert "sec" not in done.stderr
    assert "ret@" not in done.stderr


def test_place_of_a_store_that_cannot_be_one_is_said_without_its_secrets() -> None:
    """Before the server is started."""
    for command, password in product(("check", "show"), ("sec@ret", "sec\uff1aret", "x[sec]ret")):
        done = run_here("config", command, "--store", f"nats://me:{password}@a/chat")
        assert done.returncode == 2
        assert "this is no place of a store on NATS" in done.stderr
        assert "sec" not in done.stdout + done.stderr
        assert "ret@" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("public-url", '"https://me:secret@example.org/"'),
        ("public-url", '"https://secret@example.org/"'),
        ("public-url", '"https://me:secret@example.org:port/"'),
        ("origin", '["https://me:secret@example.org"]'),
        ("listen", '["ws://me:secret@127.0.0.1:9000"]'),
    ],
)
def test_error_about_an_address_has_no_password_in_it(key: str, value: str) -> None:
    """When settings are read again, it stands in the log."""
    Path("x.toml").write_text(f"[serve]\n{key} = {value}\n")
    done = run_here("config", "check", "x.toml")
    assert done.returncode == 2
    assert "***@" in done.stderr
    assert f"{key} in x.toml" in done.stderr
    assert "secret" not in done.stderr


def test_folder_is_no_file_with_settings() -> None:
    """One sentence, as of other files that cannot be read."""
    done = run_here("config", "check", ".")
    assert (done.returncode, done.stderr) == (2, "chatcore: . is a folder; name the file with settings\n")


@pytest.mark.parametrize("word", ["check", "show"])
def test_file_that_would_not_be_looked_at_is_refused(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an option names another one; the file goes before the environment, as that option does."""
    Path("x.toml").write_text("[serve]\n")
    Path("y.toml").write_text("garbage(((")
    for options in (("--config", "x.toml"), ("--port", "3", "--config=x.toml")):
        done = run_here("config", word, "y.toml", *options)
        assert (done.returncode, done.stderr) == (2, "chatcore: y.toml is of no use: --config says otherwise.\n")
    monkeypatch.setenv("CHATCORE_SERVE_CONFIG", "y.toml")
    assert run_here("config", word, "x.toml").returncode == 0
    assert run_here("config", word, "./x.toml", "--config", str(Path("x.toml").resolve())).returncode == 0


def test_wrong_words_are_told_with_the_usage_of_the_command_that_was_typed() -> None:
    """Not with that of `serve`, whose options it takes."""
    Path("x.toml").write_text("[serve]\n")
    for words in (("--port", "3", "x.toml"), ("--port", "three"), ("--nonsense",)):
        done = run_here("config", "check", *words)
        assert done.returncode == 2
        assert done.stderr.startswith("Usage: chatcore config check [FILE] [OPTION]...\n")


def test_right_settings_are_called_right() -> None:
    """Nothing is started, made or written for that."""
    Path("x.toml").write_text('[serve]\nport = 9000\ntls = true\nstore = "sqlite:here.db"\nstate-dir = "state"\n')
    done = run_here("config", "check", "x.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "x.toml is right, as far as that shows without starting the server.\n"
    assert [path.name for path in Path().iterdir()] == ["x.toml"]
    assert run_here("config", "check").stdout.startswith("The settings are right, ")


@pytest.mark.parametrize(
    ("file", "args", "sentence"),
    [
        ("[serve]\nports = 1\n", [], "x.toml has an unknown setting ports in [serve]. Did you mean port?"),
        ("[serve]\nport = 70000\n", [], "In x.toml: Invalid value for port: '70000' is not a whole number"),
        ("[serve\n", [], "The configuration file x.toml is not TOML: "),
        ("[serve]\nport = 1\nport = 2\n", [], "In x.toml, port stands twice, the second time in line 3."),
        ("[serve]\nport = 1\n[serve]\n", [], "In x.toml, [serve] stands twice, the second time in line 3."),
        (
            '[serve]\nroom = ["a"]\nroom = [\n "b",\n "c",\n]\n',
            [],
            "x.toml, room stands twice, the second time in line 3.",
        ),
        ('# a\u2028b\n[serve]\nhost = "::"\nport = 1\nport = 2\n', [], "port stands twice, the second time in line 5."),
        (
            '[serve]\nlimit = []\nlimit = [\n "guest.text-max=6",\n "account.text-max=7",\n]\n',
            [],
            "x.toml, limit stands twice, the second time in line 3.",
        ),
        ("[serve]\nlimit = {a = 1, a = 2}\n", [], "In x.toml, 'a' stands twice, the second time in line 2."),
        ('[serve]\nstore = "nosuch"\n', [], "there is no store called 'nosuch'"),
        ('[serve]\ntls-cert = "none.pem"\n', [], "the TLS certificate none.pem cannot be read"),
        ('[serve]\nstore = "nats://h/c?creds=none.creds"\n', [], "cannot be read from none.creds: No such file"),
        ('[serve]\nstore = "nats://h/c?creds=x.toml"\n', [], "from x.toml: it is no file as nsc writes them"),
        ('[serve]\nstore = "nats://h/c?ca=none.pem"\n', [], "cannot be used: none.pem: No such file"),
        ("[serve]\nkeep-days = 3\n", [], "keep-days in x.toml is of no use without a store"),
        ("", ["--transport", "carrier-pigeon"], "there is no transport called 'carrier-pigeon'"),
        ("", ["--listen", "wss://0.0.0.0:1", "--port", "2"], "--port and --listen exclude each other"),
        ('[serve]\norigin = ["*"]\n', [], "* is not the origin of web pages, like https://chat.example.org"),
        (
            "",
            ["--host", "caf\udce9"],
            "the host caf\\udce9 to listen on is not known; choose another one with --host or --listen",
        ),
        ("", ["--admin-listen", "caf\udce9:80"], "the host caf\\udce9 to listen on is not known"),
        ("", ["--public-url", "https://caf\udce9/"], "https://caf\\udce9/ is not the address of a server"),
        ('[serve]\nroom = ["a b"]\n', [], "'a b' is no name of a room: "),
        ('[serve.rooms."a b"]\nkeep-days = 3\n', ["--store", "sqlite"], "'a b' is no name of a room: "),
    ],
)
@pytest.mark.parametrize("word", ["check", "show"])
def test_what_is_wrong_is_said_as_the_server_would(file: str, args: list[str], sentence: str, word: str) -> None:
    """In one sentence, and with its exit code."""
    Path("x.toml").write_text(file)
    done = run_here("config", word, "x.toml", *args)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_key_of_another_certificate_is_found() -> None:
    """Files are looked into, as the server does."""
    done = run_here("config", "check", "--tls-cert", str(CERTS / "server.pem"), "--tls-key", str(CERTS / "other.key"))
    assert done.returncode == 2
    assert "does not belong to the certificate" in done.stderr


@pytest.mark.parametrize("accounts", ["required", "optional"])
def test_who_has_an_account_by_an_invitation_and_needs_the_password_of_the_server_too_is_told_of(accounts: str) -> None:
    """Where nobody needs an account, an invitation makes none."""
    Path("password").write_text("open sesame\n")
    Path("password").chmod(0o600)
    done = run_here("config", "check", "--password-file", "password", "--accounts", accounts)
    assert done.returncode == 0
    assert ("invitation, or leave --password-file out." in done.stderr) == (accounts == "required")


def test_variable_that_nothing_reads_is_told() -> None:
    """It may be a mistake."""
    done = run("config", "check", env={"CHATCORE_SERVE_PROT": "1"})
    assert done.returncode == 0
    assert "Did you mean CHATCORE_SERVE_PORT?" in done.stderr
