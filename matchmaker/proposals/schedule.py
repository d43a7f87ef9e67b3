"""When the money of a grappe comes: what a reader gives of its calendar, and the cash-flow that follows.

A GET form without a token: it writes nothing, and its address can be kept and sent.
When to modify: the page of a grappe asks something more of its calendar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wtforms import Field, Form, StringField, TextAreaField

from matchmaker.financement.evaluation import Resultat
from matchmaker.financement.versements import Movement, cash_flow, own_payments, treasury_eur
from matchmaker.web.formats import typographie

_MOST_EUR = 10**9
_MOST_EXPENSES = 60
_EXPENSE = re.compile(r"(\S+)\s*[;:,]?\s+(.+)")


@dataclass(frozen=True, slots=True)
class Dated:
    """What was given. ``expenses``: (day, whole euros) each."""

    signature: date | None = None
    months: int | None = None
    expenses: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What one organisme's own ESMS bring of each payment; ``payments`` add up to ``own_eur``."""

    organisme: str
    esms: int
    own_eur: int
    payments: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CashFlow:
    """``movements`` empty: not enough is dated. ``undated``: payments that no day could be given."""

    movements: tuple[Movement, ...]
    treasury_eur: int
    undated: tuple[str, ...]


class ScheduleForm(Form):  # type: ignore[misc]
    """The day of the signature dates the payments; expenses make a cash-flow of them."""

    signature = StringField(
        "Signature de la convention avec l’ARS",
        description="Le jour prévu ou réel : les versements en dépendent.",
        render_kw={"type": "date"},
    )
    duree = StringField(
        "Durée du déploiement, en mois",
        description="Aucun texte ne la donne pour cet appel.",
        render_kw={"inputmode": "numeric", "size": "4", "maxlength": "4"},
    )
    depenses = TextAreaField(
        "Dépenses prévues",
        description="Une par ligne, la date puis le montant : 15/03/2023 120 000",
        render_kw={"rows": "3", "maxlength": "4000"},
    )

    def read(self) -> Dated | None:
        """What was given, or None: every mistake is then at its field."""
        for field in self:
            field.errors = []
        given = Dated(_signature(self.signature), _months(self.duree), tuple(_expenses(self.depenses)))
        for field in self:
            field.errors = [typographie(error) for error in field.errors]
        return None if any(field.errors for field in self) else given


def own_parts(resultat: Resultat) -> list[OwnPart]:
    """The part of each organisme in each payment, the largest first; common aids are in nobody's."""
    payments = resultat.echeancier.payments
    parts = [
        OwnPart(share.organisme, share.esms, share.own_eur, own_payments(payments, share.own_eur))
        for share in resultat.organismes
    ]
    return sorted(parts, key=lambda part: (-part.own_eur, part.organisme))


def flow_of(resultat: Resultat, dated: Dated) -> CashFlow | None:
    """Payments and expenses day by day; None when nothing is dated."""
    if dated.signature is None or not dated.expenses:
        return None
    payments = resultat.echeancier.payments
    undated = tuple(p.label for p in payments if p.day is None)
    movements = cash_flow(payments, dated.expenses)
    return CashFlow(movements, treasury_eur(movements), undated)


def _signature(field: Field) -> date | None:
    typed = (field.data or "").strip()
    return _day(field, typed) if typed else None


def _months(field: Field) -> int | None:
    typed = (field.data or "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= 120):
        field.errors = [*field.errors, f"« {typed} » : un nombre de mois est attendu, de 1 à 120."]
        return None
    return int(typed)


def _expenses(field: Field) -> list[tuple[date, int]]:
    lines = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
    if len(lines) > _MOST_EXPENSES:
        field.errors = [*field.errors, f"{_MOST_EXPENSES} lignes au plus : vous en donnez {len(lines)}."]
        return []
    found = []
    for line in lines:
        parts = _EXPENSE.fullmatch(line)
        day = None if parts is None else _day(field, parts[1])
        amount = None if parts is None else _amount(parts[2])
        if parts is None or amount is None:
            told = f"« {line} » : une date puis un montant entier en euros sont attendus."
            field.errors = [*field.errors, told]
        elif day is not None:
            found.append((day, amount))
    return found


def _amount(words: str) -> int | None:
    compact = "".join(words.replace("€", "").split())
    usable = compact.isascii() and compact.isdecimal() and len(compact) <= len(str(_MOST_EUR))
    return int(compact) if usable and 0 < int(compact) <= _MOST_EUR else None


def _day(field: Any, typed: str) -> date | None:
    """A day as browsers send it, or as people write it, between 2000 and 2100."""
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            day = datetime.strptime(typed, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if 2000 <= day.year <= 2100:
            return day
    field.errors = [*field.errors, f"« {typed} » n’est pas une date : écrivez-la ainsi, 15/03/2023."]
    return None
