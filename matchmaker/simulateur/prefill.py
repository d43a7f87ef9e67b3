"""A FINESS number asked of the register: why it gives nothing, or the answers it stands for.

When to modify: the register can answer another question of the simulator.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from matchmaker.baremes.needs import FundedNeed
from matchmaker.register.finess_number import Holding, compact, holding, is_finess, latest_snapshot
from matchmaker.simulateur.questions import NEEDS, count_name
from matchmaker.web.formats import date, finess
from solver.vocabulary import Champ

LENGTH = 9


def asked(session: Session, typed: str) -> tuple[Holding | None, str | None]:
    """What the register holds of what was typed, or the sentence that says why nothing."""
    number = compact(typed)
    if not is_finess(number):
        return None, _not_a_number(typed, number)
    found = holding(session, number)
    sentence = unknown(session, number, found)
    return (found, None) if sentence is None else (None, sentence)


def unknown(session: Session, number: str, found: Holding | None) -> str | None:
    """Why nothing can be prefilled from a well-formed number; None: it can."""
    if found is None:
        day = latest_snapshot(session)
        if day is None:
            return f"FINESS {finess(number)} : inconnu, le registre de ce service ne contient aucun import."
        return f"FINESS {finess(number)} : inconnu du registre de ce service (extraction du {date(day)})."
    if found.closed_on is not None:
        return f"« {found.name} » est fermé depuis le {date(found.closed_on)}, d’après le registre."
    if not found.counts:
        return f"Le registre ne connaît aucun ESMS ouvert de « {found.name} »."
    return None


def answers(found: Holding) -> dict[str, str]:
    """The fields of the form that a number fills: its ESMS as first acquisitions, its région, its size."""
    empty = {count_name(champ, need): "" for champ in Champ for need in NEEDS}
    counts = {count_name(champ, FundedNeed.ACQUISITION): str(n) for champ, n in found.counts.items()}
    return {**empty, **counts, "region": found.region, "total": str(found.esms_total)}


def source_sentence(found: Holding) -> str:
    """Whose ESMS were counted, from what, of which day."""
    here = sum(found.counts.values())
    if found.juridique:
        elsewhere = f", et {found.elsewhere} dans d’autres régions" if found.elsewhere else ""
        counted = f"« {found.name} » : {here} ESMS ouverts dans le registre{elsewhere}"
    else:
        own = f"« {found.name} », 1 ESMS de « {found.organisme} »"
        counted = f"{own}, qui en compte {found.esms_total} ouverts dans le registre"
    day = f" ({found.source}, extraction du {date(found.snapshot_date)})" if found.snapshot_date else ""
    drawn = " Données tirées au sort pour la démonstration." if found.fictitious else ""
    # two legal entities of one name may be mixed
    by_name = "" if found.organisme_finess else " Organisme connu par son nom seul : vérifiez sa taille."
    return f"{counted}{day}.{by_name}{drawn}"


def _not_a_number(typed: str, number: str) -> str:
    if len(number) != LENGTH:
        return f"Un numéro FINESS compte {LENGTH} caractères : vous en avez saisi {len(number)}."
    return f"« {typed.strip()} » n’est pas un numéro FINESS : 9 chiffres, le deuxième peut être une lettre."
