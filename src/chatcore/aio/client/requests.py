"""What a client may be asked for: to say something, to go somewhere, to tell something, to exchange files."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from math import nan
from typing import TypeVar

from chatcore.aio.client.answers import Answers
from chatcore.aio.client.files.transfers import Transfers
from chatcore.client.session import ClientSession
from chatcore.commands import (
    BanUser,
    BecomeOperator,
    CloseRoom,
    Command,
    CreateRoom,
    DeleteMessage,
    DropAccount,
    EditMessage,
    Identify,
    InviteUser,
    JoinRoom,
    KickUser,
    LeaveRoom,
    ListActs,
    ListBans,
    ListInvitations,
    ListRooms,
    ListUsers,
    MakeInvitation,
    Moderation,
    MuteUser,
    React,
    ReadHistory,
    RegisterAccount,
    Rename,
    ResetAccount,
    RevokeInvitation,
    Search,
    Send,
    SendBroadcast,
    SendDirect,
    SendMessage,
    SetPrivate,
    SetRole,
    SetSlow,
    SetTopic,
    UnbanUser,
    UnmuteUser,
    Unreact,
    WhoIs,
)
from chatcore.errors import ErrorCode, RequestRefused
from chatcore.events import (
    ActsListed,
    ActSummary,
    BansListed,
    BanSummary,
    HistoryRead,
    InvitationMade,
    InvitationsListed,
    InvitationSummary,
    MessagesFound,
    OfferMade,
    Posted,
    RoomEntered,
    RoomsListed,
    RoomSummary,
    UserDescribed,
    UsersListed,
    UserSummary,
)
from chatcore.ports.file_store import FileSource, FileStore
from chatcore.text.names import name_key

_Reply = TypeVar("_Reply")


class ClientRequests:
    """The requests of a `chatcore.Client`.

    All of them may be awaited inside the loop over the events, and by several tasks at a time. While there is no
    connection they wait for the next one; what a lost connection leaves without an answer is asked again.
    """

    def __init__(self, session: ClientSession, answers: Answers, transfers: Transfers) -> None:
        self._session = session
        self._answers = answers
        self._transfers = transfers

    async def _answer(self, command: Command, kind: type[_Reply]) -> _Reply:
        return await self._answers.ask(command, kind)

    # Saying something.

    async def send(self, text: str, *, reply_to: int | None = None, epoch: str = "") -> Posted | None:
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

        Raises:
            RequestRefused: `too_large`; `bad_request` when it is empty; `not_in_room` when it was meant for a room
                that the user was on the way to and could not enter; `no_such_message` when it answers none that is
                there.
            ConnectionClosed: the client has ended, or ended before the acknowledgement.
        """
        return await self._answers.acknowledgement(SendMessage(text, reply_to=reply_to, epoch=epoch))

    async def send_direct(self, to: str | tuple[str, ...] | list[str], text: str) -> Posted | None:
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
        for a room that nobody could be asked about. With another `epoch` than the log has, it moves nothing.
        """
        self._answers.mark_read(seq, room, epoch)

    # Going somewhere.

    async def join(self, room: str) -> RoomEntered:
        """Enter a room and leave the present one. Raises `RequestRefused` (`no_such_room`), `ConnectionClosed`."""
        return await self._answer(JoinRoom(room), RoomEntered)

    async def create(self, room: str) -> RoomEntered:
        """Create a room and enter it. Raises `RequestRefused` (`room_exists`, `bad_name`), `ConnectionClosed`.

        A room's name is 1 to 32 letters, digits, `_` or `-`. The room is gone, and its log with it, when the last
        user leaves it.
        """
        return await self._answer(CreateRoom(room), RoomEntered)

    async def enter(self, room: str) -> None:
        """Be in a room, creating it when it is not there. Raises `RequestRefused` (`bad_name`), `ConnectionClosed`."""
        if name_key(self._session.room) == name_key(room):
            return
        try:
            await self.join(room)
        except RequestRefused as error:
            if error.code != ErrorCode.NO_SUCH_ROOM:
                raise
            try:
                await self.create(room)
            except RequestRefused as late:
                if late.code != ErrorCode.ROOM_EXISTS:
                    raise
                await self.join(room)  # somebody else was quicker

    async def leave(self) -> RoomEntered:
        """Go back to the default room (`lobby`, as a rule). Raises `ConnectionClosed`."""
        return await self._answer(LeaveRoom(), RoomEntered)

    async def rename(self, username: str) -> None:
        """Change the username. Raises `RequestRefused` (`name_taken`, `bad_name`), `ConnectionClosed`."""
        await self._answer(Rename(username), object)

    # Having a name for good.

    async def register(self, password: str) -> None:
        """Let the present name be this user's for good, by a password of 6 to 256 characters; again to change it.

        Raises `RequestRefused`: `forbidden` (the server has no accounts), `bad_request`, `server_full`.
        """
        await self._answer(RegisterAccount(password), object)
        self._session.owns(self._session.username, password)

    async def identify(self, password: str, account: str | None = None) -> None:
        """Show that an account is this user's: that of the present name, or another one. The name stays as it is.

        Raises `RequestRefused`: `not_identified`, `rate_limited` (after wrong ones), `banned`, `forbidden`.
        """
        account = account or self._session.username
        await self._answer(Identify(password, account), RoomEntered)
        self._session.owns(account, password)

    async def reset_account(self, username: str, password: str) -> None:
        """Give an account another password, or make one: for operators. Raises `RequestRefused`: `not_allowed`."""
        await self._answer(ResetAccount(username, password), object)

    async def drop_account(self, username: str) -> None:
        """Let a name belong to nobody any more: for operators. Raises `RequestRefused`: `no_such_user`."""
        await self._answer(DropAccount(username), object)

    async def make_invitation(
        self, uses: int = 1, *, seconds: int | None = None, room: str | None = None
    ) -> InvitationMade:
        """Make a text that lets people in instead of the server's password: for operators.

        Args:
            uses: how many logins it is good for, up to 10,000.
            seconds: for how long; None for ever.
            room: name of a room that it opens too, if that is private then.

        Raises:
            RequestRefused: `not_allowed`, `bad_name`, `too_large` (there are too many).
            ConnectionClosed: the client has ended.
        """
        return await self._answer(MakeInvitation(uses, seconds, room), InvitationMade)

    async def list_invitations(self) -> tuple[InvitationSummary, ...]:
        """Return the invitations that still let somebody in: for operators. Raises `RequestRefused`."""
        found: list[InvitationSummary] = []
        more = True
        while more:
            reply = await self._answer(ListInvitations(found[-1].number if found else 0), InvitationsListed)
            found += reply.invitations
            more = reply.more and bool(reply.invitations)
        return tuple(found)

    async def revoke_invitation(self, number: int) -> None:
        """Let an invitation let in nobody any more: for operators. Raises `RequestRefused`: `bad_invitation`."""
        await self._answer(RevokeInvitation(number), object)

    # Looking after a room: of each, `room` is the present one when left out, and everybody in it is told.

    async def moderate(self, command: Moderation) -> None:
        """Carry out one of the commands of `chatcore.commands.Moderation`, which the methods that follow make.

        Raises `RequestRefused` (`not_allowed` when the user's role in the room does not reach), `ConnectionClosed`.
        """
        await self._answer(command, object)

    async def set_topic(self, topic: str, *, room: str | None = None) -> None:
        """Say what a room is about, in at most 300 characters; empty for nothing. Raises `RequestRefused`."""
        await self.moderate(SetTopic(topic, room))

    async def set_role(self, username: str, role: str, *, room: str | None = None) -> None:
        """Let a user be `owner` (instead of the present one), `moderator` or `member` of a room.

        Raises `RequestRefused`: `no_such_user`, `not_allowed` (that is the owner's to do).
        """
        await self.moderate(SetRole(username, role, room))

    async def kick(self, username: str, reason: str = "", *, room: str | None = None) -> None:
        """Put a user out of a room; out of the default room is out of the server. Who was put out may come back.

        Raises `RequestRefused`: `no_such_user`, `not_allowed`.
        """
        await self.moderate(KickUser(username, reason, room))

    async def ban(
        self,
        username: str,
        seconds: int | None = None,
        reason: str = "",
        *,
        address: bool = False,
        room: str | None = None,
    ) -> None:
        """Put a user out of a room, if there, and do not let that user in again under whatever name.

        Args:
            username: whom.
            seconds: for how long; None for ever.
            reason: why, in at most 300 characters; the user and the room are told.
            address: True to keep out whoever comes from the same network address, too.
            room: from where; the present room when left out. From the default room is from the server.

        Raises:
            RequestRefused: `not_allowed`, `bad_name`.
            ConnectionClosed: the client has ended.
        """
        await self.moderate(BanUser(username, seconds, reason, address, room))

    async def unban(self, username: str, *, room: str | None = None) -> None:
        """Let a user in again. Raises `RequestRefused`: `no_such_ban`, `not_allowed`."""
        await self.moderate(UnbanUser(username, room))

    async def mute(
        self, username: str, seconds: int | None = None, reason: str = "", *, room: str | None = None
    ) -> None:
        """Let a user listen only, for so many seconds or for ever. Raises `RequestRefused`: `not_allowed`."""
        await self.moderate(MuteUser(username, seconds, reason, room))

    async def unmute(self, username: str, *, room: str | None = None) -> None:
        """Let a user speak again. Raises `RequestRefused`: `no_such_ban`, `not_allowed`."""
        await self.moderate(UnmuteUser(username, room))

    async def invite(self, username: str, *, room: str | None = None) -> None:
        """Let a user into a private room, and tell so. Raises `RequestRefused`: `no_such_user`, `not_allowed`."""
        await self.moderate(InviteUser(username, room))

    async def set_private(self, private: bool = True, *, room: str | None = None) -> None:
        """Let nobody in but who is invited or there already; or everybody again. Raises `RequestRefused`."""
        await self.moderate(SetPrivate(private, room))

    async def set_slow(self, seconds: int, *, room: str | None = None) -> None:
        """Let each member say something every so many seconds only, at most 6 h; 0 for as they like.

        Raises `RequestRefused`: `not_allowed`. What members send too early waits for its time by itself.
        """
        await self.moderate(SetSlow(seconds, room))

    async def close_room(self, reason: str = "", *, room: str | None = None) -> None:
        """Put everybody into the default room; the room is gone, and what was said in it.

        Raises `RequestRefused`: `not_allowed` (that is the owner's to do); `forbidden` for a room that is always there.
        """
        await self.moderate(CloseRoom(reason, room))

    async def delete_message(self, seq: int, *, room: str | None = None, epoch: str = "") -> None:
        """Take away what a message of a room says: one's own, or as a moderator anybody's. Its place stays.

        `epoch`, here and in what follows, as in `send`.

        Raises `RequestRefused`: `no_such_message`, `not_allowed`.
        """
        await self.moderate(DeleteMessage(seq, room, epoch))

    async def edit_message(self, seq: int, text: str, *, room: str | None = None, epoch: str = "") -> None:
        """Let one's own message in a room say something else.

        Raises `RequestRefused`: `no_such_message`, `not_allowed`, `too_large`, `bad_request` when the text is empty.
        """
        await self.moderate(EditMessage(seq, text, room, epoch))

    async def react(self, seq: int, emoji: str, *, room: str | None = None, epoch: str = "") -> None:
        """Put an emoji below a message of a room, for this user; once each. Everybody there gets a `ReactionChanged`.

        Raises `RequestRefused`: `no_such_message`, `bad_request` when it is no emoji, `too_large` when there are enough
        (20 kinds below a message, 5 of one user).
        """
        await self._answer(React(seq, emoji, room, epoch), object)

    async def unreact(self, seq: int, emoji: str, *, room: str | None = None, epoch: str = "") -> None:
        """Take an emoji back. Raises `RequestRefused`: `no_such_message`."""
        await self._answer(Unreact(seq, emoji, room, epoch), object)

    async def become_operator(self, token: str) -> None:
        """Look after the whole server, with the token that its host has given. Raises `RequestRefused`: `not_allowed`.

        It is so until the session ends, through lost connections too.
        """
        await self._answer(BecomeOperator(token), RoomEntered)

    async def list_acts(self) -> tuple[ActSummary, ...]:
        """Return what was done in rooms, and by whom, the oldest first: for operators. Raises `RequestRefused`."""
        found: list[ActSummary] = []
        more = True
        while more:
            reply = await self._answer(ListActs(found[-1].number if found else 0), ActsListed)
            found += reply.acts
            more = reply.more and bool(reply.acts)
        return tuple(found)

    async def list_bans(self, room: str | None = None) -> tuple[BanSummary, ...]:
        """Return who is banned from a room or muted there, the oldest first. Raises `RequestRefused`: `not_allowed`."""
        found: list[BanSummary] = []
        more = True
        while more:
            reply = await self._answer(ListBans(room, found[-1].number if found else 0), BansListed)
            found += reply.bans
            more = reply.more and bool(reply.bans)
        return tuple(found)

    # Telling something.

    async def list_rooms(self) -> tuple[RoomSummary, ...]:
        """Return every room of the server, in the order of the names. Raises `ConnectionClosed`."""
        found: list[RoomSummary] = []
        more = True
        while more:
            reply = await self._answer(ListRooms(found[-1].name if found else None), RoomsListed)
            found += reply.rooms
            more = reply.more and bool(reply.rooms)
        return tuple(found)

    async def list_users(self, room: str | None = None) -> tuple[UserSummary, ...]:
        """Return everybody, or everybody in a room, in the order of the names.

        Those whose connection is lost are among them until their grace period is over. Raises `RequestRefused`
        (`no_such_room`), `ConnectionClosed`.
        """
        found: list[UserSummary] = []
        more = True
        while more:
            reply = await self._answer(ListUsers(room, found[-1].name if found else None), UsersListed)
            found += reply.users
            more = reply.more and bool(reply.users)
        return tuple(found)

    async def whois(self, username: str) -> UserDescribed:
        """Return what there is to know about a user. Raises `RequestRefused` (`no_such_user`), `ConnectionClosed`."""
        return await self._answer(WhoIs(username), UserDescribed)

    async def history(
        self, room: str | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> tuple[Posted, ...]:
        """Return messages of a room, oldest first: the newest ones, those before a seq, or those after one.

        ::

            page = await chat.history(limit=20)
            older = await chat.history(before=page[0].seq, limit=20) if page else ()

        Args:
            room: any room; `@` for the user's own direct messages, `*` for broadcasts; the present room when left out.
            before: only messages with a lower seq; the newest of them.
            after: only messages with a higher seq; the oldest of them. `before` is not looked at then.
            limit: how many at most. The server has its own limit (200 as a rule), and sends fewer when they are long.

        Raises:
            RequestRefused: `no_such_room`.
            ConnectionClosed: the client has ended.
        """
        return (await self.read_history(room, before=before, after=after, limit=limit)).messages

    async def read_history(
        self, room: str | None = None, *, before: int | None = None, after: int | None = None, limit: int = 50
    ) -> HistoryRead:
        """Return what `history` does, together with the epoch of the log: another one, and each seq counts anew.

        Raises as `history` does.
        """
        return await self._answer(ReadHistory(room or self._session.room, before, after, limit), HistoryRead)

    async def search(
        self,
        words: str = "",
        *,
        sender: str | None = None,
        room: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> MessagesFound:
        """Look for messages in the rooms that the user may read: the newest first, a page at a time.

        ::

            page = await chat.search("key office", sender="bob")
            for message in page.messages:
                print(message.room, message.sender, message.text)
            more = await chat.search("key office", sender="bob", before=page.before) if page.before else None

        Args:
            words: each of them has to be in it, or begin a word of it; case and accents do not matter.
            sender: username that its sender had then.
            room: everywhere when left out.
            since: not said before; a time without a zone is one of this computer's.
            until: said before.
            before: go on where a page ended (`MessagesFound.before`).
            limit: how many at most, up to 100. A page may have fewer, and be followed by others.

        Raises:
            RequestRefused: `bad_request` when there is nothing to look for; `no_such_room`, `room_private`, `banned`.
            ConnectionClosed: the client has ended.
        """
        wanted = Search(
            words,
            sender,
            room,
            _seconds(since),
            _seconds(until),
            before,
            limit,
        )
        return await self.find(wanted)

    async def find(self, wanted: Search) -> MessagesFound:
        """Look for messages by a command. Returns and raises as `search` does."""
        page = await self._answer(wanted, MessagesFound)
        while not page.messages and page.before:
            page = await self._answer(replace(wanted, before=page.before), MessagesFound)
        return page

    # Files.

    async def offer_file(
        self,
        source: str | os.PathLike[str] | FileSource,
        *,
        to: str | tuple[str, ...] | list[str] = (),
        room: bool = False,
    ) -> OfferMade:
        """Offer a file to one or several users, or to everyone else in the room.

        It is sent to each who accepts, for as long as the client is open. `FileProgressed` events tell how far it is;
        for each user there is a `FileSent` or a `FileFailed` in the end. Reads the whole file once for its SHA-256.

        Args:
            source: its path, for which `connect` needs a file store; or anything that can be read like a file
                (`chatcore.ports.file_store.FileSource`), which the client closes in the end.
            to: usernames, at most 64 (or what the server allows).
            room: True to offer it to everyone else in the room whose program takes files; `to` is not looked at then.

        Returns:
            The offer's id (`file`, which the events carry too) and who was asked (`to`).

        Raises:
            RequestRefused: `no_such_user`, also when nobody else in the room can take it; `no_files` for a user whose
                program cannot; `too_large`; `file_limit`, `rate_limited`; `bad_request` when it is offered to nobody.
            FileError: it cannot be read.
            ConfigurationError: there is no file store to open a path with.
            ConnectionClosed: the client has ended.
        """
        return await self._transfers.offer(source, (to,) if isinstance(to, str) else tuple(to), room=room)

    async def accept_file(self, file: str, store: FileStore | None = None) -> None:
        """Accept a file that was offered (`FileOffered.file`); returns when it is on its way.

        A `FileReceived` event tells where it is, or `FileFailed` why it is not. What there is of an earlier try is
        not sent again.

        Args:
            file: its id.
            store: where it goes, if that is not what `connect` was given.

        Raises:
            RequestRefused: `no_such_file`; `file_limit`, and then it may be accepted later.
            FileError: it cannot be written.
            ConfigurationError: there is no file store.
            ConnectionClosed: the client has ended.
        """
        await self._transfers.accept(file, store)

    async def decline_file(self, file: str) -> None:
        """Say that a file is not wanted. Raises `RequestRefused` (`no_such_file`), `ConnectionClosed`."""
        await self._transfers.decline(file)

    async def cancel_file(self, file: str) -> None:
        """End a file that is under way, or take back an offer, whichever side this is.

        A `FileFailed` event with the code `cancelled_here` follows, for each user at the other side. A receiver keeps
        nothing of the file; one that has not accepted it declines, without an event. Raises `RequestRefused`
        (`no_such_file`), `ConnectionClosed`.
        """
        await self._transfers.cancel(file)


def _seconds(time: datetime | None) -> float | None:
    """Return seconds since 1970; for one that no clock of this computer has a NaN, which cannot be asked for."""
    try:
        return None if time is None else time.timestamp()
    except (OverflowError, ValueError):
        return nan
