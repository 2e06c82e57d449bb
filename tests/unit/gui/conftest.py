"""Lets Qt draw without a screen, for the tests that need it at all."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
