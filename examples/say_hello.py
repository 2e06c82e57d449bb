"""Log in, say hello, and print what happens until somebody says goodbye."""

import sys

from chatcore import MessagePosted, PresenceChanged, connect, run
from chatcore.text.safe_text import safe_text


async def main(url: str) -> None:
    async with connect(url, username="hello") as chat:
        await chat.send("hello")
        async for event in chat:
            match event:
                case MessagePosted(sender=sender, text=text):
                    print(f"{sender}: {safe_text(text)}", flush=True)  # a stranger's text steers no terminal
                    if text == "goodbye":
                        break
                case PresenceChanged(joined=joined, left=left):
                    print("came:", *joined, "went:", *left, flush=True)


if __name__ == "__main__":
    run(main(sys.argv[1] if len(sys.argv) > 1 else "ws://127.0.0.1:8765"))
