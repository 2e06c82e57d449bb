"""The token of the operators, as it stands in a file."""

from __future__ import annotations

from chatcore.errors import ConfigurationError
from chatcore_cli.settings.text_files import TextFiles


def read_token(path: str, option: str, files: TextFiles | None = None) -> str:
    """Return the token in a file: its first line.

    Args:
        path: of the file.
        option: how the file was named.
        files: those of a program that reads it again.

    Raises:
        ConfigurationError: it cannot be read, or there is none.
    """
    try:
        token = (files or TextFiles()).read(path, "token").text.partition("\n")[0].strip()
    except OSError as error:
        raise ConfigurationError(
            "{option}: {file} cannot be read: {why}", option=option, file=path, why=error.strerror or str(error)
        ) from error
    if len(token) < 16:
        raise ConfigurationError(
            "{option}: {file} has no token of 16 characters or more in its first line; make one with: {command}",
            option=option,
            file=path,
            command=f"openssl rand -hex 16 > {path}",
        )
    return token
