"""The guides do what they say: every block of code in them runs, links lead somewhere. The site: `test_site.py`."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import json
import os
import pkgutil
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import yaml
from scripts.cluster import nats_program
from websockets.asyncio.client import connect as raw_connect

import chatcore
from chatcore import connect, events
from chatcore_cli.main import cli
from tests.integration.docs_blocks import PAGES, ROOT, Block, blocks_of, missing, transcript
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.stores import ChatServer
from tests.unit.cli.processes import Terminal
from tests.unit.cli.starting import put_on_path

BIN = Path(sys.executable).parent
# Ports that guides name; each test listens on free ones instead.
PORTS = ("8765", "8766", "8767", "8768", "8774", "9100", "12345", "12346", "7777", "8000")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


class Reader:
    """Somebody who works through one page, in a folder and on ports of their own."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.ports = {port: str(free_port()) for port in PORTS}
        self.names: dict[str, Any] = {"__name__": "docs"}
        self.welcomes: dict[str, dict[str, Any]] = {}
        self.stack = contextlib.AsyncExitStack()
        self.env = {
            "PATH": f"{programs}:{BIN}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(folder),
            "CHATCORE_STATE_DIR": str(folder / "state"),
            "CHATCORE_SERVE_PORT": self.ports["8765"],
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "CI": "true",  # hypothesis sets no deadlines then
            "QT_QPA_PLATFORM": "offscreen",
        }
        put_on_path(programs, self.env)

    def adapted(self, text: str) -> str:
        """Return `text` with this reader's ports, also where the usual one goes without saying."""
        text = re.sub(r"\bchatcore (connect|doctor)(?= --| *[<|\n]|$)", r"chatcore \1 chat://127.0.0.1:8765", text)
        return re.sub(r"\b(" + "|".join(PORTS) + r")\b", lambda match: self.ports[match[1]], text)

    async def read(self, block: Block) -> None:
        """Do what a block says."""
        text = self.adapted(block.text)
        if "server" in block.marks:
            server = ChatServer(port=int(self.ports["8765"]))
            await self.stack.enter_async_context(server)
        if page := block.marks.get("after"):
            for each in blocks_of(ROOT / page):
                if each.title is not None:
                    (self.folder / each.title).write_text(self.adapted(each.text))
        if text.startswith("--8<--"):
            _check_snippet(block)
        elif "conversation" in block.marks:
            await self.converse(text)
        elif "terminal" in block.marks:
            await asyncio.to_thread(_type, text, self.env["LANG"])
        elif "checked" in block.marks:
            _check(block)
        elif "shown" in block.marks:
            assert block.language in ("text", "json"), f"{block}: code has to run"
        elif block.title is not None:
            assert not Path(block.title).is_absolute()
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            _check_file(block, text)
        elif block.language == "console":
            for command in transcript(text):
                await self.run(block, command.line, command.shown)
        elif block.language == "python":
            await self.execute(block, text)
        else:
            raise AssertionError(f"{block}: nobody knows how to check a block of {block.language or 'no language'}")

    def filled_in(self, frame: str) -> str:
        """Return a login with what the last welcome of that user told."""
        name = re.search(r'"username":"(\w+)"', frame)
        welcome = self.welcomes.get(name[1]) if name else None
        if welcome is None:
            return frame
        told = {
            "CLIENT": welcome["client"],
            "TOKEN": welcome["session"]["token"],
            "EPOCH": welcome["position"]["epoch"],
        }
        return re.sub(r'"(CLIENT|TOKEN|EPOCH)"', lambda match: json.dumps(told[match[1]]), frame)

    async def run(self, block: Block, line: str, shown: list[str]) -> None:
        """Run a command; one that stays is stopped when the page is read."""
        stays = "background" in block.marks or "window" in block.marks
        # Places that are given by their addresses say the port themselves.
        env = {name: value for name, value in self.env.items() if "--listen" not in line or "_PORT" not in name}
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", f"exec {line}" if stays else line,
            cwd=self.folder, env=env, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout is not None
        if not stays:
            said = (await process.stdout.read()).decode()
            wanted = int(block.marks.get("fails", "0"))
            assert await process.wait() == wanted, f"{block}: {line}\n{said}"
            lacking = missing(shown, said)
            assert lacking is None, f"{block}: {line} does not say {lacking!r}, but\n{said}"
            return
        self.stack.push_async_callback(_stop, process, f"{block}: {line}")
        if "window" in block.marks:
            await self.sees(shlex.split(line)[-1])
            return
        if name := block.marks.get("background"):
            await self.sees(name)
            return
        assert shown, f"{block}: what does it say once it is there?"
        said = ""
        while missing(shown, said) is not None:
            chunk = await process.stdout.readline()
            assert chunk, f"{block}: {line} ended without saying {missing(shown, said)!r}, but\n{said}"
            said += chunk.decode()

    async def sees(self, name: str) -> None:
        """Wait until somebody is in the chat."""
        async with connect(f"ws://127.0.0.1:{self.ports['8765']}", username="watcher") as watcher:
            while name not in [user.name for user in await watcher.list_users()]:
                await asyncio.sleep(0.05)

    async def execute(self, block: Block, text: str) -> None:
        """Run Python in this process, with `await` at the top level; the names go on from block to block."""
        self.names["print"] = lambda *_: None
        code = compile(text, str(block), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        running = eval(code, self.names)  # noqa: S307 - the guides are our own
        if inspect.isawaitable(running):
            await running

    async def converse(self, text: str) -> None:
        """Send what a client sends and wait for what the server says; each block is one connection."""
        async with raw_connect(f"ws://127.0.0.1:{self.ports['8765']}") as socket:
            for line in re.split(r"\n(?=->|<-)", text.strip()):
                arrow, _, frame = line.partition(" ")
                if arrow == "->":
                    await socket.send(self.filled_in(frame))
                    continue
                assert arrow == "<-", f"{line!r} comes from nobody"
                wanted = _shape(frame)
                while not _alike(wanted, heard := json.loads(await socket.recv())):
                    assert heard["type"] != wanted["type"] or heard["type"] in ("presence", "rooms_changed"), (
                        f"wanted {wanted}, heard {heard}"
                    )
                if heard["type"] == "welcome":
                    self.welcomes[heard["username"]] = heard


def _shape(frame: str) -> Any:
    """Return a frame as it is shown, with `"..."` for every `...`."""
    text = re.sub(r"(?<=[{,]) *\.\.\. *(?=})", '"...":0', re.sub(r"\s+", " ", frame))
    return json.loads(re.sub(r'(?<!")\.\.\.(?!")', '"..."', text))


def _alike(wanted: Any, heard: Any) -> bool:
    """Tell whether a frame is as shown: `"..."` stands for any value, and for fields that are left out."""
    if wanted == "...":
        return True
    if isinstance(wanted, dict) and isinstance(heard, dict):
        return all(key == "..." or (key in heard and _alike(each, heard[key])) for key, each in wanted.items())
    if isinstance(wanted, list) and isinstance(heard, list):
        if wanted[-1:] == ["..."]:
            wanted, heard = wanted[:-1], heard[: len(wanted) - 1]
        return len(wanted) == len(heard) and all(map(_alike, wanted, heard))
    return bool(wanted == heard)


def _type(text: str, language: str) -> None:
    """Sit at a terminal of that language: type what is typed, and wait for what appears."""
    first, *lines = text.rstrip("\n").split("\n")
    program, command, *arguments = shlex.split(first.removeprefix("$ "))
    assert (program, command) == ("chatcore", "connect"), f"{first!r} is not for a terminal"
    with Terminal(*arguments, env={"LANG": language}) as terminal:
        for line in lines:
            if line.startswith("> "):
                terminal.press(line[2:] + "\r")
            elif line:
                terminal.wait_for(*(part for part in line.split("...") if part))


async def _stop(process: asyncio.subprocess.Process, what: str) -> None:
    if process.returncode is None:
        # Not by the process itself: of one that has ended just now, that asks for its code, and asyncio gets 255.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGINT)
    try:
        async with asyncio.timeout(PATIENCE):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode in (0, 130, -signal.SIGINT), f"{what} ended with {process.returncode}: {said.decode()}"


# What cannot run in a test.


def _check_snippet(block: Block) -> None:
    """A file that is shown whole: the tests of the examples run it."""
    for line in block.text.strip().split("\n"):
        match = re.fullmatch(r'--8<-- "(examples/[\w.]+|docs/protocol/[\w.]+|share/[\w.]+|Containerfile)(:\w+)?"', line)
        assert match, f"{block}: {line}"
        assert (ROOT / match[1]).is_file(), f"{block}: there is no {match[1]}"
        if "checked" in block.marks:
            _check_file(block, (ROOT / match[1]).read_text())


def _check(block: Block) -> None:
    """Check the syntax of a block, and the options of chatcore that it names."""
    if block.title is not None:
        _check_file(block, block.text)
        return
    assert block.language in ("console", "bash"), f"{block}: how is {block.language} checked?"
    lines = [command.line for command in transcript(block.text)] if block.language == "console" else [block.text]
    for line in lines:
        done = subprocess.run(["bash", "-n", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{block}: {done.stderr}"
        check_command(str(block), line)


def _check_file(block: Block, text: str) -> None:
    """Check a file that a page shows, by its kind."""
    name = str(block.title)
    if name.endswith((".service", ".socket")):
        _check_unit(block, text)
    elif block.language == "dockerfile":
        _check_container_file(block, text)
    elif name.endswith((".yaml", ".yml")):
        _check_compose_file(block, yaml.safe_load(text))
    elif block.language == "toml":
        assert tomllib.loads(text)
    elif block.language == "python":
        compile(text, str(block), "exec")
    elif block.language == "bash":
        subprocess.run(["bash", "-n", "-c", text], check=True)
    else:
        raise AssertionError(f"{block}: nobody knows how to check {name}")


def _check_compose_file(block: Block, compose: dict[str, Any]) -> None:
    """Check what the services are given: ours by our options, those of NATS by NATS itself."""
    for service in compose["services"].values():
        words = [str(word).replace("${HERE}", "one") for word in service.get("command", [])]
        if "build" in service:
            check_command(str(block), shlex.join(["chatcore", "serve", *words]))
        else:
            assert "/nats:" in service["image"], f"{block}: nobody knows how to check {service['image']}"
            _check_nats(block, words)


def _check_nats(block: Block, words: list[str]) -> None:
    """Check by NATS itself what it is given: it would know its options, and ask for a file to check."""
    done = subprocess.run([nats_program(), *words, "-t"], capture_output=True, text=True, check=False)
    assert "must specify [-c" in done.stderr, f"{block}: {done.stderr}"


def _check_unit(block: Block, text: str) -> None:
    """Check a systemd unit: by systemd itself where it is installed, and the options of the command that it starts."""
    for start in re.findall(r"^ExecStart=((?:.*\\\n)*.*)$", text, re.MULTILINE):
        check_command(str(block), start.replace("\\\n", " "))
    if shutil.which("systemd-analyze") is None:
        return
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(_folder()))
        unit = folder / str(block.title)
        # A socket needs its service; and the program is elsewhere on this machine.
        texts = {"chatcore.service": (ROOT / "share" / "chatcore.service").read_text(), unit.name: text}
        for name, each in texts.items():
            (folder / name).write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={BIN / 'chatcore'}", each))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
        )
        said = [line for line in done.stderr.split("\n") if unit.name in line]
        assert not said, f"{block}: {said}"


def _folder() -> Any:
    import tempfile

    return tempfile.TemporaryDirectory()


_INSTRUCTIONS = {
    "ARG",
    "FROM",
    "STOPSIGNAL",
    "RUN",
    "COPY",
    "WORKDIR",
    "USER",
    "ENV",
    "EXPOSE",
    "VOLUME",
    "HEALTHCHECK",
    "ENTRYPOINT",
    "CMD",
}


def _check_container_file(block: Block, text: str) -> None:
    """Check the instructions of a container file, and the command that it starts."""
    command: list[str] = []
    for line in re.sub(r"\\\n", " ", text).strip().split("\n"):
        word, _, rest = line.partition(" ")
        assert not line.strip() or line.startswith("#") or word in _INSTRUCTIONS, f"{block}: what is {word}?"
        if word == "RUN":
            subprocess.run(["bash", "-n", "-c", rest], check=True)
        if word in ("ENTRYPOINT", "CMD"):
            command += json.loads(rest)
    check_command(str(block), shlex.join(command))


def check_command(where: str, line: str) -> None:
    """Check that the subcommands and options of chatcore in a command line, and targets of make, are there."""
    words = shlex.split(line, comments=True)
    for index, word in enumerate(words):
        starts = index == 0 or words[index - 1] in ("|", "&&", ";", "||", "sudo", "exec")
        if starts and Path(word).name == "chatcore" and index + 1 < len(words):
            name = words[index + 1]
            if name.startswith("-"):
                continue
            command = cli.get_command(click.Context(cli), name)
            assert command is not None, f"{where}: there is no chatcore {name}"
            options = [each for each in command.params if isinstance(each, click.Option)]
            known = {option for each in options for option in (*each.opts, *each.secondary_opts)}
            given = {each.partition("=")[0] for each in _until_next(words[index + 2 :]) if each.startswith("--")}
            assert given <= known | {"--help"}, f"{where}: chatcore {name} has no {', '.join(given - known)}"
        if starts and word == "make" and index + 1 < len(words):
            makefile = (ROOT / "Makefile").read_text()
            assert re.search(rf"^{words[index + 1]}:", makefile, re.MULTILINE), f"{where}: make {words[index + 1]}?"


def _until_next(words: list[str]) -> list[str]:
    ends = [index for index, word in enumerate(words) if word in ("|", "&&", ";", "||")]
    return words[: ends[0]] if ends else words


# The pages.


@pytest.fixture
async def reader(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Reader]:
    """Return somebody with an empty folder."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("examples", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    reader = Reader(tmp_path, tmp_path_factory.mktemp("programs"))
    async with reader.stack:
        yield reader
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(f"{tmp_path}/") and "." not in name:
            del sys.modules[name]  # another page may have a file of the same name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
async def test_every_block_of_a_page_works(path: Path, reader: Reader) -> None:
    """From the first to the last, as somebody would who follows the page, in the page's language."""
    if path.is_relative_to(ROOT / "docs" / "fr"):
        reader.env["LANG"] = "fr_FR.UTF-8"
    for block in blocks_of(path):
        try:
            async with asyncio.timeout(PATIENCE):
                await reader.read(block)
        except TimeoutError:
            raise AssertionError(f"{block} takes too long, or waits for what never comes") from None


@pytest.mark.parametrize(("what", "who"), [(chatcore, "alice"), (chatcore.connect, "alice"), (chatcore.Bot, "echo")])
async def test_program_of_a_help_text_comes_to_that_of_the_server(what: object, who: str, reader: Reader) -> None:
    """As they stand there, each in a file."""
    for each, shown in ((chatcore.ChatServer, "listening on ws://127.0.0.1:8765\n"), (what, "")):
        program = re.search(r"(?<=::\n\n)(?: {4}.*\n|\n)+", inspect.getdoc(each) or "")
        assert program, f"{each} shows no program"
        where = f"help({getattr(each, '__name__', each)})"
        await reader.read(Block(where, 1, "python", textwrap.dedent(program[0]), "program.py"))
        await reader.read(
            Block(where, 1, "console", f"$ python program.py\n{shown}", None, {"background": "" if shown else who})
        )


def _anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a page, as mkdocs and forges make them."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


ALL_PAGES = pytest.mark.parametrize(
    "path",
    sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]),
    ids=lambda path: str(path.relative_to(ROOT)),
)


