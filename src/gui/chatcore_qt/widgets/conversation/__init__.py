"""The conversation: messages, drawn by rows, and the line to write in."""
