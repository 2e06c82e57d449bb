"""Passwords that stand in files."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from chatcore.errors import ConfigurationError
from chatcore_cli.saying.out import complain
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.text_files import TextFiles

if TYPE_CHECKING:
    from chatcore_passwords import Argon2


class LateArgon2:
    """Implements `chatcore.ports.passwords.PasswordHasher`; what that takes is loaded when it is first asked for."""

    @cached_property
    def _hasher(self) -> Argon2:
        from chatcore_passwords import Argon2

        return Argon2()

    def hash(self, password: str) -> str:
        """Return a salted hash."""
        return self._hasher.hash(password)

    def verify(self, password: str, hashed: str) -> bool:
        """Tell whether a hash is of this password."""
        return self._hasher.verify(password, hashed)


def password_in(path: str | None, files: TextFiles | None = None) -> str | None:
    """Return the password on the first line of a file; complains about one that everybody may read.

    Args:
        path: of the file; None: there is none, and no password.
        files: those of a program that reads it again.

    Raises:
        ConfigurationError: it cannot be read, or there is none.
    """
    if path is None:
        return None
    try:
        found = (files or TextFiles()).read(path, "password")
    except OSError as error:
        raise ConfigurationError(
            "the password file {file} cannot be read: {why}", file=path, why=error.strerror
        ) from error
    password = found.text.partition("\n")[0].removesuffix("\r")
    if not password:
        raise ConfigurationError("the password file {file} has nothing on its first line", file=path)
    if found.is_open:
        complain(_("Everybody on this computer can read the password in {file}; chmod o-r helps.").format(file=path))
    return password
