"""Acts of the journal as a person reads them.

When to modify: a feature records a new kind of act.
"""

from __future__ import annotations

from collections.abc import Mapping

# Acts that are not here are shown by their name: nothing is hidden for lack of a sentence.
ACTIONS: Mapping[str, str] = {
    "campagne.creer": "Campagne créée",
    "campagne.modifier": "Paramètres de la campagne modifiés",
    "campagne.inviter": "ESMS du registre ajoutés à la campagne",
    "campagne.demonstration": "Campagne de démonstration créée",
    "besoin.modifier": "Réponse d’un ESMS modifiée",
    "besoins.importer": "Fichier de besoins importé",
    "calcul.lancer": "Calcul lancé",
    "calcul.relancer": "Calcul relancé après un échec",
    "calcul.arreter": "Arrêt d’un calcul demandé",
    "organisme.corriger": "Nombre d’ESMS d’un organisme corrigé",
    "esms.saisir": "ESMS saisi à la main",
    "esms.exclure": "ESMS exclu des calculs",
    "esms.reintegrer": "ESMS réintégré dans les calculs",
    "paire.ajouter": "Lien entre deux organismes ajouté",
    "paire.retirer": "Lien entre deux organismes retiré",
    "plan.importer": "Plan importé",
    "registre.importer": "Fichier d’établissements importé",
    "solution.declarer": "Solution déclarée ou précisée",
    "solutions.ajouter": "Solutions de la liste ajoutées",
}
OBJECTS: Mapping[str, str] = {"campaign": "campagne", "run": "calcul", "proposal": "plan"}
ACTORS: Mapping[str, str] = {"local": "Poste local"}


def object_name(object_: str) -> str:
    """``campaign:7`` -> ``campagne 7``."""
    kind, _sep, number = object_.partition(":")
    return f"{OBJECTS.get(kind, kind)} {number}".strip()


DETAILS: Mapping[str, str] = {
    "added": "nouvelles",
    "changed": "modifiées",
    "unchanged": "inchangées",
    "refused": "refusées",
    "apres": "après le calcul",
    "duree_s": "durée en secondes",
}
