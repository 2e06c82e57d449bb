"""What is pasted into `chatcore connect` on a terminal: commands, one a line, and what stands below them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.unit.cli.guest import guest
from tests.unit.cli.processes import Server, Terminal


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one server for all these tests; each test has users and a room of its own."""
    with Server() as server:
        yield server


@contextmanager
def terminal(server: Server, username: str, room: str) -> Iterator[Terminal]:
    """Give a terminal whose user owns a room of its own."""
    with Terminal(server.url, "--username", username, "--room", room) as started:
        started.wait_for_last_row(f"[{room}] {username}>")
        yield started


def pasted(*lines: str) -> str:
    """Return what a terminal sends for lines that are pasted."""
    return "\x1b[200~" + "\r".join(lines) + "\x1b[201~"


def test_commands_that_are_pasted_one_a_line_are_carried_out_one_by_one(server: Server) -> None:
    """And Up recalls them so; what is for one person only is no part of a topic."""
    with terminal(server, "alice", "both") as alice, guest(server.url, "bob", "both") as bob:
        alice.wait_for("* bob joined both.")
        alice.press(pasted("/topic news", "", "/msg bob psst", "") + "\r")
        heard = [bob.next_frame("moderated", "direct") for _ in range(2)]
        assert {(frame.get("value"), frame.get("text")) for frame in heard} == {("news", None), (None, "psst")}
        alice.wait_for(" alice -> bob: psst")
        alice.press("x")  # prompt_toolkit looks for what may be recalled once it has drawn the prompt, a turn later
        alice.wait_for_last_row("[both] alice> x")
        alice.press("\b\x1b[A")
        alice.wait_for_last_row("[both] alice> /msg bob psst")
        alice.press("\x1b[A")
        alice.wait_for_last_row("[both] alice> /topic news")


def test_message_below_commands_is_said_when_the_user_says_so(server: Server) -> None:
    """Also below one that is refused; and a message of several lines is one, whatever is in it."""
    with terminal(server, "alice", "below") as alice, guest(server.url, "bob", "below") as bob:
        alice.wait_for("* bob joined below.")
        alice.press(pasted("/kick nobody", "/topic news", "hello") + "\r")
        alice.wait_for("! There is no user called nobody.", "* alice changed the topic of below: news.")
        alice.wait_for_last_row("[below] alice> hello")
        alice.press(" all\r")
        assert bob.wait_for_text("hello all") == ["hello all"]
        alice.press(pasted("look:", "/leave", "is one") + "\r")
        bob.wait_for_text("look:\n/leave\nis one")


def test_lines_that_do_not_begin_with_a_whole_command_stay_in_the_prompt(server: Server) -> None:
    with terminal(server, "alice", "halves") as alice:
        alice.press(pasted("/kick", "/topic news") + "\r")
        alice.wait_for("! This is how to write it: /kick NAME [REASON].")
        alice.wait_for("[halves] alice> /kick")
        alice.press("\x1b[A nobody\r")
        alice.wait_for("! There is no user called nobody.", "* alice changed the topic of halves: news.")


def test_password_below_something_else_is_not_recalled_with_it(server: Server) -> None:
    with terminal(server, "alice", "hush") as alice:
        alice.press("before\r")
        alice.wait_for(" alice: before")
        alice.press(pasted("/kick", "/register hush1234") + "\r")
        alice.wait_for("! This is how to write it: /kick NAME [REASON].")
        alice.wait_for("[hush] alice> /kick")
        alice.press("\x03")
        alice.wait_for_last_row("[hush] alice>")
        alice.press("x")  # prompt_toolkit looks for what may be recalled once it has drawn the prompt, a turn later
        alice.wait_for_last_row("[hush] alice> x")
        alice.press("\b\x1b[A")
        alice.wait_for_last_row("[hush] alice> before")


def test_message_below_commands_that_was_begun_in_another_room_is_asked_about(server: Server) -> None:
    with terminal(server, "alice", "hers") as alice, guest(server.url, "bob", "his") as bob:
        alice.press("/join his\r")
        alice.wait_for_last_row("[his] alice>")
        alice.press(pasted("/whois bob", "as I was"))
        alice.wait_for("as I was")
        bob.send(type="kick", username="alice")
        alice.wait_for_last_row("as I was")
        alice.wait_for("[lobby] alice> /whois bob")
        alice.press("\r")
        alice.wait_for("* bob is in his")
        alice.wait_for_last_row("[lobby] alice> as I was")
        alice.press("\r")
        alice.wait_for("This was written in his, and you are in lobby now: Enter says it here.")


@pytest.mark.parametrize("given_up", [False, True])
def test_what_stands_below_a_command_that_asks_for_a_password_is_there_afterwards(
    server: Server, given_up: bool
) -> None:
    """It is no password, and shown beside none."""
    with terminal(server, f"alice{given_up:d}", f"own{given_up:d}") as alice:
        alice.press(pasted("/register", "/topic news") + "\r")
        for asked in ("Password:", "The same once more:"):
            alice.wait_for_last_row(asked)
            if given_up:
                alice.press("\x03")
                break
            alice.press("hushhush\r")
        alice.wait_for_last_row(f"[own{given_up:d}] alice{given_up:d}> /topic news")
        alice.press("\r")
        alice.wait_for(f"* alice{given_up:d} changed the topic of own{given_up:d}: news.")


def test_what_stands_below_a_command_that_has_to_be_answered_first_is_done_when_the_user_says_so(
    server: Server,
) -> None:
    """The first of two messages is the last one only once the other is deleted."""
    with terminal(server, "alice", "twice") as alice, guest(server.url, "bob", "twice") as bob:
        alice.press("one\rtwo\r")
        bob.wait_for_text("two")
        alice.press(pasted("/react 👍", "/unreact 👍", "/delete", "/delete") + "\r")
        for said, left in (("reacts with 👍 to: ", "unreact"), ("takes 👍 back from: ", "delete")):
            alice.wait_for(f"* alice {said}alice: two")
            alice.wait_for(f"[twice] alice> /{left}")
            alice.press("\r")
        second = bob.next_frame("moderated")
        alice.wait_for("* alice deleted a message.")
        alice.wait_for_last_row("[twice] alice> /delete")
        alice.press("\r")
        first = bob.next_frame("moderated")
        assert [first["act"], second["act"]] == ["delete_message", "delete_message"]
        assert first["value"] < second["value"]


def test_what_stands_below_the_command_that_leaves_is_told_as_not_done(server: Server) -> None:
    with terminal(server, "alice", "away") as alice:
        alice.press(pasted("/topic news", "/quit", "/who", "/delete", "/topic more", "hello", "world") + "\r")
        assert alice.wait() == 1
        assert "1 message was not sent." in alice.text
        assert "2 commands were not carried out." in alice.text
        assert "more" not in alice.text.partition("* alice changed the topic of away: news.")[2]
