"""The words a person reads and types for what a campaign holds.

When to modify: a word of the interface changes; the needs files and their documentation follow it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

NEEDS: Mapping[str, str] = {
    "acquisition": "acquisition",
    "renouvellement": "renouvellement",
    "montee_de_version": "montée de version",
    "aucun": "aucun",
}
NEED_HELP: Mapping[str, str] = {
    "acquisition": "l’ESMS n’a pas de DUI et en veut un",
    "renouvellement": "l’ESMS remplace son DUI",
    "montee_de_version": "l’ESMS garde son DUI, dans une version plus récente",
    "aucun": "l’ESMS ne demande rien dans cette campagne",
}
HOSTING: Mapping[str, str] = {
    "saas": "SaaS éditeur (HDS)",
    "shared": "chez un tiers (GCS, GIP)",
    "on_premise": "sur site",
}
# What people also type.
HOSTING_SYNONYMS: Mapping[str, str] = {
    "saas": "saas",
    "saas editeur": "saas",
    "saas editeur (hds)": "saas",
    "tiers": "shared",
    "chez un tiers": "shared",
    "chez un tiers (gcs, gip)": "shared",
    "mutualise": "shared",
    "shared": "shared",
    "sur site": "on_premise",
    "on_premise": "on_premise",
}
CHAMPS: Mapping[str, str] = {
    "PA": "personnes âgées",
    "PH": "personnes handicapées",
    "DOM": "domicile",
    "PDS": "personnes en difficultés spécifiques",
    "PDE": "protection de l’enfance",
    "AHI": "accueil, hébergement, insertion",
    "PJM": "protection juridique des majeurs",
}
SEGUR: Mapping[str, str] = {
    "referenced": "référencée Ségur",
    "not_referenced": "non référencée Ségur",
    "unknown": "statut Ségur inconnu, compté comme non référencée",
}
COMPLETENESS: Mapping[str, str] = {
    "complete": "Complète",
    "partial": "Incomplète",
    "missing": "Sans réponse",
}
POSITIONS: Mapping[str, str] = {
    "surveyed": "position donnée par FINESS",
    "address": "position de l’adresse",
    "commune": "position approchée : centre de la commune",
}
# Fields of an answer, inside a sentence.
FIELDS: Mapping[str, str] = {
    "need": "le besoin",
    "current_solution": "le DUI actuel",
    "accepted_solutions": "les DUI acceptés",
    "accepted_hosting": "les hébergements acceptés",
}


def said(field: str, value: object, solutions: Mapping[str, str]) -> str:
    """The value of a field of an answer in words; ``solutions``: code -> name."""
    if field == "can_be_porteur":
        return "oui" if value else "non"
    if value is None:
        return "pas de réponse"
    if field == "need":
        return NEEDS[str(value)]
    names = solutions if field in ("current_solution", "accepted_solutions") else HOSTING
    if value == "any":
        return "tout"
    if isinstance(value, tuple):
        return ", ".join(names.get(str(one), str(one)) for one in value) or "rien"
    return names.get(str(value), str(value)) if field == "current_solution" else str(value)


def plain(text: str) -> str:
    """Text as it is compared: no accents, no case, single spaces, straight apostrophes."""
    flat = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe"))
    return " ".join("".join(c for c in flat if not unicodedata.combining(c)).casefold().split())


# What a disputed reading bears on, as the head of a group.
STAKES: Mapping[str, str] = {
    "montant": "Ce qui change un montant",
    "eligibilite": "Ce qui décide si une grappe peut exister",
    "compatibilite": "Ce qui décide qui peut être avec qui",
    "calendrier": "Ce qui change une date",
}
# What a run makes of a reading, where it is not told by its very name.
READING_NOTES: Mapping[str, str] = {
    "K02": "Le calcul garde le nombre du régime tant que la campagne ne fixe pas elle-même un nombre minimal "
    "plus bas, dans ses paramètres.",
    "K03": "C’est aussi le paramètre « Un seul mode d’hébergement par grappe » : l’un suit l’autre.",
    "K29": "Avec « 15 partout », le calcul exige 15 ESMS de chaque grappe, à moins que la campagne ne fixe "
    "elle-même un nombre minimal.",
}
