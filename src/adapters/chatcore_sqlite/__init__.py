"""A chat that survives restarts: its journal and everything that was said, in one SQLite file."""

from __future__ import annotations

from chatcore_sqlite.store import SqliteStore, store

__all__ = ["SqliteStore", "store"]
