"""What opens above the window. None of it blocks."""
