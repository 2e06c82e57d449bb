"""`chatcore doctor`: finds out, step by step, whether and how a server can be reached."""

from __future__ import annotations

import asyncio
from typing import Final

import click

from chatcore.aio.plugins import RACE_SCHEME
from chatcore_cli.chatting.joining.address import invited
from chatcore_cli.examining.examination import Examination
from chatcore_cli.saying.out import say
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.options import color_option, log_level_option, state_dir_option
from chatcore_cli.settings.paths import KEPT_FILE
from chatcore_cli.settings.sources import SettingsCommand
from chatcore_tls.contexts import client_context

_EXAMPLES: Final = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore doctor
  chatcore doctor chat.example.org
  chatcore doctor quic://192.168.1.5:8765""",
        _("Nothing is sent to the chat and nobody sees you. The exit code is 0 when the server can be reached."),
    )
)


@click.command(
    "doctor",
    cls=SettingsCommand,
    help=_("Find out why the server at URL cannot be reached, or how well it can."),
    epilog=_EXAMPLES,
)
@click.argument("url", default=f"{RACE_SCHEME}://127.0.0.1:8765")
@click.option("--tls-ca", type=KEPT_FILE, help=_("PEM file with certificates to trust instead of the system's."))
@color_option()
@state_dir_option(_("Directory for what is known of servers."))
@log_level_option("warning")
def command(*, url: str, tls_ca: str | None, state_dir: str | None, log_level: str) -> int:
    """Examine a server."""
    if tls_ca is not None:
        client_context(tls_ca)  # says what is wrong with the file
    return asyncio.run(_report(Examination(invited(url).url, tls_ca, state_dir)))


async def _report(examination: Examination) -> int:
    async for finding in examination.findings():
        mark, colour = {True: ("ok", "green"), False: ("NO", "red"), None: ("--", None)}[finding.good]
        say(finding.text, mark=mark, colour=colour)
    return 0 if examination.reached else 1
