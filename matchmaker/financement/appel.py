"""One call as one project meets it: the versions in force that day, under its readings, in its région.

When to modify: the engine must look up something else of a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from matchmaker.baremes.citations import holds
from matchmaker.baremes.conventions import Settled, Topic
from matchmaker.baremes.exclusions import Exclusion
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.rules import Bound, Call, Kind, Measure, Rank, Rules, Version
from matchmaker.financement.projet import Projet, ProjetError
from solver.vocabulary import Champ, LineCode

_PER_ESMS = (LineCode.DUI, LineCode.USAGES, LineCode.LOGICIEL)


@dataclass(frozen=True, slots=True)
class Rate:
    """One forfait that a (need, champ, referenced) brings; ``when``: readings its application needs."""

    measure: Measure
    version: Version
    rank: Rank
    when: Mapping[str, str]


class Appel:
    """The rules of one call, looked up for one project.

    Raises
    ------
    ProjetError
        The call, or a reading, is unknown.
    """

    def __init__(self, rules: Rules, projet: Projet) -> None:
        self.rules = rules
        self.readings = whole_readings(rules, projet.readings)
        if projet.regime not in rules.call_by_id:
            raise ProjetError([("regime", f"L’appel à projets « {projet.regime} » n’est pas connu.")])
        self.call: Call = rules.call_by_id[projet.regime]
        self.day = _day_of_amounts(self.call, projet.deposit)
        self._region = projet.home_region
        self._rates: dict[tuple[FundedNeed, Champ, bool], tuple[Rate, ...]] = {}

    @cached_property
    def measures(self) -> tuple[tuple[Measure, Version], ...]:
        return tuple(self.rules.in_force(self.call.id, self.readings, self.day))

    def settled(self, topic: Topic, region: str | None = None) -> Settled:
        """What the call settles on a topic, in the project's région unless another is given."""
        place = self._region if region is None else region
        convention = next(c for c in self.rules.conventions if c.topic is topic)
        found = convention.settled(self.call.id, self.readings, place)
        if found is None:
            raise LookupError(f"{topic.value}: nothing settled in {self.call.id}")
        return found

    def forfait(self, code: LineCode, *, counted: bool = True) -> tuple[Measure, Version] | None:
        """The one measure of a code, among those counted (or those only possible)."""
        found = (p for p in self.measures if p[0].code is code and p[1].counted is counted)
        return next(found, None)

    def bounds(self, bound: Bound) -> Iterator[tuple[Measure, Version]]:
        return (p for p in self.measures if p[0].bound is bound)

    def limit(self, bound: Bound) -> int | None:
        """The one bound of its kind; None when the call has none."""
        return next((v.limit for _, v in self.bounds(bound)), None)

    def of_kind(self, kind: Kind) -> Iterator[tuple[Measure, Version]]:
        return (p for p in self.measures if p[0].kind is kind)

    def rates(self, need: FundedNeed, champ: Champ, referenced: bool) -> tuple[Rate, ...]:
        """Every forfait that one such ESMS may bring, whatever its rank, in the order of the files."""
        key = (need, champ, referenced)
        if key not in self._rates:
            self._rates[key] = self._rates_of(need, champ, referenced)
        return self._rates[key]

    @cached_property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """Those of the call under its readings, in the order of the file."""
        return tuple(
            e for e in self.rules.exclusions if self.call.id in e.regimes and holds(e.when, self.readings)
        )

    def _rates_of(self, need: FundedNeed, champ: Champ, referenced: bool) -> tuple[Rate, ...]:
        return tuple(
            Rate(measure, version, application.rank, application.when)
            for measure, version in self.measures
            if measure.code in _PER_ESMS and version.counted
            for application in version.applies
            if need in application.needs
            and champ in application.champs
            and referenced in application.referenced
            and holds(application.when, self.readings)
        )


def whole_readings(rules: Rules, chosen: Mapping[str, str]) -> Mapping[str, str]:
    """``chosen`` over the defaults.

    Raises
    ------
    ProjetError
        A reading or an option is unknown.
    """
    options = rules.option_ids
    problems = [
        ("readings", f"La lecture {k} = « {option} » n’existe pas.")
        for k, option in sorted(chosen.items())
        if option not in options.get(k, ())
    ]
    if problems:
        raise ProjetError(problems)
    return {**rules.default_readings, **chosen}


def _day_of_amounts(call: Call, deposit: date | None) -> date | None:
    """The deposit's day when the call is open that day; otherwise the call's last versions are shown."""
    return deposit if deposit is not None and call.is_open(deposit) else None