@ALL_PAGES
def test_every_table_of_a_page_is_one_from_its_head_to_its_last_row(path: Path) -> None:
    """An empty line ends a table, and what follows is text with bars; a cell too many is not shown."""
    text = re.sub(r"<!--.*?-->|^ *(```+).*?^ *\1 *$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for before, table, behind in re.findall(r"^([^|\n]*)\n((?:[ >]*\|.*\n)+)(.*)", f"\n{text}\n", re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip(" >"))] for row in table.splitlines()]
        assert not f"{before}{behind}".strip(" >"), f"{path.name}: {table} stands in a paragraph"
        lines = rows[1][1:-1] if len(rows) > 2 else [""]
        assert all(re.fullmatch(":?-+:?", line) for line in lines), f"{path.name}: {table} has no head"
        for row in rows:
            assert len(row) == len(rows[0]), f"{path.name}: {row} has not as many cells as {rows[0]}"
            assert row[0] == row[-1] == "", f"{path.name}: {row} has no bar at an end"


@ALL_PAGES
def test_every_link_within_the_repository_leads_somewhere(path: Path) -> None:
    """To a file, and to a heading in it where one is named."""
    text = re.sub(r"^ *```.*?^ *```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for link in (one or other for one, other in LINK.findall(text)):
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{path.name} links to {link}"
        if anchor:
            assert anchor in _anchors(target.read_text()), f"{path.name} links to {link}"


def test_modules_and_what_is_in_them_are_there_where_they_are_named() -> None:
    """In guides and in docstrings; beside them stand groups of entry points, and loggers."""
    others = ("chatcore.transports", "chatcore.stores", "chatcore.bot", "chatcore.quic", "chatcore.sessions")
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.py")]
    lost = []
    for path in pages:
        for name in re.findall(r"`(chatcore(?:_\w+)?(?:\.\w+)+)`", path.read_text()):
            if not any(name == other or name.startswith(f"{other}.") for other in others):
                try:
                    pkgutil.resolve_name(name)
                except (ImportError, AttributeError):
                    lost.append(f"{path.relative_to(ROOT)} names {name}")
    assert lost == []


def test_the_guide_names_every_event_and_every_error_that_a_client_program_meets() -> None:
    """What answers a method comes back from it; of files there are the client's own events."""
    guide = (ROOT / "docs" / "build" / "client.md").read_text()
    answers = {events.Accepted, events.PingAnswered, *get_args(events.FileEvent)} - {events.FileOffered}
    for event in set(get_args(events.ClientEvent)) - answers:
        assert f"`{event.__name__}`" in guide or str(event.__doc__).startswith("Reply to"), event
    for name in chatcore.__all__:
        offered = getattr(chatcore, name)
        assert f"`{name}`" in guide or not (isinstance(offered, type) and issubclass(offered, Exception)), name


def _options(command: click.Command, path: str, above: click.Context | None = None) -> Iterator[tuple[str, set[str]]]:
    """Return every option that a command and its subcommands show in their help: whose it is, and how it is typed."""
    here = click.Context(command, above, path)
    for each in command.params:  # without `--help`, which click would make for good as it is in this context
        if isinstance(each, click.Option) and not each.hidden:
            yield path, {name for name in (*each.opts, *each.secondary_opts) if name.startswith("--")}
    if isinstance(command, click.Group):
        for name in command.list_commands(here):
            found = command.get_command(here, name)
            assert found is not None
            yield from _options(found, f"{path} {name}", here)


def test_every_option_is_in_a_guide() -> None:
    """As it is typed, or as a setting in a file; what can be switched on and off, either way."""
    text = "\n".join(page.read_text() for page in PAGES)
    named = {*re.findall(r"--[a-z][a-z-]*", text)}
    named |= {f"--{name}" for name in re.findall(r"(?:`|^)([a-z][a-z-]*)(?=`| = )", text, re.MULTILINE)}
    options = list(_options(cli, "chatcore"))
    assert len(options) > 100
    assert [(whose, typed) for whose, typed in options if not typed & named] == []


def _script(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["scripts/docs_figures.py", "scripts/report.py"])
def test_figures_are_those_of_the_code_and_of_the_measurements(name: str) -> None:
    """The drawings are made from the table of states; the report's numbers are those that were measured."""
    done = _script(name, "--check")
    assert done.returncode == 0, done.stderr


def test_the_way_of_a_message_through_the_server_can_be_measured() -> None:
    """Without sockets: what docs/performance.md tells of it is counted so."""
    done = _script("benchmarks/core_alone.py", "--messages", "64", "--rounds", "1", "--batch", "8", "--calls", "5")
    assert done.returncode == 0, done.stderr
    assert "calls per message" in done.stdout


def test_a_fresh_measurement_is_compared_with_the_published_one(tmp_path: Path) -> None:
    """The same figures fit; figures four times as high do not."""
    published = ROOT / "benchmarks" / "results" / "transports.json"
    assert _script("scripts/report.py", "--against", published).returncode == 0
    fresh = json.loads(published.read_text())
    for row in fresh["rows"]:
        if row["what"] == "set_up" and row["transport"] == "quic":
            row["p50"] *= 4
    (tmp_path / "fresh.json").write_text(json.dumps(fresh))
    done = _script("scripts/report.py", "--against", tmp_path / "fresh.json")
    assert done.returncode == 1
    assert [line for line in done.stdout.split("\n") if line.startswith("OUT")] == [
        line for line in done.stdout.split("\n") if "set_up" in line and "quic" in line
    ]
