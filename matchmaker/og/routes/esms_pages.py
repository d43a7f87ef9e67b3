"""« Mes ESMS »: every ESMS of the organisme with its answers, saved as they are typed or by a button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse

from matchmaker import journal
from matchmaker.campaigns import editing, from_register, spaces, wording
from matchmaker.campaigns.answers import ANY
from matchmaker.campaigns.spaces import Space
from matchmaker.database.instants import now
from matchmaker.og import details, forms, rows, saving, trying
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.og.rows import PAGE, MyEsms, NotInSpaceError
from matchmaker.og.saving import Saved
from matchmaker.og.tables import ListConfirmed
from matchmaker.web.access import access, actor, person
from matchmaker.web.formats import pluriel
from matchmaker.web.rendering import render_page, wants_block
from matchmaker.web.sessions import reading, writing


class _NotWholeError(Exception):
    """A row sent by its button is kept whole or not at all: what happened goes out of the transaction."""

    def __init__(self, saved: Saved) -> None:
        super().__init__("not whole")
        self.saved = saved


@blueprint.get("/og/mes-esms")
@access("organisme")
def my_esms() -> Response:
    """Every ESMS with its answers; what is missing first, and what it is worth."""
    return _page()


@blueprint.post("/og/mes-esms/<code>")
@access("organisme")
def save_row(code: str) -> AnyResponse:
    """Write what can be of one ESMS; what cannot comes back beside what was typed (409: a conflict)."""
    with reading() as session:
        mine = mine_of(session)
    if code not in mine.by_code:
        abort(404)
    try:
        sent = forms.read(request.form, mine.solutions)
    except (ValueError, TypeError, KeyError):
        return _not_ours()
    try:
        with writing() as session:
            saved = saving.save(session, mine.space, code, sent, actor=actor())
            if not saved.whole and not wants_block():
                raise _NotWholeError(saved)
    except NotInSpaceError:
        abort(404)
    except _NotWholeError as refused:
        status = 409 if refused.saved.conflicts else 422
        return _page({code: (refused.saved, sent)}, status=status, first=code)
    if wants_block():
        return _saved_parts(code, sent, saved)
    flash(f"Les réponses de {mine.by_code[code].line.name} sont enregistrées.", "ok")
    return redirect(url_for(".my_esms", _anchor=f"esms-{code}"), 303)


@blueprint.post("/og/mes-esms-ensemble")
@access("organisme")
def save_many() -> AnyResponse:
    """The same answer for several ESMS; those that somebody else changed meanwhile stay as they are."""
    with reading() as session:
        mine = mine_of(session)
    try:
        given, shown, problems = forms.read_many(request.form, mine.by_code)
    except (ValueError, TypeError, KeyError):
        return _not_ours()
    if problems:
        return _page(status=422, many_problems=problems)
    with writing() as session:
        many = saving.save_many(session, mine, given, shown, actor=actor())
    if many.written:
        flash(f"Réponse donnée pour {pluriel(len(many.written), 'ESMS', 'ESMS')}.", "ok")
    for name, why in many.left[:10]:
        flash(f"{name} n’a pas changé : {why}", "att")
    return redirect(url_for(".my_esms"), 303)


@blueprint.post("/og/mes-esms-lot")
@access("organisme")
def keep_together() -> AnyResponse:
    """« Garder mes établissements ensemble », or not any more."""
    with reading() as session:
        mine = mine_of(session)
    together = request.form.get("ensemble") == "oui"
    with writing() as session:
        saving.keep_together(session, mine, together, actor=actor())
    told = "seront placés ensemble, ou pas du tout" if together else "peuvent être placés séparément"
    flash(f"Vos ESMS {told}.", "ok")
    return redirect(url_for(".my_esms"), 303)


@blueprint.post("/og/mes-esms-liste")
@access("organisme")
def confirm_list() -> AnyResponse:
    """« Ce sont bien nos ESMS », adding those of the register that the campaign lacks."""
    with reading() as session:
        mine = mine_of(session)
    space = mine.space
    assert space.campaign is not None
    with writing() as session:
        if request.form.get("ajouter") and mine.absent:
            added = from_register.take_of(session, space.campaign.id, space.organisme.id, actor=actor())
            flash(f"{pluriel(added.esms, 'ESMS ajouté', 'ESMS ajoutés')} à la campagne.", "ok")
        elif not mine.confirmed:
            _confirm(session, space)
            flash("C’est noté : ce sont bien vos ESMS.", "ok")
    return redirect(url_for(".my_esms"), 303)


def _not_ours() -> Response:
    """A form without what its page showed: nothing can be merged, nothing is written."""
    flash("Cette page n’était plus à jour : rien n’a changé. La voici telle qu’elle est.", "att")
    return _page(status=422)


def _confirm(session: Session, space: Space) -> None:
    assert space.campaign is not None
    if session.get(ListConfirmed, space.campaign_organisme_id) is None:
        session.add(
            ListConfirmed(
                campaign_organisme_id=space.campaign_organisme_id, confirmed_by=actor(), confirmed_at=now()
            )
        )
        journal.record(
            session, actor(), "og.confirmer", f"campaign:{space.campaign.id}", label=space.organisme.name
        )


def mine_of(session: Session) -> MyEsms:
    """The ESMS of who asks; raises ``NoCampaignError`` when no campaign in use holds its organisme."""
    return rows.of_space(session, spaces.current(session))


def _page(
    refused: Mapping[str, tuple[Saved, forms.Sent]] | None = None,
    *,
    status: int = 200,
    first: str | None = None,
    many_problems: Mapping[str, str] | None = None,
) -> Response:
    with reading() as session:
        own = spaces.of_asking(session)
        mine = rows.of_space(session, own[0])
    shown = sorted(mine.rows, key=lambda row: row.line.code != first) if first else list(mine.rows)
    pages = max(1, -(-len(shown) // PAGE))
    asked = request.args.get("page", "1")
    page = min(max(int(asked), 1), pages) if asked.isdecimal() and len(asked) < 6 else 1
    text = render_page(
        "og/mes_esms.html",
        **context(own, **_words(mine)),
        aussi=trying.one_more_hosting(mine),
        rows=shown[(page - 1) * PAGE : page * PAGE],
        page=page,
        pages=pages,
        page_url=lambda n: url_for(".my_esms", page=n),
        refused=refused or {},
        many_problems=many_problems or {},
        many_sent=request.form if many_problems else None,
    )
    return make_response(text, status)


def _saved_parts(code: str, sent: forms.Sent, saved: Saved) -> Response:
    """What changes on a page that saves as one types: states, totals, fields that somebody else changed."""
    others = [
        name
        for name in forms.ASKED
        if name not in saved.conflicts
        and name not in saved.problems
        and not editing.same(getattr(saved.answer.answer, name), getattr(sent.answer.answer, name))
    ] + [
        name
        for name in details.FIELDS
        if name not in saved.conflicts
        and name not in saved.problems
        and getattr(saved.detail.detail, name) != getattr(sent.detail.detail, name)
    ]
    with reading() as session:
        mine = mine_of(session)
    row = mine.by_code.get(code)
    if row is None:
        abort(404)
    text = render_page(
        "og/ligne_enregistree.html",
        **_words(mine),
        row=row,
        saved=saved,
        sent=sent,
        others=others,
        saved_at=now(),
    )
    return make_response(text)


def _words(mine: MyEsms) -> dict[str, Any]:
    """What the rows are written with."""
    names = {one.code: one.name for one in mine.solutions}
    asking = person()
    return {
        "mine": mine,
        "wording": wording,
        "names": names,
        "field_names": FIELD_NAMES,
        "carried": editing.text_of,
        "carried_detail": details.text_of,
        "said": lambda name, value: said(name, value, names),
        "account": None if asking is None else asking.account_id,
        "any": ANY,
    }


FIELD_NAMES: Mapping[str, str] = {
    "need": "Besoin",
    "current_solution": "DUI actuel",
    "accepted_solutions": "Solutions acceptées",
    "accepted_hosting": "Hébergements acceptés",
    "lot": "Groupe à garder ensemble",
    "can_be_porteur": "Peut être porteur",
    "current_typed": "DUI actuel",
    "users": "Utilisateurs du DUI",
    "devices": "Postes et appareils à acheter",
    "trainees": "Personnes à former",
    "remark": "Remarque",
}


def said(name: str, value: object, names: Mapping[str, str]) -> str:
    """A value of a field in words."""
    if name in details.FIELDS or name == "lot":
        return "pas de réponse" if value in (None, "") else str(value)
    return wording.said(name, value, names)
