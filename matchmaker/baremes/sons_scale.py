"""The SONS scale: paid by the State to the editor for an organisme's order, never to a grappe.

When to modify: a wave of SONS pays in a shape not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from matchmaker.baremes.citations import Citation, Known, holds
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.quotes import says_count, says_day, says_euros, says_share
from matchmaker.baremes.strict_toml import Table
from solver.vocabulary import Champ


@dataclass(frozen=True, slots=True)
class Bracket:
    """Euros per ESMS ordered, by the number of ESMS of the organisme; ``last`` None: no upper end."""

    name: str
    first: int
    last: int | None
    eur: int

    def holds(self, esms_total: int) -> bool:
        return self.first <= esms_total and (self.last is None or esms_total <= self.last)


@dataclass(frozen=True, slots=True)
class Wave:
    """From when orders of these champs count; ``opens`` None: announced for a season only (``announced``)."""

    label: str
    champs: frozenset[Champ]
    when: Mapping[str, str]
    opens: date | None
    announced: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class SonsScale:
    """``advance_percent`` on order, the rest after the Vérification d'Aptitude. ``regimes``: calls beside
    which
    it runs; both closing days are inclusive.
    """

    rule: str
    order_rule: str
    regimes: frozenset[str]
    needs: frozenset[FundedNeed]
    categories: frozenset[str]
    brackets: tuple[Bracket, ...]
    waves: tuple[Wave, ...]
    advance_percent: int
    balance_percent: int
    referencing_days: int
    orders_until: date
    balance_until: date
    citations: tuple[Citation, ...]

    def bracket_of(self, esms_total: int) -> Bracket:
        return next(b for b in self.brackets if b.holds(esms_total))

    def wave_of(self, champ: Champ, readings: Mapping[str, str]) -> Wave | None:
        found = (w for w in self.waves if champ in w.champs and holds(w.when, readings))
        return next(found, None)


def read_sons(table: Table, known: Known) -> SonsScale | None:
    """sons.toml: every amount, share, number of days and date must stand in its citations."""
    rule, order_rule = known.rule(table), known.rule(table, "order_rule")
    citations = known.citations(table, rule)
    brackets = [_bracket(row) for row in table.tables("tranche")]
    waves = [_wave(row, rule, known) for row in table.tables("vague")]
    advance, balance = table.positive("advance_percent"), table.positive("balance_percent")
    days = table.positive("referencing_days")
    until, closed = table.day("orders_until"), table.day("balance_until")
    quotes = [c.quote for c in citations]
    for bracket in brackets:
        if bracket.eur and not any(says_euros(q, bracket.eur) for q in quotes):
            table.problem("tranche", f"aucune citation ne contient {bracket.eur} €")
    for key, share in (("advance_percent", advance), ("balance_percent", balance)):
        if share and not any(says_share(q, share) for q in quotes):
            table.problem(key, f"aucune citation ne contient {share} %")
    if advance + balance != 100:
        table.problem("balance_percent", f"les versements font {advance + balance} % et non 100")
    if days and not any(says_count(q, days) for q in quotes):
        table.problem("referencing_days", f"aucune citation ne contient {days}")
    for key, day in (("orders_until", until), ("balance_until", closed)):
        if day is not None and not any(says_day(q, day) for q in quotes):
            table.problem(key, f"aucune citation ne donne le {day:%d/%m/%Y}")
    _refuse_holes(table, brackets)
    needs, regimes = table.words("needs", FundedNeed), known.calls_of(table)
    categories = frozenset(table.texts("categories", required=True))
    table.close()
    if until is None or closed is None or not brackets:
        return None
    return SonsScale(
        rule=rule, order_rule=order_rule, regimes=regimes, needs=needs,
        categories=categories, brackets=tuple(brackets),
        waves=tuple(waves), advance_percent=advance, balance_percent=balance, referencing_days=days,
        orders_until=until, balance_until=closed, citations=citations,
    )  # fmt: skip


def _bracket(table: Table) -> Bracket:
    last = table.positive("last") if table.has("last") else None
    bracket = Bracket(table.text("name"), table.positive("first"), last, table.positive("eur"))
    table.close()
    return bracket


def _wave(table: Table, rule: str, known: Known) -> Wave:
    citations = known.citations(table, rule)
    opens = table.day("opens", required=False)
    announced = table.text("announced") if table.has("announced") else None
    if opens is None and announced is None:
        table.problem("opens", "clé manquante (ou announced)")
    if opens is not None and not any(says_day(c.quote, opens) for c in citations):
        table.problem("opens", f"aucune citation ne donne le {opens:%d/%m/%Y}")
    wave = Wave(
        table.text("label"), table.words("champs", Champ), known.when(table), opens, announced, citations
    )
    table.close()
    return wave


def _refuse_holes(table: Table, brackets: Sequence[Bracket]) -> None:
    following = 1
    for number, bracket in enumerate(brackets):
        if bracket.first != following:
            table.problem(f"tranche[{number}].first", f"{following} est attendu, trouvé {bracket.first}")
        if bracket.last is None and number != len(brackets) - 1:
            table.problem(f"tranche[{number}].last", "seule la dernière tranche est sans fin")
        following = (bracket.last or bracket.first) + 1
    if brackets and brackets[-1].last is not None:
        table.problem("tranche", "la dernière tranche doit être sans fin")
