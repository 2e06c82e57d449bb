"""Files between users, as cards."""
