"""Files of a plan: the two documents as they are, the plan as CSV, XLSX and GeoJSON, its amounts with their
rules."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, make_response, request

from matchmaker.proposals import keeping
from matchmaker.proposals.funding import Book, book_of
from matchmaker.proposals.routes import blueprint, kept_or_404
from matchmaker.proposals.tables_out import csv_file, geojson_file
from matchmaker.proposals.traces_out import funding_csv, funding_json
from matchmaker.proposals.workbook import workbook
from matchmaker.web.access import access
from matchmaker.web.sessions import reading

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_MAKERS: dict[str, tuple[str, str, Callable[[Book, int], bytes]]] = {
    # name of the address -> kind, end of the file's name, maker
    "csv": (CSV, ".csv", lambda book, number: csv_file(book.plan)),
    "geojson": ("application/geo+json", ".geojson", lambda book, number: geojson_file(book.plan)),
    "xlsx": (XLSX, ".xlsx", workbook),
    "financement.csv": (CSV, "-financement.csv", lambda book, number: funding_csv(book)),
    "financement.json": ("application/json", "-financement.json", funding_json),
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
        kind, end, make = _MAKERS[name]
        body, file = make(book_of(kept_or_404(number)), number), f"plan-{number}{end}"
    else:
        abort(404, f"Il n’y a pas d’export « {name} ».")
    return download(body, kind, file)


def download(body: bytes, kind: str, file: str) -> Response:
    """A file to keep, with what lets a browser not ask for it twice."""
    response = make_response(body)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.add_etag()
    response.make_conditional(request)
    return response
