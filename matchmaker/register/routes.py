"""Pages of the register: what it holds by région, its establishments, its imports and what they refused.

When to modify: a page about the register is added.
"""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, abort, request, url_for
from flask.blueprints import BlueprintSetupState

from matchmaker.reference import commune, regions
from matchmaker.register import directory
from matchmaker.register.tables import Etablissement
from matchmaker.web.access import access, unowned
from matchmaker.web.numbers import asked_page
from matchmaker.web.rendering import page_or_block, render_page
from matchmaker.web.sessions import reading

blueprint = Blueprint("register", __name__, url_prefix="/registre")


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    """The register is public data, the same for all who may read it."""
    unowned(state.app, "register", "import_id")


_PER_PAGE = 50


@blueprint.get("")
@access("synthese")
def index() -> str:
    """Counts by région and origin of position, and the imports, newest first."""
    with reading() as session:
        return render_page(
            "registre/index.html",
            counts=directory.region_counts(session),
            imports=directory.imports(session),
            sources=directory.SOURCE_LABELS,
        )


@blueprint.get("/regions/<code>")
@access("synthese")
def region(code: str) -> Response:
    """Open establishments of a région; ``origine``: only those placed that way; ``page``: from 1."""
    found = regions().get(code)
    if found is None:
        abort(404, f"Aucune région n’a le code « {code} ».")
    origin = request.args.get("origine", "")
    origin = origin if origin in directory.POSITION_LABELS else ""
    page = asked_page()
    with reading() as session:
        rows, total = directory.establishments(session, code, origin, page, _PER_PAGE)
        return page_or_block(
            "registre/region.html",
            "liste",
            region=found,
            rows=rows,
            total=total,
            origin=origin,
            labels=directory.POSITION_LABELS,
            page=page,
            pages=-(-total // _PER_PAGE),
            url_of=lambda n: url_for("register.region", code=code, origine=origin or None, page=n),
        )


@blueprint.get("/imports/<int:import_id>")
@access("synthese")
def import_page(import_id: int) -> str:
    """One import: its counts, and the first of its refusals."""
    with reading() as session:
        found = directory.import_by_id(session, import_id)
        if found is None:
            abort(404, "Cet import n’est pas dans le registre.")
        refused = directory.refusals(session, import_id, _PER_PAGE * 4)
        return render_page(
            "registre/import.html", found=found, refused=refused, sources=directory.SOURCE_LABELS
        )


@blueprint.get("/imports/<int:import_id>/refus.csv")
@access("synthese")
def import_refusals(import_id: int) -> Response:
    """Every refusal of an import, for a French spreadsheet."""
    with reading() as session:
        if directory.import_by_id(session, import_id) is None:
            abort(404, "Cet import n’est pas dans le registre.")
        out = io.StringIO()
        directory.write_refusals(csv.writer(out, delimiter=";"), directory.refusals(session, import_id))
    response = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename=refus-import-{import_id}.csv"
    return response


@blueprint.app_template_filter("nom_de_commune")
def commune_name(row: Etablissement) -> str:
    """The name of the commune of an establishment; its code when it is no longer known."""
    found = commune(row.commune)
    return found.name if found else row.commune
