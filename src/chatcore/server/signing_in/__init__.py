"""Signing in: who knows the password, whose a name is, and how often that may be tried."""
