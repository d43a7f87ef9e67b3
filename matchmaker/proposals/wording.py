"""Plans in French: names of codes, why an ESMS is not placed, what would place it, what the bound says.

When to modify: the optimiser gives a reason, a concession or a funding line that it did not give before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from matchmaker.baremes.scales import shipped_rules
from matchmaker.campaigns.wording import CHAMPS, HOSTING, NEEDS, POSITIONS, SEGUR
from matchmaker.proposals.plan import Change, Esms, Grappe, Plan, Unplaced
from matchmaker.reference import territories
from matchmaker.web.formats import ecart_euros, euros, keuros, km, nombre, pluriel, pourcent, typographie
from solver.vocabulary import ChangeKind, Reason

__all__ = ["CHAMPS", "HOSTING", "NEEDS", "POSITIONS", "SEGUR"]

LINES: Mapping[str, str] = {
    "usages": "Usages du DUI",
    "logiciel": "Logiciel",
    "dui": "Forfait DUI",
    "equipement": "Équipement des ESMS de petits organismes",
    "amoa_projet": "Conduite de projet, une fois pour la grappe",
    "amoa_marche": "Marché public, une fois pour la grappe",
}
# what one unit of an amount is for, as a trace says it
UNITS: Mapping[str, str] = {
    "esms": "par ESMS",
    "esms_of_small_og": "par ESMS d’un petit organisme",
    "grappe": "par grappe",
    "organisme": "par organisme",
    "funding": "en part du financement",
    "project": "par projet",
}
ONCE_PER_GRAPPE = ("amoa_projet", "amoa_marche")

# Reason -> (heading over the count, what it means in a sentence)
REASONS: Mapping[str, tuple[str, str]] = {
    Reason.TOO_FEW_PARTNERS: (
        "pas assez de partenaires",
        "Même avec tous les ESMS compatibles à portée, le seuil n’est pas atteint.",
    ),
    Reason.OUTCOMPETED: (
        "en concurrence avec d’autres",
        "Ils pourraient être placés, mais aucun plan connu ne le fait sans en écarter d’autres ou y perdre.",
    ),
    Reason.NO_COMMON_OFFER: (
        "solution ou hébergement",
        "Aucune solution qu’ils acceptent n’existe avec un hébergement qu’ils acceptent.",
    ),
    Reason.NOT_FUNDABLE: (
        "besoin non financé",
        "Les règles ne financent pas leur besoin avec les solutions qu’ils acceptent.",
    ),
    Reason.LOT_TOO_LARGE: (
        "lot trop grand",
        "Leur lot réunit plus d’ESMS que le maximum d’une grappe.",
    ),
    Reason.LOT_INCOMPATIBLE: (
        "lot impossible à réunir",
        "Les ESMS de leur lot ne peuvent pas tous être dans une même grappe.",
    ),
    Reason.CONSTRAINT: (
        "contrainte de la campagne",
        "Une contrainte posée sur la campagne les écarte.",
    ),
    Reason.NO_NEED: ("sans besoin", "Ils ne demandent rien dans cette campagne."),
    Reason.EXCLUDED: ("exclus", "La campagne les laisse de côté."),
}

# Concession -> how it is called in a filter
CHANGES: Mapping[str, str] = {
    ChangeKind.ACCEPT_HOSTING: "accepter un autre hébergement",
    ChangeKind.ACCEPT_SOLUTION: "accepter une autre solution",
    ChangeKind.RADIUS_KM: "aller plus loin",
    ChangeKind.TERRITORY: "entrer dans un autre territoire",
    ChangeKind.SPLIT_LOT: "séparer les ESMS du lot",
}

_RULES_BETWEEN: Mapping[str, str] = {
    "champs": "n’accueillent pas le même public, et la campagne ne mélange pas les publics",
    "needs": "n’ont pas le même besoin, et la campagne ne mélange pas acquisitions et montées de version",
    "solution": "n’acceptent aucune solution commune",
    "hosting": "n’acceptent aucun hébergement commun pour une même solution",
    "territory": "ne sont pas dans le même territoire",
    "radius": "sont trop éloignés pour un même porteur",
    Reason.NO_NEED: "sont liés, et le second n’a pas de besoin",
    Reason.EXCLUDED: "sont liés, et le second est exclu de la campagne",
    Reason.NOT_FUNDABLE: "sont liés, et le besoin du second n’est pas financé",
    Reason.NO_COMMON_OFFER: "sont liés, et le second n’a aucune solution possible",
}
_CONSTRAINTS: Mapping[str, str] = {
    "fixed_grappes": "les grappes conservées par la campagne prennent les partenaires qu’il lui faudrait",
    "together": "des organismes doivent rester ensemble et ne peuvent pas tous être placés",
    "apart": "des organismes ne doivent jamais être dans la même grappe",
    "budget": "le budget maximal de la campagne est atteint",
    "budget_eur": "le budget maximal de la campagne est atteint",
    "max_grappes": "la campagne ne permet pas davantage de grappes",
}


def regime(plan: Plan) -> str:
    """The label of the plan's regime."""
    return next((r.label for r in shipped_rules().regimes if r.regime == plan.regime), plan.regime)


