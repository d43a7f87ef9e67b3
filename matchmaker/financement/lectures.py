"""Which readings a plan took: those that its question carries, what its parameters amount to, the defaults.

When to modify: a parameter of the instance format says what a reading says, or a reading gets a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from matchmaker.baremes.rules import Bound, Rules
from solver.instance import Instance


def readings_of(rules: Rules, instance: Instance) -> Mapping[str, str]:
    """The option of every contradiction.

    An option that these rules do not know (a plan of another edition) counts as the default.
    """
    known = rules.option_ids
    carried = {k: option for k, option in instance.engine_readings if option in known.get(k, ())}
    own = {**rules.default_readings, **carried, **asdict(instance.parameters.readings)}
    if not instance.parameters.same_hosting:
        own["K03"] = "silence"
    lowered = instance.parameters.min_size is not None and _wishes(rules, instance)
    if lowered and "K02" not in carried:
        own["K02"] = "idealement"
    return own


def own_minimum(rules: Rules, instance: Instance, readings: Mapping[str, str]) -> int | None:
    """The minimum that a campaign sets for itself; None when it sets none, or when it is a reading's own.

    A minimum that is a reading of the text (K02: wished for only; K29: fifteen everywhere) is not also a
    minimum of the campaign: the reading taken the other way would change nothing.
    """
    least = instance.parameters.min_size
    if least is None or readings["K02"] == "idealement":
        return None
    if readings["K29"] == "diapositives" and least == _threshold(rules, instance, readings):
        return None
    return least


def _threshold(rules: Rules, instance: Instance, readings: Mapping[str, str]) -> int | None:
    """The minimum of the call where no région has its own."""
    found = rules.in_force(instance.regime.value, readings)
    return next((v.limit for m, v in found if m.bound is Bound.MINIMUM_SIZE and not m.regions), None)


def _wishes(rules: Rules, instance: Instance) -> bool:
    """Whether the call has a threshold that may be read as a wish, so that a lower one is a reading of it."""
    found = (c for c in rules.contradictions if c.id == "K02")
    return any(instance.regime.value in c.regimes for c in found)
