"""What a conversation consists of: its entries in order, in words, in a file, and found."""
