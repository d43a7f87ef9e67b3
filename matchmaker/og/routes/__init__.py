"""Pages of an OG; importing them puts them on the blueprint."""

from matchmaker.og.routes import esms_pages, finding_pages, home_pages
from matchmaker.og.routes.blueprint import blueprint

__all__ = ["blueprint", "esms_pages", "finding_pages", "home_pages"]
