"""Pages of accounts; importing this package makes the blueprint whole."""

from matchmaker.accounts.routes import (
    claim_pages,
    invitation_pages,
    leaving,
    own_pages,
    provider_pages,
    sign_in_pages,
    staff_pages,
    team_pages,
)
from matchmaker.accounts.routes.blueprint import blueprint

__all__ = [
    "blueprint",
    "claim_pages",
    "invitation_pages",
    "leaving",
    "own_pages",
    "provider_pages",
    "sign_in_pages",
    "staff_pages",
    "team_pages",
]
