"""« Essayer sans enregistrer »: an answer for some of one's ESMS, and its effect. Nothing is written."""

from __future__ import annotations

from flask import Response, make_response, request
from werkzeug.datastructures import MultiDict

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns import editing, spaces
from matchmaker.campaigns.answers import ANY
from matchmaker.database.instants import now
from matchmaker.og import forms, rows, saving, trying
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.og.rows import MyEsms
from matchmaker.partners.trying import opening, opening_with
from matchmaker.partners.viewing import view_of
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page
from matchmaker.web.security import secret_key
from matchmaker.web.sessions import reading
from solver.vocabulary import Hosting


@blueprint.get("/og/essayer")
@access("organisme")
def try_answers() -> Response:
    """Before and after: ESMS that enter a run, euros, partners. The query string holds what is tried."""
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        mine = rows.of_space(session, own[0])
        asked = request.args if request.args else _start(mine)
        codes = [code for code in asked.getlist("esms") if code in mine.by_code] or list(mine.by_code)
        given = forms.for_several(asked)
        found = trying.trial(mine, given, codes) if saving.stated(given) else None
        view = view_of(session, own, secret_key(), moment)
        before = after = None
        if view is not None and found is not None:
            before = after = opening(view.board)
            if found.changed:
                after = opening_with(session, view, found.answers, moment)
    text = render_page(
        "og/essayer.html",
        **context(own, mine=mine, asked=asked, codes=codes, found=found, before=before, after=after),
        tried=bool(request.args),
        carried=editing.text_of,
        disputed={c.id: c for c in shipped_rules().contradictions},
    )
    return make_response(text)


def _start(mine: MyEsms) -> MultiDict[str, str]:
    """What all ESMS answer alike, as the form sends it."""
    common = trying.in_common(mine)
    sent: MultiDict[str, str] = MultiDict()
    if common.get("need"):
        sent["besoin"] = common["need"]
    hosting = common.get("accepted_hosting")
    sent.setlist("hebergements", [mode.value for mode in Hosting] if hosting == ANY else list(hosting or ()))
    solutions = common.get("accepted_solutions")
    sent.setlist("solutions", [ANY] if solutions == ANY else list(solutions or ()))
    sent.setlist("esms", list(mine.by_code))
    return sent
