"""What users read, and how far they have: nothing of it changes the chat."""
