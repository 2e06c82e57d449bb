"""For those who test a bot or a client: a network in memory and a clock that jumps."""
