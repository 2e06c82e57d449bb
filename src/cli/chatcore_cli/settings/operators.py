"""The token of the operators, as it stands in a file."""

from __future__ import annotations

from chatcore.errors import ConfigurationError
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.text_files import TextFiles


def token_in(path: str | None, option: str, files: TextFiles | None = None) -> str | None:
    """Return the token in a file: its first line; complains about one that everybody may read.

    Args:
        path: of the file; None: there is none, and no token.
        option: how the file was named.
        files: those of a program that reads it again.

    Raises:
        ConfigurationError: it cannot be read, or there is none.
    """
    if path is None:
        return None
    try:
        found = (files or TextFiles()).read(path, "token")
    except OSError as error:
        raise ConfigurationError(
            "{option}: {file} cannot be read: {why}", option=option, file=path, why=error.strerror or str(error)
        ) from error
    token = found.text.partition("\n")[0].strip()
    if len(token) < 16:
        raise ConfigurationError(
            "{option}: {file} has no token of 16 characters or more in its first line; make one with: {command}",
            option=option,
            file=path,
            command=f"(umask 077; openssl rand -hex 16 > {path})",
        )
    if found.is_open:
        complain(_("Everybody on this computer can read the token in {file}; chmod o-r helps.").format(file=path))
    return token
