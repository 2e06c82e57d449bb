"""Checks a program against the protocol of docs/protocol: a server of one's own, or a client of one's own.

    python conformance.py ws://127.0.0.1:8765             talks to a server, and says what it does wrong
    python conformance.py --client tcp://127.0.0.1:7777   is a server that makes trouble; start your client on it, and
                                                          let it say three things within a minute

It takes ws://HOST:PORT, wss://HOST:PORT and tcp://HOST:PORT. It needs `websockets`, and nothing of chatcore. With
`jsonschema` installed and `--schema chat.schema.json` it checks the form of every frame too. Exit code 0: everything is
as it should be; 1: something is not; 2: it could not be checked.
"""

from __future__ import annotations

import argparse
import json
import logging
import secrets
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from conformance_client import check_client
from conformance_wire import (
    PATIENCE,
    Connection,
    Failure,
    Frame,
    Mistake,
    Place,
    Validate,
    check,
    checks_of,
    hear,
    run,
    validator,
)
from websockets.exceptions import ConnectionClosed

NEWS = ("presence", "rooms_changed", "renamed", "unread")
PICTURES = ("room", "rooms")  # without an `id` they are news as well, of whoever was behind
BROKEN = ('{"type":', '{"type":"ping","type":"ping"}', '{"type":"ping","x":NaN}', r'{"type":"ping","x":"\ud800"}', "[]")


class Guest:
    """One connection to the server under test."""

    def __init__(self, connection: Connection, valid: Validate, name: str = "", **login: Any) -> None:
        self.connection = connection
        self._valid = valid
        self.name = name
        self.welcome = self.ask({"type": "login", "username": name, **login}) if name else {}

    def say(self, frame: Frame | str) -> None:
        """Send a frame, or any text."""
        self.connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    def hear(self, *kinds: str) -> Frame:
        """Wait for a frame of one of these types; news come in between."""
        while True:
            try:
                frame = hear(self.connection, self._valid, PATIENCE)
            except TimeoutError:
                raise Failure(f"no {' or '.join(kinds)} came within {PATIENCE:.0f} s") from None
            if frame["type"] in kinds:
                return frame
            news = frame["type"] in NEWS or (frame["type"] in PICTURES and "id" not in frame)
            check(news, f"{frame} came instead of {' or '.join(kinds)}")

    def ask(self, request: Frame) -> Frame:
        """Send a request and return its answer; one that comes too early is sent again when the server says."""
        while True:
            self.say(request | {"id": "q"})
            while (frame := self.hear(*ANSWERS)).get("id") != "q":
                pass
            if frame.get("code") != "rate_limited":
                return frame
            time.sleep(frame.get("retry_after", 1.0))

    def refused(self, request: Frame, code: str) -> None:
        """Expect that a request is refused with this code."""
        answer = self.ask(request)
        told = f"{request} is answered by {answer}, not refused with {code}"
        check(answer["type"] == "error" and answer["code"] == code, told)

    def ends(self) -> None:
        """Expect that the server closes the connection."""
        try:
            while True:
                self.connection.recv(timeout=PATIENCE)
        except ConnectionClosed:
            pass
        except TimeoutError:
            raise Failure("the server does not close the connection") from None


ANSWERS = (
    "welcome",
    "room",
    "message",
    "direct",
    "broadcast",
    "ok",
    "rooms",
    "users",
    "user",
    "history",
    "pong",
    "error",
)


