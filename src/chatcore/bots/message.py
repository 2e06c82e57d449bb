"""What a bot is told when somebody gives it a command."""

from __future__ import annotations

from dataclasses import dataclass

from chatcore.aio.arguments import checked
from chatcore.aio.client import Client
from chatcore.errors import ErrorCode
from chatcore.events import MessagePosted, Posted
from chatcore.text.reasons import refuse


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said to a bot, with the means to answer: what a command's handler is called with.

    Attributes:
        text: all of what was said, the command too.
        args: what stands behind the command, without spaces around it; empty when nothing does.
        sender: username of who said it.
        room: the room where it was said; of what was said directly or to everyone, the one where the bot is.
        posted: the message as it stands in its log: a `MessagePosted`, `DirectPosted` or `BroadcastPosted`.
        chat: the bot's client, for everything else.
    """

    posted: Posted
    args: str
    chat: Client

    @property
    def text(self) -> str:
        """All of what was said."""
        return self.posted.text

    @property
    def sender(self) -> str:
        """Who said it."""
        return self.posted.sender

    @property
    def room(self) -> str:
        """Where it was said, or where the bot is."""
        return self.posted.room if isinstance(self.posted, MessagePosted) else self.chat.room

    @checked
    async def reply(self, text: str) -> None:
        """Answer where it was asked, and nowhere else: in that room, or directly. Waits for the acknowledgement.

        A broadcast is answered directly. Who asked directly and has another name since, before the eyes of the bot, is
        answered under that.

        Raises:
            RequestRefused: `too_large`; `bad_request` when the text is empty; `not_in_room` when the bot is not in
                that room any more; `no_such_user` when who asked has gone, or somebody else has that name.
            ConnectionClosed: the client has ended.
        """
        if isinstance(self.posted, MessagePosted):
            await self.chat.send(text, room=self.posted.room)
            return
        name = self.chat.name_now(self.posted)
        if name is None:
            raise refuse(ErrorCode.NO_SUCH_USER, what="left", name=self.sender)
        await self.chat.send_direct(name, text)
