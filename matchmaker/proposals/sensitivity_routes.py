"""What a plan hangs on: its amounts, grappes and dates under each disputed reading; and under another call.

When to modify: a report on a plan is added.
"""

from __future__ import annotations

from flask import Response, abort, current_app, make_response, request

from matchmaker.baremes.scales import extended_rules, shipped_rules
from matchmaker.campaigns import wording as campaign_words
from matchmaker.financement.differences import what_changes
from matchmaker.proposals.export_routes import CSV, XLSX, download
from matchmaker.proposals.funding import book_of
from matchmaker.proposals.reports import ChangesForm
from matchmaker.proposals.routes import blueprint, plan_context, read_or_404
from matchmaker.proposals.traces_out import readings_csv
from matchmaker.proposals.workbook import readings_workbook
from matchmaker.web.access import access
from matchmaker.web.rendering import page_or_block, render_page


@blueprint.get("/plans/<int:number>/lectures")
@access("synthese")
def sensitivity(number: int) -> Response:
    """The plan recomputed under each reading that it did not take: which grappes, ESMS and euros move."""
    kept = read_or_404(number)
    book = book_of(kept)
    report = book.sensitivity
    return make_response(
        render_page(
            "proposals/sensitivity.html",
            **plan_context(kept),
            report=report,
            taken=book.taken(),
            moving=[effect for effect in report.variants if effect.moves],
            still=[effect for effect in report.variants if not effect.moves],
            stakes=campaign_words.STAKES,
        )
    )


@blueprint.get("/plans/<int:number>/lectures.<kind>")
@access("synthese")
def sensitivity_file(number: int, kind: str) -> Response:
    """The same as a file, ``csv`` or ``xlsx``."""
    kept = read_or_404(number)
    if kind not in ("csv", "xlsx"):
        abort(404, f"Il n’y a pas d’export « {kind} ».")
    book, file = book_of(kept), f"plan-{number}-lectures.{kind}"
    if kind == "csv":
        return download(readings_csv(book), CSV, file)
    return download(readings_workbook(book, number), XLSX, file)


@blueprint.get("/plans/<int:number>/ce-qui-change")
@access("synthese")
def changes(number: int) -> Response:
    """The plan under another call, on a day if one is given: amounts, grappes, rules that differ."""
    kept = read_or_404(number)
    rules = extended_rules(current_app.extensions["settings"].rules_added)
    form = ChangesForm(rules, kept.plan.regime, request.args)
    asked = form.read() if request.args else None
    found = None
    if asked is not None:
        call, day = asked
        book = book_of(kept)
        found = what_changes(rules, book.instance, book.formed(), call, day)
    return page_or_block(
        "proposals/changes.html",
        "rapport",
        status=422 if request.args and asked is None else 200,
        **plan_context(kept),
        form=form,
        found=found,
        calls={call.id: call.label for call in rules.calls},
        known_rules=shipped_rules().rule_by_id,
    )
