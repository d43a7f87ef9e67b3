"""What a project is paid: a line per forfait, each with its trace; and what is not counted.

Nothing here says whether the grappe may exist (``seuil``): the amounts of too small a grappe are what its
members would bring once it is large enough.

When to modify: a call pays in a shape not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matchmaker.baremes.citations import holds
from matchmaker.baremes.conventions import Topic
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.rules import Bound, Measure, Rank, Version
from matchmaker.financement.appel import Appel, Rate
from matchmaker.financement.projet import Membre, Organisme, Projet
from matchmaker.financement.rangs import Ranked, rank_members
from matchmaker.financement.trace import Standing, TraceLine, paid
from solver.vocabulary import LineCode


@dataclass(frozen=True)
class Montants:
    """``lines`` add up to ``total_eur``; ``others``: possible, or not counted; ``small``: small organismes.

    ``least_eur``: the total under the assumption about the tail that is worst for the project.
    ``by_member``: euros by ESMS; the aids of the whole project are in ``common_eur``.
    """

    lines: tuple[TraceLine, ...]
    others: tuple[TraceLine, ...]
    small: frozenset[str]
    ranked: Ranked
    least_eur: int
    by_member: Counter[str]
    common_eur: int

    @property
    def total_eur(self) -> int:
        return sum(line.amount_eur for line in self.lines)


def amounts(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> Montants:
    """Forfaits, ranks beyond the 49th, supplements of small organismes, aids once per project."""
    ranked = rank_members(appel, projet, kept)
    small = small_organismes(appel, projet, kept)
    forfaits = _forfait_lines(appel, projet, ranked)
    aids, refused_aids = _aids(appel, projet, kept, small)
    equipment = _equipment(appel, kept, small)
    lines = (*forfaits, *(x for x in equipment if x.standing is Standing.COUNTED), *aids)
    others = (
        *(x for x in equipment if x.standing is not Standing.COUNTED),
        *refused_aids,
        *_beyond_cap(appel, ranked),
        *_unpaid_ranks(appel, ranked),
    )
    by_member: Counter[str] = Counter()
    for line in (*forfaits, *equipment):
        if line.standing is Standing.COUNTED:
            by_member.update(dict.fromkeys(line.members, line.unit_eur))
    total = sum(line.amount_eur for line in lines)
    return Montants(
        lines=tuple(x for x in lines if x.quantity),
        others=others,
        small=small,
        ranked=ranked,
        least_eur=total - ranked.spread_eur,
        by_member=by_member,
        common_eur=sum(line.amount_eur for line in aids),
    )


def small_organismes(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> frozenset[str]:
    """Ids of the small organismes among the members' own (rules R50 to R52, readings K01 and K26)."""
    most = appel.limit(Bound.SMALL_OG)
    if most is None:
        return frozenset()
    here = Counter(m.organisme for m in kept)
    by_grappe = appel.settled(Topic.SMALL_OG_COUNT).value == "grappe"
    return frozenset(
        og for og, count in here.items() if (count if by_grappe else projet.organismes[og].esms_total) <= most
    )


def _forfait_lines(appel: Appel, projet: Projet, ranked: Ranked) -> list[TraceLine]:
    """One line per (measure, version): those of full rank, then those of reduced rank."""
    members: dict[tuple[str, str], list[str]] = {}
    rates: dict[tuple[str, str], Rate] = {}
    for membre, paid_rates in ranked.paid:
        for rate in paid_rates:
            key = (rate.measure.id, rate.rank.value)
            members.setdefault(key, []).append(membre.id)
            rates[key] = rate
    order = list(LineCode)
    keys = sorted(members, key=lambda k: (_code_order(order, rates[k]), -rates[k].version.value, k))
    return [
        paid(
            appel.rules,
            rates[key].measure,
            rates[key].version,
            members[key],
            appel.readings,
            when={**rates[key].when, **ranked.when, **_tail_when(ranked, rates[key])},
            reason=ranked.assumption,
        )
        for key in keys
    ]


def _tail_when(ranked: Ranked, rate: Rate) -> Mapping[str, str]:
    return ranked.tail_when if rate.rank is Rank.BEYOND else {}


def _code_order(order: list[LineCode], rate: Rate) -> int:
    return len(order) if rate.measure.code is None else order.index(rate.measure.code)


