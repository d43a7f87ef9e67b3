"""Drawn constraints of a demonstration: a few ESMS left out, two organismes apart, two together.

Only fictitious ESMS and organismes: « déjà financé » said of a real one would be a false claim.

When to modify: a campaign knows another kind of constraint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import constraints
from matchmaker.campaigns.answers import ANY
from matchmaker.campaigns.members import NewEsms
from matchmaker.demo.chance import Stream
from solver.vocabulary import Need

_ONE_EXCLUDED_PER = 700  # ESMS
_ALREADY_FUNDED = "Déjà financé par une campagne précédente (fictif)."
_APART = "Les deux organismes ne souhaitent pas travailler ensemble (fictif)."
_TOGETHER = "Les deux organismes préparent une fusion (fictif)."


@dataclass(frozen=True, slots=True)
class DemoConstraints:
    """Codes of ESMS and of organismes; a pair is None when no two organismes fit it."""

    excluded: tuple[str, ...]
    apart: tuple[str, str] | None
    together: tuple[str, str] | None


def draw_constraints(esms: Sequence[NewEsms], seed: int, region: str) -> DemoConstraints:
    """Exclusions among drawn ESMS with a need; pairs among open drawn organismes of one département."""
    stream = Stream(seed, f"{region}/constraints")
    drawn = [e for e in esms if e.fictitious and e.answer.completeness == "complete"]
    wanting = sorted(e.code for e in drawn if e.answer.need != Need.AUCUN and e.answer.lot is None)
    pairs = list(_neighbours(drawn))
    return DemoConstraints(
        excluded=tuple(sorted(stream.shuffled(wanting)[: 1 + len(esms) // _ONE_EXCLUDED_PER])),
        apart=pairs[0] if pairs else None,
        together=pairs[-1] if len(pairs) > 1 else None,
    )


def _neighbours(drawn: Sequence[NewEsms]) -> Iterator[tuple[str, str]]:
    """Pairs of organismes whose ESMS all accept any solution and hosting: the pair alone keeps them apart."""
    by_organisme = defaultdict(list)
    for esms in drawn:
        by_organisme[esms.organisme].append(esms)
    by_departement = defaultdict(list)
    for organisme, own in sorted(by_organisme.items()):
        if all(_is_open(e) for e in own) and len(own) <= 4:
            by_departement[own[0].departement].append(organisme)
    for _, organismes in sorted(by_departement.items()):
        yield from combinations(organismes[:2], 2)


def _is_open(esms: NewEsms) -> bool:
    answer = esms.answer
    return (
        answer.need == Need.ACQUISITION
        and answer.accepted_solutions == ANY
        and (answer.accepted_hosting == ANY or len(answer.accepted_hosting or ()) > 1)
    )


def keep(session: Session, campaign_id: int, drawn: DemoConstraints) -> None:
    """Write them as a person would have."""
    for code in drawn.excluded:
        constraints.exclude(session, campaign_id, code, _ALREADY_FUNDED, actor=journal.LOCAL)
    for kind, pair, reason in (("apart", drawn.apart, _APART), ("together", drawn.together, _TOGETHER)):
        if pair is not None:
            constraints.add_pair(session, campaign_id, kind, *pair, reason, actor=journal.LOCAL)
