"""The rules as pages show them: a list by regime, a sheet by rule of the register, a search.

When to modify: a page about the rules shows something more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import Convention
from matchmaker.baremes.exclusions import Exclusion
from matchmaker.baremes.rules import (
    Call,
    Contradiction,
    Envelope,
    Kind,
    Measure,
    RegisterRule,
    Rules,
    Version,
)
from matchmaker.baremes.sons_scale import SonsScale
from matchmaker.baremes.targets import UseTarget
from matchmaker.baremes.territories import Link, Platform
from matchmaker.baremes.windows import Window

# the rule on whose page the credits announced are listed
ENVELOPES = "P02"


@dataclass(frozen=True, slots=True)
class Line:
    """A measure with the version that counts in a regime under the default readings."""

    measure: Measure
    version: Version


@dataclass(frozen=True, slots=True)
class RegimeSheet:
    regime: Call
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What answers a search: measures by regime, rules that only explain, contradictions."""

    regimes: tuple[RegimeSheet, ...]
    explained: tuple[RegisterRule, ...]
    contradictions: tuple[Contradiction, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.regimes or self.explained or self.contradictions)


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """All that rests on one rule. ``regimes``: calls by id, for the versions."""

    rule: RegisterRule
    measures: tuple[Measure, ...]
    conventions: tuple[Convention, ...]
    exclusions: tuple[Exclusion, ...]
    windows: tuple[Window, ...]
    targets: tuple[UseTarget, ...]
    platforms: tuple[Platform, ...]
    links: tuple[Link, ...]
    envelopes: tuple[Envelope, ...]
    sons: SonsScale | None
    contradictions: tuple[Contradiction, ...]
    regimes: Mapping[str, Call]


def search(rules: Rules, words: str = "", regime: str | None = None) -> Search:
    """What says every word (accents and case apart), in one regime or in all (None).

    Explained rules belong to no regime: they answer whatever the regime.
    """
    defaults = {c.id: c.default for c in rules.contradictions if c.parameter}
    wanted = _folded(words).split()
    labels = {rule.id: rule.label for rule in rules.register}
    sheets = []
    for call in rules.calls:
        if regime is not None and call.id != regime:
            continue
        found = tuple(
            Line(measure, version)
            for measure, version in rules.in_force(call.id, defaults)
            if _says(wanted, _words_of_line(measure, version, labels))
        )
        if found:
            sheets.append(RegimeSheet(call, _in_reading_order(found)))
    return Search(
        regimes=tuple(sheets),
        explained=tuple(
            r for r in rules.register if r.explanation and _says(wanted, _words_of_rule(rules, r))
        ),
        contradictions=tuple(
            c
            for c in rules.contradictions
            if (regime is None or regime in c.regimes) and _says(wanted, _words_of_contradiction(c))
        ),
    )


def register_found(rules: Rules, words: str = "", regime: str | None = None) -> tuple[RegisterRule, ...]:
    """The rules of the register that ``search`` leads to, by id; all of them when nothing is asked."""
    if not words.strip() and regime is None:
        return tuple(sorted(rules.register, key=lambda rule: rule.id))
    found = search(rules, words, regime)
    ids = {line.measure.rule for part in found.regimes for line in part.lines}
    ids |= {rule.id for rule in found.explained}
    ids |= {rule for contradiction in found.contradictions for rule in contradiction.rules}
    return tuple(sorted((r for r in rules.register if r.id in ids), key=lambda rule: rule.id))


def sheet(rules: Rules, rule_id: str) -> RuleSheet | None:
    """The sheet of a rule; None when the data knows no such rule."""
    rule = next((r for r in rules.register if r.id == rule_id), None)
    if rule is None:
        return None
    return RuleSheet(
        rule=rule,
        measures=tuple(sorted((m for m in rules.measures if _rests_on(m, rule_id)), key=_amounts_first)),
        conventions=tuple(c for c in rules.conventions if c.rule == rule_id),
        exclusions=tuple(e for e in rules.exclusions if e.rule == rule_id),
        windows=tuple(w for w in rules.windows if w.rule == rule_id),
        targets=tuple(t for t in rules.targets if t.rule == rule_id),
        platforms=tuple(p for p in rules.platforms if p.rule == rule_id),
        links=tuple(link for link in rules.links if link.rule == rule_id),
        envelopes=rules.envelopes if rule_id == ENVELOPES else (),
        sons=rules.sons if rules.sons is not None and rule_id == rules.sons.rule else None,
        contradictions=tuple(c for c in rules.contradictions if rule_id in c.rules),
        regimes=rules.call_by_id,
    )


@dataclass(frozen=True, slots=True)
class Notes:
    """What to say beside a funding line: caveats of its amount, and the readings it depends on."""

    caveats: tuple[str, ...]
    contradictions: tuple[Contradiction, ...]


def notes(rules: Rules, regime: str, code: str, unit_eur: int) -> Notes:
    """Notes of the line ``code`` at ``unit_eur`` in a regime; none when no such amount is known."""
    defaults = {c.id: c.default for c in rules.contradictions if c.parameter}
    for measure, version in rules.in_force(regime, defaults):
        if measure.code is not None and (measure.code.value, version.value) == (code, unit_eur):
            disputed = (c for c in rules.contradictions if measure.rule in c.rules and regime in c.regimes)
            return Notes(version.caveats, tuple(disputed))
    return Notes((), ())


def _rests_on(measure: Measure, rule_id: str) -> bool:
    cited = (rule for v in measure.versions for c in v.citations for rule in c.rules)
    return measure.rule == rule_id or rule_id in cited


def _in_reading_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: _amounts_first(line.measure)))


def _amounts_first(measure: Measure) -> tuple[int, str, str]:
    """What is paid, what bounds it, when it is paid; by rule within each."""
    return (list(Kind).index(measure.kind), measure.rule, measure.id)


def _words_of_line(measure: Measure, version: Version, labels: Mapping[str, str]) -> str:
    values = (str(version.value), f"{version.value:,}".replace(",", " "))
    cited = (_words_of_citation(c) for c in version.citations)
    return " ".join((measure.label, measure.rule, labels[measure.rule], *values, *version.caveats, *cited))


def _words_of_rule(rules: Rules, rule: RegisterRule) -> str:
    """Its own words, and those of all that rests on it without being an amount."""
    said = [rule.id, rule.label, rule.explanation or ""]
    citations = list(rule.citations)
    for exclusion in (e for e in rules.exclusions if e.rule == rule.id):
        said.append(exclusion.sentence)
        citations += exclusion.citations
    for convention in (c for c in rules.conventions if c.rule == rule.id):
        said.append(convention.label)
        citations += [c for settled in convention.versions for c in settled.citations]
    for window in (w for w in rules.windows if w.rule == rule.id):
        said += [window.label, window.note or ""]
        citations += window.citations
    for target in (t for t in rules.targets if t.rule == rule.id):
        said.append(target.label)
        citations += target.citations
    return " ".join((*said, *(_words_of_citation(c) for c in citations)))


def _words_of_contradiction(contradiction: Contradiction) -> str:
    options = (o.label + " " + _words_of_citation(o.citation) for o in contradiction.options)
    own = (contradiction.id, contradiction.question, contradiction.taken, contradiction.effect)
    return " ".join((*own, *contradiction.rules, *options))


def _words_of_citation(citation: Citation | None) -> str:
    if citation is None:
        return ""
    return " ".join((*citation.rules, citation.document.title, citation.heading, citation.quote))


def _says(wanted: Iterable[str], text: str) -> bool:
    folded = _folded(text)
    return all(word in folded for word in wanted)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("’", "'"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
