"""Hashes of passwords by Argon2id, which others can check."""

from __future__ import annotations

import re

import pytest

from chatcore.ports.passwords import PasswordHasher
from chatcore_passwords import Argon2
from tests.contracts.passwords import PasswordHasherContract


class TestArgon2(PasswordHasherContract):
    """The adapter, made quick."""

    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        """Return one that takes less than a millisecond."""
        return Argon2(memory=64, iterations=1)


def test_hash_says_what_it_was_made_with() -> None:
    """So those of before are known when more is asked for later."""
    hashed = Argon2(memory=64, iterations=1).hash("correct horse")
    assert re.fullmatch(r"\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}", hashed)
    assert Argon2(memory=128, iterations=2).verify("correct horse", hashed)


def test_as_a_rule_a_hash_takes_what_owasp_recommends() -> None:
    assert Argon2().hash("correct horse").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
