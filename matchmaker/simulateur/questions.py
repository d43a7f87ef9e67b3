"""What the page asks, as plain values, and the project it stands for.

When to modify: the simulator asks something more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.projet import Membre, Organisme, Projet
from solver.vocabulary import Champ

NEEDS = (FundedNeed.ACQUISITION, FundedNeed.RENOUVELLEMENT, FundedNeed.MONTEE_DE_VERSION)
YOURS = "vous"
_PARTNERS = "partenaires"
# the register holds no organisme near this size: partners said not to be small never are
_LARGE = 10**6

Kind = tuple[Champ, FundedNeed]


@dataclass(frozen=True, slots=True)
class Simulation:
    """``counts``: ESMS of the organisme by public and need, those above 0. ``esms_total``: all its ESMS.

    ``referenced`` None: not known, counted as not. ``partners``: ESMS of other organismes in the grappe,
    ``small_partners`` of them of small organismes; they are taken to ask for what most of ``counts`` ask for.
    """

    regime: str
    region: str
    counts: Mapping[Kind, int]
    esms_total: int
    referenced: bool | None
    partners: int
    small_partners: int
    deposit: date | None

    @property
    def own(self) -> int:
        return sum(self.counts.values())

    @property
    def main_kind(self) -> Kind:
        """The most frequent public and need; the first of the lists when equal."""
        order = [(champ, need) for champ in Champ for need in NEEDS]
        return max(self.counts, key=lambda kind: (self.counts[kind], -order.index(kind)))


def projet_of(simulation: Simulation) -> Projet:
    """The project that the engine evaluates: your ESMS, then the partners'."""
    members = [
        Membre(f"{champ.value}-{need.value}-{i}", YOURS, champ, need, simulation.region)
        for (champ, need), count in simulation.counts.items()
        for i in range(count)
    ]
    organismes = {YOURS: Organisme(YOURS, "Votre organisme", simulation.esms_total)}
    champ, need = simulation.main_kind
    large = simulation.partners - simulation.small_partners
    if large:
        organismes[_PARTNERS] = Organisme(_PARTNERS, "Vos partenaires", _LARGE)
        members += [
            Membre(f"{_PARTNERS}-{i}", _PARTNERS, champ, need, simulation.region) for i in range(large)
        ]
    for i in range(simulation.small_partners):
        og = f"petit-{i}"
        organismes[og] = Organisme(og, "Un petit organisme", 1)
        members.append(Membre(og, og, champ, need, simulation.region))
    return Projet(
        regime=simulation.regime,
        members=tuple(members),
        organismes=organismes,
        referenced=bool(simulation.referenced),
        deposit=simulation.deposit,
    )
