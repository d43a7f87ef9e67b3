"""When the money comes: dated payments, and what the project must advance before the last one.

When to modify: a call pays at another event, or dates are known in another way.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import Topic
from matchmaker.baremes.rules import Event, Kind
from matchmaker.baremes.targets import Group, UseTarget
from matchmaker.financement.appel import Appel
from matchmaker.financement.partage import whole_shares
from matchmaker.financement.projet import Membre, Projet


@dataclass(frozen=True, slots=True)
class Payment:
    """``day`` None: no date can be known; ``received_eur``: with all earlier payments."""

    event: Event
    rule: str
    label: str
    percent: int
    amount_eur: int
    received_eur: int
    day: date | None
    citations: tuple[Citation, ...]
    caveats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Echeancier:
    """``advance_eur``: what is still to come when the deployment ends, spent before it is received.

    ``months``: from the signature to the end, ``months_rule`` says which rule gives it. ``gates``: the
    targets that the last payment waits for (reading K28).
    """

    payments: tuple[Payment, ...]
    advance_eur: int
    months: int | None
    months_rule: str | None
    months_citations: tuple[Citation, ...]
    gates: tuple[UseTarget, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """One day of a cash-flow: received (above 0) or spent (below), and the balance after it."""

    day: date
    label: str
    amount_eur: int
    balance_eur: int


def schedule(appel: Appel, projet: Projet, kept: Sequence[Membre], total_eur: int) -> Echeancier:
    """The payments of a total, in the order of their events; their amounts add up to it."""
    shares = sorted(appel.of_kind(Kind.SHARE), key=lambda p: list(Event).index(p[0].event or Event.END))
    keys = {m.id: v.value for m, v in shares}
    ordered = {f"{i:02d}": keys[m.id] for i, (m, _) in enumerate(shares)}
    amounts = whole_shares(total_eur, ordered)
    months, rule, citations = _months(appel, projet, kept)
    payments = []
    received = 0
    for i, (measure, version) in enumerate(shares):
        amount = amounts[f"{i:02d}"]
        received += amount
        event = measure.event or Event.END
        payments.append(
            Payment(
                event,
                measure.rule,
                measure.label,
                version.value,
                amount,
                received,
                _day(projet, event, months),
                version.citations,
                version.caveats,
            )
        )
    advance = payments[-1].amount_eur if payments else 0
    return Echeancier(tuple(payments), advance, months, rule, citations, _gates(appel))


def own_payments(payments: Sequence[Payment], own_eur: int) -> tuple[int, ...]:
    """The part of each payment that one organisme's own ESMS bring; adds up to ``own_eur``.

    The aids of the whole project are in nobody's part (see ``partage.by_organisme``).
    """
    percents = {f"{i:02d}": payment.percent for i, payment in enumerate(payments)}
    shares = whole_shares(own_eur, percents)
    return tuple(shares[key] for key in sorted(percents)) if shares else ()


def cash_flow(payments: Sequence[Payment], expenses: Sequence[tuple[date, int]]) -> tuple[Movement, ...]:
    """Payments and expenses (whole euros, above 0) day by day; on one day, what is spent comes first.

    Payments without a date are left out: nothing can be said of the balance then.
    """
    moves = [(p.day, 1, p.label, p.amount_eur) for p in payments if p.day is not None]
    moves += [(day, 0, "Dépense", -amount) for day, amount in expenses]
    balance = 0
    found = []
    for day, _, label, amount in sorted(moves, key=lambda m: (m[0], m[1])):
        balance += amount
        found.append(Movement(day, label, amount, balance))
    return tuple(found)


def treasury_eur(movements: Sequence[Movement]) -> int:
    """The most that must be advanced at any moment: the depth of the lowest balance."""
    return max(0, -min((m.balance_eur for m in movements), default=0))


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _months(
    appel: Appel, projet: Projet, kept: Sequence[Membre]
) -> tuple[int | None, str | None, tuple[Citation, ...]]:
    """The longest delay of the members' needs, else what the project says."""
    if projet.duration_months is not None:
        return projet.duration_months, None, ()
    needs = {m.need for m in kept}
    delays = [(m, v) for m, v in appel.of_kind(Kind.DELAY) if m.needs & needs]
    if not delays:
        return None, None, ()
    measure, version = max(delays, key=lambda p: p[1].value)
    return version.value, measure.rule, version.citations


def _day(projet: Projet, event: Event, months: int | None) -> date | None:
    if projet.signature is None:
        return None
    if event is Event.SIGNATURE:
        return projet.signature
    if event is Event.END and months is not None:
        return add_months(projet.signature, months)
    return None


def _gates(appel: Appel) -> tuple[UseTarget, ...]:
    targets = [t for t in appel.rules.targets if appel.call.id in t.regimes]
    if appel.settled(Topic.SECOND_PAYMENT).value == "dui":
        targets = [t for t in targets if t.group is Group.DUI]
    return tuple(targets)
