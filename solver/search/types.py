"""Types: what all members of a grappe share, and what each lot brings to a grappe of that type.

A type is (solution, hosting), with the champ and the kind of need where these may not mix. ``hosting`` is
None when each member may have its own. Everything that a grappe is worth is a sum over its lots plus a
term of a few counts (size, members at the higher rate) and two flags (a small organisme, a trigger of the
AMOA marché): this is what makes exact pricing a knapsack.

When to modify: a parameter lets members differ in one more way, or a scale gains a new kind of term.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.funding import is_small, rate_of, triggers_marche
from solver.instance import DuiSolution, Esms, Instance
from solver.scale import Scale
from solver.search.lots import Lots
from solver.vocabulary import Champ, Hosting, Need

SMALL, MARCHE, PORTEUR = 1, 2, 4  # flags of a lot: small organisme, marché trigger, may carry a grappe


@dataclass(frozen=True, slots=True)
class GrappeType:
    """``champ`` and ``acquisition`` are None where a grappe may mix them."""

    solution: str
    hosting: Hosting | None
    champ: Champ | None
    acquisition: bool | None

    def admits(self, esms: Esms, solution: DuiSolution) -> bool:
        """Whether this ESMS may be in a grappe of this type (funding apart)."""
        if self.champ not in (None, esms.champ) or esms.champ not in solution.champs:
            return False
        if self.acquisition not in (None, esms.need.is_acquisition) or esms.need is Need.AUCUN:
            return False
        if not esms.accepts_solution(solution.id):
            return False
        if self.hosting is not None:
            return esms.accepts_hosting(self.hosting)
        return any(esms.accepts_hosting(h) for h in solution.hosting)


@dataclass(frozen=True)
class Offers:
    """Types, and per (type, lot) what the lot brings; arrays have shape (types, lots) or (lots,).

    ``value``: euros at the rate of a member beyond the full-rate ones (its only rate elsewhere), with the
    small organismes' equipment. ``high``: members that lose ``levels[t][0]`` when not at full rate.
    ``levels[t]``: (upper, lower) euros lost by a member beyond the full-rate ones; upper = lower where the
    type knows one amount, both 0 where all members are paid in full.
    """

    types: tuple[GrappeType, ...]
    fits: npt.NDArray[np.bool_]
    value: npt.NDArray[np.float64]
    high: npt.NDArray[np.int64]
    levels: tuple[tuple[float, float], ...]
    weight: npt.NDArray[np.int64]
    flags: npt.NDArray[np.int64]


def possible_types(instance: Instance) -> list[GrappeType]:
    """All types, in a fixed order."""
    parameters = instance.parameters
    found = []
    for solution in sorted(instance.solutions, key=lambda s: s.id):
        modes: list[Hosting | None] = [*sorted(solution.hosting)] if parameters.same_hosting else [None]
        champs: list[Champ | None] = [None] if parameters.mix_champs else [*sorted(solution.champs)]
        needs: list[bool | None] = [None] if parameters.mix_needs else [True, False]
        found += [GrappeType(solution.id, h, c, n) for h in modes for c in champs for n in needs]
    return found


def appraise_lots(instance: Instance, scale: Scale, lots: Lots) -> Offers:
    """Which lot fits which type, and what it brings there."""
    groups = [lot.members for lot in lots.lots]
    return appraise_groups(instance, scale, lots.esms, groups, possible_types(instance))


def appraise_groups(
    instance: Instance,
    scale: Scale,
    esms: tuple[Esms, ...],
    groups: list[tuple[int, ...]],
    types: list[GrappeType],
) -> Offers:
    """``appraise_lots`` for any groups of positions, and for given types."""
    members = np.array([i for g in groups for i in g], dtype=np.int64)
    weight = np.array([len(g) for g in groups], dtype=np.int64)
    start = np.cumsum(weight) - weight
    fits = np.zeros((len(types), len(groups)), dtype=bool)
    value = np.zeros((len(types), len(groups)))
    high = np.zeros((len(types), len(groups)), dtype=np.int64)
    levels: list[tuple[float, float]] = []
    profiles, profile_of = _profiles(instance, scale, esms)
    for t, kind in enumerate(types):
        solution = instance.solution_by_id[kind.solution]
        able, euros, lost = _rates(scale, kind, solution, profiles)
        upper, lower = _levels(lost[able])
        levels.append((upper, lower))
        if len(groups) == 0:
            continue
        at = profile_of[members]
        fits[t] = np.logical_and.reduceat(able[at], start)
        value[t] = np.where(fits[t], np.add.reduceat(euros[at], start), 0.0)
        high[t] = np.add.reduceat((able[at] & (lost[at] == upper)).astype(np.int64), start)
    flags = np.array([_flags(instance, scale, [esms[i] for i in g]) for g in groups], dtype=np.int64)
    return Offers(tuple(types), fits, value, high, tuple(levels), weight, flags)


def _profiles(
    instance: Instance, scale: Scale, esms: tuple[Esms, ...]
) -> tuple[list[tuple[Esms, float]], npt.NDArray[np.int64]]:
    """ESMS that no type tells apart share a profile: one of them, and its equipment in euros."""
    index: dict[object, int] = {}
    profiles: list[tuple[Esms, float]] = []
    of = np.zeros(len(esms), dtype=np.int64)
    for i, e in enumerate(esms):
        small = is_small(instance, scale, e)
        key = (e.champ, e.need, e.current_solution, e.accepted_solutions, e.accepted_hosting, small)
        if key not in index:
            index[key] = len(profiles)
            paid = scale.equipement.unit_eur if small and scale.equipement is not None else 0
            profiles.append((e, float(paid)))
        of[i] = index[key]
    return profiles, of


def _rates(
    scale: Scale, kind: GrappeType, solution: DuiSolution, profiles: list[tuple[Esms, float]]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    able = np.zeros(len(profiles), dtype=bool)
    euros = np.zeros(len(profiles))
    lost = np.zeros(len(profiles))
    for k, (e, equipment) in enumerate(profiles):
        rate = rate_of(scale, e, solution) if kind.admits(e, solution) else None
        if rate is None:
            continue
        able[k] = True
        if scale.full_rate_members is None:
            euros[k] = rate.first_eur + equipment
        else:
            euros[k] = rate.beyond_eur + equipment
            lost[k] = rate.first_eur - rate.beyond_eur
    return able, euros, lost


def _levels(lost: npt.NDArray[np.float64]) -> tuple[float, float]:
    found = np.unique(lost)
    if len(found) > 2:
        raise NotImplementedError("a scale with more than two degressive amounts in one type")
    if len(found) == 0:
        return 0.0, 0.0
    return float(found[-1]), float(found[0])


def _flags(instance: Instance, scale: Scale, members: list[Esms]) -> int:
    return (
        (SMALL if any(is_small(instance, scale, e) for e in members) else 0)
        | (MARCHE if any(triggers_marche(scale, e) for e in members) else 0)
        | (PORTEUR if any(e.can_be_porteur for e in members) else 0)
    )
