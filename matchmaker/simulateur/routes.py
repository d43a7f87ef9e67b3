"""``/simulateur``: the question and its answer on one address, that can be kept, sent and printed.

When to modify: the simulator gains a page.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, request, url_for

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.trace import Standing
from matchmaker.reference.territories import regions
from matchmaker.simulateur.forms import SimulationForm
from matchmaker.simulateur.questions import NEEDS, YOURS, Simulation, projet_of
from matchmaker.simulateur.wording import NEED_LABELS, main_kind_of, question_of
from matchmaker.simulateur.workbook import workbook
from matchmaker.web.access import access
from matchmaker.web.rendering import page_or_block
from solver.vocabulary import Champ

blueprint = Blueprint("simulateur", __name__, url_prefix="/simulateur")


@blueprint.get("")
@access("public")
def index() -> Response:
    """The form; with an answer as soon as the address carries a question. 422 when a value cannot be used."""
    rules = shipped_rules()
    asked = bool(request.args)
    form = SimulationForm(rules, request.args if asked else None)
    simulation = form.read() if asked else None
    return page_or_block(
        "simulateur/index.html",
        "resultat",
        status=422 if asked and simulation is None else 200,
        rules=rules,
        form=form,
        asked=asked,
        champs=[(champ, CHAMPS[champ.value]) for champ in Champ],
        needs=[(need, NEED_LABELS[need]) for need in NEEDS],
        **({} if simulation is None else _answer(simulation)),
    )


@blueprint.get("/classeur.xlsx")
@access("public")
def classeur() -> Response:
    """The answer of the same address as a workbook; a question that cannot be used goes back to its page."""
    simulation = SimulationForm(shipped_rules(), request.args).read()
    if simulation is None:
        return make_response(redirect(_address("simulateur.index"), 303))
    resultat = evaluate(shipped_rules(), projet_of(simulation))
    link = _address("simulateur.index", external=True)
    response = make_response(workbook(resultat, question_of(simulation), link))
    response.mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response.headers["Content-Disposition"] = 'attachment; filename="simulation.xlsx"'
    return response


def _answer(simulation: Simulation) -> dict[str, object]:
    resultat = evaluate(shipped_rules(), projet_of(simulation))
    own = next((o for o in resultat.organismes if o.organisme == YOURS), None)
    other = resultat.existence.other_call
    return {
        "simulation": simulation,
        "resultat": resultat,
        "yours": own,
        "main_kind": main_kind_of(simulation),
        "question": question_of(simulation),
        "region_name": regions()[simulation.region].name,
        "possible": _lines(resultat, Standing.POSSIBLE),
        "not_counted": _lines(resultat, Standing.NOT_COUNTED),
        "disputed": {c.id: c for c in shipped_rules().contradictions},
        "orders": [o for o in resultat.sons.orders if o.organisme == YOURS],
        "other_call_url": (None if other is None else _address("simulateur.index", appel=other)),
        "workbook_url": _address("simulateur.classeur"),
        "permanent": _address("simulateur.index", external=True),
    }


def _lines(resultat: Resultat, standing: Standing) -> list[object]:
    return [line for line in resultat.trace() if line.standing is standing]


def _address(endpoint: str, *, external: bool = False, **changed: str) -> str:
    """The question on another page: its own fields only, the empty ones left out.

    What else an address carries is dropped: ``url_for`` would take ``_scheme`` for its own.
    """
    names = SimulationForm.names()
    asked = {name: value for name, value in request.args.items() if name in names and value.strip()}
    base = url_for(endpoint, _external=external)
    return f"{base}?{urlencode({**asked, **changed})}"
