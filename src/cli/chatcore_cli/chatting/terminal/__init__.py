"""The chat in a terminal, for people who sit there."""
