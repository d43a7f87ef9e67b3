"""The real establishments of a demonstration: the shipped elderly-care list, one région of it.

When to modify: what a demonstration keeps of the list changes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker.reference import categories, commune, snapshot_date_of
from matchmaker.reference.files import FOLDER
from matchmaker.register import elderly_care, positions, source_file
from matchmaker.register.records import Record
from matchmaker.register.source_file import SourceFile

_LIST = "etablissements_pa_cnsa.csv.gz"
_EHPA = "EHPA (501 ou 502, non précisé)"


@dataclass(frozen=True, slots=True)
class RealEsms:
    """A line of the list with the position that the register would give it."""

    record: Record
    commune: str
    category: str
    lat: float
    lon: float
    position_origin: str


@dataclass(frozen=True, slots=True)
class ElderlyCare:
    """The ESMS of a région, by FINESS; ``og_totals``: ESMS of each of their organismes in the whole list."""

    esms: tuple[RealEsms, ...]
    og_totals: dict[str, int]
    snapshot_date: dt.date | None


def shipped_list() -> SourceFile:
    """The list that travels with the program."""
    return source_file.examine(FOLDER / _LIST)


def elderly_care_of(region: str) -> ElderlyCare:
    """What the register keeps of the list: hospital long stay and unusable lines are left out."""
    file = shipped_list()
    records = [item for item in elderly_care.items(file) if isinstance(item, Record)]
    totals = Counter(record.organisme_key for record in records)
    inside = sorted((r for r in records if r.region == region), key=lambda r: r.finess_et)
    return ElderlyCare(
        esms=tuple(_placed(inside)),
        og_totals={record.organisme_key: totals[record.organisme_key] for record in inside},
        snapshot_date=snapshot_date_of(file.sha256),
    )


def _placed(records: list[Record]) -> Iterator[RealEsms]:
    for record in records:
        where = commune(record.commune)
        if where is None:
            raise LookupError(f"commune {record.commune}")  # the list's reader found it a moment ago
        lat, lon, origin = where.lat, where.lon, "commune"
        if record.lat is not None and record.lon is not None:
            stated = (record.lat, record.lon)
            if positions.is_believable(*stated, where):
                lat, lon, origin = *stated, "surveyed"
        known = categories().get(record.category)
        yield RealEsms(record, where.name, known.label if known else _EHPA, lat, lon, origin)
