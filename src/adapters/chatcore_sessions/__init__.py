"""What programs of a user keep of their sessions, in files that nobody else may read."""

from chatcore_sessions.folder import SessionFolder

__all__ = ["SessionFolder"]
