"""What a plan is paid, as flat rows and as JSON: every amount with its rule and its words, and what is not
counted.

When to modify: an export of amounts gains a column (at the end: somebody's sheet counts on the order).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from matchmaker.financement.sensibilite import Sensibilite
from matchmaker.financement.trace import TraceLine, document
from matchmaker.proposals import wording
from matchmaker.proposals.funding import Book, GrappeFunding, TracedLine
from matchmaker.proposals.tables_out import Row, csv_of

LINE_COLUMNS = (
    "grappe", "ligne", "libelle", "quantite", "montant_unitaire_eur", "montant_eur", "regle", "document",
    "titre", "citation", "unite", "version_depuis", "version_jusque", "version_des_regles", "lectures",
    "hypothese", "reserves", "esms",
)  # fmt: skip
LEFT_COLUMNS = (
    "grappe", "statut", "libelle", "esms_concernes", "montant_unitaire_eur", "explication", "regle",
    "document", "titre", "citation", "lectures", "esms",
)  # fmt: skip
PAYMENT_COLUMNS = (
    "grappe", "versement", "part_pourcent", "montant_eur", "recu_en_tout_eur", "attendu_apres_signature_mois",
    "depot_jusqu_au", "regle", "document", "citation",
)  # fmt: skip
SONS_COLUMNS = (
    "grappe", "organisme", "organisme_nom", "tranche", "esms", "montant_unitaire_eur",
    "percu_par_l_editeur_eur", "avance_eur", "solde_eur", "regle", "citation",
)  # fmt: skip
READING_COLUMNS = (
    "lecture", "question", "retenu", "sinon", "ecart_eur", "grappe", "esms", "aujourd_hui_eur", "alors_eur",
    "grappe_existe", "depot_jusqu_au", "explication", "document_retenu", "citation_retenue",
    "document_sinon", "citation_sinon",
)  # fmt: skip


def line_rows(funding: GrappeFunding) -> Iterator[Row]:
    """One row per line of the plan, with what the engine says of it."""
    for traced in funding.lines:
        line = traced.line
        yield [
            funding.grappe.id, line.code, wording.LINES[line.code], line.quantity, line.unit_eur,
            line.amount_eur, line.rule, line.document, line.heading, line.quote, *_of_trace(traced),
        ]  # fmt: skip


def _of_trace(traced: TracedLine) -> Row:
    trace = traced.trace
    if trace is None:
        return ["", "", "", "", "", "montant d’une autre édition des règles", "", ""]
    return [
        wording.UNITS[trace.unit],
        _day(trace.version_from),
        _day(trace.version_until),
        trace.rules_version,
        _readings(trace),
        trace.reason or "",
        " ; ".join(trace.caveats),
        " ".join(trace.members),
    ]


def left_rows(funding: GrappeFunding) -> Iterator[Row]:
    """What is possible and in no total, then what is not counted, SONS included, each with its reason."""
    resultat = funding.resultat
    for trace in (*funding.possible, *funding.not_counted, *resultat.sons.not_counted):
        source = trace.citations[0] if trace.citations else None
        quoted = ["", "", ""] if source is None else [source.document.title, source.heading, source.quote]
        yield [
            funding.grappe.id, trace.standing.value.replace("_", " "), trace.label, trace.quantity,
            trace.unit_eur, trace.reason or "", trace.rule, *quoted, _readings(trace),
            " ".join(trace.members),
        ]  # fmt: skip


def payment_rows(funding: GrappeFunding) -> Iterator[Row]:
    resultat = funding.resultat
    months = resultat.echeancier.months
    for payment in resultat.echeancier.payments:
        after = {"signature": 0, "fin": months}.get(payment.event.value)
        source = payment.citations[0]
        yield [
            funding.grappe.id, payment.label, payment.percent, payment.amount_eur, payment.received_eur,
            "" if after is None else after, _day(resultat.calendrier.deadline), payment.rule,
            source.document.title, source.quote,
        ]  # fmt: skip


def sons_rows(funding: GrappeFunding) -> Iterator[Row]:
    """What editors would get; in no total."""
    names = {o.id: o.name for o, _ in funding.grappe.organismes}
    for order in funding.resultat.sons.orders:
        yield [
            funding.grappe.id, order.organisme, names[order.organisme], order.bracket, len(order.esms),
            order.unit_eur, order.amount_eur, order.advance_eur, order.balance_eur, "P04",
            order.citations[0].quote,
        ]  # fmt: skip


def reading_rows(report: Sensibilite) -> Iterator[Row]:
    """One row per reading not taken and grappe that it moves; one alone for a reading that moves none."""
    for effect in report.variants:
        words = [
            effect.contradiction.id, effect.contradiction.question, effect.taken.label, effect.option.label,
        ]  # fmt: skip
        cited: Row = []
        for option in (effect.taken, effect.option):
            source = option.citation
            cited += ["", ""] if source is None else [source.document.title, source.quote]
        for g in effect.grappes:
            exists = "oui" if g.exists else "non"
            yield [
                *words, g.delta_eur, g.grappe, len(g.esms), g.before_eur, g.after_eur, exists,
                _day(g.deadline_after), g.sentence, *cited,
            ]  # fmt: skip
        if not effect.grappes:
            yield [*words, 0, "", 0, "", "", "", "", effect.note or "sans effet sur ce plan", *cited]


def funding_csv(book: Book) -> bytes:
    """Every amount of the plan, then what is not counted, on the same columns."""
    columns = ("statut", *LINE_COLUMNS)
    rows: list[Row] = []
    for funding in book.all():
        rows += [["retenu", *row] for row in line_rows(funding)]
        for left in left_rows(funding):
            g, standing, label, count, unit, reason, rule, title, heading, quote, readings, members = left
            rows.append([
                standing, g, "", label, count, unit, "", rule, title, heading, quote, "", "", "",
                book.rules.version, readings, reason, "", members,
            ])  # fmt: skip
    return csv_of(columns, rows)


def readings_csv(book: Book) -> bytes:
    return csv_of(READING_COLUMNS, reading_rows(book.sensitivity))


def funding_json(book: Book, number: int) -> bytes:
    """The traces as values, under a format of their own."""
    documents = {
        "format": "matchmaker-funding/1",
        "plan": number,
        "regime": book.plan.regime,
        "rules": book.rules.version,
        "readings": {contradiction.id: option.id for contradiction, option in book.taken()},
        "funding_eur": book.plan.funding_eur,
        "grappes": [_grappe(funding) for funding in book.all()],
    }
    return (json.dumps(documents, ensure_ascii=False, indent=1) + "\n").encode()


def _grappe(funding: GrappeFunding) -> dict[str, Any]:
    resultat = funding.resultat
    deadline = resultat.calendrier.deadline
    return {
        "id": funding.grappe.id,
        "funding_eur": funding.grappe.funding_eur,
        "recomputed_eur": resultat.granted_eur,
        "least_eur": resultat.montants.least_eur,
        "lines": [_line(traced) for traced in funding.lines],
        "trace": [document(line) for line in resultat.trace()],
        "payments": [
            {"event": p.event.value, "label": p.label, "percent": p.percent, "amount_eur": p.amount_eur}
            for p in resultat.echeancier.payments
        ],
        "advance_eur": resultat.echeancier.advance_eur,
        "deadline": None if deadline is None else deadline.isoformat(),
        "sons": [
            {"organisme": o.organisme, "esms": list(o.esms), "bracket": o.bracket, "amount_eur": o.amount_eur}
            for o in resultat.sons.orders
        ],
    }


def _line(traced: TracedLine) -> dict[str, Any]:
    line = traced.line
    return {
        "code": line.code,
        "quantity": line.quantity,
        "unit_eur": line.unit_eur,
        "amount_eur": line.amount_eur,
        "trace": None if traced.trace is None else document(traced.trace),
    }


def _readings(trace: TraceLine) -> str:
    return ", ".join(f"{contradiction} {option}" for contradiction, option in trace.readings)


def _day(day: Any) -> str:
    return "" if day is None else day.isoformat()
