"""A stream of NATS keeps the promises of a journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from tests.contracts.journal import KeptJournalContract, OpenJournal
from tests.integration.nats_house import NatsServer, Stores, bound_stream, nats

__all__ = ["nats"]

# Less than the long batch of the contract, and more than a few small batches.
_LITTLE = 100_000


class TestNatsJournal(KeptJournalContract):
    @pytest.fixture
    def address(self, nats: NatsServer) -> str:
        return nats.fresh_chat()

    @pytest.fixture
    async def open_journal(self, address: str) -> AsyncIterator[OpenJournal]:
        stores = Stores(address)
        yield stores
        await stores.close()

    @pytest.fixture
    def fill(self, address: str) -> Callable[[], None]:
        return partial(bound_stream, address, _LITTLE)

    @pytest.fixture
    def free(self, address: str) -> Callable[[], None]:
        return partial(bound_stream, address, -1)
