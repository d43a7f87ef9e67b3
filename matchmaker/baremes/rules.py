"""The rules as values: measures, their versions, citations, and the contradictions of the documents.

When to modify: a text pays or bounds something that these fields cannot say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from matchmaker.baremes.citations import Citation, Document, holds
from matchmaker.baremes.conventions import Convention
from matchmaker.baremes.exclusions import Exclusion
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.sons_scale import SonsScale
from matchmaker.baremes.targets import UseTarget
from matchmaker.baremes.territories import Link, Platform
from matchmaker.baremes.windows import Window
from solver.vocabulary import Champ, LineCode, Regime

_LOOKED_UP = 500


class Kind(StrEnum):
    """What a measure's value is: euros, ESMS that bound something, a share of the funding, months."""

    FORFAIT = "forfait"
    BOUND = "bound"
    SHARE = "share"
    DELAY = "delay"


class Per(StrEnum):
    """What one unit of the value is for."""

    ESMS = "esms"
    ESMS_OF_SMALL_OG = "esms_of_small_og"
    GRAPPE = "grappe"
    ORGANISME = "organisme"
    FUNDING = "funding"
    PROJECT = "project"


class Event(StrEnum):
    """What a payment waits for."""

    SIGNATURE = "signature"
    PARAMETRAGE = "parametrage"
    END = "fin"


class Bound(StrEnum):
    MINIMUM_SIZE = "minimum_size"
    MAXIMUM_SIZE = "maximum_size"
    MINIMUM_SIZE_ALONE = "minimum_size_alone"
    FULL_RATE_MEMBERS = "full_rate_members"
    REDUCED_RATE_FROM = "reduced_rate_from"
    SMALL_OG = "small_og"


class Comparison(StrEnum):
    """How a bound's number is meant: "moins de", "au plus", "au moins", "plus de"."""

    LT = "lt"
    LE = "le"
    GE = "ge"
    GT = "gt"


class Rank(StrEnum):
    """Which members of a grappe a forfait pays: those at full rate, those beyond, or all of them."""

    ALL = "all"
    FIRST = "first"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class RegimeText:
    """A regime as pages name it."""

    regime: Regime
    label: str
    description: str


class Level(StrEnum):
    """Who is answered: a région's ARS, or the CNSA and the DNS."""

    REGIONAL = "regional"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Call:
    """A call for projects with its own amounts; ``sister``: the call of the other level, when there is one.

    ``id`` is a word of ``solver.vocabulary.Regime`` when the optimiser knows it; the engine needs none.
    """

    id: str
    label: str
    description: str
    level: Level
    sister: str | None
    in_force_from: date
    in_force_until: date | None
    checked_on: date | None
    citations: tuple[Citation, ...]

    def is_open(self, day: date) -> bool:
        return self.in_force_from <= day <= (self.in_force_until or date.max)