def _equipment(appel: Appel, kept: Sequence[Membre], small: frozenset[str]) -> list[TraceLine]:
    """Per ESMS of a small organisme: counted, or possible where the text says case by case (R53 to R55)."""
    lines = []
    for counted, standing in ((True, Standing.COUNTED), (False, Standing.POSSIBLE)):
        found = appel.forfait(LineCode.EQUIPEMENT, counted=counted)
        if found is None:
            continue
        ids = [m.id for m in kept if m.organisme in small]
        if ids:
            reason = None if counted else "ces situations sont étudiées au cas par cas"
            lines.append(paid(appel.rules, *found, ids, appel.readings, standing=standing, reason=reason))
        large = [m.id for m in kept if m.organisme not in small]
        if large and counted:
            why = "l’organisme de ces ESMS n’est pas un petit organisme"
            lines.append(
                paid(appel.rules, *found, large, appel.readings, standing=Standing.NOT_COUNTED, reason=why)
            )
    return lines


def _aids(
    appel: Appel, projet: Projet, kept: Sequence[Membre], small: frozenset[str]
) -> tuple[list[TraceLine], list[TraceLine]]:
    """The aids of the whole project, once, and those it does not get with the reason (R57, R58, K10, K11)."""
    counted: list[TraceLine] = []
    refused_lines: list[TraceLine] = []
    for code in (LineCode.AMOA_PROJET, LineCode.AMOA_MARCHE):
        found = appel.forfait(code)
        if found is None:
            continue
        reason, when = _aid_refused(appel, projet, kept, small, code, found)
        standing = Standing.COUNTED if reason is None else Standing.NOT_COUNTED
        line = paid(
            appel.rules, *found, (), appel.readings, quantity=1, when=when, standing=standing, reason=reason
        )
        (counted if reason is None else refused_lines).append(line)
    return counted, refused_lines


def _aid_refused(
    appel: Appel,
    projet: Projet,
    kept: Sequence[Membre],
    small: frozenset[str],
    code: LineCode,
    found: tuple[Measure, Version],
) -> tuple[str | None, dict[str, str]]:
    """Why an aid of the project is not counted (None: it is), and the readings that decide it."""
    scope = appel.settled(Topic.PROJECT_AIDS)
    when = dict(scope.when)
    if not any(m.organisme in small for m in kept):
        return "aucun membre n’est d’un petit organisme", when
    carrier = _carrier(projet)
    if scope.value == "porteur" and carrier is not None and carrier.carries_another:
        return f"« {carrier.name} » porte déjà une autre grappe, et l’aide est lue par porteur", when
    if code is not LineCode.AMOA_MARCHE:
        return None, when
    matching = [a for a in found[1].applies if any(m.need in a.needs and m.champ in a.champs for m in kept)]
    for application in matching:
        when |= dict(application.when)
    if any(holds(a.when, appel.readings) for a in matching):
        return None, when
    if matching:
        return "la phrase qui énumère les aides de ces champs ne la nomme pas", when
    return "elle ne vaut que pour une acquisition ou un renouvellement, et il n’y en a pas", when


def _carrier(projet: Projet) -> Organisme | None:
    member = projet.porteur_member
    return None if member is None else projet.organismes[member.organisme]


def _beyond_cap(appel: Appel, ranked: Ranked) -> list[TraceLine]:
    """Members beyond the largest number that the call funds (R05)."""
    if not ranked.beyond_cap:
        return []
    (found,) = list(appel.bounds(Bound.MAXIMUM_SIZE))[:1]
    most = found[1].limit
    line = paid(
        appel.rules,
        *found,
        [m.id for m in ranked.beyond_cap],
        appel.readings,
        standing=Standing.NOT_COUNTED,
        reason=f"l’appel ne finance que {most} ESMS par projet",
    )
    return [_worth_nothing(line)]


def _unpaid_ranks(appel: Appel, ranked: Ranked) -> list[TraceLine]:
    """Members that a printed example leaves without any rate (reading K08)."""
    lines = []
    for membre, (measure, version) in ranked.unpaid:
        line = paid(
            appel.rules,
            measure,
            version,
            [membre.id],
            appel.readings,
            standing=Standing.NOT_COUNTED,
            reason="l’exemple imprimé ne compte pas cet ESMS au tarif réduit",
        )
        lines.append(_worth_nothing(line))
    return lines


def _worth_nothing(line: TraceLine) -> TraceLine:
    """A bound is a number of ESMS, not euros: its line is worth nothing."""
    fields = {name: getattr(line, name) for name in TraceLine.__slots__}
    return TraceLine(**{**fields, "unit_eur": 0})


def is_mixed(kept: Sequence[Membre]) -> bool:
    """Whether acquisitions and montées de version are together (rule R30)."""
    acquisitions = any(m.need.is_acquisition for m in kept)
    return acquisitions and any(m.need is FundedNeed.MONTEE_DE_VERSION for m in kept)
