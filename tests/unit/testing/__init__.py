"""Tests of the tools for testers."""