@dataclass(frozen=True, slots=True)
class Application:
    """Whom a forfait is for, or (AMOA marché) what triggers it; ``when``: reading -> option it needs."""

    needs: frozenset[FundedNeed]
    champs: frozenset[Champ]
    referenced: frozenset[bool]
    rank: Rank
    when: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """A value in one call over one period, under ``when`` (readings); days are inclusive.

    ``value``: whole euros (forfait), ESMS (bound, read with ``comparison``) or per cent (share). ``counted``
    False: the amount is possible, shown apart and in no total. ``checked_on``: last day somebody looked at
    the documents, compulsory when ``in_force_until`` is None (open). ``deduction``: how the value follows
    from the number ``said`` in the quote, when it is not the value itself.
    """

    regime: str
    in_force_from: date
    in_force_until: date | None
    checked_on: date | None
    when: Mapping[str, str]
    value: int
    said: int
    deduction: str | None
    comparison: Comparison | None
    counted: bool
    applies: tuple[Application, ...]
    caveats: tuple[str, ...]
    citations: tuple[Citation, ...]

    @property
    def limit(self) -> int:
        """The bound as an inclusive number of ESMS ("moins de 15" is 14, "plus de 50" is 51)."""
        if self.comparison is Comparison.LT:
            return self.value - 1
        return self.value + 1 if self.comparison is Comparison.GT else self.value

    @property
    def last_day(self) -> date:
        return self.in_force_until or date.max

    def in_force(self, regime: str, readings: Mapping[str, str], at: date | None) -> bool:
        """Whether it counts in this call, under these readings, on that day (None: any day)."""
        return (
            self.regime == regime
            and holds(self.when, readings)
            and (at is None or self.in_force_from <= at <= self.last_day)
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is paid or bounded: a file of ``data/baremes/mesures``.

    ``rule`` is its id in the register and its page; ``code`` (forfait) the line of a proposal it makes;
    ``regions`` (minimum size): INSEE codes it is limited to, empty for everywhere; ``event`` (share): what
    the payment waits for; ``needs`` (delay): the needs it is given for.
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
    event: Event | None
    needs: frozenset[FundedNeed]
    versions: tuple[Version, ...]


class Nature(StrEnum):
    """Classes of the register: hard, soft, funding, document or process, information."""

    HARD = "H"
    SOFT = "S"
    FUNDING = "F"
    DOCUMENT = "D"
    INFORMATION = "I"


@dataclass(frozen=True, slots=True)
class RegisterRule:
    """A rule of the register by its id (R53). One without a measure explains itself and has citations.

    ``nature``: what the register calls its class. ``uncited``: why no document can be quoted, for the rules
    that only other public pages tell.
    """

    id: str
    label: str
    nature: frozenset[Nature]
    uncited: str | None
    explanation: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One reading of a contradiction, with the words that carry it (None: the documents are silent)."""

    id: str
    label: str
    citation: Citation | None


class Stake(StrEnum):
    """What hangs on a reading."""

    AMOUNT = "montant"
    ELIGIBILITY = "eligibilite"
    COMPATIBILITY = "compatibilite"
    CALENDAR = "calendrier"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Where documents differ (K01…); ``parameter``: a reading that a campaign may choose.

    ``regimes``: the calls in which the reading changes something. ``variant``: it changes an amount, a date
    or an eligibility, and the engine recomputes under each option; ``bears_on``: which of these.
    ``settled_in``: régions (INSEE codes) whose own text says what the others leave open.
    """

    id: str
    rules: tuple[str, ...]
    regimes: frozenset[str]
    parameter: bool
    variant: bool
    bears_on: Stake | None
    settled_in: frozenset[str]
    default: str
    question: str
    taken: str
    effect: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Credits announced for a call in a région (INSEE code), whole euros."""

    regime: str
    region: str
    value: int
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class Rules:
    """All of ``data/baremes``, checked. ``version`` names the edition and the files' digest."""

    version: str
    documents: tuple[Document, ...]
    calls: tuple[Call, ...]
    register: tuple[RegisterRule, ...]
    measures: tuple[Measure, ...]
    contradictions: tuple[Contradiction, ...]
    envelopes: tuple[Envelope, ...]
    conventions: tuple[Convention, ...]
    exclusions: tuple[Exclusion, ...]
    windows: tuple[Window, ...]
    targets: tuple[UseTarget, ...]
    platforms: tuple[Platform, ...]
    links: tuple[Link, ...]
    sons: SonsScale | None

    @cached_property
    def regimes(self) -> tuple[RegimeText, ...]:
        """The calls that the optimiser knows, in the order of the files."""
        known = {regime.value: regime for regime in Regime}
        return tuple(RegimeText(known[c.id], c.label, c.description) for c in self.calls if c.id in known)

    @cached_property
    def call_by_id(self) -> Mapping[str, Call]:
        return {call.id: call for call in self.calls}

    @cached_property
    def rule_by_id(self) -> Mapping[str, RegisterRule]:
        return {rule.id: rule for rule in self.register}

    @cached_property
    def default_readings(self) -> Mapping[str, str]:
        """The option taken for every contradiction, unless a project says otherwise."""
        return {c.id: c.default for c in self.contradictions}

    @cached_property
    def option_ids(self) -> Mapping[str, frozenset[str]]:
        """The options of every contradiction."""
        return {c.id: frozenset(o.id for o in c.options) for c in self.contradictions}

    def envelope_eur(self, regime: str, region: str) -> int | None:
        """Credits announced for a call in a région; None when no document tells them."""
        found = (e.value for e in self.envelopes if (e.regime, e.region) == (regime, region))
        return next(found, None)

    def in_force(
        self, regime: str, readings: Mapping[str, str], at: date | None = None
    ) -> Iterator[tuple[Measure, Version]]:
        """Each measure with its version on that day; ``at`` None: the last version of the call.

        ``readings`` may name some contradictions only: the others take their default.
        """
        whole = {**self.default_readings, **readings}
        key = (regime, tuple(sorted(whole.items())), at)
        found = self._looked_up.get(key)
        if found is None:
            found = tuple(self._in_force(regime, whole, at))
            if len(self._looked_up) >= _LOOKED_UP:
                self._looked_up.clear()
            self._looked_up[key] = found
        return iter(found)

    @cached_property
    def _looked_up(self) -> dict[Any, tuple[tuple[Measure, Version], ...]]:
        """What ``in_force`` already answered: a plan asks the same for each of its grappes."""
        return {}

    def _in_force(
        self, regime: str, whole: Mapping[str, str], at: date | None
    ) -> Iterator[tuple[Measure, Version]]:
        for measure in self.measures:
            versions = [v for v in measure.versions if v.in_force(regime, whole, at)]
            if versions:
                yield measure, max(versions, key=lambda v: v.in_force_from)
