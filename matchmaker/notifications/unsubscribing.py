"""The link that stops mails without signing in: a signed number, good for as long as the secret key is.

It can do nothing else than stop mails, which its owner can start again on their page.

When to modify: mails of another kind may be stopped.
"""

from __future__ import annotations

import hmac

from matchmaker.accounts.tokens import keyed


def token_of(account_id: int, secret_key: str) -> str:
    return f"{account_id}-{_signed(account_id, secret_key)}"


def account_of(token: str, secret_key: str) -> int | None:
    """The account that a link names; None when it was not written here."""
    number, _dash, signed = token.partition("-")
    if not number.isascii() or not number.isdecimal() or len(number) > 12:
        return None
    expected = _signed(int(number), secret_key)
    return int(number) if hmac.compare_digest(expected.encode(), signed.encode("utf-8", "replace")) else None


def _signed(account_id: int, secret_key: str) -> str:
    return keyed(f"unsubscribe:{account_id}", secret_key)
