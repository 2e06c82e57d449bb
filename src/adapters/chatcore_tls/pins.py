"""Fingerprints that people give. Read without the library for certificates, which takes a while to load."""

from __future__ import annotations

from collections.abc import Iterable

from chatcore.errors import ConfigurationError


def read_pins(wanted: str | Iterable[str]) -> frozenset[str]:
    """Return the fingerprints that a user gave: one as text, or any number of them, in hex, with or without colons.

    Raises:
        ConfigurationError: one of them is no fingerprint.
    """
    pins = set()
    for text in (wanted,) if isinstance(wanted, str) else wanted:
        pin = text.lower().replace(":", "").strip()
        if len(pin) != 64 or set(pin) - set("0123456789abcdef"):
            raise ConfigurationError(
                "{given} is not a fingerprint: 64 hexadecimal digits, with or without colons", given=text
            )
        pins.add(pin)
    return frozenset(pins)
