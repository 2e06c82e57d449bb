"""What the page answers in words, told by node without a browser."""

from __future__ import annotations

import pytest

from tests.integration.web.test_web_core import evaluate

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_the_page_describes_a_user_in_words_that_people_know() -> None:
    """The dialect only where it is not the usual one; nobody without a connection is active now."""
    user = {"type": "user", "username": "bob", "room": "lobby", "since": "", "idle": 5, "connected": True}
    told = await evaluate(
        """
        const { answerText } = await import("page/model/answers.js");
        console.log(JSON.stringify(data.map((user) => answerText(user).replace(/since [^(]*/, "").split("\\n"))));
        """,
        [
            {**user, "transport": "ws", "dialect": "chat"},
            {**user, "transport": "tcp", "dialect": "simple-json", "idle": 130},
            {**user, "transport": "quic", "dialect": "chat", "connected": False},
            {**user, "transport": "quic", "dialect": "chat", "connected": False, "idle": 130},
        ],
    )
    assert told == [
        ["bob is in lobby, (WebSocket).", "Active just now."],
        ["bob is in lobby, (TCP, simple-json).", "Last active 2 minutes ago."],
        ["bob lost the connection and may come back."],
        ["bob lost the connection and may come back.", "Last active 2 minutes ago."],
    ]


QUOTED = """
    const { Conversation } = await import("page/model/conversation.js");
    const { Conversations } = await import("page/model/conversations.js");
    const { Emitter } = await import("page/model/emitter.js");
    const { Reaching } = await import("page/model/reaching.js");
    const told = data.map((answers) => {
        const waiting = [];
        const ask = (request, then) => void waiting.push(then);
        const reaching = new Reaching({ username: "alice", conversations: new Conversations(new Emitter()), ask });
        const place = new Conversation("room", "lobby");
        place.epoch = "old";
        return answers.map(({ now, ...answer }) => {
            reaching.loadQuote(place, 6);
            place.epoch = now;
            waiting.shift()?.(answer);
            const found = place.quote(6, now);
            return found && (found.fate || found.text);
        });
    });
    console.log(JSON.stringify(told));
"""


async def test_the_page_says_only_of_a_message_that_is_gone_that_it_was_deleted() -> None:
    """Of one that cannot be read just now it asks again; what an earlier log of the room said is not quoted."""
    said = {"type": "message", "room": "lobby", "seq": 6, "from": "bob", "text": "hello", "at": ""}
    history = {"type": "history", "room": "lobby", "epoch": "old", "messages": [said], "now": "old"}
    refused = {"type": "error", "code": "unreadable", "message": "", "now": "old"}
    gone = {**history, "messages": []}
    late = {**history, "now": "new"}
    found = await evaluate(QUOTED, [[history], [gone], [refused, history], [refused, gone], [late]])
    assert found == [["hello"], ["deleted"], [None, "hello"], [None, "deleted"], [None]]
