"""What a client may be asked for: a module for each family of requests."""
