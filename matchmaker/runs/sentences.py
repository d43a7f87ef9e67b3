"""What pages and the terminal say of a run, in French.

When to modify: a word of these pages changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matchmaker.baremes import shipped_rules
from matchmaker.runs.comparison.asked import place_of
from matchmaker.runs.parts.reading import PartStanding
from matchmaker.runs.prices.asked import rule_of
from matchmaker.runs.prices.wording import under_way
from matchmaker.runs.reading import Event, Standing
from matchmaker.runs.tables import EventKind, State
from matchmaker.web.formats import duree, euros, keuros, km, nombre, pluriel, pourcent
from solver.scale import Scale
from solver.vocabulary import Objective, Territory

_STATES: Mapping[State, tuple[str, str]] = {
    # state -> (shape of the status vocabulary, word)
    State.QUEUED: ("hrl", "En attente"),
    State.RUNNING: ("demi", "En cours"),
    State.DONE: ("ok", "Terminé"),
    State.STOPPED: ("lock", "Arrêté"),
    State.FAILED: ("err", "Échoué"),
}
FAR = 1.0  # a gap from which on nothing sensible is known yet
_TERRITORIES: Mapping[Territory, str] = {
    Territory.REGION: "même région que le porteur",
    Territory.DEPARTEMENT: "même département que le porteur",
    Territory.NONE: "sans limite de territoire",
}
# reading that a run is told by name -> what it is about, words of each choice
_READINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "K01": ("petit organisme", {"lt15": "moins de 15 ESMS", "le15": "15 ESMS au plus"}),
    "K07": (
        "renouvellement",
        {"acquisition": "payé comme une acquisition", "mise_en_conformite": "comme une mise en conformité"},
    ),
    "K10": (
        "aide à la procédure d’achat",
        {"counted": "comptée aussi pour PDS, PDE, AHI et PJM", "not_counted": "comptée pour PA, PH et DOM"},
    ),
}


def state_word(state: State) -> str:
    return _STATES[state][1]


def state_shape(state: State) -> str:
    return _STATES[state][0]


def part_word(part: PartStanding) -> str:
    """Where a part of a divided run stands."""
    if part.state is State.QUEUED and part.attempt:
        return "À reprendre"
    return {
        State.RUNNING: "En cours" if part.attempt == 1 else "Reprise",
        State.DONE: "Terminée",
        State.STOPPED: "Arrêtée",
        State.FAILED: "Échouée",
    }.get(part.state, state_word(part.state))


def value_text(objective: str, value: int) -> str:
    """``5 214,0 k€`` or ``142 ESMS``, by what the run maximises."""
    return f"{nombre(value)}\u00a0ESMS" if objective == Objective.COVERAGE else keuros(value)


def unit_sentence(objective: str) -> str:
    """What the figures of the chart are."""
    coverage = objective == Objective.COVERAGE
    return "En nombre d’ESMS placés." if coverage else "Montants maximaux indicatifs, en k€."


def gap_text(gap: float) -> str:
    """In per cent; a bound of twice the value or more only says that the search has just begun."""
    return pourcent(gap, 1) if gap < FAR else "pas encore connu"


def headline(run: Standing) -> str:
    """The answer of the page in one or two sentences."""
    value, bound = run.objective_value, run.upper_bound
    if run.state is State.FAILED:
        return "Le calcul a échoué."
    if run.state is State.QUEUED and run.attempt == 0:
        return "Le calcul attend son tour."
    if run.state is State.STOPPED and not run.attempt:
        return "Le calcul a été arrêté avant d’avoir commencé."
    if value is None:
        limit = "" if bound is None else f" Aucun ne peut dépasser {_bound_words(run.objective, bound)}."
        return f"Aucun plan trouvé pour l’instant.{limit}"
    found = _value_words(run.objective, value)
    if bound is None:
        return f"Le plan trouvé {found}."
    if bound == value:
        return f"Le plan trouvé {found}. Aucun autre ne fait mieux : c’est prouvé."
    return f"Le plan trouvé {found}. Aucun autre ne peut dépasser {_bound_words(run.objective, bound)}."


def _value_words(objective: str, value: int) -> str:
    text = value_text(objective, value)
    return f"place {text}" if objective == Objective.COVERAGE else f"vaut {text}"


def _bound_words(objective: str, bound: int) -> str:
    return value_text(objective, bound)


def left_to_gain(run: Standing) -> tuple[str, str] | None:
    """(``178,0 k€``, ``3,3 %``): what a better plan could still bring; None when unknown, or nothing."""
    if run.objective_value is None or run.upper_bound is None or run.gap is None:
        return None
    if run.gap >= FAR:
        return None
    left = run.upper_bound - run.objective_value
    return (value_text(run.objective, left), gap_text(run.gap)) if left > 0 else None


def asked_lines(question: Mapping[str, Any], scale: Scale) -> list[tuple[str, str]]:
    """What a run is asked, as (label, words); ``question`` is that of ``reading.question``."""
    parameters = question["parameters"]
    radius, budget = parameters.get("max_radius_km"), parameters.get("budget_eur")
    lines = [
        ("Objectif", _objective(parameters)),
        ("Règles", _regime(question["regime"])),
        ("Réponses complètes", _answers(question)),
        ("Taille", _size(parameters, scale)),
        ("Solution", "la même pour toute la grappe"),
        ("Hébergement", "le même" if parameters.get("same_hosting", True) else "au choix de chaque ESMS"),
        ("Rayon", "sans limite" if radius is None else f"{km(radius)} autour du porteur"),
        ("Territoire", _TERRITORIES[Territory(parameters.get("territory", "region"))]),
        ("Budget", "sans limite" if budget is None else f"{euros(budget)} au plus"),
    ]
    if parameters.get("min_slack"):
        lines.append(("Marge", f"{parameters['min_slack']} ESMS de plus que le minimum dans chaque grappe"))
    if parameters.get("max_grappes") is not None:
        lines.append(("Nombre de grappes", f"{nombre(parameters['max_grappes'])} au plus"))
    locks = _locks(question["constraints"])
    if locks:
        lines.append(("Contraintes", locks))
    if question.get("previous"):
        lines.append(("Plan de référence", _reference(question)))
    lines += _readings(question["regime"], parameters.get("readings") or {})
    lines += _engine_readings(question.get("engine_readings") or {})
    return lines


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run; ``state``: ``ok``, ``cours``, ``avenir`` or ``err``."""

    name: str
    state: str
    word: str


