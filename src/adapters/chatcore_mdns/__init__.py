"""Servers on the local network, by name: multicast DNS and DNS-SD (RFC 6762, RFC 6763), through `zeroconf`."""

from __future__ import annotations

from chatcore_mdns.network import Nearby, announced, nearby_servers

__all__ = ["Nearby", "announced", "nearby_servers"]
