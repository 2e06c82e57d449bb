"""What stands above the line that is being typed: other lines come in there meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.renderer import CPR_Support, print_formatted_text
from prompt_toolkit.utils import get_cwidth

from chatcore_cli.chatting.showing.render import Line
from chatcore_cli.chatting.terminal.completing import fitting
from chatcore_cli.chatting.terminal.style import STYLE
from chatcore_cli.chatting.terminal.wrap import wrapped
from chatcore_cli.saying.out import styled


class Screen:
    """Prints lines above a prompt.

    Args:
        prompt: what is being typed in.
    """

    def __init__(self, prompt: PromptSession[str]) -> None:
        self._app = prompt.app
        self._out: list[Line] = []
        self._held: list[Line] | None = None  # what comes while something is to be said before it
        self._to_print = asyncio.Event()

    def say(self, *lines: Line) -> None:
        """Print lines soon."""
        if self._held is not None:
            self._held += lines
        elif lines:
            self._out += lines
            self._to_print.set()

    def hold(self) -> None:
        """Let what is said from now on wait."""
        self._held = []

    def let_go(self, *before: Line) -> None:
        """Say what has waited, and before it what it has waited for."""
        held, self._held = self._held or [], None
        self.say(*before, *held)

    def offer(self, names: Sequence[str]) -> None:
        """Say what there is to choose from, as far as there is room for it above what is being typed."""
        size = self._app.output.get_size()
        typed_rows = self._app.layout.container.preferred_height(size.columns, size.rows).preferred
        self.say(fitting(names, size.columns, size.rows - typed_rows, get_cwidth))

    async def print_all(self) -> None:
        """Print what there is to say, all of a turn at once: redrawing the prompt for every line would be slow."""
        renderer = self._app.renderer
        while True:
            await self._to_print.wait()
            self._to_print.clear()
            # An answer of the terminal to where the cursor is would be wrong after the printing.
            while renderer.waiting_for_cpr and renderer.cpr_support is not CPR_Support.NOT_SUPPORTED:
                await renderer.wait_for_cpr_responses()
            self.print_now()

    def print_now(self) -> None:
        """Print what there is to say at once."""
        # Not with run_in_terminal: that takes the terminal out of raw mode for a moment, in which keys get lost.
        lines, self._out = self._out, []
        if not lines:
            return
        app = self._app
        typing = app.is_running
        if typing:
            app.renderer.erase()
        columns = app.output.get_size().columns
        pieces = [piece for line in lines for piece in (*wrapped(line, columns, get_cwidth), ("", "\n"))]
        print_formatted_text(app.output, styled(pieces, keep_layout=True), STYLE)
        if typing:
            app.renderer.reset()
            if not app.is_done:
                app.renderer.request_absolute_cursor_position()
            app.invalidate()
