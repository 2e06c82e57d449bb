"""Bots: users that programs play."""
