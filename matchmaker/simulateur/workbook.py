"""A result as an XLSX workbook whose amounts are formulas: change a quantity, the total follows.

When to modify: the result gains a part that a spreadsheet should carry.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from matchmaker.financement.evaluation import Resultat
from matchmaker.financement.trace import Standing, TraceLine

_SOURCE = ("Règle", "Document", "Rubrique", "Citation")
_LINES = ("Ligne", "Quantité", "Montant unitaire (€)", "Montant (€)", *_SOURCE)
_REFUSED = ("Objet", "ESMS", "Non retenu parce que", "Règle", "Document", "Citation")
_PAYMENTS = ("Versement", "Part (%)", "Montant (€)", "Règle")
_WIDE = ("Ligne", "Objet", "Non retenu parce que", "Document", "Rubrique", "Citation")


def workbook(resultat: Resultat, question: str, link: str) -> bytes:
    """The workbook's bytes. Text is never run as a formula, whatever a name starts with."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        _facts(book, resultat, question, link)
        _funding(book, resultat)
        refused = [x for x in resultat.trace() if x.standing is Standing.NOT_COUNTED]
        _sheet(book, "Non retenu", _REFUSED, (_refused_row(x) for x in refused))
        payments = resultat.echeancier.payments
        rows = ([p.label, p.percent, p.amount_eur, p.rule] for p in payments)
        _sheet(book, "Versements", _PAYMENTS, rows)
    return stream.getvalue()


def _facts(book: Any, resultat: Resultat, question: str, link: str) -> None:
    rows = [
        ["Question", question],
        ["Réponse", resultat.existence.sentence],
        ["Calendrier", resultat.calendrier.status],
        ["À savoir", resultat.mention],
        ["Règles", resultat.rules_version],
        ["Lien permanent", link],
    ]
    _sheet(book, "Question", ("Libellé", "Valeur"), rows).set_column(0, 1, 60)


def _funding(book: Any, resultat: Resultat) -> None:
    """Amounts as quantity x unit, the total as their sum; what is possible stands below it, in no total."""
    lines = resultat.montants.lines
    sheet = _sheet(book, "Financement", _LINES, (_line_row(x) for x in lines))
    for row, line in enumerate(lines, 1):
        sheet.write_formula(row, 3, f"=B{row + 1}*C{row + 1}", None, line.amount_eur)
    bold = book.add_format({"bold": True})
    last = len(lines) + 1
    sheet.write_string(last, 0, "Total, montant maximal indicatif", bold)
    formula = f"=SUM(D2:D{last})" if lines else "=0"
    sheet.write_formula(last, 3, formula, bold, resultat.total_eur)
    possible = [x for x in resultat.montants.others if x.standing is Standing.POSSIBLE]
    for row, line in enumerate(possible, last + 2):
        values = _line_row(line)
        sheet.write_row(row, 0, [f"Possible, dans aucun total : {values[0]}", *values[1:]])
        sheet.write_formula(row, 3, f"=B{row + 1}*C{row + 1}", None, line.amount_eur)


def _line_row(line: TraceLine) -> list[Any]:
    citation = line.citations[0]
    words = [line.rule, citation.document.title, citation.heading, citation.quote]
    return [line.label, line.quantity, line.unit_eur, line.amount_eur, *words]


def _refused_row(line: TraceLine) -> list[Any]:
    quoted = [line.citations[0].document.title, line.citations[0].quote] if line.citations else ["", ""]
    return [line.label, line.quantity, line.reason, line.rule, *quoted]


def _sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for column, title in enumerate(columns):
        sheet.set_column(column, column, 60 if title in _WIDE else 18)
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    return sheet
