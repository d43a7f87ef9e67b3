"""Rules -> the scale of one regime under one set of readings: the only door by which amounts enter.

When to modify: a measure of a new kind must reach the solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

from matchmaker.baremes.citations import holds
from matchmaker.baremes.completeness import holes
from matchmaker.baremes.loading import RulesError, load_rules
from matchmaker.baremes.rules import Bound, Kind, Measure, Rank, Rules, Version
from matchmaker.shipped import DATA
from solver.instance import Readings
from solver.scale import Forfait, Rate, Reference, Scale
from solver.vocabulary import Champ, LineCode, Need, Regime

_PER_ESMS = (LineCode.DUI, LineCode.USAGES, LineCode.LOGICIEL)
_Selected = Iterable[tuple[Measure, Version]]


@cache
def shipped_rules() -> Rules:
    """The rules that travel with the program, read once."""
    rules = load_rules()
    check_rules(rules)
    return rules


@cache
def extended_rules(additions: tuple[Path, ...]) -> Rules:
    """The shipped rules with folders laid over them, read once; the shipped ones when there is none.

    Raises
    ------
    RulesError
        A folder does not hold together with what it is laid over.
    """
    if not additions:
        return shipped_rules()
    rules = load_rules(DATA / "baremes", *additions)
    check_rules(rules)
    return rules


@cache
def scale_for(regime: Regime, readings: Readings) -> Scale:
    """The shipped scale of a regime under the readings K01, K07, K10, on the regime's last day."""
    return build_scale(shipped_rules(), regime, readings)


def check_rules(rules: Rules) -> None:
    """All that can be known at load: every scale can be built, and no call leaves anything unsaid.

    Raises
    ------
    RulesError
        A scale lacks a measure, two measures claim the same place, a call has a hole.
    """
    check_scales(rules)
    found = holes(rules)
    if found:
        raise RulesError(found)


def check_scales(rules: Rules) -> None:
    """Build every regime under every set of readings, so that a missing measure is found at load.

    Raises
    ------
    RulesError
        A scale lacks a measure, or two measures claim the same place.
    """
    choices = {c.id: [o.id for o in c.options] for c in rules.contradictions if c.parameter}
    missing = asdict(Readings()).keys() - choices.keys()
    if missing:
        raise RulesError([f"contradictions.toml: {k} : lecture manquante" for k in sorted(missing)])
    for options in product(*choices.values()):
        readings = Readings(**dict(zip(choices, options, strict=True)))
        for regime in Regime:
            build_scale(rules, regime, readings)
        for call in rules.calls:
            _check_shares(rules, call.id, asdict(readings))


def _check_shares(rules: Rules, regime: str, readings: Mapping[str, str]) -> None:
    shares = [v.value for m, v in rules.in_force(regime, readings) if m.kind is Kind.SHARE]
    if shares and sum(shares) != 100:
        raise RulesError([f"mesures: régime {regime} : les versements font {sum(shares)} % et non 100"])


def build_scale(rules: Rules, regime: Regime, readings: Readings, at: date | None = None) -> Scale:
    """The scale of a regime; ``at``: a day of it, None for its last version.

    Raises
    ------
    RulesError
        The rules lack a measure that the regime needs.
    """
    words = {**rules.default_readings, **asdict(readings)}
    selected = list(rules.in_force(regime, words, at))
    counted = [(m, v) for m, v in selected if v.counted]
    place = f"mesures: régime {regime.value}"
    minimum = [(m, v) for m, v in counted if m.bound is Bound.MINIMUM_SIZE]
    marche = _one(counted, place, code=LineCode.AMOA_MARCHE)
    return Scale(
        regime=regime,
        version=rules.version,
        rates=_rates(counted, words, place),
        full_rate_members=_limit(_one(counted, place, bound=Bound.FULL_RATE_MEMBERS)),
        small_og_max_esms=_required(_limit(_one(counted, place, bound=Bound.SMALL_OG)), place, "small_og"),
        equipement=_forfait_of(_one(counted, place, code=LineCode.EQUIPEMENT)),
        amoa_projet=_forfait_of(_one(counted, place, code=LineCode.AMOA_PROJET)),
        amoa_marche=_forfait_of(marche),
        amoa_marche_triggers=_triggers(marche, words),
        min_size=_required(
            _limit(_one([p for p in minimum if not p[0].regions], place)), place, "minimum_size"
        ),
        min_size_by_region={region: v.limit for m, v in minimum for region in m.regions},
        max_size=_limit(_one(counted, place, bound=Bound.MAXIMUM_SIZE)),
    )


