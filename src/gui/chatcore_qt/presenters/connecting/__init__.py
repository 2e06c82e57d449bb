"""Where servers are, whether they can be trusted, and the way there."""
