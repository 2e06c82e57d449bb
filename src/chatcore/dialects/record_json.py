"""Records, and entries of logs, as JSON: what journals and archives keep, and what nodes tell each other.

A batch is one object, its records are objects of one key that says what they are; an act stands under what is asked
for, beside its connection (`on`). What has its default value is left out::

    {"v": 14, "node": 7, "number": 12, "records": [{"on": 30064771073, "send_message": {"text": "hello", "cid": 3}}]}
"""

from __future__ import annotations

from typing import Any, Final, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic_core import from_json
from typing_extensions import TypedDict  # pydantic takes no other one before Python 3.12

from chatcore import commands as c
from chatcore import records as r
from chatcore.dialects.tellable import is_tellable
from chatcore.errors import ChatcoreError, Sentence
from chatcore.events import BroadcastPosted, DirectPosted, MessagePosted, Posted
from chatcore.ports.journal import Batch

VERSION: Final = r.RULES
"""Of batches: how their records are applied, and so what may stand in them. Another default, a key less, or with
another meaning: that is the next number of both. What earlier versions wrote has a 1, whatever their rules were."""
_FIRST: Final = 1
"""Of a batch in which a node begins, for ever: nodes of earlier versions read it, and refuse to be one chat with it."""

_STRICT: Final = ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")


class RecordError(ChatcoreError):
    """Bytes that are no batch and no entry, or are of a newer version; the sentence says which."""


class NoRecords(RecordError):
    """Bytes that no version of chatcore has written."""


class _Commands(TypedDict, total=False):
    """What an act may be. One of the keys is there."""

    login: c.LogIn
    logout: c.LogOut
    create_room: c.CreateRoom
    join_room: c.JoinRoom
    leave_room: c.LeaveRoom
    send_message: c.SendMessage
    send_direct: c.SendDirect
    broadcast: c.SendBroadcast
    rename: c.Rename
    list_rooms: c.ListRooms
    list_users: c.ListUsers
    whois: c.WhoIs
    history: c.ReadHistory
    set_topic: c.SetTopic
    set_role: c.SetRole
    kick: c.KickUser
    ban: c.BanUser
    unban: c.UnbanUser
    mute: c.MuteUser
    unmute: c.UnmuteUser
    invite: c.InviteUser
    set_private: c.SetPrivate
    set_slow: c.SetSlow
    close_room: c.CloseRoom
    delete_message: c.DeleteMessage
    edit_message: c.EditMessage
    read: c.MarkRead
    search: c.Search
    react: c.React
    unreact: c.Unreact
    list_bans: c.ListBans
    operator: c.BecomeOperator
    register: c.RegisterAccount
    identify: c.Identify
    reset_account: c.ResetAccount
    drop_account: c.DropAccount
    make_invitation: c.MakeInvitation
    revoke_invitation: c.RevokeInvitation
    list_invitations: c.ListInvitations
    list_acts: c.ListActs
    list_limits: c.ListLimits
    file_offer: c.OfferFile
    file_accept: c.AcceptFile
    file_decline: c.DeclineFile
    file_cancel: c.CancelFile
    file_done: c.FinishFile
    file_error: c.FailFile
    file_credit: c.GrantCredit
    file_chunk: c.SendChunk


class _Records(TypedDict, total=False):
    """The other records. One of the keys is there."""

    node_up: r.NodeUp
    node_left: r.NodeLeft
    limits_set: r.LimitsSet
    logged_in: r.LoggedIn
    gone: r.Gone
    confirmed: r.Confirmed
    have_read: r.HaveRead
    rooms_forgotten: r.RoomsForgotten
    host_acted: r.HostActed
    operator_token: r.OperatorToken
    flow_broken: r.FlowBroken


@with_config(_STRICT)
class _Record(_Commands, _Records, total=False):
    """A record: the one key that it has, and of an act its connection."""

    on: int


@with_config(_STRICT)
class _Batch(TypedDict):
    v: int
    node: int
    number: int
    records: list[_Record]


@with_config(_STRICT)
class _Posted(TypedDict, total=False):
    """One of the keys is there."""

    message: MessagePosted
    direct: DirectPosted
    broadcast: BroadcastPosted