def departement(code: str) -> str:
    """Name of a département, or its code when it is not one of ours."""
    known = territories.departements().get(code)
    return known.name if known else code


def region(code: str) -> str:
    known = territories.regions().get(code)
    return known.name if known else code


def solution(plan: Plan, id_: object) -> str:
    """A solution by its name."""
    known = plan.solutions.get(str(id_))
    return known.name if known else str(id_)


def hosting(mode: object) -> str:
    """A hosting mode; None: each member keeps its own."""
    return "propre à chaque ESMS" if mode is None else HOSTING.get(str(mode), str(mode))


def place(esms: Esms) -> str:
    """``Auch (Gers)``, or the département alone when the commune is not known."""
    name = departement(esms.departement)
    return f"{esms.commune} ({name})" if esms.commune else name


def listed(words: Iterable[str], last: str = "ou", at_most: int = 4) -> str:
    """``a, b ou c``; more than ``at_most``: the first ones, then how many others."""
    names = list(words)
    if len(names) > at_most:
        names = [*names[: at_most - 1], f"{len(names) - at_most + 1} autres"]
    return names[0] if len(names) == 1 else f" {last} ".join([", ".join(names[:-1]), names[-1]])


def grappe_name(grappe: Grappe) -> str:
    """``Gers et Hautes-Pyrénées``: where most members are."""
    return listed([departement(code) for code, _ in grappe.departements], "et", 3)


def reason(plan: Plan, unplaced: Unplaced) -> str:
    """Why this ESMS is in no grappe: one or two sentences with their numbers."""
    return typographie(_REASONS[unplaced.reason](plan, unplaced))


def _not_fundable(plan: Plan, unplaced: Unplaced) -> str:
    e = unplaced.esms
    names = [_with_segur(plan, id_) for id_ in unplaced.detail.get("solutions", ())]
    with_ = f"avec {listed(names)}" if names else "avec les solutions qu’il accepte"
    need = f"{NEEDS[e.need]}, {CHAMPS[e.champ]}"
    return f"Les règles « {regime(plan)} » ne financent pas son besoin ({need}) {with_}."


def _with_segur(plan: Plan, id_: object) -> str:
    """A solution with what keeps it from being funded in full."""
    known = plan.solutions.get(str(id_))
    notes = {
        "not_referenced": " (non référencée Ségur)",
        "unknown": " (statut Ségur inconnu, compté comme non référencée)",
    }
    return solution(plan, id_) + (notes.get(known.segur, "") if known else "")


