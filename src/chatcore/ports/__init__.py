"""Ports: what the chat needs from outside, as small Protocol classes with promises."""
