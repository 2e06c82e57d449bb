"""Connections: whose turn it is, what goes out to them, and how those catch up that are behind."""
