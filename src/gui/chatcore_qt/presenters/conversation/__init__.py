"""What is said: conversations, what they consist of, and what of them was read."""
