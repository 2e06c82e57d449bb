"""`chatcore handout`: a page to print and hand out, with how to get in."""

from __future__ import annotations

import socket
from html import escape
from typing import Final
from urllib.parse import urlsplit

import click

from chatcore.errors import ConfigurationError
from chatcore.ports.network_address import host_port
from chatcore.ports.server_address import without_login
from chatcore.text.invitation import Invitation, leads_here, program_link, read_invitation
from chatcore_cli.saying.out import say, tell
from chatcore_cli.saying.texts import _
from chatcore_cli.settings.options import log_level_option
from chatcore_cli.settings.sources import SettingsCommand

_PATIENCE: Final = 3.0
_HTTPS: Final = 443

_EXAMPLES = "\n\n".join(
    (
        "\b\n" + _("Examples:"),
        """\b
  chatcore handout 'http://192.168.1.5:8765/#room=python' > handout.html""",
        _(
            "LINK is one for browsers, as the server, invitations and /link print it. Open the file in a browser and "
            "print it. With a server whose certificate nobody vouches for, it says what to do about the browser's "
            "warning; the server has to run for that."
        ),
    )
)

_STYLE: Final = """
  body { font: 14pt/1.5 sans-serif; color: #000; background: #fff; max-width: 18cm; margin: 1cm auto; padding: 0 .5cm }
  h1 { font-size: 22pt } h2 { font-size: 16pt; margin-top: 1cm }
  .link, code { font-family: monospace; overflow-wrap: anywhere }
  .link { border: 1px solid #000; padding: .3cm }
  svg { display: block; margin: .5cm auto; width: 6cm; height: 6cm }
  li { margin: .2cm 0 } section { break-inside: avoid }"""


@click.command(
    "handout",
    cls=SettingsCommand,
    help=_("Write a page to print, with how to get into the chat by LINK."),
    epilog=_EXAMPLES,
)
@click.argument("link")
@log_level_option("warning")
def command(*, link: str, log_level: str) -> int:
    """Write the page to standard output."""
    link = link.strip()
    found = read_invitation(link)
    if found is None or urlsplit(link).scheme.lower() not in ("http", "https"):
        raise ConfigurationError(
            "{link} is no link for browsers; it is like {like}",
            link=without_login(link),
            like="http://example.org:8765/#room=lobby",
        )
    if leads_here(found.url):
        tell(_("It leads to this computer, so nobody else can follow it."))
    warns = found.key is not None and urlsplit(link).scheme.lower() == "https"
    say(page(link, found, certificate_of(link, found.key) if warns else None))
    return 0


def page(link: str, found: Invitation, certificate: str | None) -> str:
    """Return the page, as HTML that needs nothing else.

    Args:
        link: for browsers.
        found: where it leads.
        certificate: SHA-256 of the server's certificate, as browsers show it; None where they do not warn of it.
    """
    import segno

    title = _("How to get into the chat")
    steps = [
        _("Open this link in a browser, on a computer or a telephone, or point the telephone's camera at the code:"),
        _("Type your name and press Enter."),
        _("Type below what you want to say, and press Enter."),
    ]
    code = segno.make_qr(link).svg_inline(border=4, omitsize=True)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<ol><li>{escape(steps[0])}<p class=link>{escape(link)}</p>{code}</li>",
        *(f"<li>{escape(step)}</li>" for step in steps[1:]),
        "</ol>",
    ]
    if certificate is not None:
        parts += _about_the_warning(certificate)
    program = program_link(found.url, found.room or "", found.key, found.token)
    heading = _("Without a browser")
    elsewhere = _("With chatcore's own programs: paste this into the window, or behind {command} in a terminal.")
    parts.append(
        f"<section><h2>{escape(heading)}</h2>"
        f"<p>{escape(elsewhere.format(command='chatcore connect'))}</p><p class=link>{escape(program)}</p></section>"
    )
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    language = _("en")  # the translators' word for it is the code of their own
    return (
        f'<!doctype html>\n<html lang="{language}"><head>{head}</head>\n<body>\n'
        + "\n".join(parts)
        + "\n</body></html>"
    )


def _about_the_warning(certificate: str) -> list[str]:
    steps = [
        _(
            "Look at the certificate. In Chrome and Edge: “Not secure” beside the address, then “Certificate is not "
            "valid”."
        ),
        _("In Firefox: “Advanced”, then “View certificate”."),
        _("If its SHA-256 fingerprint is this one, it is the server that you mean:"),
        _(
            "Then go on: “Advanced” and “Proceed” (Chrome, Edge), “Accept the risk and continue” (Firefox), “Show "
            "details” and “visit this website” (Safari)."
        ),
        _("If it is another one, close the page and tell whoever gave you this paper."),
    ]
    shown = [escape(step) for step in steps]
    shown[2] += f"<p class=link>{escape(certificate)}</p>"
    heading = _("When the browser warns you")
    why = _("The server vouches for itself, so the browser asks you once whether you mean it.")
    return [
        f"<section><h2>{escape(heading)}</h2><p>{escape(why)}</p>",
        f"<ol>{''.join(f'<li>{step}</li>' for step in shown)}</ol></section>",
    ]


def certificate_of(link: str, key: str | None) -> str:
    """Return the SHA-256 of the certificate that the server shows, as browsers write it.

    Raises:
        ConnectionFailed: it cannot be reached.
        UntrustedCertificate: it has another key than `key`, so it is not the server that the link means.
    """
    from cryptography import x509

    from chatcore_net.connecting import why_not
    from chatcore_tls.contexts import client_context
    from chatcore_tls.fingerprints import fingerprint_of, is_pinned, not_pinned
    from chatcore_tls.names import ascii_host

    parts = urlsplit(link)
    host, port = parts.hostname or "", parts.port or _HTTPS
    try:
        with (
            socket.create_connection((ascii_host(host), port), timeout=_PATIENCE) as plain,
            client_context(None, pinned=True).wrap_socket(plain, server_hostname=ascii_host(host)) as tls,
        ):
            shown = tls.getpeercert(binary_form=True)
    except (OSError, UnicodeError) as error:
        raise why_not(error, host, port) from error
    assert shown is not None  # a server has one
    certificate = x509.load_der_x509_certificate(shown)
    if key is not None and not is_pinned(certificate, frozenset({key})):
        raise not_pinned(host_port(host, port), certificate)
    found = fingerprint_of(certificate).upper()
    return ":".join(found[each : each + 2] for each in range(0, len(found), 2))
