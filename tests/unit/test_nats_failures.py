"""Of what kind a failure of NATS is, by its own words, and nobody else's."""

from __future__ import annotations

import pytest
from nats.errors import Error

from chatcore_nats.connection.failures import Kind, kind_of


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("nats: 'Authorization Violation'", Kind.CREDENTIALS),
        ("nats: 'User Authentication Expired'", Kind.CREDENTIALS),
        ("nats: 'Account Authentication Expired'", Kind.CREDENTIALS),
        ("nats: the file with credentials has none", Kind.CREDENTIALS),
        ("nats: TLS is not offered there", Kind.ENCRYPTION),
        ("nats: 'Secure Connection - TLS Required'", Kind.ENCRYPTION),
        ("nats: 'maximum connections exceeded'", Kind.CROWDED),
        ("nats: 'maximum account active connections exceeded'", Kind.CROWDED),
        ("nats: 'Permissions Violation for Publish to \"credentials.tls\"'", Kind.FORBIDDEN),
        ("nats: 'Permissions Violation for Subscription to \"chatcore.chat.nodes\"'", Kind.NOT_HEARD),
        ("nats: 'maximum subscriptions exceeded'", Kind.NOT_HEARD),
        ("nats: 'Maximum Payload Violation'", Kind.OVERLONG),
        ("nats: empty response from server when expecting INFO message", Kind.NO_HELLO),
        ("nats: 'Stale Connection'", Kind.OTHER),
    ],
)
def test_failure_is_known_by_the_words_of_nats(said: str, kind: Kind) -> None:
    """In whatever letters, and not by names that stand in quotes behind them."""
    assert kind_of(Error(said)) is kind
    assert kind_of(ValueError(said)) is Kind.OTHER
