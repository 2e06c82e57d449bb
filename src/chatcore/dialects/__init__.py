"""Dialects: what bytes mean. Each is a pair of sans-I/O state machines, one per side, with the same few verbs."""
