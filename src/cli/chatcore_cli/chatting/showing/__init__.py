"""What happens in a chat, in words for people and in lines for programs."""
