"""A plan as an XLSX workbook: grappes, members, amounts with their rules, payments, unplaced ESMS.

Sums are formulas: change a quantity, and the line, the grappe and the plan follow.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from matchmaker.proposals import traces_out, wording
from matchmaker.proposals.funding import Book
from matchmaker.proposals.plan import Plan
from matchmaker.proposals.tables_out import (
    DEPARTURE_COLUMNS,
    ESMS_COLUMNS,
    GRAPPE_COLUMNS,
    REGION_COLUMNS,
    Row,
    departure_rows,
    esms_rows,
    grappe_rows,
    region_rows,
)

_WIDE = {
    "nom": 40, "organisme_nom": 34, "explication": 80, "changements": 60, "citation": 90, "titre": 40,
    "si_son_organisme_part": 60, "organismes_qui_cassent": 60, "ce_qui_resterait": 60, "remplacants_noms": 60,
    "libelle": 44, "document": 44, "question": 70, "citation_retenue": 70, "citation_sinon": 70,
}  # fmt: skip
_FUNDING = "Financement"
_TOTAL = "Montant maximal indicatif, en euros"


def workbook(book: Book, number: int) -> bytes:
    """The workbook's bytes. Text is never run as a formula, whatever a name starts with."""
    plan = book.plan
    fundings = list(book.all())
    with _open() as (file, stream):
        rows = list(esms_rows(plan))
        situation, cause = ESMS_COLUMNS.index("situation"), ESMS_COLUMNS.index("cause")
        facts = _facts(plan, number)
        sheet = _sheet(file, "Plan", ("libelle", "valeur"), facts)
        _grappes(file, plan)
        _sheet(file, "Membres", ESMS_COLUMNS[:cause], (r[:cause] for r in rows if r[situation] == "placé"))
        _lines(file, [row for f in fundings for row in traces_out.line_rows(f)])
        left = (row for f in fundings for row in traces_out.left_rows(f))
        _sheet(file, "Non retenu", traces_out.LEFT_COLUMNS, left)
        payments = (row for f in fundings for row in traces_out.payment_rows(f))
        _sheet(file, "Versements", traces_out.PAYMENT_COLUMNS, payments)
        sons = (row for f in fundings for row in traces_out.sons_rows(f))
        _sheet(file, "SONS, hors total", traces_out.SONS_COLUMNS, sons)
        _sheet(file, "Lectures", ("lecture", "question", "prise", "proposee"), _taken(book))
        _sheet(file, "Par région", REGION_COLUMNS, region_rows(plan))
        _sheet(file, "Départs", DEPARTURE_COLUMNS, departure_rows(plan))
        _sheet(file, "Non placés", ESMS_COLUMNS, (r for r in rows if r[situation] != "placé"))
        total = 1 + [label for label, _ in facts].index(_TOTAL)
        amount = GRAPPE_COLUMNS.index("montant_maximal_indicatif_eur")
        if plan.grappes:
            column = xl_rowcol_to_cell(1, amount), xl_rowcol_to_cell(len(plan.grappes), amount)
            formula = f"=SUM(Grappes!{column[0]}:{column[1]})"
            sheet.write_formula(total, 1, formula, None, plan.funding_eur)
    return stream.getvalue()


def readings_workbook(book: Book, number: int) -> bytes:
    """What the plan hangs on: one sheet, one row per reading and grappe; the differences are formulas."""
    with _open() as (file, stream):
        rows = list(traces_out.reading_rows(book.sensitivity))
        sheet = _sheet(file, "Lectures discutées", traces_out.READING_COLUMNS, rows)
        before, after = (traces_out.READING_COLUMNS.index(c) for c in ("aujourd_hui_eur", "alors_eur"))
        delta = traces_out.READING_COLUMNS.index("ecart_eur")
        for place, row in enumerate(rows, 1):
            if row[before] != "":
                cells = xl_rowcol_to_cell(place, after), xl_rowcol_to_cell(place, before)
                sheet.write_formula(place, delta, f"={cells[0]}-{cells[1]}", None, row[delta])
        _sheet(file, "Plan", ("libelle", "valeur"), _facts(book.plan, number))
    return stream.getvalue()


@contextmanager
def _open() -> Iterator[tuple[Any, io.BytesIO]]:
    """A workbook and the bytes that it is, once left."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as file:
        yield file, stream


def _facts(plan: Plan, number: int) -> list[Row]:
    """What a reader of the file alone must know."""
    return [
        ["Plan", number],
        ["Campagne", plan.title],
        ["Données", "fictives, pour démonstration" if plan.fictitious else "déclarées"],
        ["Règles", f"{wording.regime(plan)}, version {plan.scale_version}"],
        [_TOTAL, plan.funding_eur],
        ["ESMS placés par le plan", plan.placed_count],
        ["ESMS non placés", len(plan.left_out)],
        ["ESMS sans demande", len(plan.aside)],
        ["Ce qui est prouvé", wording.bound(plan)],
        ["À savoir", "Montants maximaux indicatifs, sous réserve de la décision de l’ARS."],
    ]


def _taken(book: Book) -> Iterable[Row]:
    for contradiction, option in book.taken():
        default = next(o for o in contradiction.options if o.id == contradiction.default)
        yield [contradiction.id, contradiction.question, option.label, default.label]


def _grappes(file: Any, plan: Plan) -> None:
    """The amount of a grappe is the sum of its lines."""
    sheet = _sheet(file, "Grappes", GRAPPE_COLUMNS, grappe_rows(plan))
    place = GRAPPE_COLUMNS.index("montant_maximal_indicatif_eur")
    amount = traces_out.LINE_COLUMNS.index("montant_eur")
    last = sum(len(grappe.lines) for grappe in plan.grappes)
    ids, amounts = (
        f"{_FUNDING}!{xl_rowcol_to_cell(1, c, True, True)}:{xl_rowcol_to_cell(max(last, 1), c, True, True)}"
        for c in (0, amount)
    )
    for row, grappe in enumerate(plan.grappes, 1):
        formula = f"=SUMPRODUCT(({ids}={xl_rowcol_to_cell(row, 0)})*{amounts})"
        sheet.write_formula(row, place, formula, None, grappe.funding_eur)


def _lines(file: Any, rows: Sequence[Row]) -> None:
    """An amount is a quantity times a unit amount."""
    columns = traces_out.LINE_COLUMNS
    sheet = _sheet(file, _FUNDING, columns, rows)
    quantity, unit, amount = (columns.index(c) for c in ("quantite", "montant_unitaire_eur", "montant_eur"))
    for place, row in enumerate(rows, 1):
        cells = xl_rowcol_to_cell(place, quantity), xl_rowcol_to_cell(place, unit)
        sheet.write_formula(place, amount, f"={cells[0]}*{cells[1]}", None, row[amount])


def _sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 2})
    amount = book.add_format({"num_format": "#,##0"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, bold)
        money = amount if column.endswith("_eur") else None
        sheet.set_column(place, place, _WIDE.get(column, 36 if name == "Plan" else 18), money)
    count = 0
    for count, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(count, place, value)
            else:
                sheet.write(count, place, value)
    sheet.freeze_panes(1, 0)
    if count:
        sheet.autofilter(0, 0, count, len(columns) - 1)
    return sheet
