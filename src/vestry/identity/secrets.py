"""Passwords and tokens: argon2id for what people choose, SHA-256 for what we drew ourselves."""

from __future__ import annotations

import hashlib
import secrets

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's argon2id parameters: 19 MiB, two passes, one lane.
_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
# Checked when there is no such user, so that the answer takes as long as for one who exists.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password)


def check_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long for a user without one as for one with."""
    fits = _HASHER.verify(password, password_hash or _NOBODY)
    return fits and password_hash is not None


def new_secret(prefix: str) -> str:
    """256 random bits with a prefix that says what it opens (and lets leaked ones be found)."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> bytes:
    """What is stored of a drawn secret; its 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
