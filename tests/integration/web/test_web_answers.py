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
