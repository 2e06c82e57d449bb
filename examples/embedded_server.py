"""A chat server inside one's own program, next to whatever else that program does."""

from chatcore import ChatServer, Limits, connect, run


async def main() -> None:
    async with ChatServer(port=0, limits=Limits(default_room="hall", username_chars=20)) as server:
        print("join with: chatcore connect", server.urls[0], flush=True)
        async with connect(server.urls[0], username="the-program") as chat:
            await chat.send("the server is up")
            print("in the hall:", *server.chat.users, flush=True)


if __name__ == "__main__":
    run(main())
