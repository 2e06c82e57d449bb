"""Tests of the asyncio driver, in virtual time and on a network in memory."""
