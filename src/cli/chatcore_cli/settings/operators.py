"""The token of the operators, as it stands in a file."""

from __future__ import annotations

from typing import Final

from chatcore.errors import ConfigurationError

_LONGEST: Final = 1000


def read_token(path: str, option: str) -> str:
    """Return the token in a file: its first line. Raises `ConfigurationError`; `option` is how the file was named."""
    try:
        with open(path, encoding="utf-8") as file:
            token = file.read(_LONGEST).partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8"
        raise ConfigurationError("{option}: {file} cannot be read: {why}", option=option, file=path, why=why) from error
    if len(token) < 16:
        raise ConfigurationError(
            "{option}: {file} has no token of 16 characters or more in its first line; make one with: {command}",
            option=option,
            file=path,
            command=f"openssl rand -hex 16 > {path}",
        )
    return token
