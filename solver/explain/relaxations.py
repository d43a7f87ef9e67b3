"""The rules of one question, each relaxed alone: what its price is measured against.

A *relaxation* is the instance with one parameter or one family of constraints given up, wholly or by a
step. It is ``wider`` when every valid proposal of the question is one of the relaxed question too, worth as
much: its optimum is then no lower. Readings pay other amounts, and what must appear may change with an
extendable fixed grappe that can now be formed: those are not wider, and their price may be of either sign.

When to modify: the instance gains a parameter or a kind of constraint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import networkx as nx

from solver.instance import Constraints, Grappe, Instance, Parameters, Readings
from solver.scale import Scale
from solver.vocabulary import Objective, Territory

RADIUS_STEP_KM = 20.0
_BUDGET_STEP = 0.1
_FAMILIES_ALONE = 6  # pairs looked at one by one; beyond, all of them together only
_READINGS = {
    "K01": ("lt15", "le15"),
    "K07": ("acquisition", "mise_en_conformite"),
    "K10": ("counted", "not_counted"),
}

Pair = tuple[str, str]


class Rule(StrEnum):
    """What is relaxed. The words are those of the instance."""

    MAX_RADIUS_KM = "max_radius_km"
    SAME_HOSTING = "same_hosting"
    TERRITORY = "territory"
    MIX_CHAMPS = "mix_champs"
    MIX_NEEDS = "mix_needs"
    MIN_SIZE = "min_size"
    MAX_SIZE = "max_size"
    MIN_SLACK = "min_slack"
    MAX_GRAPPES = "max_grappes"
    BUDGET_EUR = "budget_eur"
    STABILITY = "stability_eur_per_esms"
    TOGETHER = "together"
    APART = "apart"
    EXCLUDED = "excluded"
    FIXED_GRAPPES = "fixed_grappes"
    LOTS = "lots"
    READINGS = "readings"


@dataclass(frozen=True)
class Relaxation:
    """``value``: what the rule is set to; None: given up. For ``together`` and ``apart`` the pairs given up,
    for ``readings`` the reading taken instead (``{"K01": "le15"}``)."""

    rule: Rule
    value: Any
    instance: Instance
    wider: bool

    def start_from(self, grappes: Sequence[Grappe]) -> tuple[Grappe, ...]:
        """Grappes of the question as the relaxed one words them."""
        if self.instance.parameters.same_hosting:
            return tuple(grappes)
        return tuple(replace(g, hosting=None) for g in grappes)


def relaxations(
    instance: Instance, scale_of: Callable[[Instance], Scale], grappes: Sequence[Grappe]
) -> list[Relaxation]:
    """Every relaxation of a question, the usual levers first; ``grappes``: a valid proposal of it."""
    placed = {m for g in grappes for m in g.members}
    fixed = instance.constraints.fixed_grappes
    # with all of them formed, no relaxation can ask for one more
    settled = all(not placed.isdisjoint(f.members) for f in fixed if f.extendable)
    scale = scale_of(instance)
    found = [*_of_parameters(instance, scale, settled), *_of_constraints(instance, settled)]
    return [*found, *_of_readings(instance, scale_of)]


def _of_parameters(instance: Instance, scale: Scale, settled: bool) -> Iterator[Relaxation]:
    asked = instance.parameters

    def set_to(rule: Rule, value: Any, *, wider: bool = True, **changes: Any) -> Relaxation:
        changed: Parameters = replace(asked, **(changes or {rule.value: value}))
        return Relaxation(rule, value, replace(instance, parameters=changed), wider and settled)

    if asked.max_radius_km is not None:
        yield set_to(Rule.MAX_RADIUS_KM, asked.max_radius_km + RADIUS_STEP_KM)
        yield set_to(Rule.MAX_RADIUS_KM, None)
    if asked.same_hosting:
        free = set_to(Rule.SAME_HOSTING, False)
        yield replace(free, instance=_without_hosting(free.instance))
    wider_territories = {
        Territory.DEPARTEMENT: (Territory.REGION, Territory.NONE),
        Territory.REGION: (Territory.NONE,),
        Territory.NONE: (),
    }
    for territory in wider_territories[asked.territory]:
        if len({e.region for e in instance.esms}) > 1 or territory is Territory.REGION:
            yield set_to(Rule.TERRITORY, territory.value, territory=territory)
    if not asked.mix_champs and len({e.champ for e in instance.esms}) > 1:
        yield set_to(Rule.MIX_CHAMPS, True)
    if not asked.mix_needs and len({e.need.is_acquisition for e in instance.esms}) > 1:
        yield set_to(Rule.MIX_NEEDS, True)
    for least in _lower_minima(instance, scale):
        yield set_to(Rule.MIN_SIZE, least)
    if asked.max_size is not None and (scale.max_size is None or asked.max_size < scale.max_size):
        # a larger maximum lets min_slack ask for more
        yield set_to(Rule.MAX_SIZE, None, wider=asked.min_slack == 0)
    if asked.min_slack:
        yield set_to(Rule.MIN_SLACK, 0)
    if asked.max_grappes is not None:
        yield set_to(Rule.MAX_GRAPPES, asked.max_grappes + 1)
        yield set_to(Rule.MAX_GRAPPES, None)
    if asked.budget_eur is not None:
        yield set_to(Rule.BUDGET_EUR, asked.budget_eur + round(asked.budget_eur * _BUDGET_STEP))
        yield set_to(Rule.BUDGET_EUR, None)
    if asked.stability_eur_per_esms and asked.objective is Objective.FUNDING:
        yield set_to(Rule.STABILITY, 0, wider=False)


def _lower_minima(instance: Instance, scale: Scale) -> Iterator[int | None]:
    """One ESMS fewer, where one minimum holds for all; the regime's, where a larger one is asked."""
    asked = instance.parameters.min_size
    own = {scale.min_size_by_region.get(e.region, scale.min_size) for e in instance.esms}
    if asked is None:
        if len(own) == 1 and min(own) > 1:
            yield min(own) - 1
        return
    if asked > 1:
        yield asked - 1
    if asked > max(own):
        yield None


