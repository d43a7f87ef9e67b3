"""Pages of an OG; importing them puts them on the blueprint."""

from matchmaker.og.routes import finding_pages, home_pages
from matchmaker.og.routes.blueprint import blueprint

__all__ = ["blueprint", "finding_pages", "home_pages"]
