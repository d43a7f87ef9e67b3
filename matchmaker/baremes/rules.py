"""The rules as values: measures, their versions, citations, and the contradictions of the documents.

When to modify: a text pays or bounds something that these fields cannot say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from solver.vocabulary import Champ, LineCode, Need, Regime


class Kind(StrEnum):
    """What a measure's value is: euros paid, ESMS that bound something, a share of the funding (per cent)."""

    FORFAIT = "forfait"
    BOUND = "bound"
    SHARE = "share"


class Per(StrEnum):
    """What one unit of the value is for."""

    ESMS = "esms"
    ESMS_OF_SMALL_OG = "esms_of_small_og"
    GRAPPE = "grappe"
    ORGANISME = "organisme"
    FUNDING = "funding"


class Bound(StrEnum):
    MINIMUM_SIZE = "minimum_size"
    MAXIMUM_SIZE = "maximum_size"
    FULL_RATE_MEMBERS = "full_rate_members"
    SMALL_OG = "small_og"


class Comparison(StrEnum):
    """How a bound's number is meant: "moins de", "au plus", "au moins"."""

    LT = "lt"
    LE = "le"
    GE = "ge"


class Rank(StrEnum):
    """Which members of a grappe a forfait pays: those at full rate, those beyond, or all of them."""

    ALL = "all"
    FIRST = "first"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class Document:
    """An official document; ``file`` names the transcription that quotes are checked against."""

    id: str
    title: str
    short: str
    file: str


@dataclass(frozen=True, slots=True)
class RegimeText:
    """A regime as pages name it."""

    regime: Regime
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Citation:
    """Exact words of a document; ``rules`` are ids of the register (R53)."""

    rules: tuple[str, ...]
    document: Document
    heading: str
    quote: str


@dataclass(frozen=True, slots=True)
class Application:
    """Whom a forfait is for, or (AMOA marché) what triggers it; ``when``: reading -> option it needs."""

    needs: frozenset[Need]
    champs: frozenset[Champ]
    referenced: frozenset[bool]
    rank: Rank
    when: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """A value in one regime over one period, under ``when`` (readings); days are inclusive.

    ``value``: whole euros (forfait), ESMS (bound, read with ``comparison``) or per cent (share). ``counted``
    False: the amount is possible, shown apart and in no total. ``checked_on``: last day somebody looked at
    the documents, compulsory when ``in_force_until`` is None (open).
    """

    regime: Regime
    in_force_from: date
    in_force_until: date | None
    checked_on: date | None
    when: Mapping[str, str]
    value: int
    comparison: Comparison | None
    counted: bool
    applies: tuple[Application, ...]
    caveats: tuple[str, ...]
    citations: tuple[Citation, ...]

    @property
    def limit(self) -> int:
        """The bound as an inclusive number of ESMS ("moins de 15" is 14)."""
        return self.value - 1 if self.comparison is Comparison.LT else self.value

    @property
    def last_day(self) -> date:
        return self.in_force_until or date.max

    def in_force(self, regime: Regime, readings: Mapping[str, str], at: date | None) -> bool:
        """Whether it counts in this regime, under these readings, on that day (None: any day)."""
        return (
            self.regime is regime
            and holds(self.when, readings)
            and (at is None or self.in_force_from <= at <= self.last_day)
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is paid or bounded: a file of ``data/baremes/mesures``.

    ``rule`` is its id in the register and its page; ``code`` (forfait) the line of a proposal it makes;
    ``regions`` (minimum size): INSEE codes it is limited to, empty for everywhere.
    """

    id: str
    label: str
    rule: str
    kind: Kind
    unit: str
    per: Per
    code: LineCode | None
    bound: Bound | None
    regions: tuple[str, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class RegisterRule:
    """A rule of the register by its id (R53). One without a measure explains itself and has citations."""

    id: str
    label: str
    explanation: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One reading of a contradiction, with the words that carry it (None: the documents are silent)."""

    id: str
    label: str
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where documents differ (K01…); ``parameter``: a reading that a campaign may choose.

    ``regimes``: those in which the reading changes something.
    """

    id: str
    rules: tuple[str, ...]
    regimes: frozenset[Regime]
    parameter: bool
    default: str
    question: str
    taken: str
    effect: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Credits announced for a call in a région (INSEE code), whole euros."""

    regime: Regime
    region: str
    value: int
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Rules:
    """All of ``data/baremes``, checked. ``version`` names the edition and the files' digest."""

    version: str
    documents: tuple[Document, ...]
    regimes: tuple[RegimeText, ...]
    register: tuple[RegisterRule, ...]
    measures: tuple[Measure, ...]
    contradictions: tuple[Contradiction, ...]
    envelopes: tuple[Envelope, ...]

    def envelope_eur(self, regime: Regime, region: str) -> int | None:
        """Credits announced for a regime in a région; None when no document tells them."""
        found = (e.value for e in self.envelopes if (e.regime, e.region) == (regime, region))
        return next(found, None)

    def in_force(
        self, regime: Regime, readings: Mapping[str, str], at: date | None = None
    ) -> Iterator[tuple[Measure, Version]]:
        """Each measure with its version on that day; ``at`` None: the last version of the regime."""
        for measure in self.measures:
            versions = [v for v in measure.versions if v.in_force(regime, readings, at)]
            if versions:
                yield measure, max(versions, key=lambda v: v.in_force_from)


def holds(when: Mapping[str, str], readings: Mapping[str, str]) -> bool:
    return all(readings[reading] == option for reading, option in when.items())
