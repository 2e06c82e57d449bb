"""Passwords as hashes: Argon2id of `cryptography`."""

from chatcore_passwords.argon2 import Argon2

__all__ = ["Argon2"]
