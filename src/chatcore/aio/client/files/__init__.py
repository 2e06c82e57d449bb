"""Files on the client: what is sent, what is received, and where each transfer is."""
