"""Secrets handed to people: 256 random bits, of which only the digest is kept.

When to modify: never without a security review.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets


def new() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 is enough: the token is random, nobody can guess what it came from."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def keyed(text: str, secret_key: str) -> str:
    """A digest of something guessable (an address), worthless without the installation's secret."""
    return hmac.digest(secret_key.encode(), text.encode("utf-8", "replace"), "sha256").hex()
