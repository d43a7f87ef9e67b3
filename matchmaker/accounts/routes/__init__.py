"""Pages of accounts; importing this package makes the blueprint whole."""

from matchmaker.accounts.routes import own_pages, sign_in_pages
from matchmaker.accounts.routes.blueprint import blueprint

__all__ = ["blueprint", "own_pages", "sign_in_pages"]
