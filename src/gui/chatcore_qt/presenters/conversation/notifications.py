"""What the desktop tells the user about while the window is in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from chatcore.text.safe_text import safe_name, safe_text
from chatcore_qt.presenters.conversation.conversation import Conversation
from chatcore_qt.texts import translate

_TEXT_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Attention:
    """Something that may be for the user: a direct message, one that mentions their name, a file, or any message."""

    kind: Literal["direct", "mention", "file", "message"]
    sender: str
    text: str
    """What was said, or the name of the file."""
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notification says, as plain text of one line each."""

    title: str
    text: str


def notification(heard: list[Attention]) -> Notification | None:
    """Return one notification for all that was heard in a frame; None when that is nothing."""
    if not heard:
        return None
    last = heard[-1]
    values = {"name": safe_name(last.sender), "room": safe_name(last.conversation.name)}
    if len(heard) > 1:
        title = translate("Notifications", "%n new messages", "", len(heard))
    elif last.kind == "direct":
        title = translate("Notifications", "Direct message from {name}").format(**values)
    elif last.kind == "file":
        title = translate("Notifications", "{name} offers a file").format(**values)
    elif last.kind == "message":
        title = translate("Notifications", "{name} in {room}").format(**values)
    else:
        title = translate("Notifications", "{name} mentioned you in {room}").format(**values)
    text = last.text if len(last.text) <= _TEXT_SHOWN else f"{last.text[:_TEXT_SHOWN]}…"
    return Notification(title, safe_text(text))
