"""Pages of campaigns, one module per page or two; importing this package makes the blueprint whole."""

from matchmaker.campaigns.routes import (
    answer_pages,
    campaign_pages,
    data_pages,
    deadline_pages,
    needs_pages,
    neighbourhood_pages,
    readings_pages,
    settings_pages,
)
from matchmaker.campaigns.routes.blueprint import blueprint

__all__ = [
    "answer_pages",
    "blueprint",
    "campaign_pages",
    "data_pages",
    "deadline_pages",
    "needs_pages",
    "neighbourhood_pages",
    "readings_pages",
    "settings_pages",
]
