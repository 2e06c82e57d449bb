"""The client's side of a session: what waits for an acknowledgement, and what was shown."""
