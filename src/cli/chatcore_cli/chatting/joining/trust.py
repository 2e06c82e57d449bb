"""Which servers a user trusts: remembered on first use, and a changed key is told loudly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chatcore.errors import CertificateChanged, ChatcoreError, RequestRefused
from chatcore.text.safe_text import safe_text
from chatcore.text.telling import other_key
from chatcore_cli.saying.out import tell
from chatcore_cli.saying.refusals import reason
from chatcore_cli.saying.texts import _, told
from chatcore_cli.saying.typed_command import program
from chatcore_tls.known_servers import FILE_NAME, KnownServersFile
from chatcore_tls.pins import read_pins


class TellingKnownServers(KnownServersFile):
    """The user's known servers; says when there is a new one.

    Args:
        directory: where they are kept; None: where such things of a user are kept.
        compared: whether the user knows the fingerprint, and has given it.
    """

    def __init__(self, directory: str | None, *, compared: bool) -> None:
        super().__init__(known_servers_path(directory))
        self._compared = compared

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on, and say so."""
        super().remember(place, key_fingerprint)
        text = _("The server at {place} is remembered.")
        if not self._compared:
            text = _(
                "The server at {place} is remembered by its key's fingerprint, {fingerprint}; "
                "compare it with what the server shows."
            )
        tell(text.format(place=safe_text(place), fingerprint=key_fingerprint))


def known_servers_path(directory: str | None) -> Path | None:
    """Return the path of the known servers in a directory; None: the usual one."""
    return None if directory is None else Path(directory) / FILE_NAME


def check_trust(tls_ca: str | None, fingerprints: Sequence[str]) -> None:
    """Raise `ConfigurationError` for what a server cannot be recognised by; connecting would say so later."""
    read_pins(fingerprints)
    if tls_ca is not None:
        from chatcore_tls.contexts import client_context  # which takes a while to load

        client_context(tls_ca)


def failure_text(error: ChatcoreError, url: str, fingerprints: Sequence[str] = ()) -> str:
    """Return what went wrong with a connection to `url`, for people.

    Args:
        error: what went wrong.
        url: the address.
        fingerprints: what the user wants the server to be recognised by.
    """
    text = other_key(error, url, fingerprints, _)
    if isinstance(error, CertificateChanged):
        return f"{text}\n{acceptance(url, error.key_fingerprint)}"
    if text is not None:
        return text
    if isinstance(error, RequestRefused):
        return reason(error)
    return told(error)


def acceptance(url: str, fingerprint: str | None) -> str:
    """Return the line that says how to accept a new key."""
    text = _("To accept the new key:  {program} connect {url} --fingerprint {now}")
    return text.format(program=program(), url=safe_text(url), now=fingerprint)
