"""Settings that are read again while the server runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from chatcore.aio.server import ChatServer
from chatcore.errors import ConfigurationError
from chatcore_cli.hosting.serve_settings import ServeSettings
from chatcore_cli.hosting.systemd import Service
from chatcore_cli.saying.logs import Logs
from chatcore_cli.saying.troubles import trouble_of

_log = logging.getLogger("chatcore")


class Reloading:
    """Lets a server go by the settings and certificates that there are by then.

    Args:
        server: the server.
        service: what the system is told by.
        again: returns the settings as they are by then; raises `ConfigurationError`.
        logs: where the server writes.
    """

    def __init__(self, server: ChatServer, service: Service, again: Callable[[], ServeSettings], logs: Logs) -> None:
        self._server = server
        self._service = service
        self._again = again
        self._logs = logs

    def hung_up(self) -> None:
        """Read them again because the system asks for it."""
        with suppress(ConfigurationError):  # which stands in the log
            self.read_again()
            self._server.acted("reload")

    def read_again(self) -> tuple[str, ...]:
        """Go by what there is now, and say which certificates: whoever has renewed them wants to know.

        Returns the names of settings that count from the next start on.

        Raises `ConfigurationError` when they cannot be used; then those from before count on.
        """
        try:
            if self._server.unready is not None:
                raise ConfigurationError("the server is not ready: {why}", why=self._server.unready)
            self._service.reloading()
            try:
                settings = self._again()
                self._go_by(settings)
            except OSError as error:  # what looks at the settings opens files, too
                why = trouble_of(error) or error.strerror or str(error)
                raise ConfigurationError("the settings cannot be read: {why}", why=why) from error
            finally:
                self._service.ready()
        except ConfigurationError as error:
            _log.warning("not_reloaded", extra={"fields": {"why": error.sentence}})
            raise
        return settings.late

    def _go_by(self, settings: ServeSettings) -> None:
        server = self._server
        server.change_limits(settings.limits)  # refused, this changes nothing; the secrets were looked at before
        gone = server.change_secrets(password=settings.password, operator_token=settings.operator_token)
        keys = [place["key_fingerprint"] for place in server.about() if "key_fingerprint" in place]
        fields = dict.fromkeys(gone, "none")
        if keys:
            fields["key_fingerprint"] = ", ".join(dict.fromkeys(keys))
        if settings.late:
            fields["from_the_next_start_on"] = ", ".join(settings.late)
        # What does not count yet needs a look, and so does what nobody is asked for any more.
        _log.log(logging.WARNING if settings.late or gone else logging.INFO, "reloaded", extra={"fields": fields})
        self._logs.set_level(settings.log_level)
