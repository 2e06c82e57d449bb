"""`chatcore gui`: opens the desktop app."""

from __future__ import annotations

import os
import re
import shlex
import sys
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import NoReturn

import click

import chatcore
from chatcore.aio.installing import how_to_install
from chatcore.errors import ConfigurationError
from chatcore_cli.chatting.joining.sessions import sessions_in
from chatcore_cli.chatting.joining.trust import check_trust, known_servers_path
from chatcore_cli.desktop import menu
from chatcore_cli.desktop.screen import NO_LIBRARY, PACKAGES, check_screen
from chatcore_cli.saying.out import complain, say
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.options import log_level_option, remember_option, state_dir_option, trust_options
from chatcore_cli.settings.paths import DIRECTORY, home_dir
from chatcore_cli.settings.sources import SettingsCommand


@click.command("gui", cls=SettingsCommand, help=_("Open the desktop app; with URL and --username it connects at once."))
@click.argument("url", required=False)
@click.option("--username", metavar=_("NAME"), default="", help=_("Your name in the chat."))
@click.option(
    "--downloads",
    type=DIRECTORY,
    default="",
    help=_("Folder for the files that you receive; chatcore in your downloads when left out."),
)
@trust_options
@remember_option()
@state_dir_option(_("Directory for what is known of servers."))
@log_level_option("warning")
@click.option(
    "--add-to-menu",
    is_flag=True,
    help=_("Put the app into the menu of your desktop, and let it open links that begin with chatcore://; then end."),
)
def command(
    *,
    url: str | None,
    username: str,
    downloads: str,
    tls_ca: str | None,
    fingerprints: tuple[str, ...],
    remember_session: bool,
    state_dir: str | None,
    log_level: str,
    add_to_menu: bool,
) -> int:
    """Open the desktop app."""
    if add_to_menu:
        entry = menu.add_to_menu(menu.starts_this(sys.argv[0], sys.executable), menu.menu_dir(os.environ, home_dir()))
        say(_("The app is in the menu of your desktop now; its entry is {path}.").format(path=entry))
        return 0
    _check_installed()
    from chatcore.ports.transport import ConnectOptions
    from chatcore_qt.app import run
    from chatcore_qt.presenters.connecting.address import Address, AddressError
    from chatcore_tls.known_servers import KnownServersFile

    try:
        address = Address.parse(url) if url else None
    except AddressError as error:
        raise ConfigurationError(error.sentence) from None
    check_trust(tls_ca, fingerprints)
    check_screen()
    options = ConnectOptions(tls_ca=tls_ca, fingerprints=fingerprints)
    known = KnownServersFile(known_servers_path(state_dir))
    settings = None
    if home_dir() is None:  # what would be there is kept in the state directory
        settings = known.path.with_name("window.ini")
        downloads = downloads or str(known.path.with_name("downloads"))
    return run(
        address,
        username,
        known,
        downloads,
        options,
        screen_gone=_end_without_screen,
        settings_file=settings,
        kept=known.path.with_name("window"),
        sessions=sessions_in(state_dir) if remember_session else None,
    )


def _end_without_screen() -> NoReturn:
    """Say why the window is gone, and end the process with 1."""
    complain(_("The screen that the window was on is gone, so you are logged out."))
    os._exit(1)


def _check_installed() -> None:
    """Raise `ConfigurationError` when there is no Qt here, or when it lacks something of the system."""
    try:
        import_module("PyQt6.QtWidgets")
        import_module("qasync")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "The desktop app needs {name}, which is not installed here. To install it: {command}",
            name=error.name or str(error),
            command=_how_to_install(),
        ) from error
    except ImportError as error:
        library = re.match(r"(lib\S+?\.so\S*): ", str(error))
        raise ConfigurationError(
            NO_LIBRARY, library=library[1] if library else str(error), packages=PACKAGES
        ) from error


def _how_to_install() -> str:
    """Return the command that installs what the window needs, and opens it where that is one."""
    checkout = Path(chatcore.__file__).parents[2]
    if not (checkout / "Makefile").is_file():
        return how_to_install(distribution("chatcore"), "gui")
    words = ["make", *([] if Path.cwd() == checkout else ["-C", str(checkout)]), "gui"]
    arguments = shlex.join(sys.argv[2:])
    return shlex.join(words) + (f" ARGS={shlex.quote(arguments)}" if arguments else "")
