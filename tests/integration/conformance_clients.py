"""Small clients for the conformance script: one that is right, and many that are wrong in one way each."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA = Path(__file__).parents[2] / "docs" / "protocol" / "chat.schema.json"
Frame = dict[str, Any]
VALIDATOR = jsonschema.Draft202012Validator({**json.loads(SCHEMA.read_text()), "$ref": "#/$defs/ServerFrame"})


class Careful:
    """A small client that makes no mistake: it says three things, and leaves when they are acknowledged."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.positions: Frame = {}
        self.room = ""
        self.pending = [(1, "one"), (2, "two"), (3, "three")]
        self.ahead: list[Frame] = []

    async def live(self, host: str, port: int) -> None:
        """Connect again and again."""
        while self.pending:
            try:
                reader, self.writer = await asyncio.open_connection(host, port)
            except ConnectionError:
                return
            try:
                self.say(type="login", username="alice", client="c" * 20, token=self.token, since=self.positions)
                while self.pending and not self.writer.is_closing() and (line := await reader.readline()):
                    frame = json.loads(line)
                    if frame["type"] != "weather":
                        VALIDATOR.validate(frame)
                    getattr(self, f"on_{frame['type']}", self.on_unknown)(frame)
            except ConnectionError:
                pass
            finally:
                self.writer.close()

    def say(self, **frame: Any) -> None:
        self.writer.write(
            json.dumps({key: value for key, value in frame.items() if value is not None}).encode() + b"\n"
        )

    def say_pending(self) -> None:
        for cid, text in self.pending:
            self.say(type="send_message", text=text, cid=cid)

    def say_pending_later(self, frame: Frame) -> None:
        asyncio.get_running_loop().call_later(frame["retry_after"], self.say_pending)

    def on_unknown(self, frame: Frame) -> None:
        pass

    def on_ping(self, frame: Frame) -> None:
        self.say(type="pong", id=frame.get("id"))

    def on_welcome(self, frame: Frame) -> None:
        back = self.room if not frame["resumed"] and self.room not in ("", frame["room"]) else None
        place = self.positions.get(self.room)
        self.token, self.room, self.positions = frame["session"]["token"], frame["room"], frame["positions"]
        if back is None:
            self.say_pending()
        else:
            self.come_back(back, place)

    def come_back(self, room: str, place: Frame | None) -> None:
        self.say(type="join_room", room=room, since=place, id="back")

    def on_room(self, frame: Frame) -> None:
        if frame.get("id") == "back":
            self.room = frame["room"]
            self.positions[self.room] = frame["position"]
            self.say_pending()

    def on_message(self, frame: Frame) -> None:
        self.acknowledged(frame.get("cid"))
        place = self.positions.get(frame["room"])
        if place is None or frame["seq"] <= place["seq"]:
            return
        if frame["seq"] > place["seq"] + 1:
            self.ahead.append(frame)
            self.say(type="history", room=frame["room"], after=place["seq"])
        else:
            place["seq"] += 1

    def on_history(self, frame: Frame) -> None:
        ahead, self.ahead = self.ahead, []
        for each in frame["messages"] + ahead:
            self.on_message(each)

    def on_gap(self, frame: Frame) -> None:
        self.positions[frame["room"]] = {"epoch": frame["epoch"], "seq": frame["to"]}

    def on_ok(self, frame: Frame) -> None:
        self.acknowledged(frame.get("cid"))

    def acknowledged(self, cid: int | None) -> None:
        self.pending = [send for send in self.pending if send[0] != cid]

    def on_error(self, frame: Frame) -> None:
        if frame["code"] == "rate_limited":
            self.say_pending_later(frame)


class StopsAtUnknownTypes(Careful):
    def on_unknown(self, frame: Frame) -> None:
        self.writer.close()
        self.pending = []


class StopsAtUnknownKeys(Careful):
    def on_message(self, frame: Frame) -> None:
        if "mood" in frame:
            self.on_rooms(frame)
        super().on_message(frame)

    def on_rooms(self, frame: Frame) -> None:
        self.writer.close()
        self.pending = []


class StopsAtRooms(Careful):
    on_rooms = StopsAtUnknownKeys.on_rooms


