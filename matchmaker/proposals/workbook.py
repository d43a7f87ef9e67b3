"""A plan as an XLSX workbook: grappes, members, funding lines with their references, unplaced ESMS."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from matchmaker.proposals import wording
from matchmaker.proposals.plan import Plan
from matchmaker.proposals.tables_out import (
    DEPARTURE_COLUMNS,
    ESMS_COLUMNS,
    GRAPPE_COLUMNS,
    LINE_COLUMNS,
    REGION_COLUMNS,
    Row,
    departure_rows,
    esms_rows,
    grappe_rows,
    line_rows,
    region_rows,
)

_WIDE = {
    "nom": 40, "organisme_nom": 34, "explication": 80, "changements": 60, "citation": 90, "titre": 40,
    "si_son_organisme_part": 60, "organismes_qui_cassent": 60, "ce_qui_resterait": 60, "remplacants_noms": 60,
}  # fmt: skip


def workbook(plan: Plan, number: int) -> bytes:
    """The workbook's bytes. Text is never run as a formula, whatever a name starts with."""
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        rows = list(esms_rows(plan))
        situation, cause = ESMS_COLUMNS.index("situation"), ESMS_COLUMNS.index("cause")
        _sheet(book, "Plan", ("libelle", "valeur"), _facts(plan, number))
        _sheet(book, "Grappes", GRAPPE_COLUMNS, grappe_rows(plan))
        _sheet(book, "Membres", ESMS_COLUMNS[:cause], (r[:cause] for r in rows if r[situation] == "placé"))
        _sheet(book, "Financement", LINE_COLUMNS, line_rows(plan))
        _sheet(book, "Par région", REGION_COLUMNS, region_rows(plan))
        _sheet(book, "Départs", DEPARTURE_COLUMNS, departure_rows(plan))
        _sheet(book, "Non placés", ESMS_COLUMNS, (r for r in rows if r[situation] != "placé"))
    return stream.getvalue()


def _facts(plan: Plan, number: int) -> list[Row]:
    """What a reader of the file alone must know."""
    return [
        ["Plan", number],
        ["Campagne", plan.title],
        ["Données", "fictives, pour démonstration" if plan.fictitious else "déclarées"],
        ["Règles", f"{wording.regime(plan)}, version {plan.scale_version}"],
        ["Montant maximal indicatif, en euros", plan.funding_eur],
        ["ESMS placés par le plan", plan.placed_count],
        ["ESMS non placés", len(plan.left_out)],
        ["ESMS sans demande", len(plan.aside)],
        ["Ce qui est prouvé", wording.bound(plan)],
        ["À savoir", "Montants maximaux indicatifs, sous réserve de la décision de l’ARS."],
    ]


def _sheet(book: Any, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
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
