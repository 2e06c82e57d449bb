"""What encrypted transports share: certificates, and what they are recognised by."""