_ACTS: Final[dict[type, str]] = {kind: key for key, kind in get_type_hints(_Commands).items()}
_OTHERS: Final[dict[type, str]] = {kind: key for key, kind in get_type_hints(_Records).items()}
_KINDS: Final[dict[type, str]] = {kind: key for key, kind in get_type_hints(_Posted).items()}
_BATCH: Final = TypeAdapter(_Batch)
_POSTED: Final = TypeAdapter(_Posted)


def encode_batch(batch: Batch) -> bytes:
    """Return a batch as one JSON object.

    Raises ValueError for a login that still has its token, because whoever reads a journal must not become its users,
    and for what `decode_batch` would not take: a text that has no form in UTF-8, a value of another type.
    """
    records = [_to_json(record) for record in batch.records]
    begins = any(isinstance(record, r.NodeUp) for record in batch.records)
    whole = {"v": _FIRST if begins else VERSION, "node": batch.node, "number": batch.number, "records": records}
    return _BATCH.serializer.to_json(whole, exclude_defaults=True, warnings="error")


def decode_batch(data: bytes) -> Batch:
    """Return the batch that `encode_batch` was given. Raises `RecordError`."""
    try:
        whole = _BATCH.validator.validate_json(data)
    except ValidationError as error:
        raise _unreadable(data) from error
    if not _FIRST <= whole["v"] <= VERSION:
        raise _unreadable(data)
    try:
        return Batch(whole["node"], whole["number"], tuple([_from_json(record) for record in whole["records"]]))
    except ValueError as error:
        raise RecordError(Sentence("this is no batch of records: {why}", why=str(error))) from error


def encode_posted(entry: Posted) -> bytes:
    """Return an entry of a log as one JSON object. Raises ValueError for what `decode_posted` would not take."""
    return _POSTED.serializer.to_json({_KINDS[type(entry)]: entry}, exclude_defaults=True, warnings="error")


def decode_posted(data: bytes) -> Posted:
    """Return the entry that `encode_posted` was given. Raises `RecordError`, also for what cannot be told."""
    try:
        (entry,) = _POSTED.validator.validate_json(data).values()
    except ValueError as error:  # a ValidationError is one
        raise RecordError(Sentence("this is no entry of a log")) from error
    assert isinstance(entry, Posted)
    if not is_tellable(entry):
        raise RecordError(Sentence("this is no entry of a log"))
    return entry


def _to_json(record: r.Record) -> dict[str, object]:
    if isinstance(record, r.Act):
        _check_secrets(record.command)
        return {"on": record.connection, _ACTS[type(record.command)]: record.command}
    if isinstance(record, r.LoggedIn):
        _check_secrets(record.command)
    return {_OTHERS[type(record)]: record}


def _from_json(found: dict[str, Any]) -> r.Record:
    connection = found.pop("on", None)
    (what,) = found.values()  # raises ValueError for none and for several
    if type(what) in _OTHERS:
        if connection is not None:
            raise ValueError("a record that is no act has no connection beside it")
        if isinstance(what, r.LoggedIn):
            _check_secrets(what.command)
        assert isinstance(what, r.Record)
        return what
    if connection is None:
        raise ValueError("an act without its connection")
    _check_secrets(what)
    return r.Act(connection, what)


def _check_secrets(command: c.Command) -> None:
    if isinstance(command, c.LogIn | c.BecomeOperator) and command.token is not None:
        raise ValueError("a record holds no token, only its hash")
    if isinstance(command, c.LogIn | c.AccountRequest) and command.password is not None:
        raise ValueError("a record holds no password")
    if isinstance(command, c.LogIn) and (command.server_password or command.invitation) is not None:
        raise ValueError("a record holds no password and no invitation")
    if isinstance(command, c.LogIn) and command.operator_token is not None:
        raise ValueError("a record holds no token of operators")


def _unreadable(data: bytes) -> RecordError:
    """Return what is wrong with bytes that are no batch of this version."""
    try:
        version = from_json(data)["v"]
    except (ValueError, TypeError, KeyError):
        return NoRecords(Sentence("this is no batch of records"))
    if isinstance(version, int) and version > VERSION:
        return RecordError(
            Sentence(
                "this was written by a newer chatcore (records of version {found}, this one knows {known}); upgrade it",
                found=version,
                known=VERSION,
            )
        )
    return RecordError(Sentence("this is no batch of records"))
