"""A bot that repeats what it is asked to: say "!echo hello" in the lobby."""

import sys

from chatcore import Bot, Message

bot = Bot(sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8765", username="echo")


@bot.command("echo")
async def echo(message: Message) -> None:
    await message.reply(message.args)


def test_the_bot_repeats_what_it_is_asked_to() -> None:
    """Without a server: each line is who says it, what, and what the bot answers. Run it with pytest."""
    bot.test([("alice", "!echo hello", "hello"), ("bob", "hello", None)])


if __name__ == "__main__":
    bot.run()
