"""The disputed readings of a campaign, each to accept or to change."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker.baremes.rules import Stake
from matchmaker.campaigns import campaign
from matchmaker.campaigns import readings as choices
from matchmaker.campaigns.forms.readings import readings_form
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.routes.blueprint import blueprint, context
from matchmaker.web.access import access, actor
from matchmaker.web.formats import pluriel
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.route("/campagnes/<int:campaign_id>/contraintes/lectures", methods=["GET", "POST"])
@access("gestion")
def readings(campaign_id: int) -> AnyResponse | tuple[str, int] | str:
    """Each reading with its sources; ``tout=1`` accepts all that nobody settled yet, as they are proposed."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        taken = choices.taken(session, campaign_id)
    form = readings_form(taken)
    if form.is_submitted():
        sent = form.choices(taken)
        if request.form.get("tout"):
            left = (one for one in taken if one.author is None and one.contradiction.id not in sent)
            sent |= {one.contradiction.id: one.option.id for one in left}
        try:
            with writing() as session:
                accepted, changed = choices.settle(
                    session, campaign_id, sent, form.reason.data or "", actor=actor()
                )
        except RefusedError as error:
            form.attach(error.problems)
        else:
            flash(*_told(accepted, changed))
            return redirect(url_for(".readings", campaign_id=campaign_id), 303)
    groups = [(stake, [one for one in taken if one.contradiction.bears_on is stake]) for stake in Stake]
    page = render_page(
        "campaigns/readings.html",
        **context(
            values,
            form=form,
            groups=[(stake.value, found) for stake, found in groups if found],
            count=len(taken),
            unread=sum(1 for one in taken if one.author is None),
        ),
    )
    return (page, 422) if form.is_submitted() else page


def _told(accepted: int, changed: int) -> tuple[str, str]:
    if not accepted and not changed:
        return "Rien n’a changé.", "neutre"
    parts = []
    if accepted:
        parts.append(pluriel(accepted, "lecture acceptée", "lectures acceptées"))
    if changed:
        parts.append(pluriel(changed, "lecture changée", "lectures changées"))
    return f"{' et '.join(parts)}. Cela vaudra pour les prochains calculs.", "ok"
