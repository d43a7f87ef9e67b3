"""What each lot brings to each kind of grappe, in whole euros, read from the scale.

A *kind* is what all members of a grappe share: solution, hosting (None where each has its own), and champ and
acquisition where these may not mix. The worth of a grappe of one kind is a sum over its lots plus a term of
its size, of its members at the higher degression, and of three flags.

When to modify: a scale gains a shape of rule, or a parameter lets members differ in one more way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.instance import DuiSolution, Esms
from solver.verify.lots import Lots
from solver.vocabulary import Champ, Hosting, Need

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SMALL, TRIGGER, PORTEUR = 1, 2, 4  # flags: a member of a small organisme, one that opens the AMOA marché, ...


class UnpricedError(Exception):
    """The bound of this instance cannot be recomputed; the message says why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``champ``, ``acquisition``: None where a grappe may mix them."""

    solution: str
    hosting: Hosting | None
    champ: Champ | None
    acquisition: bool | None


@dataclass(frozen=True, slots=True)
class Groups:
    """What groups of ESMS bring, arrays (kinds, groups): do all members fit, euros, members losing most."""

    fits: Bools
    euros: Ints
    higher: Ints


@dataclass(frozen=True)
class Offers:
    """Euros of an ESMS are those beyond the full rates, equipment included; ``losses`` are what full rates
    add.
    """

    lots: Lots

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        parameters = self.lots.instance.parameters
        found = []
        for s in sorted(self.lots.instance.solutions, key=lambda s: s.id):
            modes: Sequence[Hosting | None] = sorted(s.hosting) if parameters.same_hosting else [None]
            champs: Sequence[Champ | None] = [None] if parameters.mix_champs else sorted(s.champs)
            needs: Sequence[bool | None] = [None] if parameters.mix_needs else [False, True]
            found += [Kind(s.id, h, c, n) for h in modes for c in champs for n in needs]
        return tuple(found)

    @cached_property
    def supplements(self) -> tuple[int, int]:
        """Euros once per grappe with a small organisme, and once more where a member opens the marché."""
        projet, marche = self.lots.scale.amoa_projet, self.lots.scale.amoa_marche
        return (projet.unit_eur if projet else 0, marche.unit_eur if marche else 0)

    @cached_property
    def flags(self) -> Ints:
        """Flags of each lot."""
        return np.array([self.flags_of(m) for m in self.lots.members], dtype=np.int64)

    def flags_of(self, members: Sequence[int]) -> int:
        scale, found = self.lots.scale, 0
        for i in members:
            e = self.lots.esms[i]
            found |= SMALL if self._is_small(e) else 0
            opens = scale.amoa_marche is not None and (e.need, e.champ) in scale.amoa_marche_triggers
            found |= (TRIGGER if opens else 0) | (PORTEUR if e.can_be_porteur else 0)
        return found

    def _is_small(self, e: Esms) -> bool:
        scale = self.lots.scale
        paid = (scale.equipement, scale.amoa_projet, scale.amoa_marche)
        total = self.lots.instance.organisme_by_id[e.organisme].esms_total
        return any(f is not None for f in paid) and total <= scale.small_og_max_esms

    # kinds ---------------------------------------------------------------------------------------------

    @cached_property
    def _alike(self) -> tuple[list[Esms], Ints]:
        """ESMS that no kind tells apart: one of each sort, and the sort of every ESMS."""
        sorts: dict[object, int] = {}
        models: list[Esms] = []
        of = np.zeros(len(self.lots.esms), dtype=np.int64)
        for i, e in enumerate(self.lots.esms):
            key = (
                e.champ, e.need, e.current_solution, e.accepted_solutions, e.accepted_hosting,
                self._is_small(e), )  # fmt: skip
            if key not in sorts:
                sorts[key] = len(models)
                models.append(e)
            of[i] = sorts[key]
        return models, of

    @cached_property
    def _rates(self) -> tuple[Bools, Ints, Ints]:
        """(fits, euros, loss) of each sort, arrays (kinds, sorts)."""
        models, _ = self._alike
        shape = (len(self.kinds), len(models))
        fits, euros, loss = np.zeros(shape, dtype=bool), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        scale = self.lots.scale
        for t, kind in enumerate(self.kinds):
            solution = self.lots.instance.solution_by_id[kind.solution]
            for k, e in enumerate(models):
                rate = scale.rates.get((e.need, e.champ, solution.segur_referenced))
                if rate is None or not _admits(kind, solution, e):
                    continue
                fits[t, k] = True
                equipment = scale.equipement.unit_eur if scale.equipement and self._is_small(e) else 0
                limited = scale.full_rate_members is not None
                euros[t, k] = (rate.beyond_eur if limited else rate.first_eur) + equipment
                loss[t, k] = rate.first_eur - rate.beyond_eur if limited else 0
        return fits, euros, loss

    @cached_property
    def losses(self) -> tuple[tuple[int, int], ...]:
        """Per kind (larger, smaller) euros that a member loses beyond the full rates; equal when all lose
        alike.

        Raises UnpricedError where a kind knows more than two such amounts.
        """
        fits, _, loss = self._rates
        found = []
        for t, kind in enumerate(self.kinds):
            amounts = np.unique(loss[t, fits[t]]).tolist() or [0]
            if len(amounts) > 2:
                raise UnpricedError(f"{kind.solution}: more than two degressive amounts in one grappe")
            found.append((amounts[-1], amounts[0]))
        return tuple(found)

    @cached_property
    def of_lots(self) -> Groups:
        return self.of(self.lots.members)

    def of(self, groups: Sequence[Sequence[int]]) -> Groups:
        """What groups of ESMS (places in ``lots.esms``, none empty) bring to each kind."""
        shape = (len(self.kinds), len(groups))
        if 0 in shape:
            return Groups(np.zeros(shape, dtype=bool), np.zeros(shape, np.int64), np.zeros(shape, np.int64))
        fits, euros, loss = self._rates
        sort = self._alike[1][np.concatenate([np.array(g, dtype=np.int64) for g in groups])]
        start = np.cumsum([0, *(len(g) for g in groups[:-1])])
        larger = np.array([most for most, _ in self.losses])[:, None]
        losing = (fits & (loss == larger)).astype(np.int64)
        whole = np.logical_and.reduceat(fits[:, sort], start, axis=1)
        return Groups(
            whole,
            np.where(whole, np.add.reduceat(euros[:, sort], start, axis=1), 0),
            np.add.reduceat(losing[:, sort], start, axis=1),
        )


def _admits(kind: Kind, solution: DuiSolution, e: Esms) -> bool:
    """Whether an ESMS may be in a grappe of this kind, whatever it is paid."""
    if e.need is Need.AUCUN or e.champ not in solution.champs or not e.accepts_solution(solution.id):
        return False
    if e.need is Need.MONTEE_DE_VERSION and e.current_solution != solution.id:
        return False
    if kind.champ is not None and kind.champ is not e.champ:
        return False
    if kind.acquisition is not None and kind.acquisition != e.need.is_acquisition:
        return False
    modes = solution.hosting if kind.hosting is None else (kind.hosting,)
    return any(e.accepts_hosting(mode) for mode in modes)
