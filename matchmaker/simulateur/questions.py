"""What the page asks, as plain values, and the project it stands for.

When to modify: the simulator asks something more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.exclusions import Trait
from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.projet import Membre, Organisme, Projet
from matchmaker.financement.usages import Goal, goals
from solver.vocabulary import Champ

NEEDS = (FundedNeed.ACQUISITION, FundedNeed.RENOUVELLEMENT, FundedNeed.MONTEE_DE_VERSION)
# what only the calls of 2021 know: rules R08 and R27
RARE_NEEDS = (FundedNeed.GENERALISATION, FundedNeed.SUPPLEMENTS)
ALL_NEEDS = NEEDS + RARE_NEEDS
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
    ``persons``: accompanied by the ESMS of the grappe, None when not said: what use targets are counted on.
    ``pilot``: whether the pilot that a généralisation supposes was carried out, None when not said.
    ``readings``: options of disputed readings taken besides the defaults.
    """

    regime: str
    region: str
    counts: Mapping[Kind, int]
    esms_total: int
    referenced: bool | None
    partners: int
    small_partners: int
    deposit: date | None
    pilot: bool | None = None
    persons: int | None = None
    readings: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> int:
        return sum(self.counts.values())

    @property
    def main_kind(self) -> Kind:
        """The most frequent public and need; the first of the lists when equal."""
        order = [(champ, need) for champ in Champ for need in ALL_NEEDS]
        return max(self.counts, key=lambda kind: (self.counts[kind], -order.index(kind)))


@cache
def count_name(champ: Champ, need: FundedNeed) -> str:
    """The name of a number of ESMS in the form and in its address: ``PA_acquisition``."""
    return f"{champ.value}_{need.value}"


def projet_of(simulation: Simulation) -> Projet:
    """The project that the engine evaluates: your ESMS, then the partners'."""
    members = [
        Membre(
            f"{champ.value}-{need.value}-{i}",
            YOURS,
            champ,
            need,
            simulation.region,
            traits=_traits(simulation, need),
        )
        for (champ, need), count in simulation.counts.items()
        for i in range(count)
    ]
    organismes = {YOURS: Organisme(YOURS, "Votre organisme", simulation.esms_total)}
    champ, need = simulation.main_kind
    large = simulation.partners - simulation.small_partners
    if large:
        organismes[_PARTNERS] = Organisme(_PARTNERS, "Vos partenaires", _LARGE)
        members += [
            Membre(
                f"{_PARTNERS}-{i}",
                _PARTNERS,
                champ,
                need,
                simulation.region,
                traits=_traits(simulation, need),
            )
            for i in range(large)
        ]
    for i in range(simulation.small_partners):
        og = f"petit-{i}"
        organismes[og] = Organisme(og, "Un petit organisme", 1)
        members.append(Membre(og, og, champ, need, simulation.region, traits=_traits(simulation, need)))
    return Projet(
        regime=simulation.regime,
        members=tuple(members),
        organismes=organismes,
        referenced=bool(simulation.referenced),
        deposit=simulation.deposit,
        readings=simulation.readings,
    )


def goals_of(simulation: Simulation) -> tuple[Goal, ...]:
    """The uses that must be shown before the last payment; none without a number of persons."""
    if simulation.persons is None:
        return ()
    return goals(shipped_rules(), simulation.regime, simulation.persons)


def _traits(simulation: Simulation, need: FundedNeed) -> frozenset[Trait]:
    without_pilot = need is FundedNeed.GENERALISATION and simulation.pilot is False
    return frozenset({Trait.NO_PILOT}) if without_pilot else frozenset()
