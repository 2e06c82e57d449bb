"""A chat that several servers share: its journal is a stream of NATS JetStream, and so is its order."""

from __future__ import annotations

from chatcore_nats.store import NatsStore, store

__all__ = ["NatsStore", "store"]
