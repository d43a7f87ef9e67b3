"""What was asked, in the simulator's words.

When to modify: the simulator asks something more.
"""

from __future__ import annotations

from dataclasses import replace

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.needs import FundedNeed
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.seuil import Existence, Status
from matchmaker.reference.territories import regions
from matchmaker.simulateur.questions import Simulation, projet_of
from matchmaker.web.formats import date, euros, nombre

NEED_LABELS = {
    FundedNeed.ACQUISITION: "premier DUI",
    FundedNeed.RENOUVELLEMENT: "remplacement",
    FundedNeed.MONTEE_DE_VERSION: "montée de version",
    FundedNeed.GENERALISATION: "généralisation",
    FundedNeed.SUPPLEMENTS: "aides seules",
}
_SEGUR = {True: "référencée Ségur", False: "non référencée", None: "de statut Ségur inconnu"}


def main_kind_of(simulation: Simulation) -> str:
    """« personnes âgées, premier DUI »."""
    champ, need = simulation.main_kind
    return f"{CHAMPS[champ.value]}, {NEED_LABELS[need]}"


def question_of(simulation: Simulation) -> str:
    """What was asked, in a sentence that a printed result can stand on."""
    kinds = [
        f"{CHAMPS[champ.value]}, {NEED_LABELS[need]} ({count})"
        for (champ, need), count in simulation.counts.items()
    ]
    parts = [
        f"appel « {shipped_rules().call_by_id[simulation.regime].label} »",
        regions()[simulation.region].name,
        f"{nombre(simulation.own)} ESMS : {', '.join(kinds)}",
        f"organisme de {nombre(simulation.esms_total)} ESMS en tout",
        f"solution {_SEGUR[simulation.referenced]}",
    ]
    if simulation.partners:
        small = f", dont {nombre(simulation.small_partners)} de petits organismes"
        parts.append(
            f"{nombre(simulation.partners)} ESMS d’autres organismes"
            + (small if simulation.small_partners else "")
        )
    if simulation.deposit is not None:
        parts.append(f"dépôt le {date(simulation.deposit)}")
    if simulation.pilot is not None:
        parts.append("projet pilote déjà mené" if simulation.pilot else "sans projet pilote")
    if simulation.readings:
        chosen = ", ".join(f"{k} = {option}" for k, option in sorted(simulation.readings.items()))
        parts.append(f"lectures choisies : {chosen}")
    return " ; ".join(parts) + "."


def verdict_detail(existence: Existence) -> str:
    """The sentence below the heading, which says already how many are missing."""
    if existence.status is not Status.TOO_SMALL:
        return existence.sentence
    detail = existence.sentence.partition(" : ")[2]
    return detail[:1].upper() + detail[1:]


def unknown_solution(simulation: Simulation, total_eur: int) -> str | None:
    """Between what the total lies while nobody knows which solution it will be; None: it is known."""
    if simulation.referenced is not None:
        return None
    counted = "Solution inconnue : comptée comme non référencée Ségur"
    other = evaluate(shipped_rules(), projet_of(replace(simulation, referenced=True))).total_eur
    if other == total_eur:
        return f"{counted} ; référencée, le total serait le même."
    low, high = sorted((total_eur, other))
    return f"{counted}. Référencée : {euros(other)}. Toute la grappe : de {euros(low)} à {euros(high)}."


def announced(resultat: Resultat) -> str:
    """What a screen reader says of a new answer, in a breath."""
    return f"{resultat.existence.sentence} Toute la grappe : {euros(resultat.total_eur)} au plus."
