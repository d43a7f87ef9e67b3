"""Acts of the journal as a person reads them.

When to modify: a feature records a new kind of act.
"""

from __future__ import annotations

from collections.abc import Mapping

from matchmaker.web.formats import nombre

# Acts that are not here are shown by their name: nothing is hidden for lack of a sentence.
ACTIONS: Mapping[str, str] = {
    "compte.creer": "Compte ouvert",
    "compte.connecter": "Connexion",
    "compte.deconnecter": "Déconnexion de tous les navigateurs",
    "compte.modifier": "Nom modifié",
    "compte.motdepasse": "Mot de passe choisi",
    "compte.relier": "Identité professionnelle reliée au compte",
    "compte.effacer": "Compte effacé",
    "consentement.donner": "Accord donné",
    "consentement.retirer": "Accord retiré",
    "role.donner": "Rôle donné",
    "role.retirer": "Rôle retiré",
    "invitation.envoyer": "Invitation envoyée",
    "invitation.accepter": "Invitation acceptée",
    "invitation.retirer": "Invitation retirée",
    "rattachement.demander": "Rattachement à un organisme demandé",
    "rattachement.accepter": "Rattachement accepté",
    "rattachement.refuser": "Rattachement refusé",
    "domaine.approuver": "Domaine de messagerie approuvé",
    "domaine.retirer": "Domaine de messagerie retiré",
    "campagne.creer": "Campagne créée",
    "campagne.modifier": "Paramètres de la campagne modifiés",
    "campagne.echeance": "Jour où les réponses sont attendues, modifié",
    "campagne.inviter": "ESMS du registre ajoutés à la campagne",
    "campagne.demonstration": "Campagne de démonstration créée",
    "lectures.accepter": "Lectures discutées acceptées",
    "lecture.changer": "Lecture discutée changée",
    "besoin.modifier": "Réponse d’un ESMS modifiée",
    "besoins.importer": "Fichier de besoins importé",
    "calcul.lancer": "Calcul lancé",
    "calcul.relancer": "Calcul relancé après un échec",
    "calcul.arreter": "Arrêt d’un calcul demandé",
    "organisme.corriger": "Nombre d’ESMS d’un organisme corrigé",
    "grappe.conserver": "Grappe conservée pour les prochains calculs",
    "grappe.liberer": "Grappe plus conservée",
    "grappe.ouvrir": "Grappe ouverte par un organisme",
    "grappe.demander": "Entrée dans une grappe demandée",
    "grappe.retirer": "Demande d’entrée retirée",
    "grappe.accepter": "Entrée dans une grappe acceptée",
    "grappe.refuser": "Demande d’entrée laissée sans suite",
    "grappe.quitter": "Départ d’une grappe",
    "grappe.modifier": "Offre d’une grappe modifiée",
    "grappe.porteur": "Porteur d’une grappe : disponibilité modifiée",
    "grappe.proposer": "Grappe proposée à l’équipe régionale",
    "reference.choisir": "Plan de référence choisi",
    "reference.retirer": "Plan de référence retiré",
    "campagne.archiver": "Campagne archivée",
    "campagne.rouvrir": "Campagne rouverte",
    "campagne.supprimer": "Campagne supprimée",
    "esms.preciser": "Précisions d’un ESMS modifiées par son organisme",
    "og.confirmer": "Liste des ESMS d’un organisme confirmée par lui",
    "og.importer": "Réponses d’un organisme reçues dans son fichier",
    "og.rejoindre": "ESMS ajoutés à la campagne par leur organisme",
    "esms.retirer": "ESMS retiré de la campagne",
    "esms.saisir": "ESMS saisi à la main",
    "esms.exclure": "ESMS exclu des calculs",
    "esms.reintegrer": "ESMS réintégré dans les calculs",
    "paire.ajouter": "Lien entre deux organismes ajouté",
    "paire.retirer": "Lien entre deux organismes retiré",
    "partenaire.interet": "Intérêt signalé pour un partenaire possible",
    "partenaire.retirer": "Intérêt retiré",
    "partenaire.ecarter": "Partenaire possible écarté",
    "partenaire.reprendre": "Partenaire possible affiché de nouveau",
    "partenaire.clore": "Mise en relation close",
    "plan.publier": "Plan publié aux organismes et à l’ARS",
    "plan.retirer": "Plan retiré aux organismes et à l’ARS",
    "appui.demander": "Appui demandé par un organisme",
    "appui.repondre": "Demande d’appui suivie",
    "plan.importer": "Plan importé",
    "registre.importer": "Fichier d’établissements importé",
    "solution.declarer": "Solution déclarée ou précisée",
    "solutions.ajouter": "Solutions de la liste ajoutées",
}
OBJECTS: Mapping[str, str] = {
    "campaign": "campagne",
    "run": "calcul",
    "proposal": "plan",
    "account": "compte",
    "organisme": "organisme",
    "import": "import",
}
ACTORS: Mapping[str, str] = {
    "local": "Poste local",
    "domaine": "Domaine de messagerie approuvé",
    "conservation": "Durée de conservation",
}


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
    "avant": "auparavant",
    "champs": "modifié",
    "duree_s": "durée en secondes",
    "esms": "ESMS",
    "etat": "réponse",
    "regime": "régime",
    "statut": "statut Ségur",
}
# Words kept as identifiers in the trail, by the detail they are in: an ESMS may well be named « together ».
VALUES: Mapping[str, Mapping[str, str]] = {
    "besoin": {"montee_de_version": "montée de version"},
    "champs": {
        "name": "nom",
        "regime": "régime",
        "parameters": "paramètres",
        "readings": "lectures discutées",
        "envelope_eur": "enveloppe annoncée",
    },
    "etat": {"complete": "complète", "partial": "incomplète", "missing": "sans réponse"},
    "lien": {"apart": "à séparer", "together": "à garder ensemble"},
    "regime": {
        "amorcage-2021": "Amorçage 2021",
        "generalisation-2022": "Généralisation 2022",
        "generalisation-2022-national": "Généralisation 2022, national",
    },
    "statut": {"referenced": "référencée", "not_referenced": "non référencée", "unknown": "inconnu"},
}


def detail(name: str, value: object) -> str:
    """One detail of an act: ``("lien", "apart")`` -> ``lien : à séparer``."""
    words = VALUES.get(name, {})
    if value is None:
        told = "inconnu"
    elif isinstance(value, int):
        told = nombre(value)
    else:
        told = ", ".join(words.get(part, part) for part in str(value).split(", "))
    return f"{DETAILS.get(name, name)} : {told}"
