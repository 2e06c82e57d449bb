"""What a send says, without saying it: so that a program that has begun again can tell what it has said before."""

from __future__ import annotations

import hashlib

from chatcore.commands import Send, SendDirect, SendMessage
from chatcore.text.names import name_key


def digest_of(send: Send) -> str:
    """Return what tells whether another send says the same to the same."""
    to: object = sorted(map(name_key, send.to)) if isinstance(send, SendDirect) else None
    if isinstance(send, SendMessage):
        to = send.reply_to
    text = f"{type(send).__name__} {to} {send.text}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
