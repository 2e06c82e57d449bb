"""The dialects of two courseworks, so that programs written for them can use our server, and we theirs."""

from chatcore_simple.dialects import SimpleJsonDialect, SimpleTextDialect

__all__ = ["SimpleJsonDialect", "SimpleTextDialect", "simple_json", "simple_text"]

simple_json = SimpleJsonDialect()
simple_text = SimpleTextDialect()
