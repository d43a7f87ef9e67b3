"""What an ESMS may ask a call to pay for: the optimiser's needs, and those that only calls know.

When to modify: a call pays for something new.
"""

from __future__ import annotations

from enum import StrEnum

from solver.vocabulary import Need


class FundedNeed(StrEnum):
    """The words of ``solver.vocabulary.Need``, and what the optimiser does not place.

    ``generalisation``: roll-out of a solution already in place after a pilot (rule R08). ``supplements``:
    only the aids to small organismes, for a grappe retained in an earlier call (rule R27).
    """

    ACQUISITION = Need.ACQUISITION.value
    RENOUVELLEMENT = Need.RENOUVELLEMENT.value
    MONTEE_DE_VERSION = Need.MONTEE_DE_VERSION.value
    GENERALISATION = "generalisation"
    SUPPLEMENTS = "supplements"
    AUCUN = Need.AUCUN.value

    @property
    def is_acquisition(self) -> bool:
        return self in (FundedNeed.ACQUISITION, FundedNeed.RENOUVELLEMENT)
