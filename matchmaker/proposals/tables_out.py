"""A plan as flat rows, for files that other programs open: figures bare, words as on the pages.

When to modify: an export gains a column (at the end: somebody's sheet counts on the order).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from matchmaker.proposals import departures, wording
from matchmaker.proposals.distances import kilometres_from
from matchmaker.proposals.plan import Esms, Grappe, Plan, Unplaced

Row = list[Any]
_ORIGINS = {"surveyed": "source", "address": "adresse", "commune": "centre de la commune"}

ESMS_COLUMNS = (
    "esms", "nom", "organisme", "organisme_nom", "champ", "categorie", "commune", "departement", "region",
    "lat", "lon", "origine_position", "besoin", "dui_actuel", "fictif", "situation", "grappe", "role",
    "distance_porteur_km", "solution", "hebergement", "cause", "explication", "changements",
    "si_son_organisme_part",
)  # fmt: skip
GRAPPE_COLUMNS = (
    "grappe", "territoire", "solution", "segur", "hebergement", "porteur", "porteur_nom", "esms", "seuil",
    "marge", "organismes", "rayon_km", "distance_moyenne_km", "montant_maximal_indicatif_eur",
    "departs_supportes", "organismes_qui_cassent",
)  # fmt: skip
DEPARTURE_COLUMNS = (
    "grappe", "organisme", "organisme_nom", "esms_qui_partent", "la_grappe_tient", "ce_qui_resterait",
    "il_manque", "montant_restant_eur", "remplacants", "remplacants_noms", "distance_porteur_km",
    "montant_avec_remplacants_eur", "concession_des_remplacants",
)  # fmt: skip
REGION_COLUMNS = ("grappe", "region", "region_nom", "montant_eur")


def esms_rows(plan: Plan) -> Iterator[Row]:
    """One row per ESMS: the placed by grappe, then the unplaced."""
    for grappe in plan.grappes:
        kilometres = kilometres_from(grappe.porteur, grappe.members)
        leaving = {d.organisme.id: d for d in departures.solidity(plan, grappe).departures}
        for e, distance in zip(grappe.members, kilometres, strict=True):
            after = departures.outcome(grappe, leaving[e.organisme.id])
            yield [*_esms(plan, e), *_placed(grappe, e, distance), after]
    for unplaced in plan.unplaced:
        yield [*_esms(plan, unplaced.esms), *_left(plan, unplaced)]


def _esms(plan: Plan, e: Esms) -> Row:
    fictitious = e.fictitious or e.organisme.fictitious
    actual = "" if e.current_solution is None else wording.solution(plan, e.current_solution)
    return [
        e.id, e.name, e.organisme.id, e.organisme.name, e.champ, e.category, e.commune or "", e.departement,
        e.region, e.lat, e.lon, _ORIGINS.get(e.position_origin or "", ""), wording.NEEDS[e.need], actual,
        "oui" if fictitious else "non",
    ]  # fmt: skip


def _placed(grappe: Grappe, e: Esms, distance: float) -> Row:
    role = "porteur" if e.id == grappe.porteur.id else "membre"
    offer = [grappe.solution.name, wording.hosting(grappe.hosting)]
    return ["placé", grappe.id, role, round(distance, 1), *offer, "", "", ""]


def _left(plan: Plan, unplaced: Unplaced) -> Row:
    changes = " ; ".join(wording.change(plan, change) for change in unplaced.changes)
    cause = wording.REASONS[unplaced.reason][0]
    return ["non placé", "", "", "", "", "", cause, wording.reason(plan, unplaced), changes, ""]


def grappe_rows(plan: Plan) -> Iterator[Row]:
    for g in plan.grappes:
        solid = departures.solidity(plan, g)
        yield [
            g.id, wording.grappe_name(g), g.solution.name, wording.SEGUR[g.solution.segur],
            wording.hosting(g.hosting), g.porteur.id, g.porteur.name, g.size, g.threshold, g.margin,
            len(g.organismes), round(g.radius_km, 1), round(g.mean_distance_km, 1), g.funding_eur,
            solid.spared, " ; ".join(d.organisme.name for d in solid.breaking),
        ]  # fmt: skip


def departure_rows(plan: Plan) -> Iterator[Row]:
    """One row per organisme of each grappe, and one more for each further replacement."""
    for g in plan.grappes:
        for d in departures.solidity(plan, g).departures:
            own = [
                g.id, d.organisme.id, d.organisme.name, d.count, "oui" if d.stands else "non",
                departures.outcome(g, d), d.missing or "", "" if d.funding_eur is None else d.funding_eur,
            ]  # fmt: skip
            for r in d.replacements:
                ids, names = " ".join(e.id for e in r.esms), " ; ".join(e.name for e in r.esms)
                yield [*own, ids, names, round(r.km, 1), r.funding_eur, departures.condition(plan, r)]
            if not d.replacements:
                yield [*own, "", "", "", "", ""]


def region_rows(plan: Plan) -> Iterator[Row]:
    for g in plan.grappes:
        for code, amount in g.by_region.items():
            yield [g.id, code, wording.region(code), amount]


def csv_file(plan: Plan) -> bytes:
    """One ESMS a row."""
    return csv_of(ESMS_COLUMNS, esms_rows(plan))


def csv_of(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Semicolons and a byte order mark, so that French spreadsheets open it as it is."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula is kept as text; floats get their decimal comma."""
    if isinstance(value, float):
        return repr(value).replace(".", ",")
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value


def geojson_file(plan: Plan) -> bytes:
    """One point per ESMS (RFC 7946: WGS 84, longitude first)."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
            "properties": {key: value for key, value in row.items() if key not in ("lat", "lon")},
        }
        for row in (dict(zip(ESMS_COLUMNS, values, strict=True)) for values in esms_rows(plan))
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)
    return text.encode() + b"\n"
