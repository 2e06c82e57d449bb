"""Saying something, and changing what was said."""

from __future__ import annotations

from collections.abc import Collection

from chatcore.aio.arguments import checks_arguments
from chatcore.aio.client.requests.base import Asking
from chatcore.commands import (
    DeleteMessage,
    EditMessage,
    React,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
    Unreact,
)
from chatcore.events import Posted


@checks_arguments
class Saying(Asking):
    """Requests that say something."""

    async def send(
        self, text: str, *, reply_to: int | None = None, epoch: str = "", room: str | None = None
    ) -> Posted | None:
        """Say something in the present room; returns it as it stands in the room's log (`MessagePosted`).

        From then on everybody in the room gets it, once and in order. None when it was acknowledged after it had
        left the log. When the task that waits is cancelled, it is sent nevertheless. What comes faster than the
        server allows waits its turn.

        Args:
            text: at least one character, and at most 60,000 bytes, counted as a JSON string in UTF-8 (`"` and `\\`
                count twice, say); a server may allow less.
            reply_to: seq of the message of the room that it answers.
            epoch: of the log that this is the seq of; when it is left out, the one that the client follows. Here, and
                wherever a seq is named: when the room has another log by the time that the server is asked, there is
                no such message.
            room: the one that it is meant for, and said in or nowhere; when it is left out, the one that the user is
                in by then.

        Raises:
            RequestRefused: `too_large`; `bad_request` when it is empty; `not_in_room` when it was meant for a room
                that the user is not in, or was on the way to and could not enter; `no_such_message` when it answers
                none that is there.
            ConnectionClosed: the client has ended, or ended before the acknowledgement.
        """
        return await self._answers.acknowledgement(SendMessage(text, room=room, reply_to=reply_to, epoch=epoch))

    async def send_direct(self, to: str | Collection[str], text: str) -> Posted | None:
        """Say something to one or several users, wherever they are. Returns and raises as `send` does (`DirectPosted`).

        All of them get it, or nobody does: raises `RequestRefused` also with `no_such_user`, and with `too_large`
        for more than 64 users (or what the server allows).
        """
        return await self._answers.acknowledgement(SendDirect((to,) if isinstance(to, str) else tuple(to), text))

    async def broadcast(self, text: str) -> Posted | None:
        """Say something to everyone connected. Returns and raises as `send` does (`BroadcastPosted`)."""
        return await self._answers.acknowledgement(SendBroadcast(text))

    def post(self, send: Send) -> int:
        """Queue a send and return its number at once; a `SendAcknowledged` or `SendRefused` event follows.

        ::

            from chatcore.commands import SendMessage

            for line in lines:
                chat.post(SendMessage(line))
            await chat.flush()

        Args:
            send: `SendMessage(text)`, `SendDirect((username, ...), text)` or `SendBroadcast(text)`, of
                `chatcore.commands`, without a `cid`.

        Returns:
            1 for the first send of this client, 2 for the next, ...: the `cid` of the event that follows. It is the
            client's own count of all its sends, not the `cid` of the entry.

        Raises:
            RequestRefused: no server would take it: `bad_request`, `too_large`.
            ConnectionClosed: the client has ended.
        """
        return self._answers.post(send)

    async def flush(self) -> None:
        """Wait until everything that was posted is acknowledged or refused. Raises `ConnectionClosed`."""
        await self._answers.flush()

    def mark_read(self, seq: int, *, room: str | None = None, epoch: str = "") -> None:
        """Say how far the user has read a room (the present one when left out): up to the entry with that seq.

        It is the user's, on every program: `unread` of another one tells it. The server is told about once a second
        of the furthest, so this may be called for each message that is shown. Raises `RequestRefused` (`bad_request`)
        for a name of a room that cannot be sent; for a room that there is not, and with another `epoch` than the log
        has, it moves nothing.
        """
        self._answers.mark_read(seq, room, epoch)

    async def delete_message(self, seq: int, *, room: str | None = None, epoch: str = "") -> None:
        """Take away what a message of a room says: one's own, or as a moderator anybody's. Its place stays.

        `epoch`, here and in what follows, as in `send`.

        Raises `RequestRefused`: `no_such_message`, `not_allowed`.
        """
        await self._answer(DeleteMessage(seq, room, epoch), object)

    async def edit_message(self, seq: int, text: str, *, room: str | None = None, epoch: str = "") -> None:
        """Let one's own message in a room say something else.

        Raises `RequestRefused`: `no_such_message`, `not_allowed`, `too_large`, `bad_request` when the text is empty.
        """
        await self._answer(EditMessage(seq, text, room, epoch), object)

    async def react(self, seq: int, emoji: str, *, room: str | None = None, epoch: str = "") -> None:
        """Put an emoji below a message of a room, for this user; once each. Everybody there gets a `ReactionChanged`.

        Raises `RequestRefused`: `no_such_message`, `bad_request` when it is no emoji, `too_large` when there are enough
        (20 kinds below a message, 5 of one user).
        """
        await self._answer(React(seq, emoji, room, epoch), object)

    async def unreact(self, seq: int, emoji: str, *, room: str | None = None, epoch: str = "") -> None:
        """Take an emoji back. Raises `RequestRefused`: `no_such_message`."""
        await self._answer(Unreact(seq, emoji, room, epoch), object)
