"""Files on their way, as far as it needs no disk and no network: what is sent, what comes, and how fast."""
