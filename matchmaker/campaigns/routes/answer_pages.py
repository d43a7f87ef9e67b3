"""One ESMS with its answer: saved field by field as it is typed, or whole by its button without scripts."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, flash, make_response, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker.campaigns import campaign, editing, listing, wording
from matchmaker.campaigns.editing import Outcome
from matchmaker.campaigns.forms.answer import AnswerForm
from matchmaker.campaigns.forms.constraints import ExclusionForm
from matchmaker.campaigns.routes.blueprint import blueprint, context
from matchmaker.web.access import access, actor, person
from matchmaker.web.rendering import render_page, wants_block
from matchmaker.web.sessions import reading, writing


class _NotWholeError(Exception):
    """Something of a form could not be kept: the transaction is undone, what happened goes out of it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("not whole")
        self.outcome = outcome


@blueprint.get("/campagnes/<int:campaign_id>/donnees/<code>")
@access("gestion")
def esms(campaign_id: int, code: str) -> Response:
    """One ESMS with its answer."""
    return esms_page(
        campaign_id, code, answer_form(campaign_id, code, typed=False), ExclusionForm(formdata=None)
    )


@blueprint.post("/campagnes/<int:campaign_id>/donnees/<code>")
@access("gestion")
def save_answer(campaign_id: int, code: str) -> AnyResponse:
    """Write what can be; what cannot comes back beside what was typed (409: somebody else changed it)."""
    form = answer_form(campaign_id, code, typed=True)
    try:
        typed = form.typed(request.form)
    except (ValueError, TypeError):
        abort(400)
    try:
        with writing() as session:
            outcome = editing.save(session, campaign_id, code, typed, actor=actor())
            if not outcome.whole and not wants_block():
                raise _NotWholeError(outcome)  # a form sent by its button is kept whole or not at all
    except _NotWholeError as refused:
        outcome = replace(refused.outcome, shown=typed.shown)
    if wants_block():
        return _saved_parts(campaign_id, code, form, outcome)
    if outcome.whole:
        flash("La réponse est enregistrée.", "ok")
        return redirect(url_for(".esms", campaign_id=campaign_id, code=code), 303)
    form.attach(outcome.problems)
    status = 409 if outcome.conflicts else 422
    return esms_page(campaign_id, code, form, ExclusionForm(formdata=None), outcome, status=status)


def answer_form(campaign_id: int, code: str, *, typed: bool) -> AnswerForm:
    """The form of an answer: as kept, or as sent when ``typed``."""
    with reading() as session:
        line = listing.esms(session, campaign_id, code)
        solutions = listing.solutions(session, campaign_id)
    return AnswerForm.of(line.answer, solutions, typed=typed)


def esms_page(
    campaign_id: int,
    code: str,
    form: AnswerForm,
    exclusion_form: ExclusionForm,
    outcome: Outcome | None = None,
    *,
    status: int = 200,
) -> Response:
    """The whole page of an ESMS."""
    page = render_page(
        "campaigns/esms.html",
        **_answer_context(campaign_id, code, form, outcome),
        exclusion_form=exclusion_form,
    )
    return make_response(page, status)


def _saved_parts(campaign_id: int, code: str, form: AnswerForm, outcome: Outcome) -> Response:
    """What changes on a page that saves as one types: states, and the fields that somebody else changed.

    A field that the person is filling is never sent back: what was typed since would be lost.
    """
    typed = form.answer()
    others = [
        name
        for name in editing.FIELDS
        if name not in outcome.conflicts
        and name not in outcome.problems
        and not editing.same(getattr(outcome.answer, name), getattr(typed, name))
    ]
    values = _answer_context(campaign_id, code, form, outcome)
    fresh = answer_form(campaign_id, code, typed=False)
    return make_response(render_page("campaigns/answer_saved.html", **values, fresh=fresh, others=others))


def _answer_context(
    campaign_id: int, code: str, form: AnswerForm, outcome: Outcome | None
) -> dict[str, object]:
    with reading() as session:
        values = campaign.get(session, campaign_id)
        line = listing.esms(session, campaign_id, code)
        names = {one.code: one.name for one in listing.solutions(session, campaign_id)}
    shown = line.answer if outcome is None else outcome.shown
    asking = person()
    return context(
        values,
        esms=line,
        account=None if asking is None else asking.account_id,
        form=form,
        outcome=outcome,
        shown=editing.text_of(shown),
        carried=editing.text_of,
        missing_labels=[wording.FIELDS[name] for name in line.answer.missing],
        said=lambda name, value: wording.said(name, value, names),
    )
