"""Pages of grappes formed by hand; importing this package makes the blueprint whole."""

from matchmaker.grappes.routes import decision_pages, offered_pages, room_pages
from matchmaker.grappes.routes.blueprint import blueprint

__all__ = ["blueprint", "decision_pages", "offered_pages", "room_pages"]
