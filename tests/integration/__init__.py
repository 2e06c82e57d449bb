"""Tests with real sockets, processes and terminals: adapters, the command line, and all of it together."""
