"""What users are told of the limits that hold for them, and operators of all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chatcore.chat.kept.model import Session
from chatcore.chat.kept.paces import Pace
from chatcore.chat.state import State
from chatcore.commands import ListLimits
from chatcore.events import LimitsListed, ServerEvent
from chatcore.limits import (
    CHUNK_BYTES,
    FILE_NAME_BYTES,
    NOTE_CHARS,
    OBJECT_BYTES,
    ROOM_NAME_MAX,
    ROOM_NAME_MIN,
    USERNAME_MIN,
    Limits,
)


def limits_of(state: State, pace: Pace) -> Mapping[str, Any]:
    """Return what holds for a user of that pace: the same object for all of them."""
    key = pace, state.looks.unicode
    found = state.told_limits.get(key)
    if found is not None:
        return found
    limits = state.limits
    found = state.told_limits[key] = {
        "object_bytes": OBJECT_BYTES,
        "text_bytes": limits.text_bytes,
        "username_chars": [USERNAME_MIN, limits.username_chars],
        "unicode": state.looks.unicode,
        "room_chars": [ROOM_NAME_MIN, ROOM_NAME_MAX],
        "recipients": limits.recipients,
        "history_messages": limits.history_messages,
        "inbox_messages": limits.inbox_messages,
        "rooms_per_user": pace.rooms_per_user,
        "sessions_per_account": pace.sessions_per_account,
        "messages_per_second": pace.messages_per_second,
        "message_burst": pace.message_burst,
        "requests_per_second": pace.requests_per_second,
        "request_burst": pace.request_burst,
        "grace": limits.grace,
        "file_bytes": limits.file_bytes,
        "file_name_bytes": FILE_NAME_BYTES,
        "file_offers": limits.file_offers,
        "file_transfers": limits.file_transfers,
        "file_chunk_bytes": CHUNK_BYTES,
        "file_window_bytes": limits.file_window_bytes,
        "file_idle": limits.file_idle,
    }
    return found


def changes(before: Limits, after: Limits) -> str:
    """Return which limits are others, and what they are now, in one line for operators; empty when none is."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    said = ", ".join(f"{name} = {json.dumps(value)}" for name, value in new.items() if value != old[name])
    return said[:NOTE_CHARS]


def list_limits(state: State, session: Session, command: ListLimits) -> ServerEvent:
    """Tell an operator everything that is allowed."""
    return LimitsListed(state.limits.model_dump(mode="json"))
