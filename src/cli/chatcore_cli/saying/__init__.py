"""The doors to the terminal: sentences in the user's language, the log."""
