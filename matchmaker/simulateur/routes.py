"""``/simulateur``: the question and its answer on one address, that can be kept, sent and printed.

When to modify: the simulator gains a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, request, url_for

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.trace import Standing
from matchmaker.reference.territories import regions
from matchmaker.register.finess_number import Holding
from matchmaker.simulateur import prefill
from matchmaker.simulateur.dossier import pdf
from matchmaker.simulateur.forms import SimulationForm
from matchmaker.simulateur.fragments import drawn
from matchmaker.simulateur.questions import NEEDS, RARE_NEEDS, YOURS, Simulation, goals_of, projet_of
from matchmaker.simulateur.wording import (
    NEED_LABELS,
    announced,
    main_kind_of,
    question_of,
    unknown_solution,
    verdict_detail,
)
from matchmaker.simulateur.workbook import workbook
from matchmaker.web.access import access
from matchmaker.web.rendering import go_to, page_or_block, wants_block
from matchmaker.web.sessions import reading
from solver.vocabulary import Champ

blueprint = Blueprint("simulateur", __name__, url_prefix="/simulateur")


@blueprint.get("")
@access("public")
def index() -> Response:
    """The form; with an answer as soon as the address carries a question. 422 when a value cannot be used.

    ``preremplir``: fill the form from the register; so does a number that comes alone.
    """
    rules = shipped_rules()
    form = SimulationForm(rules, request.args or None)
    found, problem = _asked_of_register(form)
    if found is not None and ("preremplir" in request.args or (form.is_empty and not wants_block())):
        return go_to(_address("simulateur.index", prefill.answers(found)))
    simulation = form.read(problem) if request.args else None
    # nothing typed in the table yet, by somebody who is typing: no mistake, a hint
    hint = form.take_back_emptiness() if wants_block() else None
    return page_or_block(
        "simulateur/index.html",
        "resultat",
        status=422 if request.args and simulation is None and hint is None else 200,
        rules=rules,
        form=form,
        asked=bool(request.args),
        hint=hint,
        partial=wants_block(),
        dessine=drawn,
        champs=[(champ, CHAMPS[champ.value]) for champ in Champ],
        needs=[(need, NEED_LABELS[need]) for need in NEEDS],
        rare_needs=[(need, NEED_LABELS[need]) for need in RARE_NEEDS],
        rare_open=any((form.count(c, need).data or "").strip() for c in Champ for need in RARE_NEEDS),
        source_sentence=None if found is None else prefill.source_sentence(found),
        organisme_url=_organisme_url(found),
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
    content = workbook(resultat, question_of(simulation), _address("simulateur.index", external=True))
    return _file(
        content, "simulation.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


@blueprint.get("/resultat.pdf")
@access("public")
def resultat_pdf() -> Response:
    """The answer of the same address as a PDF, every line with the words of its rule."""
    form = SimulationForm(shipped_rules(), request.args)
    simulation = form.read()
    if simulation is None:
        return make_response(redirect(_address("simulateur.index"), 303))
    found, _problem = _asked_of_register(form)
    resultat = evaluate(shipped_rules(), projet_of(simulation))
    source = None if found is None else prefill.source_sentence(found)
    link = _address("simulateur.index", external=True)
    return _file(pdf(resultat, simulation, source, link), "simulation.pdf", "application/pdf")


def _file(content: bytes, name: str, mimetype: str) -> Response:
    response = make_response(content)
    response.mimetype = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked_of_register(form: SimulationForm) -> tuple[Holding | None, str | None]:
    """What the register holds of the number typed, or why nothing; neither when none is."""
    typed = (form.finess.data or "").strip()
    if not typed:
        return None, None
    with reading() as session:
        return prefill.asked(session, typed)


def _organisme_url(found: Holding | None) -> str | None:
    """From one ESMS to all those of its organisme."""
    if found is None or found.juridique or found.organisme_finess is None or found.esms_total < 2:
        return None
    return _address("simulateur.index", {"finess": found.organisme_finess, "preremplir": "oui"})


def _answer(simulation: Simulation) -> dict[str, object]:
    resultat = evaluate(shipped_rules(), projet_of(simulation))
    own = next((o for o in resultat.organismes if o.organisme == YOURS), None)
    other = resultat.existence.other_call
    rules, regime, region = shipped_rules(), simulation.regime, simulation.region
    credit = next((e for e in rules.envelopes if (e.regime, e.region) == (regime, region)), None)
    return {
        "goals": goals_of(simulation),
        "envelope": credit,
        "simulation": simulation,
        "resultat": resultat,
        "verdict_detail": verdict_detail(resultat.existence),
        "annonce": announced(resultat),
        "unknown_solution": unknown_solution(simulation, resultat.total_eur),
        "yours": own,
        "main_kind": main_kind_of(simulation),
        "question": question_of(simulation),
        "region_name": regions()[simulation.region].name,
        "possible": _lines(resultat, Standing.POSSIBLE),
        "not_counted": _lines(resultat, Standing.NOT_COUNTED),
        "disputed": {c.id: c for c in shipped_rules().contradictions},
        "orders": [o for o in resultat.sons.orders if o.organisme == YOURS],
        "other_call_url": (None if other is None else _address("simulateur.index", {"appel": other})),
        "workbook_url": _address("simulateur.classeur"),
        "pdf_url": _address("simulateur.resultat_pdf"),
        "permanent": _address("simulateur.index", external=True),
    }


def _lines(resultat: Resultat, standing: Standing) -> list[object]:
    return [line for line in resultat.trace() if line.standing is standing]


def _address(endpoint: str, changed: Mapping[str, str] | None = None, *, external: bool = False) -> str:
    """The question on another page: its own fields only, the empty ones left out.

    What else an address carries is dropped: ``url_for`` would take ``_scheme`` for its own.
    """
    names = SimulationForm.names()
    asked = {name: value for name, value in request.args.items() if name in names}
    query = {name: value for name, value in {**asked, **(changed or {})}.items() if value.strip()}
    base = url_for(endpoint, _external=external)
    return f"{base}?{urlencode(query)}"
