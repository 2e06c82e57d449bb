"""Widgets: they show what the presenters know, and pass on what the user does."""