class StaysInTheOtherRoom(Careful):
    def come_back(self, room: str, place: Frame | None) -> None:
        self.say_pending()


class ComesBackAsAStranger(Careful):
    def come_back(self, room: str, place: Frame | None) -> None:
        super().come_back(room, None)


class TakesNoPositionFromTheRoom(Careful):
    def on_room(self, frame: Frame) -> None:
        self.room = frame["room"]
        if frame.get("id") == "back":
            self.say_pending()


class TakesAnyRoomAsTheAnswer(Careful):
    asks = False

    def come_back(self, room: str, place: Frame | None) -> None:
        super().come_back(room, place)
        self.asks = True

    def on_room(self, frame: Frame) -> None:
        if self.asks:
            super().on_room(frame | {"id": "back"})
        self.asks = False


class TakesThePositionOfAnyRoom(Careful):
    def on_room(self, frame: Frame) -> None:
        super().on_room(frame)
        self.positions[frame["room"]] = frame["position"]


class IgnoresGaps(Careful):
    def on_gap(self, frame: Frame) -> None:
        pass


class IgnoresEmptyGaps(Careful):
    def on_gap(self, frame: Frame) -> None:
        if frame["to"] >= frame["from"]:
            super().on_gap(frame)


class IgnoresTheEpochOfAGap(Careful):
    def on_gap(self, frame: Frame) -> None:
        super().on_gap(frame | {"epoch": self.positions[frame["room"]]["epoch"]})


class WaitsForItsCopyOnly(Careful):
    def on_ok(self, frame: Frame) -> None:
        pass


class ForgetsWhatWasTooFast(Careful):
    def on_error(self, frame: Frame) -> None:
        super().on_error(frame)
        if frame["code"] == "rate_limited":
            self.acknowledged(frame["cid"])


class ForgetsWhatCameBehindIt(Careful):
    def on_error(self, frame: Frame) -> None:
        super().on_error(frame)
        if frame["code"] == "cid_gap":
            self.acknowledged(frame["cid"])


class NumbersAnew(Careful):
    def say_pending_later(self, frame: Frame) -> None:
        self.pending = [(2, "three"), (3, "two")]
        super().say_pending_later(frame)


class RepeatsInAnotherOrder(Careful):
    def say_pending_later(self, frame: Frame) -> None:
        self.pending.reverse()
        super().say_pending_later(frame)


class DoesNotWait(Careful):
    def say_pending_later(self, frame: Frame) -> None:
        self.say_pending()


class ForgetsItsToken(Careful):
    def on_welcome(self, frame: Frame) -> None:
        super().on_welcome(frame)
        self.token = None


STOPS = "a frame of an unknown type, or an unknown key, stops the client"


MISTAKES = {
    StopsAtUnknownTypes: STOPS,
    StopsAtUnknownKeys: STOPS,
    ForgetsItsToken: "the client comes back without the token",
    WaitsForItsCopyOnly: "number 1 is acknowledged, and the client says it again",
    ForgetsWhatWasTooFast: "number 3 comes again before number 2",
    ForgetsWhatCameBehindIt: "number 3 is not acknowledged, and the client does not say it",
    NumbersAnew: "the client has said 'two' under the number 2, and now says 'three'",
    RepeatsInAnotherOrder: "number 3 comes again before number 2",
    DoesNotWait: "the client does not wait for retry_after",
    StaysInTheOtherRoom: "the client does not join its room again",
    ComesBackAsAStranger: "the client knows 4 in the lobby, and joins it again with",
    TakesNoPositionFromTheRoom: "join_room is answered with position 4, and 5 has come, and the client",
    TakesAnyRoomAsTheAnswer: "join_room is answered with position 4, and 5 has come, and the client",
    TakesThePositionOfAnyRoom: "5 has come, and then a room frame that nobody asked for, and the client",
    StopsAtRooms: "a picture that nobody asked for stops the client",
    IgnoresGaps: "the client does not go on behind a gap from 6 to 54: it says",
    IgnoresEmptyGaps: "a gap has said that the log begins anew behind 0, and 1 has come, and the client",
    IgnoresTheEpochOfAGap: "a gap has said that the log begins anew behind 0, and 1 has come, and the client",
}
"""What the script says of them."""
