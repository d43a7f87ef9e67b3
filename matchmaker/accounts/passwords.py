"""Passwords: argon2id, the same work whether the account exists or not.

When to modify: what a password must be, or what guessing one costs, changes.
"""

from __future__ import annotations

from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 128
# RFC 9106, low-memory choice: 64 MiB, three passes. The semaphore keeps a crowd from filling the memory.
HASHER = PasswordHasher()
_AT_ONCE = BoundedSemaphore(2)


def kept(password: str) -> str:
    """What is stored of a password."""
    with _AT_ONCE:
        return HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password. Without a stored one, a digest of nothing is checked all the same: the
    answer takes the same work, so its time tells nothing about the account."""
    with _AT_ONCE:
        try:
            return HASHER.verify(stored or _nobodys(), password[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def problem(password: str, email: str) -> str | None:
    """What is wrong with a new password, in French."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Il compte de {SHORTEST} à {LONGEST} caractères : vous en avez saisi {len(password)}."
    local_part = email.partition("@")[0]
    if local_part in password.lower() or len(set(password)) < 5:
        return "Choisissez un mot de passe moins facile à deviner : plusieurs mots sans rapport entre eux."
    return None


@lru_cache
def _nobodys() -> str:
    return HASHER.hash("no account has this password")
