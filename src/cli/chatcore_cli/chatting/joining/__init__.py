"""What it takes to get into a chat: where it is, who one is there, and whom one trusts."""
