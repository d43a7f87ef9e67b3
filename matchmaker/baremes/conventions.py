"""What a text settles in words rather than in numbers: required or wished, per project or per porteur.

When to modify: a text settles something new (a convention the engine must obey).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from matchmaker.baremes.citations import Citation, Known, exclusive, holds
from matchmaker.baremes.strict_toml import Table


class Topic(StrEnum):
    """What is settled; the file of ``conventions/`` bears its name. The words it may take: ``WORDS``."""

    THRESHOLD_MODE = "seuil-exige"
    THRESHOLD_UNIT = "unite-du-seuil"
    MIXED_THRESHOLD = "seuil-mixte"
    SAME_SOLUTION = "meme-solution"
    SAME_HOSTING = "meme-hebergement"
    MIXED_PROJECT = "projet-mixte"
    SMALL_OG_COUNT = "decompte-petit-organisme"
    PROJECT_AIDS = "aides-de-projet"
    REGION_SHARE = "partage-multiregional"
    PILOT = "pilote-prealable"
    RETAINED_EARLIER = "supplements-seuls"
    SECOND_PAYMENT = "second-versement"
    CHAMP_FILES = "depot-par-champ"
    BEYOND_CAP = "au-dela-du-plafond"
    PORTEUR = "porteur"


WORDS: Mapping[Topic, frozenset[str]] = {
    Topic.THRESHOLD_MODE: frozenset({"exige", "souhaite"}),
    Topic.THRESHOLD_UNIT: frozenset({"esms", "organismes"}),
    Topic.MIXED_THRESHOLD: frozenset({"strict", "porteur"}),
    Topic.SAME_SOLUTION: frozenset({"toujours", "mixte"}),
    Topic.SAME_HOSTING: frozenset({"exige", "libre"}),
    Topic.MIXED_PROJECT: frozenset({"chacun", "plus-bas", "non-nomme"}),
    Topic.SMALL_OG_COUNT: frozenset({"total", "grappe"}),
    Topic.PROJECT_AIDS: frozenset({"projet", "porteur"}),
    Topic.REGION_SHARE: frozenset({"nombre-esms"}),
    Topic.PILOT: frozenset({"exige", "sans-objet"}),
    Topic.RETAINED_EARLIER: frozenset({"ouvert", "ferme"}),
    Topic.SECOND_PAYMENT: frozenset({"toutes", "dui"}),
    Topic.CHAMP_FILES: frozenset({"par-champ"}),
    Topic.PORTEUR: frozenset({"membre"}),
    Topic.BEYOND_CAP: frozenset({"non-finances", "autre-appel", "sans-objet"}),
}

_SAID = {
    "exige": "exigé",
    "souhaite": "souhaité",
    "esms": "ESMS",
    "membre": "un de ses membres",
    "strict": "le minimum le plus élevé",
    "porteur": "du porteur",
    "projet": "par projet",
    "mixte": "des seuls projets mixtes",
    "chacun": "chacun selon son besoin",
    "plus-bas": "tous au forfait le plus bas",
    "non-nomme": "non nommé",
    "total": "tous ceux de l’organisme",
    "grappe": "ceux de la grappe",
    "nombre-esms": "selon le nombre d’ESMS",
    "sans-objet": "sans objet",
    "ouvert": "oui",
    "ferme": "non",
    "toutes": "toutes",
    "dui": "celles du DUI",
    "par-champ": "un dossier par champ",
    "non-finances": "ils ne sont pas financés",
    "autre-appel": "la grappe relève de l’appel national",
}


@dataclass(frozen=True, slots=True)
class Settled:
    """One word in some calls and régions (empty: all), under ``when``; ``silent``: no document says it."""

    regimes: frozenset[str]
    regions: frozenset[str]
    when: Mapping[str, str]
    value: str
    silent: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Convention:
    topic: Topic
    label: str
    rule: str
    versions: tuple[Settled, ...]

    def settled(self, regime: str, readings: Mapping[str, str], region: str) -> Settled | None:
        """What holds there: the région's own word before the one of all régions."""
        found = [v for v in self.versions if regime in v.regimes and holds(v.when, readings)]
        local = [v for v in found if region in v.regions]
        everywhere = [v for v in found if not v.regions]
        return next(iter(local + everywhere), None)


def read_convention(table: Table, stem: str, known: Known) -> Convention | None:
    """One file of ``conventions/``."""
    topic = table.word("id", Topic)
    if topic is not None and topic.value != stem:
        table.problem("id", f"« {topic.value} » n’est pas le nom du fichier")
    label, rule = table.text("label"), known.rule(table)
    versions = [_settled(row, topic, rule, known) for row in table.tables("version")]
    table.close()
    if topic is None:
        return None
    refuse_overlaps(table, versions)
    return Convention(topic, label, rule, tuple(versions))


def _settled(table: Table, topic: Topic | None, rule: str, known: Known) -> Settled:
    value = table.text("value")
    if topic is not None and value and value not in WORDS[topic]:
        table.problem("value", f"« {value} » n’est pas un de : {', '.join(sorted(WORDS[topic]))}")
    silent = table.text("silent") if table.has("silent") else None
    settled = Settled(
        regimes=known.calls_of(table),
        regions=frozenset(table.texts("regions")),
        when=known.when(table),
        value=value,
        silent=silent,
        citations=known.citations(table, rule, required=silent is None),
    )
    table.close()
    return settled


def refuse_overlaps(table: Table, versions: Sequence[Settled]) -> None:
    for (i, one), (j, other) in combinations(enumerate(versions), 2):
        same_place = one.regions & other.regions or not (one.regions or other.regions)
        if one.regimes & other.regimes and same_place and not exclusive(one.when, other.when):
            table.problem(f"version[{i}] et version[{j}]", "deux mots pour le même appel au même endroit")


def said(word: str) -> str:
    """The word of a convention as people read it: "exige" -> "exigé"."""
    return _SAID.get(word, word)
