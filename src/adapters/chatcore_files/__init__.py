"""Files on this machine: those that are sent, and a folder for those that come."""

from __future__ import annotations

from chatcore_files.folder import DownloadFolder

__all__ = ["DownloadFolder"]
