"""Every frame of the `chat` dialect, as pydantic models: they validate what comes in and describe the schema."""

from __future__ import annotations

from typing import Final

from chatcore.dialects.chat.frames import accounts, files, messages, moderation, rooms, sessions
from chatcore.dialects.chat.frames.base import RequestFrame, ServerFrame

REQUESTS: Final[tuple[type[RequestFrame], ...]] = (
    *sessions.REQUESTS,
    *rooms.REQUESTS,
    *messages.REQUESTS,
    *moderation.REQUESTS,
    *accounts.REQUESTS,
    *files.REQUESTS,
)
SERVER_FRAMES: Final[tuple[type[ServerFrame], ...]] = (
    *sessions.SERVER_FRAMES,
    *rooms.SERVER_FRAMES,
    *messages.SERVER_FRAMES,
    *moderation.SERVER_FRAMES,
    *accounts.SERVER_FRAMES,
    *files.SERVER_FRAMES,
)