def _no_common_offer(plan: Plan, unplaced: Unplaced) -> str:
    e = unplaced.esms
    if e.accepted_solutions == ():
        return "Il n’accepte aucune solution : il ne peut entrer dans aucune grappe."
    if e.accepted_hosting == ():
        return "Il n’accepte aucun hébergement : il ne peut entrer dans aucune grappe."
    solutions = _accepted(e.accepted_solutions, lambda id_: solution(plan, id_), "toute solution")
    modes = _accepted(e.accepted_hosting, lambda m: f"l’hébergement {hosting(m)}", "tout hébergement")
    own = ""
    if e.need == "montee_de_version":
        own = (
            f" Pour une montée de version, seule compte {solution(plan, e.current_solution)}, son DUI actuel."
        )
    return f"Il accepte {solutions}, et {modes} : aucune offre n’existe pour son public.{own}"


def _accepted(values: tuple[str, ...] | None, name: Callable[[str], str], any_: str) -> str:
    return any_ if values is None else listed([name(value) for value in values])


def _lot_too_large(plan: Plan, unplaced: Unplaced) -> str:
    d = unplaced.detail
    return (
        f"Son lot réunit {pluriel(d.get('size', 0), 'ESMS', 'ESMS')} qui ne se séparent pas, plus que le "
        f"maximum de {nombre(d.get('max_size'))} d’une grappe."
    )


def _lot_incompatible(plan: Plan, unplaced: Unplaced) -> str:
    d = unplaced.detail
    names = [plan.esms[id_].name for id_ in d.get("pair", ()) if id_ in plan.esms]
    rule = _RULES_BETWEEN.get(str(d.get("rule")), "ne peuvent pas être réunis")
    return f"Les ESMS de son lot ne peuvent pas être dans une même grappe : {listed(names, 'et')} {rule}."


def _too_few_partners(plan: Plan, unplaced: Unplaced) -> str:
    d = unplaced.detail
    reach, missing = d.get("in_reach", 0), d.get("missing", 0)
    if d.get("solution") is None:
        return "Aucune grappe n’est possible avec ses réponses."
    offer = solution(plan, d["solution"])
    if d.get("hosting"):
        offer += f", {hosting(d['hosting'])}"
    porteur = plan.esms.get(str(d.get("porteur")))
    if porteur is None:
        return f"Aucun ESMS à portée ne peut être porteur pour lui, même avec sa meilleure offre ({offer})."
    around = "autour de lui" if porteur.id == unplaced.esms.id else f"autour de {porteur.name}"
    gathered = pluriel(reach, "ESMS", "ESMS")
    if reach <= 1:
        alone = f"Même dans sa meilleure grappe possible ({offer}), il serait seul : il manque"
        return f"{alone} {nombre(missing)} ESMS pour atteindre le seuil de {nombre(reach + missing)}."
    best = f"Sa meilleure grappe possible ({offer}, {around}) ne réunirait que {gathered}, lui compris"
    return f"{best} : il en manque {nombre(missing)} pour atteindre le seuil de {nombre(reach + missing)}."


def _constraint(plan: Plan, unplaced: Unplaced) -> str:
    d = unplaced.detail
    name = str(d.get("constraint", ""))
    if name == "several":
        every = [_CONSTRAINTS.get(str(c), str(c)) for c in d.get("constraints", ())]
        return f"Plusieurs contraintes de la campagne l’écartent ensemble : {listed(every, 'et')}."
    text = _CONSTRAINTS.get(name, name or "non précisée")
    if name == "fixed_grappes" and "fixed_grappe" in d:
        text = "une grappe conservée par la campagne le retient, et elle ne peut pas se former"
    if d.get("budget_eur") is not None:
        text += f" ({euros(d['budget_eur'])})"
    if d.get("max_grappes") is not None:
        text += f" ({nombre(d['max_grappes'])} au plus)"
    names = {e.organisme.id: e.organisme.name for e in plan.esms.values()} if d.get("pairs") else {}
    pairs = [" et ".join(names.get(id_, id_) for id_ in pair) for pair in d.get("pairs", ())]
    if pairs:
        text += f" ({listed(pairs, 'puis')})"
    return f"Une contrainte de la campagne l’écarte : {text}."


