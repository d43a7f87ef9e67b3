"""From a plan to the next runs: keep one of its grappes, or stay close to all of them.

When to modify: a plan can hold back the next runs in another way.
"""

from __future__ import annotations

from flask import Response, abort, flash, url_for

from matchmaker.campaigns import keeping_grappes
from matchmaker.campaigns.forms.numbers import whole_number
from matchmaker.campaigns.keeping_grappes import PlannedGrappe
from matchmaker.campaigns.problems import RefusedError
from matchmaker.proposals.forms import KeepForm, StayCloseForm
from matchmaker.proposals.held import held_of
from matchmaker.proposals.plan import Grappe
from matchmaker.proposals.routes import blueprint, grappe_or_404, grappe_page, kept_or_404, plan_page
from matchmaker.web.access import access, actor
from matchmaker.web.rendering import go_to
from matchmaker.web.sessions import writing


@blueprint.post("/plans/<int:number>/grappes/<path:grappe_id>/conserver")
@access("gestion")
def keep_grappe(number: int, grappe_id: str) -> Response:
    """Keep a grappe in every run of its campaign; 422 with the reason when it cannot be."""
    kept = kept_or_404(number)
    found = grappe_or_404(kept, grappe_id)
    form = KeepForm()
    if found.id in held_of(kept).grappes:
        flash(f"La grappe {found.id} était déjà conservée.", "neutre")
        return go_to(url_for("proposals.grappe", number=number, grappe_id=found.id))
    try:
        with writing() as session:
            keeping_grappes.fix(
                session,
                _campaign_or_404(kept.summary.campaign_id),
                _planned(number, found),
                form.reason.data or "",
                extendable=form.extendable.data == "oui",
                actor=actor(),
            )
    except RefusedError as error:
        form.attach(error.problems)
        return grappe_page(kept, found, form, 422)
    flash(f"La grappe {found.id} sera gardée par les prochains calculs de la campagne.", "ok")
    return go_to(url_for("proposals.grappe", number=number, grappe_id=found.id))


@blueprint.post("/plans/<int:number>/reference")
@access("gestion")
def stay_close(number: int) -> Response:
    """Make this plan the one that the next runs stay close to, then show what a run would be asked."""
    kept = kept_or_404(number)
    campaign_id = _campaign_or_404(kept.summary.campaign_id)
    form = StayCloseForm()
    grappes = [
        {
            "id": g.id,
            "solution": g.solution.id,
            "hosting": g.hosting,
            "porteur": g.porteur.id,
            "members": [e.id for e in g.members],
        }
        for g in kept.plan.grappes
    ]
    try:
        with writing() as session:
            weight = whole_number(form.weight.data)
            keeping_grappes.stay_close(session, campaign_id, number, grappes, weight, actor=actor())
    except RefusedError as error:
        form.attach(error.problems)
        return plan_page(kept, form, 422)
    flash(f"Le plan {number} est la référence du prochain calcul.", "ok")
    return go_to(url_for("runs.of_campaign", campaign_id=campaign_id))


def _planned(number: int, grappe: Grappe) -> PlannedGrappe:
    return PlannedGrappe(
        id=grappe.id,
        plan=number,
        solution=grappe.solution.id,
        hosting=grappe.hosting,
        porteur=grappe.porteur.id,
        members=tuple(e.id for e in grappe.members),
    )


def _campaign_or_404(campaign_id: int | None) -> int:
    if campaign_id is None:
        abort(404, "Ce plan a été importé : il n’appartient à aucune campagne d’ici.")
    return campaign_id
