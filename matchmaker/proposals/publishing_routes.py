"""From a plan to its OGs and the ARS: publish it, or withdraw it.

When to modify: publishing a plan asks something more.
"""

from __future__ import annotations

from flask import Response, abort, flash, request, url_for

from matchmaker.proposals import publishing
from matchmaker.proposals.publishing import NotOfACampaignError
from matchmaker.proposals.routes import blueprint
from matchmaker.web.access import access, actor
from matchmaker.web.rendering import go_to
from matchmaker.web.sessions import writing


@blueprint.post("/plans/<int:number>/publication")
@access("gestion")
def publish(number: int) -> Response:
    """Publish this plan to the OGs of its campaign and to the ARS, or withdraw it (``retirer``)."""
    withdrawn = bool(request.form.get("retirer"))
    try:
        with writing() as session:
            act = publishing.withdraw if withdrawn else publishing.publish
            act(session, number, actor=actor())
    except NotOfACampaignError:
        abort(404, "Ce plan a été importé : il n’appartient à aucune campagne d’ici.")
    if withdrawn:
        flash(f"Le plan {number} n’est plus lu par les organismes ni par l’ARS.", "ok")
    else:
        words = (
            "chaque organisme y lit ce qui le concerne, et ceux qui ont un compte en sont avertis ; l’ARS y "
            "lit sa synthèse, sans aucun nom"
        )
        flash(f"Le plan {number} est publié : {words}.", "ok")
    return go_to(url_for("proposals.show", number=number, _anchor="publication"))
