"""May this grappe exist: how many members it needs, how many it lacks, which call it belongs to.

When to modify: a call admits or sends away a project by another criterion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import Topic
from matchmaker.baremes.rules import Bound, Level
from matchmaker.financement.appel import Appel
from matchmaker.financement.projet import Membre, Projet


class Status(StrEnum):
    """Admitted; admitted though smaller than wished; too small; sent to the sister call."""

    ELIGIBLE = "eligible"
    BELOW_WISH = "sous_le_souhait"
    TOO_SMALL = "trop_petite"
    OTHER_CALL = "autre_appel"


@dataclass(frozen=True, slots=True)
class Existence:
    """``counted`` of ``unit`` (esms or organismes) against ``required``; ``missing`` of them, 0 when enough.

    ``other_call``: id of the call it belongs to, when that is another one. ``citations``: of the bound.
    """

    status: Status
    rule: str
    required: int
    counted: int
    unit: str
    missing: int
    other_call: str | None
    sentence: str
    citations: tuple[Citation, ...]
    readings: tuple[str, ...]

    @property
    def exists(self) -> bool:
        return self.status in (Status.ELIGIBLE, Status.BELOW_WISH)


@dataclass(frozen=True, slots=True)
class _Minimum:
    required: int
    unit: str
    rule: str
    citations: tuple[Citation, ...]
    readings: tuple[str, ...]


def existence(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> Existence:
    """Rules R01 to R08; readings K02, K05, K06, K25, K29."""
    cap = next(iter(appel.bounds(Bound.MAXIMUM_SIZE)), None)
    beyond = appel.settled(Topic.BEYOND_CAP)
    if cap is not None and len(kept) > cap[1].limit and beyond.value == "autre-appel":
        sentence = f"{len(kept)} ESMS : au-delà de {cap[1].limit}, la grappe relève de l’appel national."
        return Existence(
            Status.OTHER_CALL, cap[0].rule, cap[1].limit, len(kept), "esms", 0, appel.call.sister, sentence,
            beyond.citations, (),
        )  # fmt: skip
    minimum = _minimum(appel, projet, kept)
    counted = len({m.organisme for m in kept}) if minimum.unit == "organismes" else len(kept)
    missing = max(minimum.required - counted, 0)
    status, other = Status.ELIGIBLE, None
    if missing:
        wished = appel.settled(Topic.THRESHOLD_MODE)
        status = Status.BELOW_WISH if wished.value == "souhaite" and kept else Status.TOO_SMALL
        if status is Status.TOO_SMALL and appel.call.level is Level.NATIONAL:
            other = appel.call.sister
    return Existence(
        status, minimum.rule, minimum.required, counted, minimum.unit, missing, other,
        _sentence(status, minimum, counted, missing, appel), minimum.citations, minimum.readings,
    )  # fmt: skip


def _minimum(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> _Minimum:
    """The minimum of the members' territories: the largest, or the porteur's (K25)."""
    alone = next(iter(appel.bounds(Bound.MINIMUM_SIZE_ALONE)), None)
    if alone is not None and len({m.organisme for m in kept}) == 1:
        return _Minimum(alone[1].limit, "esms", alone[0].rule, alone[1].citations, tuple(alone[1].when))
    mixed = appel.settled(Topic.MIXED_THRESHOLD)
    regions = {projet.home_region} if mixed.value == "porteur" else {m.region for m in kept}
    found = [_minimum_of(appel, region) for region in sorted(regions or {projet.home_region})]
    hardest = max(found, key=lambda m: m.required)
    if projet.min_size is not None:
        hardest = _Minimum(projet.min_size, hardest.unit, hardest.rule, hardest.citations, hardest.readings)
    different = len({m.required for m in (_minimum_of(appel, r) for r in projet.regions)}) > 1
    readings = (*hardest.readings, *(mixed.when if different else ()))
    return _Minimum(hardest.required, hardest.unit, hardest.rule, hardest.citations, readings)


def _minimum_of(appel: Appel, region: str) -> _Minimum:
    bounds = list(appel.bounds(Bound.MINIMUM_SIZE))
    local = [b for b in bounds if region in b[0].regions]
    everywhere = [b for b in bounds if not b[0].regions]
    measure, version = (local or everywhere)[0]
    unit = appel.settled(Topic.THRESHOLD_UNIT, region)
    return _Minimum(version.limit, unit.value, measure.rule, version.citations, (*version.when, *unit.when))


def _sentence(status: Status, minimum: _Minimum, counted: int, missing: int, appel: Appel) -> str:
    name = "organismes" if minimum.unit == "organismes" else "ESMS"
    seen = f"{counted} compté{'s' if counted > 1 else ''}"
    if status is Status.ELIGIBLE:
        return f"{counted} {name} comptés, {minimum.required} au moins sont demandés."
    short = name if missing > 1 or name == "ESMS" else "organisme"
    lack = f"Il vous manque {missing} {short} : {seen}, {minimum.required} "
    if status is Status.BELOW_WISH:
        return lack + "sont souhaités (« idéalement »), non exigés."
    if appel.call.level is Level.NATIONAL and appel.call.sister:
        sister = appel.rules.call_by_id[appel.call.sister].label
        return lack + f"sont exigés. Cette taille relève de l’appel « {sister} »."
    return lack + "sont exigés."