def steps(run: Standing, first_bound_s: float | None, parts: Sequence[PartStanding] = ()) -> list[Step]:
    """The four steps of a run and where it stands in them; ``parts``: those of a divided one."""
    names = (
        f"Lecture : {nombre(run.esms_count)}\u00a0réponses",
        "Première borne",
        "Recherche de plans",
        "Contrôle et explications",
    )
    if run.proposal_id is not None or run.state is State.DONE:
        done = 4
    elif run.phase == "explanation":
        done = 3
    elif run.upper_bound is not None:
        done = 2
        place, rule = place_of(run.phase), rule_of(run.phase)
        if rule is not None:
            told = f"Règle par règle : {rule[0]} sur {rule[1]}, {under_way(rule[2])}"
            names = (*names[:2], told, names[3])
        elif place is not None:
            names = (*names[:2], f"Recherche de plans : {place[0]} sur {place[1]}", names[3])
        elif parts:
            over = sum(part.state.is_final for part in parts)
            done = 3 if over == len(parts) else 2
            told = f"Recherche de plans : {pluriel(over, 'partie')} sur {len(parts)}"
            names = (*names[:2], told, names[3])
    else:
        done = 1 if run.phase not in (None, "reading") else 0
    states = ["ok"] * done + ["avenir"] * (4 - done)
    if done < 4 and run.state is State.RUNNING:
        states[done] = "cours"
    elif done < 4 and run.state is State.FAILED:
        states[done] = "err"
    to_come = "non fait" if run.state.is_final else "à venir"
    words = {"ok": "fait", "cours": "en cours", "avenir": to_come, "err": "interrompu"}
    found = [Step(name, state, words[state]) for name, state in zip(names, states, strict=True)]
    if done >= 2 and first_bound_s is not None:
        found[1] = replace(found[1], word=duration_text(first_bound_s))
    return found


