"""Why an ESMS brings nothing: each reason with the words that carry it.

When to modify: a text refuses an ESMS for something it did not look at before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.baremes.citations import Citation, Known
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.quotes import says_count
from matchmaker.baremes.strict_toml import Table
from solver.vocabulary import Champ


class Prior(StrEnum):
    """What an ESMS already had: a project of the first call of 2020, of a later call, a SONS order."""

    TEMPS_1 = "temps_1"
    DUI = "dui"
    SONS = "sons"


class Trait(StrEnum):
    """What is true of an ESMS, of its organisme or of its solution, as far as the project says."""

    OUTSIDE_L312_1 = "hors_l312_1"
    GCSMS = "gcsms"
    WITHOUT_FINESS = "sans_finess"
    USLD = "usld"
    OTHER_EUROPEAN_FUNDS = "autres_fonds_europeens"
    OFF_MARKET = "hors_marche"
    NO_DEROGATION = "sans_derogation"
    MEDICALISED = "medicalise"
    NO_PILOT = "sans_pilote"
    EQUIPMENT_ONLY = "equipement_seul"


class Covers(StrEnum):
    """What is refused: the ESMS (it does not count at all), its forfait, its SONS."""

    ESMS = "esms"
    SONS = "sons"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Every filled condition must hold. ``optional``: only where a project asks for later rules.

    ``fewer_socles_than``: services socles of the ESMS, when it says how many. ``uncited``: why no quote.
    """

    id: str
    rule: str
    regimes: frozenset[str]
    regions: frozenset[str]
    when: Mapping[str, str]
    covers: Covers
    needs: frozenset[FundedNeed]
    champs: frozenset[Champ]
    referenced: frozenset[bool]
    prior: frozenset[Prior]
    traits: frozenset[Trait]
    fewer_socles_than: int | None
    optional: bool
    sentence: str
    uncited: str | None
    citations: tuple[Citation, ...]


def read_exclusion(table: Table, known: Known) -> Exclusion:
    """One ``[[exclusion]]`` of exclusions.toml."""
    rule = known.rule(table)
    uncited = table.text("uncited") if table.has("uncited") else None
    fewer = table.positive("fewer_socles_than") if table.has("fewer_socles_than") else None
    citations = known.citations(table, rule, required=uncited is None)
    if fewer and not any(says_count(c.quote, fewer) for c in citations):
        table.problem("fewer_socles_than", f"aucune citation ne contient {fewer}")
    exclusion = Exclusion(
        id=table.text("id"),
        rule=rule,
        regimes=known.calls_of(table) if table.has("regimes") else frozenset(known.calls),
        regions=frozenset(table.texts("regions")),
        when=known.when(table),
        covers=(table.word("covers", Covers) if table.has("covers") else None) or Covers.ESMS,
        needs=table.words("needs", FundedNeed) if table.has("needs") else frozenset(FundedNeed),
        champs=table.words("champs", Champ) if table.has("champs") else frozenset(Champ),
        referenced=table.flags("referenced"),
        prior=table.words("prior", Prior) if table.has("prior") else frozenset(),
        traits=table.words("traits", Trait) if table.has("traits") else frozenset(),
        fewer_socles_than=fewer,
        optional=table.flag("optional", False),
        sentence=table.text("sentence"),
        uncited=uncited,
        citations=citations,
    )
    table.close()
    return exclusion
