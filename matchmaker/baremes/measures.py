"""Files of ``mesures/``: what is a number, version after version, each with its citation.

When to modify: a measure gains a key.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations

from matchmaker.baremes.citations import Citation, Known, exclusive
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.quotes import says_count, says_euros, says_months, says_share
from matchmaker.baremes.rules import (
    Application,
    Bound,
    Comparison,
    Event,
    Kind,
    Measure,
    Per,
    Rank,
    Version,
)
from matchmaker.baremes.strict_toml import Table
from solver.vocabulary import Champ, LineCode

_UNITS = {Kind.FORFAIT: "EUR", Kind.BOUND: "ESMS", Kind.SHARE: "PERCENT", Kind.DELAY: "MONTHS"}
_SAYS = {
    Kind.FORFAIT: says_euros,
    Kind.BOUND: says_count,
    Kind.SHARE: says_share,
    Kind.DELAY: says_months,
}
_WITHOUT_APPLICATION = (LineCode.EQUIPEMENT, LineCode.AMOA_PROJET)


class MeasureReader:
    """Reads measures; a later folder adds versions to a measure by naming it, and nothing else."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._measures: dict[str, Measure] = {}
        self._versions: dict[str, list[Version]] = {}

    def read(self, table: Table, stem: str) -> None:
        if stem in self._measures:
            self._add(table, stem)
            return
        measure_id, label = table.text("id"), table.text("label")
        rule = self._known.rule(table)
        if measure_id and measure_id != stem:
            table.problem("id", f"« {measure_id} » n’est pas le nom du fichier")
        kind = table.word("kind", Kind)
        unit, per = table.text("unit"), table.word("per", Per)
        code = table.word("code", LineCode) if kind is Kind.FORFAIT else None
        bound = table.word("bound", Bound) if kind is Kind.BOUND else None
        event = table.word("event", Event) if kind is Kind.SHARE else None
        needs = table.words("needs", FundedNeed) if kind is Kind.DELAY else frozenset()
        regions = table.texts("regions") if bound is Bound.MINIMUM_SIZE else ()
        if kind is not None and unit and unit != _UNITS[kind]:
            table.problem("unit", f"« {_UNITS[kind]} » est attendu, trouvé « {unit} »")
        versions = [self._version(t, kind, code, bound) for t in table.tables("version")]
        table.close()
        if kind is None or per is None or any(v is None for v in versions):
            return
        whole = [v for v in versions if v is not None]
        refuse_overlaps_and_gaps(table, whole)
        self._versions[stem] = whole
        self._measures[stem] = Measure(
            measure_id, label, rule, kind, unit, per, code, bound, regions, event, needs, tuple(whole)
        )

    def measures(self) -> tuple[Measure, ...]:
        return tuple(self._measures.values())

    def _add(self, table: Table, stem: str) -> None:
        measure = self._measures[stem]
        if table.text("id") != stem:
            table.problem("id", f"« {stem} » est attendu")
        read = (self._version(t, measure.kind, measure.code, measure.bound) for t in table.tables("version"))
        self._versions[stem] += [v for v in read if v is not None]
        table.close()
        refuse_overlaps_and_gaps(table, self._versions[stem])
        fields = {name: getattr(measure, name) for name in Measure.__slots__ if name != "versions"}
        self._measures[stem] = Measure(**fields, versions=tuple(self._versions[stem]))

    def _version(
        self, table: Table, kind: Kind | None, code: LineCode | None, bound: Bound | None
    ) -> Version | None:
        regime = self._known.call(table)
        first, last = table.day("in_force_from"), table.day("in_force_until", required=False)
        checked = table.day("checked_on", required=not table.has("in_force_until"))
        value = table.positive("value")
        said = table.positive("said") if table.has("said") else value
        deduction = table.text("deduction") if table.has("said") else None
        if first is not None and last is not None and last < first:
            table.problem("in_force_until", "la fin précède le début")
        citations = self._carrying(table, kind, said)
        has_applies = kind is Kind.FORFAIT and code not in _WITHOUT_APPLICATION
        has_applies = has_applies or bound is Bound.REDUCED_RATE_FROM
        applies = [self._application(t) for t in table.tables("applies")] if has_applies else []
        comparison = table.word("comparison", Comparison) if kind is Kind.BOUND else None
        when = self._known.when(table)
        counted, caveats = table.flag("counted", True), table.texts("caveats")
        table.close()
        if regime is None or first is None:
            return None
        return Version(
            regime=regime,
            in_force_from=first,
            in_force_until=last,
            checked_on=checked,
            when=when,
            value=value,
            said=said,
            deduction=deduction,
            comparison=comparison,
            counted=counted,
            applies=tuple(applies),
            caveats=caveats,
            citations=citations,
        )

    def _carrying(self, table: Table, kind: Kind | None, said: int) -> tuple[Citation, ...]:
        """The citations of a version, each of which must carry the number."""
        found = [(row, self._known.citation(row)) for row in table.tables("citation")]
        for row, citation in found:
            if kind is None or citation is None or not citation.quote or not said:
                continue
            if not _SAYS[kind](citation.quote, said):
                row.problem("quote", f"la citation ne contient pas {said}")
        return tuple(c for _, c in found if c is not None)

    def _application(self, table: Table) -> Application:
        rank = table.word("rank", Rank) if table.has("rank") else Rank.ALL
        application = Application(
            needs=table.words("needs", FundedNeed),
            champs=table.words("champs", Champ) if table.has("champs") else frozenset(Champ),
            referenced=table.flags("referenced"),
            rank=rank or Rank.ALL,
            when=self._known.when(table),
        )
        if FundedNeed.AUCUN in application.needs:
            table.problem("needs", "« aucun » n’est pas un besoin à financer")
        table.close()
        return application


def refuse_overlaps_and_gaps(table: Table, versions: Sequence[Version]) -> None:
    """Two versions that could both count on one day, or a day that none covers between two of them."""
    for (i, one), (j, other) in combinations(enumerate(versions), 2):
        if one.regime != other.regime or exclusive(one.when, other.when):
            continue
        if one.in_force_from <= other.last_day and other.in_force_from <= one.last_day:
            table.problem(f"version[{i}] et version[{j}]", "périodes qui se chevauchent")
    for i, one in enumerate(versions):
        later = [v for v in versions if v.regime == one.regime and v.when == one.when]
        later = [v for v in later if v.in_force_from > one.last_day]
        if later and min(v.in_force_from for v in later) > one.last_day + timedelta(days=1):
            table.problem(f"version[{i}]", "période suivie d’un trou avant la version suivante")
