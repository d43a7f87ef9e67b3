"""Pages of partners; importing this package makes the blueprint whole."""

from matchmaker.partners import own_data  # loaded, it says what this feature holds about people
from matchmaker.partners.routes import card_pages, contact_pages
from matchmaker.partners.routes.blueprint import blueprint

__all__ = ["blueprint", "card_pages", "contact_pages", "own_data"]
