"""The needs file to fill in: the campaign's ESMS with what is already known, and a sheet of help.

When to modify: a column of the needs file changes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from matchmaker.campaigns import answers, campaign
from matchmaker.campaigns.answers import Accepted
from matchmaker.campaigns.needs_file import COLUMNS, SHEET, SHOWN_COLUMNS
from matchmaker.campaigns.needs_import import harmless
from matchmaker.campaigns.tables import CampaignEsms, CampaignSolution
from matchmaker.campaigns.wording import HOSTING, NEED_HELP, NEEDS, SEGUR

_ANY_WORDS = {"accepted_solutions": "toutes", "accepted_hosting": "tous"}
_HOW_TO = (
    "Remplissez la feuille « Besoins », une ligne par ESMS, puis renvoyez le fichier. Une cellule vide ne "
    "change rien à ce qui est déjà enregistré."
)
COLUMN_HELP = {
    "finess": "Numéro FINESS géographique de l’ESMS, 9 caractères. Ne pas modifier.",
    "besoin": f"Ce que demande l’ESMS, l’un de ces mots : {', '.join(NEEDS.values())}.",
    "dui_actuel": "Nom de la solution en place. À remplir pour un renouvellement ou une montée de version.",
    "dui_acceptes": "« toutes », ou les noms des solutions acceptées séparés par |. « aucune » si aucune "
    "ne convient. Pour une montée de version : laissez vide, le DUI actuel est retenu.",
    "hebergements_acceptes": "« tous », ou les modes acceptés séparés par | : "
    f"{', '.join(HOSTING.values())}. « aucun » si aucun ne convient.",
    "lot": "Facultatif. Les ESMS d’un même organisme qui portent le même nom de lot sont placés ensemble, "
    "ou pas du tout.",
    "peut_etre_porteur": "oui ou non. Sans réponse : oui.",
}


def rows(session: Session, campaign_id: int, *, only_incomplete: bool = False) -> list[list[str]]:
    """The campaign's ESMS in the order of ``COLUMNS``, by organisme then name, answers as they are."""
    solutions = _solutions(session, campaign_id)
    codes = {solution.id: solution.code for solution in solutions}
    names = {solution.code: solution.name for solution in solutions}
    wanted = (
        select(CampaignEsms)
        .where(CampaignEsms.campaign_id == campaign_id)
        .join(CampaignEsms.organisme)
        .options(joinedload(CampaignEsms.organisme))
        .order_by(CampaignEsms.organisme_id, CampaignEsms.name, CampaignEsms.code)
    )
    if only_incomplete:
        wanted = wanted.where(CampaignEsms.completeness != "complete")
    return [_row(row, answers.of_row(row, codes), names) for row in session.scalars(wanted)]


def _solutions(session: Session, campaign_id: int) -> list[CampaignSolution]:
    wanted = select(CampaignSolution).where(CampaignSolution.campaign_id == campaign_id)
    return list(session.scalars(wanted.order_by(CampaignSolution.name)))


def _row(row: CampaignEsms, answer: answers.Answer, names: dict[str, str]) -> list[str]:
    return [
        row.code,
        row.name,
        row.organisme.name,
        row.champ,
        row.commune or "",
        row.departement,
        *answered(answer, names),
    ]


def answered(answer: answers.Answer, names: Mapping[str, str]) -> list[str]:
    """An answer in the order of ``ANSWER_COLUMNS``; ``names``: of solutions, by code."""
    return [
        NEEDS[answer.need] if answer.need else "",
        names[answer.current_solution] if answer.current_solution else "",
        _listed(answer.accepted_solutions, names, "toutes", "aucune"),
        _listed(answer.accepted_hosting, HOSTING, "tous", "aucun"),
        answer.lot or "",
        "oui" if answer.can_be_porteur else "non",
    ]


def _listed(accepted: Accepted, names: object, every: str, none: str) -> str:
    if accepted is None:
        return ""
    if isinstance(accepted, str):
        return every
    return " | ".join(names[word] for word in accepted) if accepted else none  # type: ignore[index]


def as_csv(lines: Iterable[Sequence[str]], columns: Sequence[str] = COLUMNS) -> bytes:
    """UTF-8 with its mark and ``;``: a French spreadsheet opens it by a double click; no cell starts a
    formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(session: Session, campaign_id: int, lines: Sequence[Sequence[str]]) -> bytes:
    """A workbook: the ESMS to fill in, and a sheet that says what each column accepts."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    workbook = xlsxwriter.Workbook(buffer, options)
    head = workbook.add_format({"bold": True, "bottom": 2, "text_wrap": True, "valign": "top"})
    text = workbook.add_format({"num_format": "@"})
    shown = workbook.add_format({"num_format": "@", "font_color": "#544E5E"})
    sheet = workbook.add_worksheet(SHEET)
    sheet.freeze_panes(1, 2)
    widths = (12, 36, 30, 8, 20, 13, 18, 20, 26, 32, 16, 18)
    for index, (name, width) in enumerate(zip(COLUMNS, widths, strict=True)):
        read_only = name in SHOWN_COLUMNS or name == "finess"
        sheet.set_column(index, index, width, shown if read_only else text)
        sheet.write_string(0, index, name, head)
    for number, line in enumerate(lines, start=1):
        for index, cell in enumerate(line):
            if cell:
                sheet.write_string(number, index, cell)
    last = max(len(lines), 1)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    _offer_choices(sheet, "besoin", list(NEEDS.values()), last)
    _offer_choices(sheet, "peut_etre_porteur", ["oui", "non"], last)
    _write_help(workbook, session, campaign_id)
    workbook.close()
    return buffer.getvalue()


def _offer_choices(sheet: xlsxwriter.worksheet.Worksheet, column: str, words: list[str], last: int) -> None:
    index = COLUMNS.index(column)
    # A warning, not a wall: what is typed is checked again when the file comes back.
    rule = {"validate": "list", "source": words, "error_type": "warning", "ignore_blank": True}
    sheet.data_validation(1, index, last, index, rule)


def _write_help(workbook: xlsxwriter.Workbook, session: Session, campaign_id: int) -> None:
    bold = workbook.add_format({"bold": True, "valign": "top"})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet = workbook.add_worksheet("Aide")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    for number, (first, second) in enumerate(_help_lines(session, campaign_id)):
        sheet.write_string(number, 0, first, bold)
        sheet.write_string(number, 1, second, wrapped)


def _help_lines(session: Session, campaign_id: int) -> list[tuple[str, str]]:
    lines = [
        (
            f"Campagne {campaign.get(session, campaign_id).name}",
            _HOW_TO,
        ),
        ("", ""),
        ("Colonne", "Ce qu’elle contient"),
        *COLUMN_HELP.items(),
        (", ".join(SHOWN_COLUMNS), "Pour vous repérer : ces colonnes ne sont pas relues."),
        ("", ""),
        ("Besoins possibles", ""),
        *((NEEDS[word], help_) for word, help_ in NEED_HELP.items()),
        ("", ""),
        ("Hébergements possibles", ""),
        *((label, "") for label in ("tous", *HOSTING.values())),
        ("", ""),
        ("Solutions de la campagne", "statut Ségur ; hébergements offerts ; champs couverts"),
    ]
    for solution in _solutions(session, campaign_id):
        offered = ", ".join(HOSTING[mode] for mode in solution.hosting)
        mark = " (fictif)" if solution.fictitious else ""
        about = f"{SEGUR[solution.segur_status]} ; {offered} ; {', '.join(solution.champs)}"
        lines.append((solution.name + mark, about))
    return lines
