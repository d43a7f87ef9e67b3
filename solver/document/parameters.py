"""``parameters`` of an instance, defaults filled in, and their document.

When to modify: the format gains a parameter.
"""

from __future__ import annotations

from typing import Any

from solver.document.fields import Fields
from solver.document.problems import ProblemLog, shown
from solver.instance import Parameters, Readings
from solver.vocabulary import Objective, Regime, Territory

# A bound of the format, as the contract words it; what the law pays is in the scale.
LARGEST_REGIONAL_SIZE = 49
LARGEST_BUDGET_EUR = 10**15  # sums of euros stay exact in every arithmetic that meets them
_LARGEST_RADIUS_KM = 1e6

_KNOWN = frozenset({
    "max_radius_km", "territory", "mix_champs", "mix_needs", "same_hosting", "min_size", "max_size",
    "objective", "budget_eur", "stability_eur_per_esms", "min_slack", "max_grappes", "readings",
})  # fmt: skip
# Parameters that the format gained: a document that does not state them means these.
GAINED: dict[str, Any] = {"min_slack": 0, "max_grappes": None}
READING_CHOICES: dict[str, tuple[str, ...]] = {
    "K01": ("lt15", "le15"),
    "K07": ("acquisition", "mise_en_conformite"),
    "K10": ("counted", "not_counted"),
}


def read_parameters(log: ProblemLog, value: object, regime: Regime | None) -> Parameters:
    """The parameters that an object holds; ``regime`` None when it could not be read."""
    f = Fields.of(log, value, "parameters", _KNOWN)
    if f is None:
        return Parameters()
    objective = f.choice("objective", Objective, Objective.FUNDING) or Objective.FUNDING
    stability = 0 if "stability_eur_per_esms" not in f else f.whole("stability_eur_per_esms", 0) or 0
    if stability and objective is Objective.COVERAGE:
        f.refuse("stability_eur_per_esms", "cannot go with the objective coverage")
    sizes = {key: _size(f, key, regime) for key in ("min_size", "max_size")}
    least, most = sizes["min_size"], sizes["max_size"]
    if least is not None and most is not None and least > most:
        f.refuse("min_size", f"{least} is above max_size, {most}")
    radius = (
        None
        if f.is_null("max_radius_km")
        else f.number("max_radius_km", "a distance in km", 0, _LARGEST_RADIUS_KM)
    )
    return Parameters(
        max_radius_km=radius,
        territory=f.choice("territory", Territory, Territory.REGION) or Territory.REGION,
        mix_champs=f.flag("mix_champs", default=True),
        mix_needs=regime is Regime.AMORCAGE_2021 if f.is_null("mix_needs") else f.flag("mix_needs"),
        same_hosting=f.flag("same_hosting", default=True),
        min_size=least,
        max_size=most,
        objective=objective,
        budget_eur=None if f.is_null("budget_eur") else f.whole("budget_eur", 0, LARGEST_BUDGET_EUR),
        stability_eur_per_esms=stability,
        min_slack=0 if "min_slack" not in f else f.whole("min_slack", 0) or 0,
        max_grappes=None if f.is_null("max_grappes") else f.whole("max_grappes", 0),
        readings=_readings(log, f),
    )


def _size(f: Fields, key: str, regime: Regime | None) -> int | None:
    size = None if f.is_null(key) else f.whole(key, 1)
    if size is not None and size > LARGEST_REGIONAL_SIZE and regime is not None and not regime.is_national:
        f.refuse(key, f"{shown(size)} is above {LARGEST_REGIONAL_SIZE}, the most in a regional regime")
    return size


def _readings(log: ProblemLog, f: Fields) -> Readings:
    if "readings" not in f:
        return Readings()
    fields = Fields.of(log, f.raw("readings"), "parameters.readings", frozenset(READING_CHOICES))
    if fields is None:
        return Readings()
    chosen: dict[str, str] = {}
    for key, words in READING_CHOICES.items():
        if key not in fields:
            continue
        value = fields.raw(key)
        if isinstance(value, str) and value in words:
            chosen[key] = value
        else:
            fields.refuse(key, f"{shown(value)} is not one of {', '.join(words)}")
    return Readings(**chosen)


def parameters_document(p: Parameters) -> dict[str, Any]:
    """Every parameter under its key of the format."""
    return {
        "max_radius_km": p.max_radius_km,
        "territory": p.territory.value,
        "mix_champs": p.mix_champs,
        "mix_needs": p.mix_needs,
        "same_hosting": p.same_hosting,
        "min_size": p.min_size,
        "max_size": p.max_size,
        "objective": p.objective.value,
        "budget_eur": p.budget_eur,
        "stability_eur_per_esms": p.stability_eur_per_esms,
        "min_slack": p.min_slack,
        "max_grappes": p.max_grappes,
        "readings": {"K01": p.readings.K01, "K07": p.readings.K07, "K10": p.readings.K10},
    }
