"""Contract suites: one per port, to be subclassed by the tests of every adapter."""
