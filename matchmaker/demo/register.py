"""The establishments of a demonstration in the register: the shipped list, and the drawn ones beside it.

When to modify: the register asks more of an establishment.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from matchmaker.demo.elderly_care import shipped_list
from matchmaker.demo.establishments import Drawn, DrawnEsms
from matchmaker.reference import categories, snapshot_date_of
from matchmaker.register import elderly_care
from matchmaker.register.intake import ELDERLY_CARE, Intake, Origin, trace
from matchmaker.register.records import Refusal
from matchmaker.register.source_file import modification_date
from matchmaker.register.tables import Etablissement, Import, Organisme

SOURCE = "demonstration"
_CLOSED_ON = dt.date(2021, 12, 31)
_NOTE = "Établissement fictif, tiré autour du centre de la commune."


def import_shipped_list(session: Session) -> None:
    """Import the elderly-care list, unless this very file was imported before; refusals are in its report."""
    file = shipped_list()
    if session.scalar(select(Import.id).where(Import.sha256 == file.sha256).limit(1)) is not None:
        return
    snapshot = snapshot_date_of(file.sha256) or modification_date(file)
    origin = Origin(ELDERLY_CARE, ELDERLY_CARE, file.name, file.sha256, snapshot)
    intake = Intake(session, origin, True, _kept_in_the_report)
    intake.take(elderly_care.items(file))
    trace(session, intake)


def _kept_in_the_report(refusal: Refusal) -> None:
    """The intake writes each refusal beside the import: nobody is here to be told."""


def add_drawn(session: Session, drawn: Drawn) -> None:
    """Add the drawn organismes and ESMS that the register does not hold yet."""
    known = set(session.scalars(select(Organisme.finess_ej).where(Organisme.fictitious)))
    new = [og for og in drawn.ogs if og.finess_ej not in known]
    if not new:
        return
    session.execute(
        insert(Organisme),
        [
            {
                "key": f"ej:{og.finess_ej}",
                "finess_ej": og.finess_ej,
                "name": og.name,
                "esms_total_declared": og.esms_total,
                "fictitious": True,
            }
            for og in new
        ],
    )
    rows = session.execute(select(Organisme.finess_ej, Organisme.id).where(Organisme.fictitious))
    ids = {str(row.finess_ej): row.id for row in rows}
    added = {og.finess_ej for og in new}
    session.execute(insert(Etablissement), [_row(e, ids[e.og]) for e in drawn.esms if e.og in added])
    for e in drawn.closed:
        if e.og in added:
            session.execute(insert(Etablissement), [_row(e, ids[e.og]) | {"closed_on": _CLOSED_ON}])


def _row(esms: DrawnEsms, organisme_id: int) -> dict[str, object]:
    category = categories()[esms.category]
    return {
        "finess_et": esms.finess_et,
        "organisme_id": organisme_id,
        "name": esms.name,
        "category": esms.category,
        "champ": esms.champ.value,
        "medicalised": category.medicalised,
        "capacity": None,
        "address": "",
        "postal_code": esms.commune.postal_codes[0],
        "commune": esms.commune.code,
        "departement": esms.commune.departement,
        "region": esms.commune.region,
        "lat": esms.lat,
        "lon": esms.lon,
        "position_origin": "commune",
        "position_note": _NOTE,
        "source": SOURCE,
        "snapshot_date": None,
        "import_id": None,
        "closed_on": None,
        "fictitious": True,
    }
