"""What every `chatcore.ports.passwords.PasswordHasher` has to keep. Subclass it and say how to make one."""

from __future__ import annotations

import pytest

from chatcore.ports.passwords import PasswordHasher

PASSWORD = "correct horse"


class PasswordHasherContract:
    """One that is quick is the fixture `hasher`."""

    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        """Return a hasher."""
        raise NotImplementedError

    def test_hash_is_of_its_password_and_of_no_other(self, hasher: PasswordHasher) -> None:
        hashed = hasher.hash(PASSWORD)
        assert hasher.verify(PASSWORD, hashed)
        assert not any(hasher.verify(each, hashed) for each in ("", PASSWORD + " ", PASSWORD.upper(), hashed))

    def test_two_hashes_of_a_password_are_different(self, hasher: PasswordHasher) -> None:
        """So nobody sees that two users have the same one."""
        assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)

    def test_hash_does_not_hold_its_password(self, hasher: PasswordHasher) -> None:
        assert PASSWORD not in hasher.hash(PASSWORD)

    @pytest.mark.parametrize("hashed", ["", "x", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA"])
    def test_what_is_no_hash_is_of_no_password(self, hasher: PasswordHasher, hashed: str) -> None:
        """Nobody's is empty."""
        assert not hasher.verify(PASSWORD, hashed)

    @pytest.mark.parametrize("password", ["", "пароль 密码 🔑", "x" * 5000, "half \ud83d", "a\0b"])
    def test_every_text_is_a_password(self, hasher: PasswordHasher, password: str) -> None:
        hashed = hasher.hash(password)
        assert hasher.verify(password, hashed)
        assert not hasher.verify(password + "b", hashed)
