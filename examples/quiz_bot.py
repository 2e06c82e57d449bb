"""A quiz: say "!quiz", then answer. It remembers the score of each room, and gives the answer after half a minute."""

import sys
from dataclasses import dataclass, field

from chatcore import Bot, Client, Message, MessagePosted

QUESTIONS = [("What is seven times six?", "42"), ("What do bees make?", "honey")]

bot = Bot(sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8765", username="quiz")


@dataclass
class Game:
    """What is remembered of a room."""

    asked: int = 0
    answer: str | None = None
    waited: int = 0
    points: dict[str, int] = field(default_factory=dict)


games = bot.per_room(Game)


@bot.command("quiz")
async def ask(message: Message) -> None:
    game = games[message.room]
    question, game.answer = QUESTIONS[game.asked % len(QUESTIONS)]
    game.asked, game.waited = game.asked + 1, 0
    await message.reply(question)


@bot.command("score")
async def score(message: Message) -> None:
    points = games[message.room].points
    await message.reply(", ".join(f"{name}: {points[name]}" for name in sorted(points)) or "nobody has a point yet")


@bot.on(MessagePosted)
async def listen(event: MessagePosted, chat: Client) -> None:
    game = games[event.room]
    if game.answer is not None and event.text.lower() == game.answer:
        game.answer = None
        game.points[event.sender] = game.points.get(event.sender, 0) + 1
        await chat.send(f"{event.sender} has it!")


@bot.every(10)
async def wait(chat: Client) -> None:
    game = games[chat.room]
    game.waited += 1
    if game.answer is not None and game.waited > 2:
        answer, game.answer = game.answer, None
        await chat.send(f"It is {answer}.")


def test_who_knows_it_has_a_point() -> None:
    bot.test(
        [
            ("alice", "!score", "nobody has a point yet"),
            ("alice", "!quiz", "What is seven times six?"),
            ("bob", "43", None),
            ("bob", "42", "bob has it!"),
            ("alice", "!score", "bob: 1"),
        ]
    )


def test_nobody_waits_for_ever() -> None:
    bot.test([("alice", "!quiz", "What is seven times six?"), ("alice", None, "It is 42.")], patience=60)


if __name__ == "__main__":
    bot.run()
