"""What an OG's own ESMS could bring: the engine of the simulator on what the OG really answered.

An ESMS that has not said what it needs is counted as an acquisition, and pages say so. Partners, of whom
nothing is known, are taken for small organismes that ask for the same as most of the ESMS.

When to modify: the engine asks something more of a project that an OG answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.needs import FundedNeed
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.listing import EsmsLine, SolutionValues
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.projet import Membre, Organisme, Projet
from solver.vocabulary import Champ, Need

OWN = "vous"
_PARTNER = "partenaire"


@dataclass(frozen=True)
class Estimate:
    """``alone``: these ESMS by themselves; ``together``: with enough partners, under ``referenced``;
    ``otherwise``: the same with the other kind of solution, None when only one kind is accepted.
    ``counted``: ESMS that ask for something; ``assumed``: of them, those that have not said what.
    """

    alone: Resultat
    together: Resultat
    otherwise: Resultat | None
    referenced: bool
    counted: int
    assumed: int

    @property
    def own_eur(self) -> int:
        return _own(self.together)

    @property
    def otherwise_eur(self) -> int | None:
        return None if self.otherwise is None else _own(self.otherwise)

    @property
    def shared_eur(self) -> int:
        return self.together.montants.common_eur

    def stake_eur(self, code: str) -> int:
        """What one ESMS brings in a grappe."""
        return self.together.montants.by_member.get(code, 0)


def estimate(
    campaign: CampaignValues, lines: Sequence[EsmsLine], solutions: Iterable[SolutionValues]
) -> Estimate | None:
    """The three projects of an OG; None when none of its ESMS asks for anything."""
    asking = [line for line in lines if line.answer.need != Need.AUCUN and not line.excluded]
    if not asking:
        return None
    statuses = accepted_statuses(asking, solutions)
    referenced = statuses != {False}
    alone = evaluate(shipped_rules(), project(campaign, asking, referenced, 0))
    partners = alone.existence.missing if alone.existence.unit == "esms" else 0
    both = len(statuses) == 2
    return Estimate(
        alone=alone,
        together=evaluate(shipped_rules(), project(campaign, asking, referenced, partners)),
        otherwise=evaluate(shipped_rules(), project(campaign, asking, not referenced, partners))
        if both
        else None,
        referenced=referenced,
        counted=len(asking),
        assumed=sum(1 for line in asking if line.answer.need is None),
    )


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
