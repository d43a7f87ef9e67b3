"""Parameters of a campaign: the words of the instance document, checked in French.

When to modify: solver-contract parameters change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from matchmaker.baremes import scale_for
from matchmaker.campaigns.problems import RefusedError
from solver.instance import Readings
from solver.vocabulary import Objective, Regime, Territory

# As the contract has them: what is in force when nobody chose.
DEFAULTS: Mapping[str, Any] = {
    "max_radius_km": None,
    "territory": "region",
    "mix_champs": True,
    "mix_needs": None,
    "same_hosting": True,
    "min_size": None,
    "max_size": None,
    "objective": "funding",
    "budget_eur": None,
    "stability_eur_per_esms": 0,
    "min_slack": 0,
    "max_grappes": None,
}
HALF_TURN_KM = 20_038  # no two points of the Earth are further apart
_UNKNOWN = "« {} » n’est pas connu ici."
_LARGEST_AMOUNT = 10**12


def checked(regime: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """``parameters`` completed with the defaults.

    Raises
    ------
    RefusedError
        With one French sentence for each parameter that cannot be used.
    """
    if regime not in set(Regime):
        raise RefusedError({"regime": "Choisissez l’un des régimes proposés."})
    problems = {
        name: f"« {name} » n’est pas un paramètre connu." for name in parameters if name not in DEFAULTS
    }
    values = {**DEFAULTS, **parameters}
    for name, check in _CHECKS.items():
        message = check(values[name])
        if message:
            problems[name] = message
    if not problems:
        problems = _together(Regime(regime), values)
    if problems:
        raise RefusedError(problems)
    return values


def _together(regime: Regime, values: Mapping[str, Any]) -> dict[str, str]:
    problems = {}
    largest = scale_for(regime, Readings()).max_size
    for name in ("min_size", "max_size") if largest is not None else ():
        if values[name] is not None and values[name] > largest:
            problems[name] = (
                f"Dans ce régime une grappe compte au plus {largest} ESMS : vous avez saisi {values[name]}. "
                "Au-delà, choisissez le régime national."
            )
    minimum, maximum = values["min_size"], values["max_size"]
    if minimum is not None and maximum is not None and minimum > maximum and not problems:
        problems["max_size"] = f"Le maximum ({maximum}) est inférieur au minimum ({minimum})."
    if values["stability_eur_per_esms"] and values["objective"] == Objective.COVERAGE:
        problems["stability_eur_per_esms"] = (
            "La stabilité se compte en euros : elle va avec l’objectif « le plus de financement »."
        )
    return problems


def _boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "Répondez par oui ou par non."


def _boolean_or_regime(value: Any) -> str | None:
    return None if value is None else _boolean(value)


def _word(words: type[Territory] | type[Objective]) -> Callable[[Any], str | None]:
    return lambda value: None if value in set(words) else "Choisissez l’une des valeurs proposées."


def _size(value: Any) -> str | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000):
        return None
    return f"Un nombre entier d’ESMS, au moins 1, est attendu : vous avez saisi « {value} »."


def _count(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000:
        return None
    return f"Un nombre entier, 0 ou plus, est attendu : vous avez saisi « {value} »."


def _amount(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_AMOUNT:
        return None
    return f"Un montant entier en euros, 0 ou plus, est attendu : vous avez saisi « {value} »."


def _amount_or_none(value: Any) -> str | None:
    return None if value is None else _amount(value)


def _radius(value: Any) -> str | None:
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if number and 0 < value <= HALF_TURN_KM:
        return None
    return f"Une distance en kilomètres, plus grande que 0, est attendue : vous avez saisi « {value} »."


_CHECKS: Mapping[str, Callable[[Any], str | None]] = {
    "max_radius_km": _radius,
    "territory": _word(Territory),
    "mix_champs": _boolean,
    "mix_needs": _boolean_or_regime,
    "same_hosting": _boolean,
    "min_size": _size,
    "max_size": _size,
    "objective": _word(Objective),
    "budget_eur": _amount_or_none,
    "stability_eur_per_esms": _amount,
    "min_slack": _count,
    "max_grappes": lambda value: None if value is None else _count(value),
}
