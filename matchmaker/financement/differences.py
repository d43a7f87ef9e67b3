"""From one call to another: what changes in the rules, and « ce qui change pour vos grappes ».

When to modify: two calls may differ in something that is not compared here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import said
from matchmaker.baremes.rules import Measure, Rules, Version
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.grappes import projets_of
from matchmaker.financement.lectures import readings_of
from matchmaker.financement.trace import TraceLine
from solver.instance import Grappe, Instance


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One measure (or convention) that differs; None: the call has none. Values as pages would say them."""

    label: str
    rule: str
    before: str | None
    after: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class GrappeChange:
    """One grappe under both calls. ``newly_refused``: reasons that only the new call gives."""

    grappe: str
    before: Resultat
    after: Resultat
    newly_refused: tuple[TraceLine, ...]

    @property
    def delta_eur(self) -> int:
        return self.after.granted_eur - self.before.granted_eur


@dataclass(frozen=True)
class Changes:
    before: str
    after: str
    rules_version: str
    rule_changes: tuple[RuleChange, ...]
    grappes: tuple[GrappeChange, ...]

    @property
    def before_eur(self) -> int:
        return sum(g.before.granted_eur for g in self.grappes)

    @property
    def after_eur(self) -> int:
        return sum(g.after.granted_eur for g in self.grappes)


def what_changes(
    rules: Rules,
    instance: Instance,
    grappes: Sequence[Grappe],
    call: str,
    deposit: date | None = None,
) -> Changes:
    """The plan of ``instance`` under its own call and under ``call``, the largest loss first.

    Raises
    ------
    ProjetError
        ``call`` is unknown.
    """
    readings = readings_of(rules, instance)
    old = projets_of(instance, grappes, readings=readings)
    new = projets_of(instance, grappes, regime=call, readings=readings)
    found = []
    for gid, projet in old.items():
        before, after = evaluate(rules, projet), evaluate(rules, replace(new[gid], deposit=deposit))
        known = {(x.rule, x.reason) for x in before.refused}
        refused = tuple(x for x in after.refused if (x.rule, x.reason) not in known)
        found.append(GrappeChange(gid, before, after, refused))
    found.sort(key=lambda g: (g.delta_eur, g.grappe))
    return Changes(
        before=instance.regime.value,
        after=call,
        rules_version=rules.version,
        rule_changes=rule_changes(rules, instance.regime.value, call),
        grappes=tuple(found),
    )


def rule_changes(rules: Rules, before: str, after: str) -> tuple[RuleChange, ...]:
    """Measures and conventions whose last versions differ between two calls, under the default readings."""
    old = {m.id: (m, v) for m, v in rules.in_force(before, {})}
    new = {m.id: (m, v) for m, v in rules.in_force(after, {})}
    changes = []
    for measure in rules.measures:
        pair = (old.get(measure.id), new.get(measure.id))
        if _value(pair[0]) != _value(pair[1]):
            source = pair[1] or old[measure.id]
            words = (_says(pair[0]), _says(pair[1]))
            changes.append(RuleChange(measure.label, measure.rule, *words, source[1].citations))
    for convention in rules.conventions:
        settled = [convention.settled(call, rules.default_readings, "") for call in (before, after)]
        before_word, after_word = (None if s is None else said(s.value) for s in settled)
        if before_word != after_word:
            citations = settled[1].citations if settled[1] is not None else ()
            changes.append(RuleChange(convention.label, convention.rule, before_word, after_word, citations))
    return tuple(changes)


def _value(found: tuple[Measure, Version] | None) -> tuple[int, bool] | None:
    """What makes two versions the same: « moins de 50 » is « 49 au plus »."""
    return None if found is None else (found[1].limit, found[1].counted)


def _says(found: tuple[Measure, Version] | None) -> str | None:
    """The value with its unit, as people read it."""
    if found is None:
        return None
    measure, version = found
    words = f"{version.value:,}".replace(",", "\u00a0")
    unit = {"EUR": "€", "ESMS": "ESMS", "PERCENT": "%", "MONTHS": "mois"}[measure.unit]
    sign = "" if version.comparison is None else _COMPARISONS[version.comparison.value]
    return f"{sign}{words}\u00a0{unit}" + ("" if version.counted else " (possible, dans aucun total)")


_COMPARISONS = {"lt": "moins de ", "le": "au plus ", "ge": "au moins ", "gt": "plus de "}
