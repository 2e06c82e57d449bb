"""Frames as commands and events, on the way in, validated by the models of `frames`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from chatcore import commands as c
from chatcore import events as e
from chatcore.dialects.chat.codec import accounts, files, messages, moderation, rooms, sessions
from chatcore.errors import ErrorCode
from chatcore.limits import REQUEST_ID_CHARS, SLOW_SECONDS_MAX

_COMMANDS: Final[dict[type[BaseModel], Callable[[Any], c.Command]]] = {
    **sessions.COMMANDS_IN,
    **rooms.COMMANDS_IN,
    **messages.COMMANDS_IN,
    **moderation.COMMANDS_IN,
    **accounts.COMMANDS_IN,
    **files.COMMANDS_IN,
}
_EVENTS: Final[dict[type[BaseModel], Callable[[Any], e.ServerEvent]]] = {
    **sessions.EVENTS_IN,
    **rooms.EVENTS_IN,
    **messages.EVENTS_IN,
    **moderation.EVENTS_IN,
    **accounts.EVENTS_IN,
    **files.EVENTS_IN,
}
_REQUEST_MODELS: Final[dict[str, type[BaseModel]]] = {model.model_fields["type"].default: model for model in _COMMANDS}
_SERVER_MODELS: Final[dict[str, type[BaseModel]]] = {model.model_fields["type"].default: model for model in _EVENTS}

_SHOWN_CHARS: Final = 40
# What people type as long as they like: it is a request all the same.
_TYPED: Final = {("topic",), ("reason",), ("words",)}


class BadFrameError(Exception):
    """A JSON object that is no frame; `code`, `message` and `values` are what to tell its sender, under `reply_to`."""

    def __init__(
        self, code: ErrorCode, message: str, reply_to: str | None = None, values: Mapping[str, str | int] | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.reply_to = reply_to
        self.values = values or {}


def decode_request(frame: dict[str, Any]) -> tuple[c.Command, str | None]:
    """Return the command in a client's frame and its id. Raises `BadFrameError`."""
    found = _validate(frame, _REQUEST_MODELS)
    try:
        return _COMMANDS[type(found)](found), found.id
    except (ValueError, OverflowError):
        raise BadFrameError(ErrorCode.BAD_REQUEST, "a time is not RFC 3339", found.id) from None


def decode_event(frame: dict[str, Any]) -> tuple[e.ServerEvent, str | None]:
    """Return the event in a server's frame and the id that it answers. Raises `BadFrameError`."""
    found = _validate(frame, _SERVER_MODELS)
    try:
        return _EVENTS[type(found)](found), found.id
    except (ValueError, OverflowError):
        raise BadFrameError(ErrorCode.BAD_REQUEST, "a time is not RFC 3339", found.id) from None


def _validate(frame: dict[str, Any], models: dict[str, type[Any]]) -> Any:
    kind, reply_to = frame.get("type"), frame.get("id")
    if not isinstance(reply_to, str) or len(reply_to) > REQUEST_ID_CHARS:
        reply_to = None
    if not isinstance(kind, str):
        raise BadFrameError(ErrorCode.BAD_REQUEST, "'type' is missing", reply_to)
    model = models.get(kind)
    if model is None:
        raise BadFrameError(ErrorCode.UNKNOWN_TYPE, f"there is no type {kind[:_SHOWN_CHARS]!r}", reply_to)
    try:
        return model.model_validate(frame)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "string_too_long" and first["loc"] in _TYPED:
            values: dict[str, str | int] = {"what": "note", "characters": first["ctx"]["max_length"]}
            text = f"this has at most {values['characters']} characters"
            raise BadFrameError(ErrorCode.TOO_LARGE, text, reply_to, values) from None
        if first["type"] == "string_pattern_mismatch" and first["loc"] in _TYPED:
            text = "this is one line, without line breaks and other control characters"
            raise BadFrameError(ErrorCode.BAD_REQUEST, text, reply_to, {"what": "one_line"}) from None
        if first["type"] == "less_than_equal" and kind == "set_slow":
            hours = SLOW_SECONDS_MAX // 3600
            text = f"nobody has to wait longer than {hours} h between two messages"
            raise BadFrameError(ErrorCode.BAD_REQUEST, text, reply_to, {"what": "slow", "hours": hours}) from None
        where = ".".join(str(part) for part in first["loc"])[:_SHOWN_CHARS]
        raise BadFrameError(ErrorCode.BAD_REQUEST, f"{where!r}: {first['msg']}", reply_to) from None
