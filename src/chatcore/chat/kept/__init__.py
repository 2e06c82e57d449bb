"""What the chat keeps in memory: sessions, rooms and their logs, roles, offers, nodes. No rules of requests here."""
