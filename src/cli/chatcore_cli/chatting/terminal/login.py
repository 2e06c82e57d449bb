"""`chatcore connect` on a terminal: asks for a name where one is missing, then talks."""

from __future__ import annotations

from prompt_toolkit import PromptSession

from chatcore.errors import ConnectionClosed, ConnectionFailed, ErrorCode, LoginRefused
from chatcore_cli.chatting.joining.trust import failure_text
from chatcore_cli.chatting.joining.whoami import login_name
from chatcore_cli.chatting.joining.wishes import (
    ASKS_OWN_PASSWORD,
    TRY_ANOTHER_NAME,
    ConnectWishes,
    chooses_password,
    connected,
    own_password,
)
from chatcore_cli.chatting.terminal.chat import Terminal
from chatcore_cli.chatting.terminal.prompting import hardened, typed
from chatcore_cli.chatting.terminal.style import STYLE
from chatcore_cli.run_state import EXIT_NOT_CONNECTED
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.refusals import login_reason
from chatcore_cli.saying.texts import _


async def run_terminal(session: ConnectWishes) -> int:
    """Chat in the terminal until the user has enough; returns the exit code."""
    prompt = hardened(PromptSession(enable_suspend=True, style=STYLE))
    url = session.url
    name, password, own = session.username, session.password, session.account_password
    asks_password = asks_own = chooses = False
    while True:
        try:
            if name is None:
                name = (await typed(prompt, _("Your name: "), default=login_name())).strip()
            if asks_password:
                password = await _secret(_("Password of the server: "))
            if asks_own:
                asks_own = False
                own = await _secret(own_password(name))
                if not own:
                    name = own = None
                    continue
                if chooses and await _secret(_("The same once more: ")) != own:
                    complain(_("These were two different ones."))
                    asks_own = True
                    continue
        except (EOFError, KeyboardInterrupt):
            return 0
        try:
            client = await connected(session, name, password=password, account_password=own)
            break
        except LoginRefused as error:
            asks_password = error.code == ErrorCode.WRONG_PASSWORD
            asks_own, chooses = error.code in ASKS_OWN_PASSWORD, chooses_password(error)
            if not (asks_password and password is None):
                complain(login_reason(error, name))
            if asks_password or asks_own:
                continue
            if error.code not in TRY_ANOTHER_NAME:
                return EXIT_NOT_CONNECTED
            name = None
        except (ConnectionFailed, ConnectionClosed) as error:
            complain(failure_text(error, url, session.options.fingerprints))
            return EXIT_NOT_CONNECTED
    try:
        return await Terminal(client, session).run()
    finally:
        await client.close()


async def _secret(question: str) -> str:
    """Ask for a password, by a prompt of its own: what is typed there may not be recalled in the chat."""
    return await typed(hardened(PromptSession(style=STYLE, is_password=True)), question)
