"""The answers of an organisme as a CSV file of its own: the columns of a needs file, then what only it says.

It holds no person: neither who answered, nor any address. The regional team can import it again.

When to modify: « Mes ESMS » asks something more (a column at the end: somebody's sheet counts on the order).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from matchmaker.campaigns.needs_file import COLUMNS
from matchmaker.campaigns.needs_import import harmless
from matchmaker.campaigns.needs_template import listed
from matchmaker.campaigns.wording import HOSTING, NEEDS
from matchmaker.og.rows import MyEsms, Row

MORE = (
    "dui_hors_catalogue",
    "utilisateurs",
    "postes_et_appareils",
    "personnes_a_former",
    "remarque",
    "etat",
    "montant_maximal_indicatif_eur",
)
_STATES = {"err": "bloque", "demi": "à préciser", "ok": "complet"}


def as_csv(mine: MyEsms) -> bytes:
    """UTF-8 with its mark and ``;``, a line per ESMS in the order of the page; no cell starts a formula."""
    names = {one.code: one.name for one in mine.solutions}
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow((*COLUMNS, *MORE))
    writer.writerows([harmless(cell) for cell in _cells(row, names)] for row in mine.rows)
    return text.getvalue().encode("utf-8-sig")


def _cells(row: Row, names: Mapping[str, str]) -> list[str]:
    line, answer, detail = row.line, row.line.answer, row.detail
    return [
        line.code,
        line.name,
        line.organisme,
        line.champ,
        line.commune or "",
        line.departement,
        NEEDS[answer.need] if answer.need else "",
        names[answer.current_solution] if answer.current_solution else "",
        listed(answer.accepted_solutions, names, "toutes", "aucune"),
        listed(answer.accepted_hosting, HOSTING, "tous", "aucun"),
        answer.lot or "",
        "oui" if answer.can_be_porteur else "non",
        detail.current_typed,
        *(
            "" if number is None else str(number)
            for number in (detail.users, detail.devices, detail.trainees)
        ),
        detail.remark,
        _STATES[row.state],
        str(row.stake_eur),
    ]