def possible_supplements(
    rules: Rules, regime: Regime, readings: Readings
) -> tuple[tuple[Measure, Version], ...]:
    """What a grappe may perhaps obtain besides: shown apart, in no total (rule R55)."""
    return tuple((m, v) for m, v in rules.in_force(regime, asdict(readings)) if not v.counted)


def forfait(measure: Measure, version: Version) -> Forfait:
    """A forfait with its first citation, the one that lines of a proposal carry."""
    if measure.code is None:
        raise ValueError(f"{measure.id} is a bound: it pays nothing")
    first = version.citations[0]
    reference = Reference(measure.rule, first.document.title, first.heading, first.quote)
    return Forfait(measure.code, version.value, reference)


def _rates(
    selected: _Selected, readings: Mapping[str, str], place: str
) -> dict[tuple[Need, Champ, bool], Rate]:
    first: dict[tuple[Need, Champ, bool], list[Forfait]] = {}
    beyond: dict[tuple[Need, Champ, bool], list[Forfait]] = {}
    for measure, version in selected:
        if measure.code not in _PER_ESMS:
            continue
        paid = forfait(measure, version)
        for application in version.applies:
            if not holds(application.when, readings):
                continue
            rows = beyond if application.rank is Rank.BEYOND else first
            needs = [need for need in Need if need.value in application.needs]
            for key in product(needs, application.champs, application.referenced):
                if any(f.code is paid.code for f in rows.setdefault(key, [])):
                    need, champ, referenced = key
                    words = f"{need.value}, {champ.value}, référencée {referenced}"
                    raise RulesError([f"{place} : deux forfaits « {paid.code.value} » pour {words}"])
                rows[key].append(paid)
    return {
        key: Rate(_in_order(forfaits), _in_order(beyond.get(key, ())))
        for key, forfaits in sorted(first.items())
    }


def _in_order(forfaits: Iterable[Forfait]) -> tuple[Forfait, ...]:
    order = list(LineCode)
    return tuple(sorted(forfaits, key=lambda f: order.index(f.code)))


def _triggers(
    marche: tuple[Measure, Version] | None, readings: Mapping[str, str]
) -> frozenset[tuple[Need, Champ]]:
    if marche is None:
        return frozenset()
    applications = [a for a in marche[1].applies if holds(a.when, readings)]
    asked = [([need for need in Need if need.value in a.needs], a.champs) for a in applications]
    return frozenset((need, champ) for needs, champs in asked for need, champ in product(needs, champs))


def _one(
    selected: _Selected, place: str, *, code: LineCode | None = None, bound: Bound | None = None
) -> tuple[Measure, Version] | None:
    """The only measure of that code or bound (of the list itself when neither is given)."""
    found = [
        (m, v)
        for m, v in selected
        if (code is None or m.code is code) and (bound is None or m.bound is bound)
    ]
    if len(found) > 1:
        names = ", ".join(m.id for m, _ in found)
        raise RulesError([f"{place} : plusieurs mesures pour la même chose ({names})"])
    return found[0] if found else None


def _limit(found: tuple[Measure, Version] | None) -> int | None:
    return None if found is None else found[1].limit


def _forfait_of(found: tuple[Measure, Version] | None) -> Forfait | None:
    return None if found is None else forfait(*found)


def _required(limit: int | None, place: str, bound: str) -> int:
    if limit is None:
        raise RulesError([f"{place} : aucune mesure « {bound} »"])
    return limit
