"""The chat in a terminal, and as a filter."""
