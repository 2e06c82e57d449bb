"""Tests of the pure core: no socket, no file, no sleep; time is a virtual clock."""
