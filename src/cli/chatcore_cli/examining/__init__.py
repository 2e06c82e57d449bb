"""Finding out whether and how a server can be reached."""
