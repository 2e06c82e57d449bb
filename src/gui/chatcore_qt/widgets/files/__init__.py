"""Files that are offered and on their way, as cards above the message line."""