class ServerChecks:
    """What a server has to do: each method is one check, named as what it checks."""

    def __init__(self, place: Place, valid: Validate) -> None:
        self._place = place
        self._valid = valid
        self._stack = ExitStack()

    def __call__(self, name: str) -> None:
        """Run one check. Raises `Failure`."""
        with self._stack:
            getattr(self, name)()

    def guest(self, name: str = "", **login: Any) -> Guest:
        """Connect, and log in if there is a name."""
        connection = self._stack.enter_context(self._place.connect())
        return Guest(connection, self._valid, name, **login)

    def join(self, **login: Any) -> Guest:
        """Log in under a name that nobody has."""
        guest = self.guest(f"t{secrets.token_hex(4)}", **login)
        check(guest.welcome["type"] == "welcome", f"a login is answered by {guest.welcome}")
        return guest

    def a_login_is_welcomed(self) -> None:
        """With room, token, client id and positions."""
        guest = self.join()
        welcome = guest.welcome
        check(welcome["username"] == guest.name, "the welcome has another username")
        check(guest.name in welcome["users"], "one is not among the users of one's room")
        check(len(welcome["session"]["token"]) >= 16, "the token can be guessed")
        check(set(welcome["positions"]) == {welcome["room"], "@", "*"}, f"positions are {welcome['positions']}")
        check(not welcome["resumed"], "a first login is no resume")

    def nothing_works_before_the_login(self) -> None:
        """But a ping."""
        guest = self.guest()
        guest.refused({"type": "list_rooms"}, "not_logged_in")
        check(guest.ask({"type": "ping"})["type"] == "pong", "a ping gets no pong")

    def names_are_checked_and_unique_without_regard_to_case(self) -> None:
        """And a refused login may be tried again."""
        name = self.join().name
        guest = self.guest()
        for bad in ("x", "no spaces", "x" * 40, "p\u0430ul", "a\u200db"):
            guest.refused({"type": "login", "username": bad}, "bad_name")
        guest.refused({"type": "login", "username": name.upper()}, "name_taken")

    def unknown_types_are_refused_and_unknown_keys_ignored(self) -> None:
        """The connection stays."""
        guest = self.join()
        guest.refused({"type": "dance"}, "unknown_type")
        guest.refused({"type": "send_message"}, "bad_request")
        check(guest.ask({"type": "ping", "colour": "green"})["type"] == "pong", "an unknown key does harm")

    def what_cannot_be_parsed_ends_the_connection(self) -> None:
        """With `bad_json`."""
        for broken in BROKEN:
            guest = self.guest()
            guest.say(broken)
            check(guest.hear("error")["code"] == "bad_json", f"{broken} is not bad_json")
            guest.ends()

    def a_message_reaches_everybody_once_and_its_sender_with_the_cid(self) -> None:
        """Numbered without a gap."""
        alice, bob = self.join(), self.join()
        first = alice.welcome["position"]["seq"]
        for cid in (1, 2):
            alice.say({"type": "send_message", "text": f"number {cid}", "cid": cid})
            mine, others = alice.hear("message"), bob.hear("message")
            check(mine.get("cid") == cid, f"the sender's copy is {mine}")
            check("cid" not in others, "others see the cid")
            check(mine["from"] == others["from"] == alice.name, "the sender is somebody else")
            check(mine["seq"] == others["seq"] == first + cid, f"seq is {mine['seq']}, not {first + cid}")

    def a_repeated_send_counts_once(self) -> None:
        """A repeated number is answered as before; one that skips, or says something else, is refused."""
        alice, bob = self.join(client=secrets.token_hex(10)), self.join()
        send = {"type": "send_message", "text": "once", "cid": 1}
        seqs = set()
        for _ in range(3):
            alice.say(send)
            seqs.add(alice.hear("message")["seq"])
        check(len(seqs) == 1, f"three times the same cid got the seqs {seqs}")
        alice.refused(send | {"text": "other"}, "cid_conflict")
        alice.refused(send | {"cid": 3}, "cid_gap")
        alice.say({"type": "send_message", "text": "next", "cid": 2})
        check([bob.hear("message")["text"] for _ in range(2)] == ["once", "next"], "others got it more than once")

    def rooms_are_made_entered_and_left(self) -> None:
        """One is in one room at a time."""
        alice, bob = self.join(), self.join()
        room, lobby = f"r{secrets.token_hex(4)}", alice.welcome["room"]
        alice.refused({"type": "join_room", "room": room}, "no_such_room")
        check(alice.ask({"type": "create_room", "room": room})["users"] == [alice.name], "a new room is not empty")
        alice.refused({"type": "create_room", "room": room.upper()}, "room_exists")
        check(
            set(bob.ask({"type": "join_room", "room": room})["users"]) == {alice.name, bob.name}, "members are missing"
        )
        bob.refused({"type": "send_message", "text": "x", "room": lobby}, "not_in_room")
        check(bob.ask({"type": "leave_room"})["room"] == lobby, "leaving does not lead to the default room")

    def direct_messages_and_broadcasts_arrive(self) -> None:
        """Wherever people are."""
        alice, bob = self.join(), self.join()
        bob.ask({"type": "create_room", "room": f"r{secrets.token_hex(4)}"})
        alice.ask({"type": "send_direct", "to": [bob.name], "text": "psst"})
        check(bob.hear("direct")["text"] == "psst", "the direct message is another one")
        alice.refused({"type": "send_direct", "to": ["nobody-here"], "text": "x"}, "no_such_user")
        alice.ask({"type": "broadcast", "text": "lunch"})
        check(bob.hear("broadcast")["from"] == alice.name, "the broadcast is somebody else's")

    def one_can_look_around(self) -> None:
        """Rooms, users, one user, and what was said."""
        alice = self.join()
        room = alice.welcome["room"]
        posted = alice.ask({"type": "send_message", "text": "remember"})
        check(room in [each["name"] for each in alice.ask({"type": "list_rooms"})["rooms"]], "the room is not listed")
        users = alice.ask({"type": "list_users", "room": room})["users"]
        check({"name": alice.name, "room": room} in users or len(users) > 100, "one is not listed")
        check(alice.ask({"type": "whois", "username": alice.name})["room"] == room, "whois knows another room")
        history = alice.ask({"type": "history", "room": room, "after": posted["seq"] - 1})["messages"]
        check([each["text"] for each in history][:1] == ["remember"], f"the history is {history}")

    def a_session_is_resumed_with_its_token(self) -> None:
        """What was missed is replayed in order, then it goes on live; meanwhile the name is kept."""
        alice, bob = self.join(), self.join(client=secrets.token_hex(10))
        token, positions = bob.welcome["session"]["token"], bob.welcome["positions"]
        bob.connection.close()
        for number in range(3):
            alice.ask({"type": "send_message", "text": f"missed {number}"})
        self.guest().refused({"type": "login", "username": bob.name}, "name_taken")
        login = {"client": bob.welcome["client"], "token": token, "since": positions}
        back = self.guest(bob.name, **login)
        check(back.welcome.get("resumed"), f"the session is not resumed: {back.welcome}")
        missed = [back.hear("message") for _ in range(3)]
        check([each["text"] for each in missed] == [f"missed {n}" for n in range(3)], f"replayed is {missed}")
        check(all(each.get("replay") for each in missed), "what is replayed does not say so")
        alice.ask({"type": "send_message", "text": "live"})
        check("replay" not in back.hear("message"), "live messages are called replayed")
        again = self.guest(bob.name, **login)
        check(again.welcome.get("resumed"), "a second connection does not take over")
        check(back.hear("bye")["code"] == "replaced", "the older connection hears no goodbye")
        back.ends()

    def a_logout_frees_the_name(self) -> None:
        """At once, and the server closes."""
        alice = self.join()
        check(alice.ask({"type": "logout"})["type"] == "ok", "a logout is refused")
        check(alice.hear("bye")["code"] == "logged_out", "there is no goodbye")
        alice.ends()
        check(self.guest(alice.name).welcome["type"] == "welcome", "the name is not free")


def check_server(place: Place, valid: Validate) -> bool:
    """Run every check; returns whether all is well."""
    with place.connect():
        pass  # somebody is there
    checks = ServerChecks(place, valid)
    well = [run(name, partial(checks, name)) for name in checks_of(ServerChecks)]
    return all(well)


def in_one_sentence(record: logging.LogRecord) -> bool:
    """Leave the traceback out of what `websockets` logs of a client that does not speak WebSocket."""
    record.exc_info = None
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="ws://127.0.0.1:8765", help="a number is a port of this computer")
    parser.add_argument("--client", action="store_true", help="check a client that connects to the URL")
    parser.add_argument("--schema", type=Path, metavar="FILE", help="docs/protocol/chat.schema.json")
    parser.add_argument(
        "--pem", type=Path, metavar="FILE", help="for wss://: whom to trust; the server's own with --client"
    )
    options = parser.parse_args()
    logging.getLogger("websockets.server").addFilter(in_one_sentence)
    try:
        place = Place(options.url, options.pem)
        if options.client:
            well = check_client(place, validator(options.schema, "ClientFrame"))
        else:
            well = check_server(place, validator(options.schema, "ServerFrame"))
    except Mistake as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(not well)


if __name__ == "__main__":
    main()
