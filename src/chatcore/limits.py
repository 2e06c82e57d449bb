"""Every number that bounds the chat, validated once at the edge."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

OBJECT_BYTES: Final = 64 * 1024
"""Longest protocol object, in bytes of UTF-8 (docs/protocol)."""

REQUEST_ID_CHARS: Final = 64
"""Longest `id` of a request, in characters."""

MAX_INTEGER: Final = 2**53
"""Integers beyond ± this one lose digits in JavaScript, so they are refused (RFC 8259, section 6)."""


class Limits(BaseModel):
    """What a server allows. Sizes are bytes, times are seconds.

    Raises `pydantic.ValidationError` when a value is out of its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    default_room: str = Field("lobby", pattern=r"^[A-Za-z0-9_-]{1,32}$")
    """Name of the room that always exists and where everybody starts."""
    username_chars: int = Field(12, ge=2, le=32)
    """Longest username, in characters."""
    text_bytes: int = Field(60_000, ge=1, le=60_000)
    """Longest message text, as escaped JSON: the object around it has to stay under 64 KiB for every receiver."""
    recipients: int = Field(64, ge=1, le=64)
    """Most users that one direct message may name."""
    sessions: int = Field(20_000, ge=1)
    """Most sessions at a time, with those in their grace period."""
    messages_per_second: float = Field(0.0, ge=0)
    """Most messages per second and session, over time; 0 means no limit."""
    message_burst: int = Field(20, ge=1)
    """How many messages may come at once before `messages_per_second` counts."""

    log_messages: int = Field(100_000, ge=1)
    """Most messages that the log of one room holds."""
    log_bytes: int = Field(32 * 2**20, ge=1024)
    """Most memory that the log of one room takes."""
    total_log_bytes: int = Field(256 * 2**20, ge=1024)
    """Most memory that all logs take together; past it the largest one gives way."""
    history_messages: int = Field(200, ge=1, le=500)
    """Most messages in one reply to a `history` request."""

    grace: float = Field(60.0, ge=0)
    """How long a dropped user's name and room stay theirs."""
    login_timeout: float = Field(10.0, gt=0)
    """How long a connection may take to log in."""
    presence_window: float = Field(0.05, ge=0)
    """How long joins and leaves of a room are gathered into one frame."""
    rooms_window: float = Field(1.0, ge=0)
    """How long changes of the room list are gathered into one frame."""
    keepalive_interval: float = Field(10.0, gt=0)
    """After how much silence a peer is asked for a sign of life."""
    keepalive_timeout: float = Field(5.0, gt=0)
    """How long the answer to that may take."""

    names_per_frame: int = Field(1000, ge=1, le=1500)
    """Most usernames in one frame; longer lists are split or continued."""
    rooms_per_frame: int = Field(500, ge=1, le=500)
    """Most rooms in one frame; longer lists are split or continued."""
