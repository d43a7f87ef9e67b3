"""What a project must also know: obligations without an amount, and what remains to be said or confirmed.

When to modify: a rule without an amount concerns a project by a new criterion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import Topic
from matchmaker.baremes.exclusions import Trait
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.rules import Kind, Level
from matchmaker.financement.appel import Appel
from matchmaker.financement.montants import is_mixed
from matchmaker.financement.projet import Membre, Projet
from matchmaker.financement.seuil import Existence

INDICATIVE = "Montant maximal indicatif, sous réserve de la décision de l’ARS."


@dataclass(frozen=True, slots=True)
class Rappel:
    """One thing to know; ``readings``: disputed readings it comes from."""

    rule: str
    sentence: str
    readings: tuple[str, ...]
    citations: tuple[Citation, ...]


def reminders(appel: Appel, projet: Projet, kept: Sequence[Membre], exists: Existence) -> tuple[Rappel, ...]:
    """In the order in which a project meets them."""
    return (
        *_disputed(appel, projet, kept, exists),
        *_shared(appel, projet, kept),
        *_interoperability(appel, kept),
        *_places(appel, kept),
        *_file(appel, kept),
    )


def _disputed(appel: Appel, projet: Projet, kept: Sequence[Membre], exists: Existence) -> Iterator[Rappel]:
    """Readings that touch this very project."""
    touched = _touched(appel, projet, kept, exists)
    for contradiction in appel.rules.contradictions:
        if not contradiction.variant or appel.call.id not in contradiction.regimes:
            continue
        if contradiction.id not in touched or projet.home_region in contradiction.settled_in:
            continue
        sentence = f"Lecture discutée {contradiction.id} : {contradiction.question} {contradiction.taken}"
        quotes = tuple(o.citation for o in contradiction.options if o.citation is not None)
        yield Rappel(contradiction.rules[0], sentence, (contradiction.id,), quotes)


def _touched(appel: Appel, projet: Projet, kept: Sequence[Membre], exists: Existence) -> frozenset[str]:
    """Ids of contradictions whose subject occurs in this project (its options may pay the same)."""
    found = set(exists.readings)
    if any(m.need is FundedNeed.RENOUVELLEMENT for m in kept):
        found.add("K07")
    if is_mixed(kept):
        found.add("K27")
    border = [v.value for m, v in appel.measures if m.bound is not None and m.bound.value == "small_og"]
    if any(projet.organismes[m.organisme].esms_total in border for m in kept):
        found.add("K01")
    if exists.counted == exists.required and appel.call.level is Level.NATIONAL:
        found.add("K05")
    return frozenset(found)


def _shared(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> Iterator[Rappel]:
    carrier = appel.settled(Topic.PORTEUR)
    if projet.porteur is None:
        words = "Un des membres sera le porteur : il signe la convention avec l’ARS."
        yield Rappel("R14", words, (), carrier.citations)
    hosting = appel.settled(Topic.SAME_HOSTING)
    if hosting.value == "exige":
        yield Rappel(
            "R32", "Tous les membres ont le même mode d’hébergement.", tuple(hosting.when), hosting.citations
        )
    solution = appel.settled(Topic.SAME_SOLUTION)
    if solution.value == "toujours" or is_mixed(kept):
        yield Rappel(
            "R31", "Tous les membres ont la même solution.", tuple(solution.when), solution.citations
        )
    mixed = appel.settled(Topic.MIXED_PROJECT)
    if is_mixed(kept) and mixed.silent is not None:
        yield Rappel("R30", mixed.silent, tuple(mixed.when), mixed.citations)
    pilot = appel.settled(Topic.PILOT)
    if pilot.value == "exige" and any(m.need is FundedNeed.GENERALISATION for m in kept):
        words = "La généralisation vient après un projet pilote, qui a acquis ou mis aux normes la solution."
        yield Rappel("R08", words, tuple(pilot.when), pilot.citations)
    share = appel.settled(Topic.REGION_SHARE)
    if len(projet.regions) > 1 and share.silent is not None:
        yield Rappel("R10", share.silent, (), share.citations)


def _interoperability(appel: Appel, kept: Sequence[Membre]) -> Iterator[Rappel]:
    socles = next((e for e in appel.rules.exclusions if e.fewer_socles_than is not None), None)
    if socles is not None and appel.call.id in socles.regimes:
        unsaid = sum(1 for m in kept if Trait.MEDICALISED in m.traits and m.socles is None)
        if unsaid:
            words = f"{unsaid} ESMS médicalisés ne disent pas encore leurs services socles : "
            yield Rappel(socles.rule, words + socles.sentence + ".", (), socles.citations)
        regions = {m.region for m in kept if Trait.MEDICALISED not in m.traits}
        for platform in appel.rules.platforms:
            if platform.region in regions:
                words = f"Les ESMS non médicalisés peuvent s’interfacer avec {platform.name}."
                yield Rappel(platform.rule, words, (), platform.citations)


def _places(appel: Appel, kept: Sequence[Membre]) -> Iterator[Rappel]:
    here = {m.region for m in kept}
    for link in appel.rules.links:
        if here & link.regions:
            yield Rappel(
                link.rule, f"Projet de plusieurs régions possible : {link.label}.", (), link.citations
            )


def _file(appel: Appel, kept: Sequence[Membre]) -> Iterator[Rappel]:
    champs = sorted({m.champ.value for m in kept})
    files = appel.settled(Topic.CHAMP_FILES)
    if len(champs) > 1:
        words = f"Un dossier par champ ({', '.join(champs)}) se dépose sur PAI numérique."
        yield Rappel("R22", words, ("K24",), files.citations)
    for rule_id in ("R42", "R41", "R24", "R59"):
        rule = appel.rules.rule_by_id.get(rule_id)
        if rule is not None and rule.explanation is not None and _concerns(rule_id, appel):
            yield Rappel(rule_id, f"{rule.label}. {rule.explanation}", (), rule.citations)


def _concerns(rule_id: str, appel: Appel) -> bool:
    """A rule is recalled where a document of the call itself carries its words."""
    own = {c.document.id for c in appel.call.citations}
    own |= {c.document.id for _, v in appel.of_kind(Kind.FORFAIT) for c in v.citations}
    return any(c.document.id in own for c in appel.rules.rule_by_id[rule_id].citations)
