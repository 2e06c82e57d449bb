"""Frames as commands and events, and back: a module for each kind of them, with a table for each of the four ways."""
