"""Prompts that nothing breaks that a terminal sends, be it pasted, garbled or cut short."""

from __future__ import annotations

import re
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.filters import to_filter
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys

# No terminal has more rows; Python takes no number of any length.
_ROW_DIGITS: Final = 6


def hardened(prompt: PromptSession[str]) -> PromptSession[str]:
    """Return the prompt, with keys of its own for what prompt_toolkit would stumble over. Not before it has its keys.

    Nor is anything said of a terminal that does not tell where its cursor is: there is nothing to do about it.
    A password is one line, whatever it is pasted with.
    """
    keys = KeyBindings()
    # No mouse is asked for; what looks like one is a colour in a pasted text, or left over from another program.
    keys.add(Keys.Vt100MouseEvent)(lambda _event: None)
    keys.add(Keys.BracketedPaste, filter=to_filter(prompt.is_password))(_password_pasted)
    keys.add(Keys.CPRResponse, save_before=lambda _event: False)(_cursor_told)
    prompt.key_bindings = keys if prompt.key_bindings is None else merge_key_bindings([prompt.key_bindings, keys])
    prompt.app.renderer.cpr_not_supported_callback = None
    return prompt


async def typed(prompt: PromptSession[str], message: str | None = None, *, default: str = "") -> str:
    """Return what is typed. Raises EOFError, KeyboardInterrupt.

    A mistake is logged, and the prompt goes on: prompt_toolkit would show a traceback and wait for a key to be pressed,
    which no signal ends.
    """
    return await prompt.prompt_async(message, default=default, set_exception_handler=False)


def _password_pasted(event: KeyPressEvent) -> None:
    event.current_buffer.insert_text(re.split(r"[\r\n]", event.data, maxsplit=1)[0])


def _cursor_told(event: KeyPressEvent) -> None:
    row = event.data[2:].partition(";")[0]
    if len(row) <= _ROW_DIGITS:
        event.app.renderer.report_absolute_cursor_row(int(row))
