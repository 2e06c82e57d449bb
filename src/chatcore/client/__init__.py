"""The client's side of a session: what waits for an acknowledgement, what was shown, how fast files may go."""
