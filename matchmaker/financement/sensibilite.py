"""What a plan hangs on: each disputed reading taken the other way, with the grappes, ESMS and euros it moves.

When to modify: a disputed reading moves something that is not looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from matchmaker.baremes.rules import Contradiction, Option, Rules, Stake
from matchmaker.financement.evaluation import Essentials, essentials
from matchmaker.financement.grappes import projets_of
from matchmaker.financement.lectures import own_minimum, readings_of
from matchmaker.financement.projet import Projet
from solver.instance import Grappe, Instance


@dataclass(frozen=True, slots=True)
class GrappeEffect:
    """One grappe that moves: its euros (0 when it does not exist), its existence, its deadline."""

    grappe: str
    esms: tuple[str, ...]
    before_eur: int
    after_eur: int
    existed: bool
    exists: bool
    deadline_before: date | None
    deadline_after: date | None
    sentence: str

    @property
    def delta_eur(self) -> int:
        return self.after_eur - self.before_eur


@dataclass(frozen=True, slots=True)
class VariantEffect:
    """One option not taken. ``grappes``: those that move, the most euros first.

    ``note``: what the numbers cannot say (a compatibility opens partners that only a new run would find).
    """

    contradiction: Contradiction
    taken: Option
    option: Option
    grappes: tuple[GrappeEffect, ...]
    note: str | None

    @property
    def delta_eur(self) -> int:
        return sum(g.delta_eur for g in self.grappes)

    @property
    def esms(self) -> int:
        return sum(len(g.esms) for g in self.grappes)

    @property
    def moves(self) -> bool:
        return bool(self.grappes)


@dataclass(frozen=True)
class Sensibilite:
    """``readings``: those of the plan, defaults included; ``variants``: what moves most first."""

    rules_version: str
    regime: str
    readings: Mapping[str, str]
    grappes: int
    esms: int
    total_eur: int
    variants: tuple[VariantEffect, ...]


def sensitivity(
    rules: Rules, instance: Instance, grappes: Sequence[Grappe], deposit: date | None = None
) -> Sensibilite:
    """Recompute a plan under every option not taken of every variant that concerns its call."""
    regime = instance.regime.value
    readings = readings_of(rules, instance)
    least = own_minimum(rules, instance, readings)
    projets = _projets(instance, grappes, readings, least, deposit)
    before = {gid: (p, essentials(rules, p)) for gid, p in projets.items()}
    effects = []
    for contradiction in rules.contradictions:
        if not contradiction.variant or regime not in contradiction.regimes:
            continue
        options = {o.id: o for o in contradiction.options}
        taken = options[readings[contradiction.id]]
        for option in contradiction.options:
            if option is not taken:
                other = {**readings, contradiction.id: option.id}
                moved = _moved(rules, grappes, before, other)
                note = _note(contradiction, option)
                effects.append(VariantEffect(contradiction, taken, option, moved, note))
    effects.sort(key=lambda e: (-abs(e.delta_eur), -e.esms, e.contradiction.id, e.option.id))
    return Sensibilite(
        rules_version=rules.version,
        regime=regime,
        readings=readings,
        grappes=len(grappes),
        esms=sum(len(g.members) for g in grappes),
        total_eur=sum(found.granted_eur for _, found in before.values()),
        variants=tuple(effects),
    )


def _projets(
    instance: Instance,
    grappes: Sequence[Grappe],
    readings: Mapping[str, str],
    least: int | None,
    deposit: date | None,
) -> dict[str, Projet]:
    """The grappes as projects under these readings; ``least``: the minimum that the campaign sets itself."""
    found = projets_of(instance, grappes, readings=readings)
    return {gid: replace(p, deposit=deposit, min_size=least) for gid, p in found.items()}


def _moved(
    rules: Rules,
    grappes: Sequence[Grappe],
    before: Mapping[str, tuple[Projet, Essentials]],
    readings: Mapping[str, str],
) -> tuple[GrappeEffect, ...]:
    by_id = {g.id: g for g in grappes}
    effects = []
    for gid, (projet, old) in before.items():
        new = essentials(rules, replace(projet, readings=readings))
        exists = new.existence.exists and _hosting_holds(by_id[gid], readings)
        existed = old.existence.exists
        after_eur = new.total_eur if exists else 0
        moved = (after_eur, exists, new.calendrier.deadline, new.calendrier.slots) != (
            old.granted_eur,
            existed,
            old.calendrier.deadline,
            old.calendrier.slots,
        )
        if moved:
            effects.append(
                GrappeEffect(
                    grappe=gid,
                    esms=by_id[gid].members,
                    before_eur=old.granted_eur,
                    after_eur=after_eur,
                    existed=existed,
                    exists=exists,
                    deadline_before=old.calendrier.deadline,
                    deadline_after=new.calendrier.deadline,
                    sentence=new.existence.sentence,
                )
            )
    return tuple(sorted(effects, key=lambda e: (-abs(e.delta_eur), e.grappe)))


def _hosting_holds(grappe: Grappe, readings: Mapping[str, str]) -> bool:
    """A grappe of several hosting modes exists only where none is demanded (K03)."""
    return grappe.hosting is not None or readings["K03"] == "silence"


def _note(contradiction: Contradiction, option: Option) -> str | None:
    if contradiction.bears_on is not Stake.COMPATIBILITY or option.id == contradiction.default:
        return None
    return "Cette lecture ouvre d’autres partenaires : seul un nouveau calcul dit ce qu’elle rapporterait."
