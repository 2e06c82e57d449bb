"""The chat: rooms, users and what each request does. Pure: commands go in, effects come out."""