def event_text(event: Event) -> str:
    """A line of the run's journal."""
    attempt = event.attempt
    if event.part is not None:
        return f"Partie {event.part} : {_part_text(event)}"
    return {
        EventKind.CREATED: "Calcul demandé, mis en file d’attente.",
        EventKind.CLAIMED: f"Pris par le programme de calcul {event.worker}, tentative {attempt}.",
        EventKind.RELEASED: f"Le programme de calcul {event.worker} s’arrête : calcul remis en file.",
        EventKind.LOST: f"Plus de nouvelles du programme de calcul {event.worker} (tentative {attempt}).",
        EventKind.REQUEUED: "Message perdu : calcul remis en file d’attente.",
        EventKind.DIVIDED: "Divisé en parties qui n’ont aucun ESMS en commun : chaque programme de calcul en "
        "prend une, puis la suivante.",
        EventKind.GATHERED: "Toutes les parties sont calculées : le plan d’ensemble est à contrôler.",
        EventKind.STOP_REQUESTED: "Arrêt demandé.",
        EventKind.DONE: "Terminé : le plan a été contrôlé et enregistré.",
        EventKind.STOPPED: "Arrêté : le meilleur plan a été contrôlé et enregistré."
        if attempt
        else "Arrêté avant d’avoir commencé.",
        EventKind.FAILED: "Échoué.",
    }[event.kind]


def _part_text(event: Event) -> str:
    """What happened to one part of a divided run."""
    return {
        EventKind.CLAIMED: f"prise par le programme de calcul {event.worker}, tentative {event.attempt}.",
        EventKind.RELEASED: f"le programme de calcul {event.worker} s’arrête, elle est remise en file.",
        EventKind.LOST: f"plus de nouvelles du programme de calcul {event.worker} "
        f"(tentative {event.attempt}).",
        EventKind.REQUEUED: "message perdu, elle est remise en file.",
        EventKind.DONE: "calculée.",
        EventKind.STOPPED: "arrêtée, le meilleur trouvé est gardé.",
        EventKind.FAILED: "échouée.",
    }.get(event.kind, state_word(State.QUEUED))


def duration_text(seconds: float) -> str:
    """``2 min``: a length of run, as offered and shown."""
    return duree(max(10, seconds)) if seconds >= 10 else f"{nombre(seconds)}\u00a0s"


def _objective(parameters: Mapping[str, Any]) -> str:
    if parameters.get("objective") == Objective.COVERAGE:
        return "placer le plus d’ESMS possible"
    return "financement maximal"


def _reference(question: Mapping[str, Any]) -> str:
    weight = question["parameters"].get("stability_eur_per_esms") or 0
    words = pluriel(question["previous"], "grappe à garder si possible", "grappes à garder si possible")
    return f"{words}, {euros(weight)} par ESMS qui y reste"


def _answers(question: Mapping[str, Any]) -> str:
    words = f"{nombre(question['esms'])}\u00a0ESMS"
    count = question.get("organismes")
    return words if count is None else f"{words} de {pluriel(count, 'organisme')}"


def _size(parameters: Mapping[str, Any], scale: Scale) -> str:
    least, most = parameters.get("min_size"), parameters.get("max_size") or scale.max_size
    if least is None:
        lower = set(scale.min_size_by_region.values())
        words = f"{scale.min_size} ESMS au moins"
        if lower:
            words += f" ({min(lower)} en Corse et outre-mer)"
    else:
        words = f"{least} ESMS au moins"
    return words if most is None else f"{words}, {most} au plus"


def _locks(constraints: Mapping[str, int]) -> str:
    words = {
        "excluded": ("ESMS exclu", "ESMS exclus"),
        "apart": ("paire d’organismes à séparer", "paires d’organismes à séparer"),
        "together": ("paire d’organismes à garder ensemble", "paires d’organismes à garder ensemble"),
        "fixed_grappes": ("grappe conservée", "grappes conservées"),
    }
    return ", ".join(
        pluriel(constraints[kind], *both) for kind, both in words.items() if constraints.get(kind)
    )


def _readings(regime: str, chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    concerned = {c.id for c in shipped_rules().contradictions if regime in c.regimes}
    return [
        (f"Lecture {reading}", f"{subject} : {words[chosen[reading]]}")
        for reading, (subject, words) in _READINGS.items()
        if reading in chosen and reading in concerned
    ]


def _engine_readings(chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    """Those that are not as proposed: they count when the plan is recomputed, not in the search."""
    return [
        (f"Lecture {c.id}", f"{option.label}, dans les montants recalculés du plan")
        for c in shipped_rules().contradictions
        for option in c.options
        if option.id == chosen.get(c.id) and option.id != c.default
    ]


def _regime(regime: str) -> str:
    return next(text.label for text in shipped_rules().regimes if text.regime.value == regime)
