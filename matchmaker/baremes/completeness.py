"""Nothing is left unsaid: under any readings, every call settles every topic and explains every refusal.

When to modify: the engine looks up something that a call could lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from matchmaker.baremes.citations import holds
from matchmaker.baremes.conventions import Topic
from matchmaker.baremes.exclusions import Covers, Exclusion
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.rules import Bound, Kind, Rules
from solver.vocabulary import Champ, LineCode

_PER_ESMS = (LineCode.DUI, LineCode.USAGES, LineCode.LOGICIEL)
_PAID_APART = (FundedNeed.SUPPLEMENTS, FundedNeed.AUCUN)


def holes(rules: Rules) -> list[str]:
    """One sentence per thing that a call leaves unsaid."""
    return [*_unsettled(rules), *_unexplained(rules), *_unbounded(rules)]


def _unsettled(rules: Rules) -> Iterator[str]:
    """Topics on which a call says nothing for a région without a word of its own."""
    found = {c.topic: c for c in rules.conventions}
    for topic in Topic:
        convention = found.get(topic)
        if convention is None:
            yield f"conventions/{topic.value}.toml: fichier manquant"
            continue
        for readings in _combinations(rules, (v.when for v in convention.versions)):
            for call in rules.calls:
                if convention.settled(call.id, readings, "") is None:
                    yield f"conventions/{topic.value}.toml: rien pour {call.id}{_said(rules, readings)}"


def _unexplained(rules: Rules) -> Iterator[str]:
    """Needs that a call neither pays nor refuses with a reason."""
    whens = [v.when for m in rules.measures if m.code in _PER_ESMS for v in m.versions]
    whens += [a.when for m in rules.measures if m.code in _PER_ESMS for v in m.versions for a in v.applies]
    needs = [need for need in FundedNeed if need not in _PAID_APART]
    for readings in _combinations(rules, whens):
        for call in rules.calls:
            paid = {
                key
                for measure, version in rules.in_force(call.id, readings)
                if measure.code in _PER_ESMS and version.counted
                for a in version.applies
                if holds(a.when, readings)
                for key in product(a.needs, a.champs, a.referenced)
            }
            for need, champ, referenced in product(needs, Champ, (True, False)):
                if (need, champ, referenced) in paid:
                    continue
                if not any(_refuses(e, call.id, need, champ, referenced) for e in rules.exclusions):
                    words = f"{need.value}, {champ.value}, référencée {referenced}{_said(rules, readings)}"
                    yield f"exclusions.toml: {call.id} ne paie ni n’explique : {words}"


def _refuses(exclusion: Exclusion, call: str, need: FundedNeed, champ: Champ, referenced: bool) -> bool:
    """Whether it refuses every such ESMS, whatever else is true of it."""
    unconditional = not (
        exclusion.when
        or exclusion.regions
        or exclusion.prior
        or exclusion.traits
        or exclusion.optional
        or exclusion.fewer_socles_than
    )
    return (
        unconditional
        and exclusion.covers is Covers.ESMS
        and call in exclusion.regimes
        and need in exclusion.needs
        and champ in exclusion.champs
        and referenced in exclusion.referenced
    )


def _unbounded(rules: Rules) -> Iterator[str]:
    whens = [v.when for m in rules.measures if m.bound is Bound.MINIMUM_SIZE for v in m.versions]
    for readings in _combinations(rules, whens):
        for call in rules.calls:
            found = [m for m, _ in rules.in_force(call.id, readings) if m.bound is Bound.MINIMUM_SIZE]
            if not [m for m in found if not m.regions]:
                yield f"mesures: appel {call.id} : aucune mesure « minimum_size »{_said(rules, readings)}"
            if not any(m.kind is Kind.SHARE for m, _ in rules.in_force(call.id, readings)):
                yield f"mesures: appel {call.id} : aucun versement"


def _combinations(rules: Rules, whens: Iterable[Mapping[str, str]]) -> Iterator[Mapping[str, str]]:
    """Every set of options of the readings that are named, the others at their default."""
    named = sorted({key for when in whens for key in when})
    options = {c.id: [o.id for o in c.options] for c in rules.contradictions}
    for chosen in product(*(options[key] for key in named)):
        yield {**rules.default_readings, **dict(zip(named, chosen, strict=True))}


def _said(rules: Rules, readings: Mapping[str, str]) -> str:
    """The readings that are not the defaults, as a suffix."""
    other = sorted((k, v) for k, v in readings.items() if rules.default_readings[k] != v)
    return f" ({', '.join(f'{k} = {v}' for k, v in other)})" if other else ""
