"""The way into the journal: what this node proposes, how it stays a node, and the journal in memory."""
