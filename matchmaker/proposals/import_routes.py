"""The page that takes in a plan exported elsewhere."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, url_for

from matchmaker.journal import trail
from matchmaker.proposals import keeping
from matchmaker.proposals.forms import ImportForm
from matchmaker.proposals.importing import Pair, UnusablePairError, read_pair, swapped
from matchmaker.proposals.refusals import sentence
from matchmaker.proposals.routes import blueprint
from matchmaker.web.access import access, actor, ground
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import writing

_SHOWN = 50


@blueprint.get("/plans/importer")
@access("gestion")
def import_form() -> str:
    """Ask for the two files."""
    return _form_page(ImportForm())


@blueprint.post("/plans/importer")
@access("gestion")
def import_pair() -> Response:
    """Read, judge and keep the two files; nothing is kept when the judge disagrees."""
    form = ImportForm()
    if not form.validate():
        return make_response(_form_page(form), 422)
    instance_file, proposal_file = form.instance.data.read(), form.proposal.data.read()
    if swapped(instance_file, proposal_file):
        form.instance.errors = ["Ce fichier est une proposition : les deux fichiers semblent inversés."]
        return make_response(_form_page(form), 422)
    try:
        pair = read_pair(instance_file, proposal_file)
    except UnusablePairError as refused:
        return make_response(_form_page(form, refused), 422)
    number = _keep(pair)
    flash("Le contrôleur a relu ce plan et retrouve ses grappes, ses montants et ses explications.", "ok")
    return make_response(redirect(url_for("proposals.show", number=number), 303))


def _keep(pair: Pair) -> int:
    with writing() as session:
        number = keeping.keep_imported(session, pair.instance, pair.proposal, _own_region())
        label = str(pair.instance.get("title") or "Plan sans titre")
        trail.record(session, actor(), "plan.importer", f"proposal:{number}", label=label)
    return number


def _own_region() -> str | None:
    """The région for which who asks imports a plan; None for who acts in all of them."""
    held = ground("gestion")
    return None if held.everywhere else min(region for region, _departement in held.places)


def _form_page(form: ImportForm, refused: UnusablePairError | None = None) -> str:
    return render_page("proposals/import.html", form=form, refused=refused, shown=_SHOWN, sentence=sentence)
