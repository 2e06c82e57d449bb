"""`chatcore connect` on a terminal: asks for a name where one is missing, then talks."""

from __future__ import annotations

from prompt_toolkit import PromptSession

from chatcore.aio.client import Client
from chatcore.errors import ConnectionClosed, ConnectionFailed, LoginRefused
from chatcore_cli.chatting.joining.asking import ASKS_OWN_PASSWORD, AskingLogin
from chatcore_cli.chatting.joining.whoami import login_name
from chatcore_cli.chatting.joining.wishes import TRY_ANOTHER_NAME, ConnectWishes
from chatcore_cli.chatting.terminal.chat import Terminal
from chatcore_cli.chatting.terminal.prompting import hardened, typed
from chatcore_cli.chatting.terminal.style import STYLE
from chatcore_cli.run_state import EXIT_NOT_CONNECTED
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.refusals import login_reason
from chatcore_cli.saying.texts import _


async def run_terminal(wishes: ConnectWishes) -> int:
    """Chat in the terminal until the user has enough; returns the exit code."""
    try:
        client = await _logged_in(wishes)
    except (EOFError, KeyboardInterrupt):
        return 0
    except LoginRefused:
        return EXIT_NOT_CONNECTED
    except (ConnectionFailed, ConnectionClosed) as error:
        complain(wishes.why_not(error))
        return EXIT_NOT_CONNECTED
    try:
        return await Terminal(client, wishes).run()
    finally:
        await client.close()


async def _logged_in(wishes: ConnectWishes) -> Client:
    """Return a client by a name that the server takes. Raises EOFError, KeyboardInterrupt; and LoginRefused, told."""
    prompt = hardened(PromptSession(enable_suspend=True, style=STYLE))
    login = AskingLogin(wishes, _secret)
    name = wishes.username
    while True:
        if name is None:
            name = (await typed(prompt, _("Your name: "), default=login_name())).strip()
        try:
            return await login.connected(name)
        except LoginRefused as error:
            if error.code not in ASKS_OWN_PASSWORD:
                complain(login_reason(error, name))
                if error.code not in TRY_ANOTHER_NAME:
                    raise
            name = None


async def _secret(question: str) -> str:
    """Ask for a password, by a prompt of its own: what is typed there may not be recalled in the chat."""
    return await typed(hardened(PromptSession(style=STYLE, is_password=True)), question)
