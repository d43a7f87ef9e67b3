"""What an OG's own ESMS could bring: the engine of the simulator on what the OG really answered.

An ESMS that has not said what it needs is counted as an acquisition, and pages say so. Partners, of whom
nothing is known, are taken for small organismes that ask for the same as most of the ESMS.

When to modify: the engine asks something more of a project that an OG answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.needs import FundedNeed
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.listing import EsmsLine, SolutionValues
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.projet import Membre, Organisme, Projet
from matchmaker.financement.trace import TraceLine
from solver.vocabulary import Champ, Need

OWN = "vous"
_PARTNER = "partenaire"
ONCE = "grappe"


@dataclass(frozen=True)
class Estimate:
    """``alone``: these ESMS by themselves, whose amounts are what they bring to a grappe; ``together``: with
    enough partners, both under ``referenced``; ``otherwise``: ``alone`` with the other kind of solution, None
    when only one kind is accepted. Each is evaluated when it is first asked for.
    """

    campaign: CampaignValues
    asking: tuple[EsmsLine, ...]
    referenced: bool
    both_kinds: bool

    @property
    def counted(self) -> int:
        """ESMS that ask for something."""
        return len(self.asking)

    @property
    def assumed(self) -> int:
        """Of them, those that have not said what."""
        return sum(1 for line in self.asking if line.answer.need is None)

    @cached_property
    def alone(self) -> Resultat:
        return self._evaluated(self.referenced, 0)

    @cached_property
    def together(self) -> Resultat:
        exists = self.alone.existence
        partners = exists.missing if exists.unit == "esms" else 0
        return self._evaluated(self.referenced, partners) if partners else self.alone

    @cached_property
    def otherwise(self) -> Resultat | None:
        return self._evaluated(not self.referenced, 0) if self.both_kinds else None

    @property
    def own_eur(self) -> int:
        return _own(self.alone)

    @property
    def own_lines(self) -> tuple[TraceLine, ...]:
        """What the own ESMS bring, line by line; they add up to ``own_eur``."""
        return tuple(line for line in self.alone.montants.lines if line.unit != ONCE)

    @property
    def shared_lines(self) -> tuple[TraceLine, ...]:
        """What the grappe gets once; they add up to ``shared_eur``."""
        return tuple(line for line in self.together.montants.lines if line.unit == ONCE)

    @property
    def otherwise_rules(self) -> tuple[str, ...]:
        """Ids of the rules that give ``otherwise_eur``."""
        lines = () if self.otherwise is None else self.otherwise.montants.lines
        return tuple(dict.fromkeys(line.rule for line in lines if line.unit != ONCE))

    @property
    def otherwise_eur(self) -> int | None:
        return None if self.otherwise is None else _own(self.otherwise)

    @property
    def shared_eur(self) -> int:
        return self.together.montants.common_eur

    def stake_eur(self, code: str) -> int:
        """What one ESMS brings in a grappe."""
        return self.alone.montants.by_member.get(code, 0)

    def _evaluated(self, referenced: bool, partners: int) -> Resultat:
        return evaluate(shipped_rules(), project(self.campaign, self.asking, referenced, partners))


def estimate(
    campaign: CampaignValues, lines: Sequence[EsmsLine], solutions: Iterable[SolutionValues]
) -> Estimate | None:
    """The projects of an OG; None when none of its ESMS asks for anything."""
    asking = tuple(line for line in lines if line.answer.need != Need.AUCUN and not line.excluded)
    if not asking:
        return None
    statuses = accepted_statuses(asking, solutions)
    return Estimate(campaign, asking, statuses != {False}, len(statuses) == 2)


def accepted_statuses(lines: Iterable[EsmsLine], solutions: Iterable[SolutionValues]) -> set[bool]:
    """Whether the solutions that these ESMS accept are référencées Ségur: one kind, or both."""
    known = list(solutions)
    found: set[bool] = set()
    for line in lines:
        accepted = line.answer.accepted_solutions
        found |= {
            one.segur_status == "referenced"
            for one in known
            if line.champ in one.champs and (not isinstance(accepted, tuple) or one.code in accepted)
        }
    return found or {True}


def project(campaign: CampaignValues, lines: Sequence[EsmsLine], referenced: bool, partners: int) -> Projet:
    """The project of these ESMS, with ``partners`` ESMS of as many small organismes."""
    members = [
        Membre(
            line.code,
            OWN,
            Champ(line.champ),
            FundedNeed(line.answer.need or Need.ACQUISITION),
            line.region,
            line.name,
        )
        for line in lines
    ]
    total = max(len(members), lines[0].organisme_total)
    organismes = {OWN: Organisme(OWN, "Votre organisme", total)}
    kinds = Counter((m.champ, m.need) for m in members)
    (champ, need), _count = min(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    for number in range(partners):
        og = f"{_PARTNER}-{number}"
        organismes[og] = Organisme(og, "Un organisme partenaire", 1)
        members.append(Membre(og, og, champ, need, members[0].region))
    return Projet(
        regime=campaign.regime,
        members=tuple(members),
        organismes=organismes,
        referenced=referenced,
        min_size=campaign.parameters.get("min_size"),
        readings=dict(campaign.readings),
    )


def _own(resultat: Resultat) -> int:
    return next((o.own_eur for o in resultat.organismes if o.organisme == OWN), 0)
