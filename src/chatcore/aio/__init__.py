"""The asyncio driver: everything of chatcore that knows an event loop."""
