"""Why an ESMS is in no grappe, as its own organisme may read it: no other organisme or ESMS is ever named.

The sentences that the regional team reads name porteurs, partners and pairs; those are told here otherwise.

When to modify: the optimiser gives a new reason, or one of its sentences names somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matchmaker.proposals import wording
from matchmaker.proposals.plan import Plan, Unplaced
from matchmaker.web.formats import nombre, typographie
from solver.vocabulary import Reason

_ANOTHER = "un ESMS d’un autre organisme"
_BETWEEN: Mapping[str, str] = {
    "champs": "n’accueillent pas le même public",
    "needs": "n’ont pas le même besoin",
    "solution": "n’acceptent aucune solution commune",
    "hosting": "n’acceptent aucun hébergement commun pour une même solution",
    "territory": "ne sont pas dans le même territoire",
    "radius": "sont trop éloignés pour un même porteur",
}
# What is missing to the threshold is told as below one of these.
_STEPS = (5, 10)
# Their sentences say nothing of anybody but the ESMS itself.
_AS_THEY_ARE = frozenset(
    {
        Reason.NO_NEED,
        Reason.EXCLUDED,
        Reason.NOT_FUNDABLE,
        Reason.NO_COMMON_OFFER,
        Reason.LOT_TOO_LARGE,
    }
)


def reason(plan: Plan, unplaced: Unplaced) -> str:
    """One or two sentences; numbers are one's own, the rules', or about."""
    if unplaced.reason in _AS_THEY_ARE:
        return wording.reason(plan, unplaced)
    told = _REASONS.get(unplaced.reason, _unknown)
    return typographie(told(plan, unplaced))


def _unknown(_plan: Plan, _unplaced: Unplaced) -> str:
    return "Aucune grappe du plan n’a pu l’accueillir."


def _lot_incompatible(plan: Plan, unplaced: Unplaced) -> str:
    own = unplaced.esms.organisme.id
    pair = [plan.esms[id_] for id_ in unplaced.detail.get("pair", ()) if id_ in plan.esms]
    names = [e.name if e.organisme.id == own else _ANOTHER for e in pair]
    rule = _BETWEEN.get(str(unplaced.detail.get("rule")), "ne peuvent pas être réunis")
    if not names:
        return "Les ESMS de son lot ne peuvent pas être dans une même grappe."
    return f"Les ESMS de son lot ne peuvent pas être dans une même grappe : {' et '.join(names)} {rule}."


def _too_few_partners(plan: Plan, unplaced: Unplaced) -> str:
    d = unplaced.detail
    reach, missing = d.get("in_reach", 0), d.get("missing", 0)
    if d.get("solution") is None:
        return "Aucune grappe n’est possible avec ses réponses."
    offer = wording.solution(plan, d["solution"])
    if d.get("hosting"):
        offer += f", {wording.hosting(d['hosting'])}"
    threshold = nombre(reach + missing)
    if reach <= 1:
        return (
            f"Même dans sa meilleure grappe possible ({offer}), il serait seul : il manque {nombre(missing)} "
            f"ESMS pour atteindre le seuil de {threshold}."
        )
    return (
        f"Sa meilleure grappe possible ({offer}), même avec tous les ESMS compatibles à portée, n’atteint "
        f"pas le seuil de {threshold} : il en manque {_about(missing)}."
    )


def _about(missing: int) -> str:
    """« moins de 5 »: less one's own ESMS, an exact number would be that of the others in reach, who may be
    one organisme (decision 0122)."""
    below = next((step for step in _STEPS if missing < step), None)
    return f"moins de {below}" if below else f"{_STEPS[-1]} ou plus"


def _constraint(_plan: Plan, _unplaced: Unplaced) -> str:
    return (
        "Une contrainte posée par l’équipe régionale sur la campagne l’écarte. Elle seule peut vous dire "
        "laquelle."
    )


def _outcompeted(plan: Plan, unplaced: Unplaced) -> str:
    if plan.objective == "coverage":
        return "Il pourrait être placé, mais le plan placerait alors moins d’ESMS en tout."
    if unplaced.detail.get("loss_eur", 0) == 0:
        return "Il pourrait être placé : un plan de même total existe, avec d’autres ESMS laissés à sa place."
    return "Il pourrait être placé, mais tout plan connu qui le place obtient moins de financement en tout."


_REASONS: Mapping[str, Callable[[Plan, Unplaced], str]] = {
    Reason.LOT_INCOMPATIBLE: _lot_incompatible,
    Reason.TOO_FEW_PARTNERS: _too_few_partners,
    Reason.CONSTRAINT: _constraint,
    Reason.OUTCOMPETED: _outcompeted,
}
