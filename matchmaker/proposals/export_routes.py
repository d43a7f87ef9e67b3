"""Files of a plan: the two documents as they are, and the plan as CSV, XLSX and GeoJSON."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, make_response, request

from matchmaker.proposals import keeping
from matchmaker.proposals.plan import Plan
from matchmaker.proposals.routes import blueprint, kept_or_404
from matchmaker.proposals.tables_out import csv_file, geojson_file
from matchmaker.proposals.workbook import workbook
from matchmaker.web.access import access
from matchmaker.web.sessions import reading

_MAKERS: dict[str, tuple[str, Callable[[Plan, int], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", lambda plan, number: csv_file(plan)),
    "geojson": ("application/geo+json", lambda plan, number: geojson_file(plan)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
}
_DOCUMENTS = ("instance.json", "proposition.json")


@blueprint.get("/plans/<int:number>/export/<name>")
@access("lecture")
def export(number: int, name: str) -> Response:
    """A file of the plan, by its kind."""
    if name in _DOCUMENTS:
        kept_or_404(number)
        with reading() as session:
            body = keeping.documents(session, number)[_DOCUMENTS.index(name)]
        kind, file = "application/json", f"plan-{number}-{name}"
    elif name in _MAKERS:
        kind, make = _MAKERS[name]
        body, file = make(kept_or_404(number).plan, number), f"plan-{number}.{name}"
    else:
        abort(404, f"Il n’y a pas d’export « {name} ».")
    response = make_response(body)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.add_etag()
    response.make_conditional(request)
    return response