def _outcompeted(plan: Plan, unplaced: Unplaced) -> str:
    loss = unplaced.detail.get("loss_eur", 0)
    if plan.objective == "coverage":
        lost = pluriel(loss, "ESMS placé", "ESMS placés")
        return f"Il pourrait être placé, mais le meilleur plan connu qui le place compte {lost} de moins."
    if loss == 0:
        return (
            "Il pourrait être placé : un plan de même total existe, avec d’autres ESMS non placés à sa place."
        )
    return f"Il pourrait être placé, mais le meilleur plan connu qui le place obtient {euros(loss)} de moins."


_REASONS: Mapping[str, Callable[[Plan, Unplaced], str]] = {
    Reason.NO_NEED: lambda plan, u: "Il n’a pas de besoin dans cette campagne.",
    Reason.EXCLUDED: lambda plan, u: "La campagne l’a laissé de côté.",
    Reason.NOT_FUNDABLE: _not_fundable,
    Reason.NO_COMMON_OFFER: _no_common_offer,
    Reason.LOT_TOO_LARGE: _lot_too_large,
    Reason.LOT_INCOMPATIBLE: _lot_incompatible,
    Reason.TOO_FEW_PARTNERS: _too_few_partners,
    Reason.CONSTRAINT: _constraint,
    Reason.OUTCOMPETED: _outcompeted,
}


def concession(plan: Plan, kind: str, value: object) -> str:
    """What has to be accepted: ``accepter l’hébergement SaaS éditeur (HDS)``."""
    if kind == ChangeKind.ACCEPT_HOSTING:
        return f"accepter l’hébergement {hosting(value)}"
    if kind == ChangeKind.ACCEPT_SOLUTION:
        return f"accepter la solution {solution(plan, value)}"
    if kind == ChangeKind.RADIUS_KM:
        return f"accepter un porteur à {km(_rounded_up(value))}"
    if kind == ChangeKind.TERRITORY:
        where = (
            departement(str(value)) if plan.parameters["territory"] == "departement" else region(str(value))
        )
        return f"accepter un porteur d’un autre territoire ({where})"
    return "séparer les ESMS de ce lot"


def _rounded_up(value: object) -> int:
    """Kilometres as a limit that is enough: a limit rounded down would not be."""
    number = float(str(value))
    return int(number) + (number > int(number))


def effect(change: Change) -> str:
    """What it opens: ``entre dans G7, +41 500 €``."""
    if change.joins is not None:
        where = f"entre dans {change.joins}"
    elif change.partners:
        others = pluriel(len(change.partners), "autre ESMS non placé", "autres ESMS non placés")
        where = f"forme une grappe avec {others}"
    else:
        where = "forme une grappe"
    return f"{where}, {ecart_euros(change.gain_eur)}"


def change(plan: Plan, change: Change) -> str:
    """A whole sentence part: the concession, then what it opens."""
    return typographie(f"{concession(plan, change.kind, change.value)} → {effect(change)}")


def bound(plan: Plan) -> str:
    """What the proven maximum means, for someone who has never heard of one."""
    if plan.objective == "coverage":
        most, left = f"{pluriel(plan.upper_bound, 'ESMS', 'ESMS')}", plan.upper_bound - plan.objective_value
        what, remains = f"Aucune répartition ne peut placer plus de {most}", f"{nombre(left)} ESMS"
    else:
        most, left = keuros(plan.upper_bound), plan.upper_bound - plan.objective_value
        what, remains = f"Aucune répartition ne peut dépasser {most}", keuros(left)
    if plan.status == "optimal":
        return typographie(f"{what} avec ces données et ces règles : ce plan atteint ce maximum.")
    share = f" ({pourcent(plan.gap, 1)})" if plan.gap is not None else ""
    return typographie(f"{what} avec ces données et ces règles : il reste au plus {remains}{share} à gagner.")
