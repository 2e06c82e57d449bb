"""Which servers a user trusts: remembered on first use, and a changed key is told loudly."""

from __future__ import annotations

import click

from chatcore.errors import CertificateChanged, ChatcoreError, RequestRefused, UntrustedCertificate
from chatcore_cli.render import reason
from chatcore_cli.texts import _, told
from chatcore_tls.known_servers import KnownServersFile


class TellingKnownServers(KnownServersFile):
    """The user's known servers; says when there is a new one."""

    def remember(self, place: str, key_fingerprint: str) -> None:
        """Remember the key of a server from now on, and say so."""
        super().remember(place, key_fingerprint)
        text = _(
            "The server at {place} is remembered by its key's fingerprint, {fingerprint}; "
            "compare it with what the server shows."
        )
        click.echo(text.format(place=place, fingerprint=key_fingerprint), err=True)


def failure_text(error: ChatcoreError, url: str) -> str:
    """Return what went wrong with a connection to `url`, for people."""
    if isinstance(error, CertificateChanged):
        text = _(
            "The server at {place} shows another key than before. Somebody may be listening in, or the server was set "
            "up anew; ask whoever runs it.\n"
            "  known fingerprint: {known}\n"
            "  fingerprint now:   {now}\n"
            "To accept the new key:  chatcore connect {url} --fingerprint {now}"
        )
        return text.format(place=error.place, known=error.known_fingerprint, now=error.key_fingerprint, url=url)
    if isinstance(error, UntrustedCertificate) and error.key_fingerprint is not None:
        text = _("{problem}; its key's fingerprint is {fingerprint}")
        return text.format(problem=told(error), fingerprint=error.key_fingerprint)
    if isinstance(error, RequestRefused):
        return reason(error.code, error.message)
    return told(error)
