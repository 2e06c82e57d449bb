"""The frames that a server reads and writes most, in short ways: what users send, and what everybody is told of it.

What comes out is what `json_text`, `decode` and `encode` give, which know every frame; tests hold the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final, NotRequired, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic takes no other one before Python 3.12

from chatcore import commands as c
from chatcore.dialects.base import Request
from chatcore.dialects.chat.codec.messages import mine
from chatcore.dialects.chat.codec.times import moment
from chatcore.dialects.chat.frames import messages as f
from chatcore.events import DirectPosted, MessagePosted, Posted
from chatcore.quick import quick, quick_tuple

_HEAD: Final = re.compile(rb'\{ ?"type": ?"(send_message|send_direct|broadcast)"')
_HEAD_BYTES: Final = 24  # of the longest one; what comes behind the others is the same most of the time, too

_message: Final = quick(c.SendMessage)
_request: Final = quick_tuple(Request)
_SENDS: Final[dict[bytes, tuple[type[BaseModel], Callable[[dict[str, Any]], c.Command]]]] = {
    b"send_message": (
        f.SendMessage,
        lambda said: _message(
            said["text"], said.get("cid"), said.get("room"), said.get("reply_to"), said.get("epoch", "")
        ),
    ),
    b"send_direct": (
        f.SendDirect,
        lambda said: c.SendDirect(
            (said["to"],) if isinstance(said["to"], str) else tuple(said["to"]), said["text"], said.get("cid")
        ),
    ),
    b"broadcast": (f.SendBroadcast, lambda said: c.SendBroadcast(said["text"], said.get("cid"))),
}


@lru_cache(maxsize=64)
def _reader(head: bytes) -> tuple[Callable[[bytes], dict[str, Any]], Callable[[dict[str, Any]], c.Command]] | None:
    """Return what validates a send that begins so, and what makes a command of it; None for what is no send.

    It is validated as a dictionary of what is said: to make a model takes longer than all else.
    """
    found = _HEAD.match(head)
    if found is None:
        return None
    model, command_of = _SENDS[found[1]]
    keys = {
        name: each.rebuild_annotation() if each.is_required() else NotRequired[each.rebuild_annotation()]
        for name, each in model.model_fields.items()
    }
    said = cast("Any", TypedDict)(model.__name__, keys)
    said.__pydantic_config__ = ConfigDict(strict=True, extra="ignore")
    return TypeAdapter(said).validator.validate_json, command_of


# A message as clients write it, in which nothing is escaped: its text, and its number and room where they say so.
_PLAIN: Final = re.compile(
    rb'\{"type":"send_message","text":"([^"\\\x00-\x1f]*)"(?:,"cid":([1-9]\d{0,14}))?(?:,"room":"([^"\\\x00-\x1f]*)")?\}'
).fullmatch


def decode_send(data: bytes) -> Request | None:
    """Return the send in `data`, if it is one and nothing is wrong with it; None to have it looked at closely."""
    plain = _PLAIN(data)
    if plain is None:
        return _parsed_send(data)
    text, cid, room = plain.groups()
    try:
        return _request(
            (_message(text.decode(), None if cid is None else int(cid), None if room is None else room.decode()), None)
        )
    except UnicodeDecodeError:
        return None


def _parsed_send(data: bytes) -> Request | None:
    """Return the send in `data`, parsed and validated in one native step.

    pydantic's parser takes what ours does, but for repeated keys, and for what is in keys that it does not know. Each
    member of an object has a colon outside of its texts: with none besides those of the known keys, it has no others.
    """
    reader = _reader(data[:_HEAD_BYTES])
    if reader is None or (b"\\" in data and b"\\u" in data):
        return None  # an escaped colon would not be counted; surrogates may be alone
    validate, command_of = reader
    try:
        said = validate(data)
    except ValidationError:
        return None
    if data.count(b":") != len(said) + said["text"].count(":"):
        return None
    return _request((command_of(said), said.get("id")))


def posted_payload(
    event: Posted, *, boundaries: bool, numbers: str | None = None, reply_to: str | None = None
) -> bytes:
    """Return the payload that tells of an entry; `numbers` and `reply_to` as in `encode.event_frame`.

    A sender's copy has an end of its own and is otherwise everybody's, which is told right behind it: so what was
    written last is kept.
    """
    if event is not _last.posted:
        _last.posted, _last.body = event, _body(event)
    end = b"}" if boundaries else b"}\n"
    if reply_to is not None:
        end = b',"id":%s%s' % (encode_basestring(reply_to).encode(), end)
    if numbers is not None and type(event) is MessagePosted and event.reactions:
        own = mine(event.reactions, numbers)
        if own:
            end = b',"mine":[%s]%s' % (",".join(map(encode_basestring, own)).encode(), end)
    if numbers is not None and event.client == numbers and event.cid is not None:
        end = b',"cid":%d%s' % (event.cid, end)
    return _last.body + end


def _body(event: Posted) -> bytes:
    if type(event) is MessagePosted:
        kind = f'"message","room":{_name(event.room)}'
    elif isinstance(event, DirectPosted):
        kind = f'"direct","to":[{",".join(map(_name, event.to))}]'
    else:
        kind = '"broadcast"'
    marks = ',"replay":true' if event.replay else ""
    if event.deleted or event.edited or event.bot:
        marks += ',"deleted":true' if event.deleted else ""
        marks += ',"edited":true' if event.edited else ""
        marks += ',"bot":true' if event.bot else ""
    if type(event) is MessagePosted and (event.reply_to is not None or event.reactions):
        marks += _more(event)
    return (
        f'{{"type":{kind},"seq":{event.seq},"from":{_name(event.sender)},"text":{encode_basestring(event.text)},'
        f'"at":"{moment(event.at)}"{marks}'
    ).encode()


_name: Final = lru_cache(maxsize=1024)(encode_basestring)
"""Returns the name of a user or a room in quotes. It is said again and again."""


def _more(event: MessagePosted) -> str:
    """Return what few messages have: what they answer, and the emojis below them."""
    more = "" if event.reply_to is None else f',"reply_to":{event.reply_to}'
    if event.reactions:
        lines = (f'{{"emoji":{encode_basestring(each.emoji)},"count":{each.count}}}' for each in event.reactions)
        more += f',"reactions":[{",".join(lines)}]'
    return more


class _Written:
    """An entry, and its object without an end."""

    posted: Posted | None = None
    body = b""


_last: Final = _Written()
