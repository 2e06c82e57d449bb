"""Lets Qt draw without a screen, for the tests that need it at all."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from chatcore_qt import texts


@pytest.fixture(autouse=True)
def english_as_written() -> None:
    """Let texts be those of the code: a window that was open in this process before has left Qt's translations."""
    texts.use(None)
