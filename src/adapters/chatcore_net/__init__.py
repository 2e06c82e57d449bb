"""What transports over sockets share: addresses, listening and connecting, limits, and the ground of a link."""
