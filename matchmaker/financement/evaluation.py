"""The answer to a project: one function, every part with its trace.

When to modify: an answer gains a part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.baremes.rules import Call, Rules
from matchmaker.financement.appel import Appel
from matchmaker.financement.calendrier import Calendrier, calendar_of
from matchmaker.financement.eligibilite import screen
from matchmaker.financement.montants import Montants, amounts
from matchmaker.financement.partage import OrganismeShare, Partage, by_organisme, by_region
from matchmaker.financement.projet import Membre, Projet
from matchmaker.financement.rappels import INDICATIVE, Rappel, reminders
from matchmaker.financement.seuil import Existence, existence
from matchmaker.financement.sons import Sons, sons_of
from matchmaker.financement.trace import Standing, TraceLine
from matchmaker.financement.versements import Echeancier, schedule


@dataclass(frozen=True)
class Resultat:
    """``total_eur``: « montant maximal indicatif », what ``lines`` add up to; SONS is never in it.

    When the grappe does not exist (``existence.exists`` False) the amounts are those of a grappe large
    enough, and ``granted_eur`` is 0.
    """

    projet: Projet
    call: Call
    rules_version: str
    kept: tuple[Membre, ...]
    existence: Existence
    montants: Montants
    refused: tuple[TraceLine, ...]
    regions: Partage
    organismes: tuple[OrganismeShare, ...]
    echeancier: Echeancier
    calendrier: Calendrier
    sons: Sons
    rappels: tuple[Rappel, ...]
    mention: str = INDICATIVE

    @property
    def total_eur(self) -> int:
        return self.montants.total_eur

    @property
    def granted_eur(self) -> int:
        return self.total_eur if self.existence.exists else 0

    @property
    def possible_eur(self) -> int:
        """What may come besides, case by case; in no total."""
        return sum(x.amount_eur for x in self.montants.others if x.standing is Standing.POSSIBLE)

    def trace(self) -> Iterator[TraceLine]:
        """Every line: counted, possible, not counted (SONS refusals last)."""
        yield from self.montants.lines
        yield from self.montants.others
        yield from self.refused
        yield from self.sons.not_counted


def evaluate(rules: Rules, projet: Projet) -> Resultat:
    """What these rules say of this project.

    Raises
    ------
    ProjetError
        The project names an unknown call, reading or option.
    """
    appel = Appel(rules, projet)
    screened = screen(appel, projet)
    montants = amounts(appel, projet, screened.kept)
    exists = existence(appel, projet, screened.kept)
    return Resultat(
        projet=projet,
        call=appel.call,
        rules_version=rules.version,
        kept=screened.kept,
        existence=exists,
        montants=montants,
        refused=screened.lines,
        regions=by_region(appel, montants, screened.kept),
        organismes=by_organisme(montants, screened.kept),
        echeancier=schedule(appel, projet, screened.kept, montants.total_eur),
        calendrier=calendar_of(appel, projet, screened.kept),
        sons=sons_of(appel, projet),
        rappels=reminders(appel, projet, screened.kept, exists),
    )


@dataclass(frozen=True, slots=True)
class Essentials:
    """What a comparison looks at; the same values as ``evaluate`` gives."""

    total_eur: int
    existence: Existence
    calendrier: Calendrier

    @property
    def granted_eur(self) -> int:
        return self.total_eur if self.existence.exists else 0


def essentials(rules: Rules, projet: Projet) -> Essentials:
    """The amount, the existence and the windows alone: a report asks for them thousands of times.

    Raises
    ------
    ProjetError
        The project names an unknown call, reading or option.
    """
    appel = Appel(rules, projet)
    kept = screen(appel, projet).kept
    return Essentials(
        amounts(appel, projet, kept).total_eur,
        existence(appel, projet, kept),
        calendar_of(appel, projet, kept),
    )