def _without_hosting(instance: Instance) -> Instance:
    """``hosting`` is null in every grappe once members may differ."""
    constraints = instance.constraints
    fixed = tuple(replace(f, hosting=None) for f in constraints.fixed_grappes)
    previous = tuple(replace(g, hosting=None) for g in instance.previous)
    return replace(instance, constraints=replace(constraints, fixed_grappes=fixed), previous=previous)


def _of_constraints(instance: Instance, settled: bool) -> Iterator[Relaxation]:
    asked = instance.constraints

    def with_(rule: Rule, value: Any, changed: Constraints, *, wider: bool = settled) -> Relaxation:
        return Relaxation(rule, value, replace(instance, constraints=changed), wider)

    for rule, pairs in ((Rule.TOGETHER, asked.together), (Rule.APART, asked.apart)):
        for family in _families(rule, pairs):
            left = tuple(pair for pair in pairs if pair not in family)
            together = rule is Rule.TOGETHER
            changed = replace(asked, together=left) if together else replace(asked, apart=left)
            yield with_(rule, [list(pair) for pair in family], changed)
    if asked.excluded:
        yield with_(Rule.EXCLUDED, None, replace(asked, excluded=frozenset()))
    if asked.fixed_grappes:
        # nothing must appear any more; formed freely, a fixed grappe owes min_slack
        free = instance.parameters.min_slack == 0
        yield with_(Rule.FIXED_GRAPPES, None, replace(asked, fixed_grappes=()), wider=free)
    if any(e.lot is not None for e in instance.esms):
        esms = tuple(replace(e, lot=None) for e in instance.esms)
        yield Relaxation(Rule.LOTS, None, replace(instance, esms=esms), settled)


def _families(rule: Rule, pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """Pairs given up together: chains of organismes kept together, pairs kept apart; then all of them."""
    if rule is Rule.TOGETHER:
        chains = [set(chain) for chain in nx.connected_components(nx.Graph(list(pairs)))]
        families = [[pair for pair in pairs if pair[0] in chain] for chain in chains]
    else:
        families = [[pair] for pair in pairs]
    if len(families) <= _FAMILIES_ALONE:
        yield from families
    if len(families) > 1:
        yield list(pairs)


def _of_readings(instance: Instance, scale_of: Callable[[Instance], Scale]) -> Iterator[Relaxation]:
    """The other reading of each contradiction of the sources, where it pays otherwise."""
    asked = instance.parameters.readings
    for name, words in _READINGS.items():
        for word in words:
            if word == getattr(asked, name):
                continue
            readings: Readings = replace(asked, **{name: word})
            changed = replace(instance, parameters=replace(instance.parameters, readings=readings))
            if scale_of(changed) != scale_of(instance):
                yield Relaxation(Rule.READINGS, {name: word}, changed, wider=False)
