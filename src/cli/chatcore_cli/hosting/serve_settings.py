"""What `chatcore serve` goes by."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatcore.aio.server import Listen
from chatcore.limits import Limits
from chatcore.ports.archive import Retention
from chatcore_cli.hosting.inviting import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything that `chatcore serve` needs to know."""

    listen: tuple[Listen, ...]
    by_address: bool
    """Whether each place was given by an address of its own (`--listen`)."""
    public_url: str | None
    """The address of the page, when others reach it in another way."""
    announced: bool
    """Whether to announce the server by name on the local networks."""
    show_code: Code
    """When to show a code for cameras."""
    connections_asked: bool
    """Whether somebody said how many connections there may be at a time."""
    limits: Limits
    store: str
    """Name of a store, with its place behind a colon."""
    advertised: tuple[str, ...]
    """Addresses where clients of other servers on the same store reach this one."""
    rooms: tuple[str, ...]
    """Names of rooms that are always there."""
    retention: Retention
    show_addresses: bool
    password: str | None = field(repr=False)
    """What everybody has to say at the login; None for nothing."""
    accounts: str
    """Whether names may belong to somebody: `off`, `optional` or `required`."""
    admin: tuple[str, int] | None
    """Host and port where whoever runs the server is told how it does; None for nowhere."""
    operator_token: str | None
    """What makes a user an operator; None when there are no operators."""
    drain: float
    """For how many seconds users may go on after the system has asked the server to end."""
    log_level: str
    log_format: str
    late: tuple[str, ...] = ()
    """Settings that are others than at the start, and count from the next start on."""
