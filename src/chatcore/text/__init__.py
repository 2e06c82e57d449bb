"""Names and texts: what may be one, how it is shown, how long it is."""
