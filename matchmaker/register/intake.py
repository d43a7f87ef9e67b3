"""Compare a source with the register, and take what is new: one transaction, batch after batch.

The same comparison serves a dry run (which only reads) and an import, so that both count alike. A source is
read to its end inside the transaction: whatever stops it leaves the register as it was.

When to modify: which source prevails over which, or what counts as a change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.database.instants import now
from matchmaker.geocoding import cache as geocoded
from matchmaker.geocoding.addresses import Address
from matchmaker.reference import commune
from matchmaker.register import positions
from matchmaker.register.records import Closed, Item, Record, Refusal
from matchmaker.register.tables import Etablissement, Import, ImportRefusal, Organisme

_BATCH = 1000
FINESS = "finess"
ELDERLY_CARE = "liste-pa"


@dataclass(slots=True)
class Counts:
    """Establishments of the file by what became of them; ``refused`` counts lines, ``read`` everything."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    closed: int = 0
    out_of_scope: int = 0
    refused: int = 0
    absent: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the records come from. ``complete``: what FINESS no longer holds is absent, thus closed."""

    source: str
    layout: str
    file_name: str
    sha256: str
    snapshot_date: dt.date
    complete: bool = False


@dataclass(slots=True)
class Intake:
    """One import under way. ``write`` False: a dry run. ``report`` receives each refusal as it comes."""

    session: Session
    origin: Origin
    write: bool
    report: Callable[[Refusal], None]
    counts: Counts = field(default_factory=Counts)
    import_id: int | None = None
    positions_replaced: int = 0
    organismes_added: int = 0
    by_position: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, str] = field(default_factory=dict)
    _new_organismes: set[str] = field(default_factory=set)

    def take(self, items: Iterable[Item]) -> Counts:
        """Read the source to its end."""
        if self.write:
            self.import_id = self._open_import()
        for batch in _batches(items):
            self._take_batch(batch)
        if self.origin.complete:
            self._close_absent()
        if self.write:
            self.session.execute(
                update(Import).where(Import.id == self.import_id).values(**asdict(self.counts))
            )
        return self.counts

    def _open_import(self) -> int:
        row = Import(
            source=self.origin.source,
            layout=self.origin.layout,
            file_name=self.origin.file_name,
            sha256=self.origin.sha256,
            snapshot_date=self.origin.snapshot_date,
            imported_at=now(),
            **asdict(self.counts),
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def _take_batch(self, batch: list[Item]) -> None:
        self.counts.read += len(batch)
        records: list[Record] = []
        closed: list[Closed] = []
        refusals: list[Refusal] = []
        for item in batch:
            if isinstance(item, Refusal):
                refusals.append(item)
            elif first := self._seen.get(item.finess_et):
                refusals.append(
                    Refusal(item.place, "finess", item.finess_et, f"un numéro une seule fois (déjà {first})")
                )
            else:
                self._seen[item.finess_et] = item.place
                if isinstance(item, Record):
                    records.append(item)
                elif isinstance(item, Closed):
                    closed.append(item)
                else:
                    self.counts.out_of_scope += 1
        self._take_records(records)
        self._take_closed(closed)
        self._refuse(refusals)

    def _refuse(self, refusals: list[Refusal]) -> None:
        self.counts.refused += len(refusals)
        for refusal in refusals:
            self.report(refusal)
        if self.write and refusals:
            self.session.execute(
                insert(ImportRefusal),
                [asdict(refusal) | {"import_id": self.import_id} for refusal in refusals],
            )

    def _take_records(self, records: list[Record]) -> None:
        if not records:
            return
        existing = self._existing([record.finess_et for record in records])
        organismes = self._organismes(records)
        placed = self._place(records)
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        same: list[str] = []
        for record, (lat, lon, origin, note) in zip(records, placed, strict=True):
            known = existing.get(record.finess_et)
            if known is not None and _keeps_position(known, record):
                lat, lon, origin, note = known.lat, known.lon, "surveyed", known.position_note
            values: dict[str, Any] = {
                "name": record.name,
                "category": record.category,
                "champ": record.champ,
                "medicalised": record.medicalised,
                "address": record.address,
                "postal_code": record.postal_code,
                "commune": record.commune,
                "departement": record.departement,
                "region": record.region,
                "lat": lat,
                "lon": lon,
                "position_origin": origin,
                "position_note": note,
                "source": self.origin.source,
                "closed_on": None,
            }
            if record.capacity is not None:
                values["capacity"] = record.capacity
            self.by_position[origin] = self.by_position.get(origin, 0) + 1
            link = {
                "organisme_id": organismes.get(record.organisme_key, 0),
                "snapshot_date": self.origin.snapshot_date,
                "import_id": self.import_id,
            }
            if known is None:
                self.counts.added += 1
                added.append(
                    {"finess_et": record.finess_et, "fictitious": False, "capacity": None} | values | link
                )
            elif self._prevails(known):
                self.counts.kept += 1
            elif known.key == record.organisme_key and all(getattr(known, k) == v for k, v in values.items()):
                self.counts.unchanged += 1
                if _day(known) < self.origin.snapshot_date:
                    same.append(record.finess_et)
            elif _day(known) > self.origin.snapshot_date:
                self.counts.kept += 1
            else:
                self.counts.changed += 1
                changed.append({"key": record.finess_et, "capacity": known.capacity} | values | link)
        if self.write:
            self._store(added, changed, same)

    def _prevails(self, known: Any) -> bool:
        """What is known is not touched: drawn for a demonstration, or FINESS over another list."""
        return bool(known.fictitious) or (known.source == FINESS and self.origin.source != FINESS)

    def _existing(self, numbers: list[str]) -> dict[str, Any]:
        columns = Etablissement.__table__.columns
        query = select(*columns, Organisme.key).join(Organisme).where(Etablissement.finess_et.in_(numbers))
        return {row.finess_et: row for row in self.session.execute(query)}

    def _organismes(self, records: list[Record]) -> dict[str, int]:
        """Key -> id of the organismes of these records, made or renamed as the source says."""
        wanted = {record.organisme_key: record for record in records}
        query = select(Organisme.key, Organisme.id, Organisme.name).where(Organisme.key.in_(list(wanted)))
        known = {row.key: row for row in self.session.execute(query)}
        new = [
            record for key, record in wanted.items() if key not in known and key not in self._new_organismes
        ]
        self.organismes_added += len(new)
        if not self.write:
            self._new_organismes.update(record.organisme_key for record in new)
            return {}
        if new:
            self.session.execute(
                insert(Organisme),
                [
                    {
                        "key": record.organisme_key,
                        "finess_ej": record.finess_ej,
                        "name": record.organisme_name or f"Organisme {record.finess_ej}",
                        "esms_total_declared": None,
                        "fictitious": False,
                    }
                    for record in new
                ],
            )
        for key, row in known.items():
            name = wanted[key].organisme_name
            if name and name != row.name and key.startswith("ej:"):
                self.session.execute(update(Organisme).where(Organisme.id == row.id).values(name=name))
        return {row.key: row.id for row in self.session.execute(query)}

    def _place(self, records: list[Record]) -> list[tuple[float, float, str, str]]:
        """(lat, lon, origin, note) of each record: its own if believable, its address's, its commune's."""
        asked = {r.finess_et: address_of(r) for r in records if r.lat is None and r.address}
        found = geocoded.positions(self.session, {a.key for a in asked.values()}) if asked else {}
        return [self._place_one(record, asked.get(record.finess_et), found) for record in records]

    def _place_one(
        self, record: Record, asked: Address | None, found: dict[str, tuple[float, float]]
    ) -> tuple[float, float, str, str]:
        centre = commune(record.commune)
        if centre is None:
            raise LookupError(f"{record.commune}: a reader let an unknown commune through")
        if record.lat is not None and record.lon is not None:
            if positions.is_believable(record.lat, record.lon, centre):
                return record.lat, record.lon, "surveyed", ""
            self.positions_replaced += 1
            far = positions.distance_km(record.lat, record.lon, centre)
            note = f"position du fichier à {far:.0f} km de {centre.name} : centre de la commune retenu"
            return centre.lat, centre.lon, "commune", note
        if asked and asked.key in found:
            lat, lon = found[asked.key]
            if positions.is_believable(lat, lon, centre):
                return lat, lon, "address", ""
        return centre.lat, centre.lon, "commune", ""

    def _store(self, added: list[dict[str, Any]], changed: list[dict[str, Any]], same: list[str]) -> None:
        table = cast(Table, Etablissement.__table__)
        if added:
            self.session.connection().execute(insert(table), added)
        if changed:
            assigned: dict[str, Any] = {name: bindparam(name) for name in changed[0] if name != "key"}
            statement = update(table).where(table.c.finess_et == bindparam("key")).values(assigned)
            self.session.connection().execute(statement, changed)
        if same:
            self.session.execute(
                update(Etablissement)
                .where(Etablissement.finess_et.in_(same))
                .values(snapshot_date=self.origin.snapshot_date)
            )

    def _take_closed(self, closed: list[Closed]) -> None:
        if not closed:
            return
        self.counts.closed += len(closed)
        if not self.write:
            return
        for known in self._existing([one.finess_et for one in closed]).values():
            if not known.fictitious and _day(known) <= self.origin.snapshot_date and known.closed_on is None:
                on = next(one.on for one in closed if one.finess_et == known.finess_et)
                self._close([known.finess_et], on or self.origin.snapshot_date)

    def _close_absent(self) -> None:
        query = select(Etablissement.finess_et).where(
            Etablissement.source == FINESS,
            Etablissement.closed_on.is_(None),
            Etablissement.fictitious.is_(False),
            Etablissement.snapshot_date <= self.origin.snapshot_date,
        )
        absent = [number for number in self.session.scalars(query) if number not in self._seen]
        self.counts.absent = len(absent)
        if self.write:
            for start in range(0, len(absent), _BATCH):
                self._close(absent[start : start + _BATCH], self.origin.snapshot_date)

    def _close(self, numbers: list[str], on: dt.date) -> None:
        self.session.execute(
            update(Etablissement)
            .where(Etablissement.finess_et.in_(numbers))
            .values(closed_on=on, import_id=self.import_id, snapshot_date=self.origin.snapshot_date)
        )


def address_of(record: Record) -> Address:
    """What to ask the geocoder about a record."""
    where = commune(record.commune)
    return Address(record.address, record.postal_code, record.commune, where.name if where else "")


def _keeps_position(known: Any, record: Record) -> bool:
    """A position that another source surveyed is worth more than none, in the same commune."""
    surveyed: bool = known.position_origin == "surveyed"
    return record.lat is None and surveyed and known.commune == record.commune and not known.fictitious


def _day(known: Any) -> dt.date:
    day: dt.date = known.snapshot_date or dt.date.min
    return day


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def trace(session: Session, intake: Intake) -> None:
    """Write in the journal what an import did."""
    counts = intake.counts
    journal.record(
        session,
        journal.LOCAL,
        "registre.importer",
        f"import:{intake.import_id}",
        label=intake.origin.file_name,
        detail={
            "added": counts.added,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "refused": counts.refused,
        },
    )
