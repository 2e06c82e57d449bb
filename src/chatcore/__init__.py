"""Chat rooms as a library and a server: a pure core, and transports, dialects and stores around it."""

from __future__ import annotations

__version__ = "0.1.0"
