"""Pages of an OG; importing them puts them on the blueprint."""

from matchmaker.og import own_data  # loaded, it says what this feature holds about people
from matchmaker.og.routes import (
    esms_pages,
    file_pages,
    finding_pages,
    home_pages,
    simulation_pages,
    support_pages,
    trying_pages,
    why_pages,
)
from matchmaker.og.routes.blueprint import blueprint

__all__ = [
    "blueprint",
    "esms_pages",
    "file_pages",
    "finding_pages",
    "home_pages",
    "own_data",
    "simulation_pages",
    "support_pages",
    "trying_pages",
    "why_pages",
]
