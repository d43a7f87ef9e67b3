"""What can be refused in a campaign, said in French at the field concerned."""

from __future__ import annotations

from collections.abc import Mapping


class NotInCampaignError(LookupError):
    """A campaign, an ESMS, an organisme or a solution that does not exist."""


class RefusedError(ValueError):
    """Values that cannot be kept. ``problems``: field -> sentence in French saying what is expected."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ; ".join(f"{field} : {message}" for field, message in problems.items()))
        self.problems = dict(problems)
