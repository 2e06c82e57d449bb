"""The conversation: what is in it, how it is shown, and where one types."""
