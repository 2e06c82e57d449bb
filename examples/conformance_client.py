"""The part of conformance.py that checks a client: a server that makes trouble."""

from __future__ import annotations

import json
import secrets
import threading
import time
from queue import Empty, Queue
from typing import Any

from conformance_wire import PATIENCE, Connection, Failure, Frame, Place, Validate, check, checks_of, hear, run
from websockets.exceptions import ConnectionClosed

PATIENCE_WITH_PEOPLE = 60.0
RETRY_AFTER = 1.0


def position(seq: int, epoch: str = "e1") -> Frame:
    """Return a place in a log."""
    return {"epoch": epoch, "seq": seq}


def message(seq: int, text: str, **more: Any) -> Frame:
    """Return what somebody said in the lobby."""
    at = "2026-11-21T07:08:12.918Z"
    return {"type": "message", "room": "lobby", "seq": seq, "from": "ghost", "text": text, "at": at, **more}


class Client:
    """The client under test: its present connection, and what it has said so far."""

    def __init__(self, connections: Queue[Connection], valid: Validate) -> None:
        self.name = ""
        self.said: dict[int, str] = {}
        """The texts of its sends, by their numbers."""
        self.acknowledged = 0
        """The number of the last send that it need not say again."""
        self._connections = connections
        self._valid = valid
        self._token = ""

    def comes(self, patience: float | None = None) -> None:
        """Wait for its next connection, and for the login on it."""
        try:
            self._connection = self._connections.get(timeout=patience)
        except Empty:
            raise Failure("the client has lost its connection, and does not come back") from None
        self._heard: list[Frame] = []
        self._login = self.hear("login", otherwise="the client does not log in", patience=PATIENCE_WITH_PEOPLE)
        self.name = self._login["username"]

    def comes_back(self, knowing: Frame, because: str) -> None:
        """Hang up without a word, and see what it says that it knows of the lobby at its next login."""
        self._connection.close_socket()
        self.comes(PATIENCE_WITH_PEOPLE)
        check(self._login.get("token") == self._token, "the client comes back without the token of its last welcome")
        known = {room.lower(): place for room, place in self._login.get("since", {}).items()}.get("lobby")
        check(
            _without_changes(known) == knowing,
            f"{because}, and the client comes back and says that it knows {known}, not {knowing}",
        )

    def welcome(self, place: Frame, *, room: str = "lobby", resumed: bool = True, cid: int = 0) -> None:
        """Answer its login."""
        self._token = self._token if resumed else secrets.token_hex(10)
        frame = {"type": "welcome", "username": self.name, "room": room, "resumed": resumed, "cid": cid}
        frame |= {"session": {"token": self._token}, "client": self._login.get("client") or "made-by-the-server"}
        frame |= {"position": place, "positions": {room: place, "@": position(0), "*": position(0)}}
        frame |= {"rooms": [{"name": room, "users": 2, "seq": place["seq"]}], "rooms_count": 1}
        self.answer(self._login, **frame, users=[self.name, "ghost"], users_count=2, server={}, limits={})

    def say(self, **frame: Any) -> None:
        """Send it a frame."""
        self._connection.send(json.dumps(frame))

    def answer(self, request: Frame, **frame: Any) -> None:
        """Send it the answer to a request."""
        self.say(**frame, **{key: request[key] for key in ("id", "cid") if key in request})

    def acknowledge(self, send: Frame, **answer: Any) -> None:
        """Answer a send that it need not say again."""
        self.acknowledged = send["cid"]
        self.answer(send, **answer)

    def hear(self, *kinds: str, otherwise: str, patience: float = PATIENCE) -> Frame:
        """Wait for a frame of one of these types, and keep the others; fails with `otherwise`."""
        while True:
            for frame in self._heard:
                if frame["type"] in kinds:
                    self._heard.remove(frame)
                    return frame
            try:
                self._take(hear(self._connection, self._valid, patience))
            except (TimeoutError, ConnectionClosed):
                raise Failure(otherwise) from None

    def hear_send(self, cid: int) -> Frame:
        """Wait for its next send, which has to be this one."""
        missing = f"number {cid} is not acknowledged, and the client does not say it"
        patience = PATIENCE if cid in self.said else PATIENCE_WITH_PEOPLE
        send = self.hear("send_message", otherwise=missing, patience=patience)
        check(send["cid"] == cid, f"number {cid} is not acknowledged, and the client goes on with number {send['cid']}")
        return send

    def leaves(self) -> None:
        """Say goodbye to it."""
        self.say(type="bye", code="logged_out", message="that was all")
        self._connection.close()

    def goes_on(self, otherwise: str) -> None:
        """Wait until it has read everything so far; nothing of that makes it hang up, or ask for what is missing."""
        self.say(type="ping")
        self.hear("pong", otherwise=otherwise)
        asked = [frame for frame in self._heard if frame["type"] == "history"]
        check(not asked, f"{otherwise}: it says {asked}")

    def _take(self, frame: Frame) -> None:
        if frame["type"] == "ping":
            self.answer(frame, type="pong")
        elif frame["type"] == "send_message":
            cid, text = frame.get("cid"), frame["text"]
            check(isinstance(cid, int), f"the client says {text!r} without a cid")
            check(cid > self.acknowledged, f"number {cid} is acknowledged, and the client says it again")
            first = self.said.setdefault(cid, text)
            check(first == text, f"the client has said {first!r} under the number {cid}, and now says {text!r}")
            self._heard.append(frame)
        elif frame["type"] != "history" or "after" in frame:  # what was said before it came is no matter here
            self._heard.append(frame)


