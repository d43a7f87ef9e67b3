"""« Pourquoi suis-je isolé ? »: what the published plan says of one's ESMS, and one's own change."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from matchmaker.campaigns import editing, listing, spaces, wording
from matchmaker.campaigns.answers import ANY, Accepted
from matchmaker.campaigns.listing import EsmsLine
from matchmaker.campaigns.spaces import Space
from matchmaker.og import changing, obstacles, standing
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.og.standing import Option, Standing
from matchmaker.proposals import keeping, publishing
from matchmaker.proposals.plan import Plan
from matchmaker.proposals.publishing import Published
from matchmaker.web.access import access, actor
from matchmaker.web.formats import pluriel
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@dataclass(frozen=True)
class _Read:
    """The published plan as one organisme reads it, and its answers as they are today."""

    space: Space
    published: Published
    plan: Plan
    standing: Standing
    lines: list[EsmsLine]
    names: dict[str, str]

    @property
    def changed(self) -> int:
        """Own ESMS whose answers are no longer those of the plan."""
        return sum(1 for line in self.lines if _differs(self.plan, line))

    def done(self, option: Option) -> bool:
        """Whether today's answers make this concession already."""
        return option.own_choice and not any(step.changes for step in changing.steps(option, self.lines))

    def trial(self, option: Option) -> dict[str, list[str]]:
        """What « Essayer sans enregistrer » is opened with; empty when these ESMS answer differently."""
        steps = changing.steps(option, self.lines) if option.own_choice else []
        values = [getattr(step.after, step.field) for step in steps]
        name = _TRIED.get(steps[0].field) if steps else None
        if name is None or not all(isinstance(v, tuple) and editing.same(v, values[0]) for v in values):
            return {}
        return {name: list(values[0]), "esms": [step.line.code for step in steps]}


_TRIED = {"accepted_hosting": "hebergements", "accepted_solutions": "solutions"}


@blueprint.get("/og/pourquoi-isole")
@access("organisme")
def why_alone() -> Response:
    """Placed: the grappe and one's own money. Alone: why, and the changes that would suffice."""
    with reading() as session:
        own = spaces.of_asking(session)
        read = _read(session, own[0])
    if read is None:
        return make_response(render_page("og/pas_de_plan.html", **context(own)))
    alone = [one.esms for one in read.standing.alone]
    page = render_page(
        "og/pourquoi.html",
        **context(own, read=read, found=read.standing, plan=read.plan),
        near=obstacles.nearest(read.plan, alone),
        rule_names=obstacles.RULES,
    )
    return make_response(page)


@blueprint.route("/og/pourquoi-isole/changer", methods=["GET", "POST"])
@access("organisme")
def change_answers() -> AnyResponse:
    """What one's answers would become; then, confirmed, the change. The published plan stays as it is."""
    with reading() as session:
        own = spaces.of_asking(session)
        read = _read(session, own[0])
    key = tuple(request.values.get(name, "") for name in ("type", "valeur", "grappe"))
    option = None if read is None else read.standing.option((key[0], key[1], key[2]))
    if read is None or option is None or not option.own_choice:
        abort(404)
    made = changing.steps(option, read.lines)
    if request.method == "POST":
        try:
            shown = {
                step.line.code: editing.answer_of(request.form[f"depart-{step.line.code}"]) for step in made
            }
        except (ValueError, TypeError, KeyError):
            flash("Cette page n’était plus à jour : rien n’a changé. La voici telle qu’elle est.", "att")
            return redirect(request.full_path, 303)
        assert read.space.campaign is not None
        with writing() as session:
            refused = changing.apply(session, read.space.campaign.id, made, shown, actor=actor())
        for name in refused:
            flash(f"{name} n’a pas changé : quelqu’un d’autre a modifié cette réponse entre-temps.", "att")
        count = len(made) - len(refused)
        if count:
            flash(
                f"{pluriel(count, 'ESMS', 'ESMS')} : la réponse est changée. Elle comptera au prochain "
                "calcul, et le plan publié reste le même.",
                "ok",
            )
        return redirect(url_for(".why_alone"), 303)
    text = render_page(
        "og/changer.html",
        **context(own),
        option=option,
        steps=made,
        carried=editing.text_of,
        said=lambda name, value: wording.said(name, value, read.names),
        field_label={
            "accepted_hosting": "Hébergements acceptés",
            "accepted_solutions": "Solutions acceptées",
            "lot": "Groupe à garder ensemble",
        },
    )
    return make_response(text)


def _read(session: Session, space: Space) -> _Read | None:
    """None: no plan is published in the campaign."""
    campaign, own_row = space.in_campaign()
    published = publishing.published(session, campaign.id)
    if published is None:
        return None
    plan = keeping.kept(session, published.number).plan
    return _Read(
        space=space,
        published=published,
        plan=plan,
        standing=standing.standing(plan, space.organisme.code),
        lines=listing.of_organisme(session, campaign.id, own_row),
        names={one.code: one.name for one in listing.solutions(session, campaign.id)},
    )


def _differs(plan: Plan, line: EsmsLine) -> bool:
    """Whether an answer is no longer the one that the plan was calculated with."""
    then = plan.esms.get(line.code)
    answer = line.answer
    if then is None:
        return not answer.missing
    return not (
        then.need == answer.need
        and then.current_solution == answer.current_solution
        and editing.same(_stated(then.accepted_solutions), answer.accepted_solutions)
        and editing.same(_stated(then.accepted_hosting), answer.accepted_hosting)
        and then.lot == answer.lot
    )


def _stated(accepted: tuple[str, ...] | None) -> Accepted:
    """What a plan says was accepted, as an answer says it: there None is « any »."""
    return ANY if accepted is None else accepted
