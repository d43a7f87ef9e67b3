"""A grappe of the optimiser, as a project of the engine.

When to modify: an instance tells something more that a rule looks at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.projet import Membre, Organisme, Projet
from solver.instance import Grappe, Instance


def projet_of(
    instance: Instance,
    grappe: Grappe,
    *,
    regime: str | None = None,
    readings: Mapping[str, str] | None = None,
    carriers: Iterable[str] = (),
) -> Projet:
    """The project of one grappe. ``regime`` None: the instance's. ``readings``: over the instance's own.

    ``carriers``: ids of organismes that carry another grappe of the same plan (reading K11).
    """
    esms = [instance.esms_by_id[i] for i in grappe.members]
    carrying = frozenset(carriers)
    here = Counter(e.organisme for e in esms)
    organismes = {
        og: Organisme(
            og,
            instance.organisme_by_id[og].name,
            # The format never compares the two; an organisme has at least the ESMS that are seen.
            max(instance.organisme_by_id[og].esms_total, count),
            carries_another=og in carrying,
        )
        for og, count in here.items()
    }
    return Projet(
        regime=instance.regime.value if regime is None else regime,
        members=tuple(
            Membre(e.id, e.organisme, e.champ, FundedNeed(e.need.value), e.region, e.name) for e in esms
        ),
        organismes=organismes,
        referenced=instance.solution_by_id[grappe.solution].segur_referenced,
        porteur=grappe.porteur,
        min_size=instance.parameters.min_size if regime is None else None,
        readings={**asdict(instance.parameters.readings), **(readings or {})},
    )


def projets_of(
    instance: Instance,
    grappes: Sequence[Grappe],
    *,
    regime: str | None = None,
    readings: Mapping[str, str] | None = None,
) -> dict[str, Projet]:
    """The project of every grappe, by grappe id.

    An organisme that carries several grappes carries « another » for all but the first of them, by id.
    """
    first: dict[str, str] = {}
    found = {}
    for grappe in sorted(grappes, key=lambda g: g.id):
        carrier = instance.esms_by_id[grappe.porteur].organisme
        carriers = (carrier,) if first.setdefault(carrier, grappe.id) != grappe.id else ()
        found[grappe.id] = projet_of(instance, grappe, regime=regime, readings=readings, carriers=carriers)
    return found


def carriers_of_several(instance: Instance, grappes: Sequence[Grappe]) -> frozenset[str]:
    """Organismes that carry more than one grappe of a plan."""
    counts = Counter(instance.esms_by_id[g.porteur].organisme for g in grappes)
    return frozenset(og for og, count in counts.items() if count > 1)
