"""Say by which day the answers of a campaign are expected, on the page of the campaign."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug import Response as AnyResponse

from matchmaker.campaigns import answers_due
from matchmaker.campaigns.forms.deadline import DeadlineForm
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.routes.blueprint import blueprint
from matchmaker.campaigns.routes.campaign_pages import show_page
from matchmaker.database.instants import now
from matchmaker.web.access import access, actor
from matchmaker.web.formats import date_longue, day_of
from matchmaker.web.sessions import writing


@blueprint.post("/campagnes/<int:campaign_id>/reponses-attendues")
@access("gestion")
def expect_answers(campaign_id: int) -> AnyResponse | tuple[str, int]:
    """Keep the day, or none; 422 with the page when it cannot be kept."""
    form = DeadlineForm()
    try:
        day = answers_due.typed(form.answers_due.data or "")
        with writing() as session:
            answers_due.expect(session, campaign_id, day, today=day_of(now()), actor=actor())
    except RefusedError as error:
        form.attach(error.problems)
        return show_page(campaign_id, form), 422
    if day is None:
        flash("La campagne n’annonce plus de jour pour les réponses.", "ok")
    else:
        flash(
            f"Les réponses sont attendues au plus tard le {date_longue(day)} : les organismes le lisent sur "
            "leurs pages.",
            "ok",
        )
    return redirect(url_for(".show", campaign_id=campaign_id), 303)