class ClientChecks:
    """What a client has to do: each method is one connection, named as what it checks, and lost at its end."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def what_is_missing_is_asked_for_and_what_is_unknown_ignored(self) -> None:
        """And what comes twice does no harm."""
        client = self._client
        client.welcome(position(0), resumed=False)
        client.say(type="weather", text="a frame of the future")
        client.say(**message(1, "first", mood="sunny"))
        client.goes_on("a frame of an unknown type, or an unknown key, stops the client")
        client.say(**message(1, "first"))
        client.say(**message(3, "third"))
        asked = client.hear("history", otherwise="message 2 is missing, and the client does not ask for it")
        check(asked["after"] == 1, f"message 2 is missing, and the client asks for {asked}")
        both = [message(2, "second"), message(3, "third")]
        client.answer(asked, type="history", room="lobby", epoch="e1", messages=both)
        client.hear_send(1)
        client.goes_on("the client does not go on behind what it has asked for")
        client.comes_back(position(3), "1 to 3 have come")

    def sends_are_repeated_in_order_until_they_are_acknowledged(self) -> None:
        """Number 1 has counted, and its entry has left the log; number 2 comes too fast."""
        client = self._client
        client.welcome(position(3), cid=1)
        client.acknowledge(client.hear_send(1), type="ok")
        wait = {"type": "error", "code": "rate_limited", "message": "too fast", "retry_after": RETRY_AFTER}
        client.answer(client.hear_send(2), **wait)
        told, behind = time.monotonic(), set()
        lost = "number 2 is refused with rate_limited, and the client does not say it again"
        while (send := client.hear("send_message", otherwise=lost))["cid"] != 2:
            check(send["cid"] not in behind, f"number {send['cid']} comes again before number 2, which is refused too")
            behind.add(send["cid"])
            client.answer(send, type="error", code="cid_gap", message="the next one is 2")
        check(time.monotonic() - told > 0.9 * RETRY_AFTER, "the client does not wait for retry_after")
        client.acknowledge(send, **message(4, send["text"]) | {"from": client.name})
        client.hear_send(3)
        client.goes_on("the client does not go on behind its own message")
        client.comes_back(position(4), "4 has come")

    def after_the_grace_period_the_room_is_joined_again(self) -> None:
        """The replay begins behind the position in the answer."""
        client = self._client
        client.welcome(position(0), room="hall", resumed=False, cid=2)
        asked = "the grace period is over, and the client does not join its room again, which is the lobby"
        join = client.hear("join_room", "send_message", otherwise=asked)
        check(join["type"] == "join_room" and join["room"].lower() == "lobby", f"{asked}, but says {join}")
        check(
            _without_changes(join.get("since")) == position(4),
            f"the client knows 4 in the lobby, and joins it again with {join}",
        )
        client.say(type="room", room="hall", position=position(0), users=[client.name], users_count=1)
        client.answer(join, type="room", room="lobby", position=position(4), users=[client.name], users_count=1)
        client.say(**message(5, "fifth", replay=True))
        client.hear_send(3)
        client.goes_on("the client does not go on behind the position in the answer to join_room")
        client.comes_back(position(5), "join_room is answered with position 4, and 5 has come")

    def a_picture_that_nobody_asked_for_moves_no_position(self) -> None:
        """A slow reader gets one. Messages up to 54 are on their way, and are lost with the connection."""
        client = self._client
        client.welcome(position(5), cid=2)
        client.say(type="room", room="lobby", position=position(54), users=[client.name], users_count=1)
        client.say(type="rooms", rooms=[{"name": "lobby", "users": 1, "seq": 54}])
        client.goes_on("a picture that nobody asked for stops the client")
        client.comes_back(position(5), "5 has come, and then a room frame that nobody asked for")

    def it_goes_on_behind_a_gap(self) -> None:
        """Also when the log begins anew."""
        client = self._client
        client.welcome(position(5), cid=2)
        client.say(type="gap", room="lobby", epoch="e1", **{"from": 6, "to": 54})
        client.say(**message(55, "fifty-fifth"))
        client.goes_on("the client does not go on behind a gap from 6 to 54")
        client.say(type="gap", room="lobby", epoch="e2", **{"from": 1, "to": 0})
        client.say(**message(1, "anew"))
        client.goes_on("the client does not go on in another epoch")
        client.comes_back(position(1, "e2"), "a gap has said that the log begins anew behind 0, and 1 has come")

    def everything_is_said_once(self) -> None:
        """What has no answer yet gets one."""
        client = self._client
        client.welcome(position(1, "e2"), cid=2)
        while client.acknowledged < max(client.said):
            send = client.hear_send(client.acknowledged + 1)
            client.acknowledge(send, **message(send["cid"] - 1, send["text"]) | {"from": client.name})
        client.leaves()


def check_client(place: Place, valid: Validate) -> bool:
    """Wait for a client and see what it does; returns whether all is well."""
    connections: Queue[Connection] = Queue()
    over = threading.Event()

    def handle(connection: Connection) -> None:
        connections.put(connection)
        over.wait()

    with place.listen(handle) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        print(f"waiting for a client at {place.url.rpartition(':')[0]}:{port}", flush=True)
        client = Client(connections, valid)
        checks = ClientChecks(client)
        try:
            well = run("the client logs in", client.comes)
            well = well and all(run(name, getattr(checks, name)) for name in checks_of(ClientChecks))
        finally:
            over.set()
            server.shutdown()
    if well:
        print("this client asks for what is missing, comes back, and says everything once")
    return well


def _without_changes(place: Frame | None) -> Frame | None:
    """Return a place as clients say it that do not ask what has become of messages."""
    return {key: value for key, value in place.items() if key != "changes"} if place else place
