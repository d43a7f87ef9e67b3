"""The answers of an organisme as a CSV file of its own: the columns of a needs file, then what only it says.

It holds no person: neither who answered, nor any address. The regional team can import it again, and so can
the organisme (``returned_file``): the last column says what each answer was when the file was written.

When to modify: « Mes ESMS » asks something more (a column at the end: somebody's sheet counts on the order).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from matchmaker.campaigns.needs_check import COLUMN_OF
from matchmaker.campaigns.needs_file import COLUMNS
from matchmaker.campaigns.needs_template import answered, as_csv
from matchmaker.og import details
from matchmaker.og.rows import MyEsms, Row

DETAIL_COLUMNS: Mapping[str, str] = {
    "current_typed": "dui_hors_catalogue",
    "users": "utilisateurs",
    "devices": "postes_et_appareils",
    "trainees": "personnes_a_former",
    "remark": "remarque",
}
# Written for the reader, never read back.
SHOWN = ("etat", "montant_maximal_indicatif_eur")
REFERENCE = "reference_ne_pas_modifier"
MORE = (*DETAIL_COLUMNS.values(), *SHOWN, REFERENCE)
FIELDS = (*COLUMN_OF, *details.FIELDS)
_STATES = {"err": "bloque", "demi": "à préciser", "ok": "complet"}
_DIGITS = 6


def content(mine: MyEsms) -> bytes:
    """The file, a line per ESMS in the order of the page."""
    names = {one.code: one.name for one in mine.solutions}
    return as_csv([_cells(row, names) for row in mine.rows], (*COLUMNS, *MORE))


def reference(row: Row) -> str:
    """A mark of each field as it is now, in the order of ``FIELDS``: what a file given back is held against,
    so that a colleague's later answer is not undone by a cell that nobody touched."""
    return "r" + "".join(mark(row, name, value_of(row, name)) for name in FIELDS)


def marks(text: str) -> dict[str, str]:
    """The marks of a reference, by field; none when it is no reference (lost, or damaged on its way)."""
    if not re.fullmatch(rf"r[0-9a-f]{{{_DIGITS * len(FIELDS)}}}", text):
        return {}
    return {name: text[1 + i * _DIGITS : 1 + (i + 1) * _DIGITS] for i, name in enumerate(FIELDS)}


def mark(row: Row, field: str, value: object) -> str:
    """A digest of a value of a field of this ESMS; in what order things are accepted means nothing."""
    plain = sorted(value) if isinstance(value, tuple) else value
    text = json.dumps([row.line.code, field, plain])
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def value_of(row: Row, field: str) -> object:
    """A field of the answer or of the details of an ESMS."""
    return getattr(row.detail if field in details.FIELDS else row.line.answer, field)


def _cells(row: Row, names: Mapping[str, str]) -> list[str]:
    line, detail = row.line, row.detail
    return [
        line.code,
        line.name,
        line.organisme,
        line.champ,
        line.commune or "",
        line.departement,
        *answered(line.answer, names),
        detail.current_typed,
        *(
            "" if number is None else str(number)
            for number in (detail.users, detail.devices, detail.trainees)
        ),
        detail.remark,
        _STATES[row.state],
        str(row.stake_eur),
        reference(row),
    ]
