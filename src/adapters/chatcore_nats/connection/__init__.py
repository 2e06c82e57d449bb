"""A connection to NATS: made and kept, what it may do, and what went wrong with it."""
