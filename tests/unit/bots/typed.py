"""What a type checker says of bots: mypy --strict reads this file, and a mistake below that it does not find is one."""

from __future__ import annotations

from chatcore import Bot, Client, Message, MessagePosted, PresenceChanged

bot = Bot("ws://127.0.0.1:8765", username="typed", password="of the server")
counts = bot.per_room(list[int])


@bot.command("count")
async def count(message: Message) -> None:
    counts[message.room].append(1)
    await message.reply(message.args)


@bot.on(MessagePosted)
async def hear(event: MessagePosted, chat: Client) -> None:
    await chat.send(event.text, reply_to=event.seq)


@bot.every(1)
async def tick(chat: Client) -> None:
    await chat.send("tick")


Bot("ws://127.0.0.1:8765", username="typed", passwort="x")  # type: ignore[call-arg]
counts["lobby"].append("one")  # type: ignore[arg-type]


@bot.on(PresenceChanged)  # type: ignore[arg-type]
async def other_event(event: MessagePosted, chat: Client) -> None: ...


@bot.on(int)  # type: ignore[type-var]
async def no_event(event: int, chat: Client) -> None: ...


@bot.command("sync")  # type: ignore[type-var]
def no_coroutine(message: Message) -> None: ...


@bot.every(1)  # type: ignore[type-var]
async def other_argument(message: Message) -> None: ...


@bot.on(MessagePosted)
async def no_such_field(event: MessagePosted, chat: Client) -> None:
    print(event.no_such_field)  # type: ignore[attr-defined]
