"""« Mises en relation »: what one said, and the organismes that both said yes, with their messages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, abort, flash, make_response, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import TextAreaField

from matchmaker.accounts import consents
from matchmaker.accounts.forms import Form
from matchmaker.campaigns import spaces
from matchmaker.campaigns.problems import RefusedError
from matchmaker.database.instants import now
from matchmaker.partners import first_meeting, meetings
from matchmaker.partners.meetings import CONTACT, LONGEST
from matchmaker.partners.routes.blueprint import blueprint, view_here
from matchmaker.partners.viewing import View, view_of
from matchmaker.web.access import access, account_id, actor
from matchmaker.web.rendering import go_to, render_page
from matchmaker.web.security import secret_key
from matchmaker.web.sessions import reading, writing


class MessageForm(Form):
    text = TextAreaField("Votre message", render_kw={"rows": "5", "maxlength": str(LONGEST)})


@blueprint.get("/og/mises-en-relation")
@access("organisme")
def contacts() -> str:
    """Those that both said yes, then what one said and is waiting for."""
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        view = view_of(session, own, secret_key(), moment)
        others: dict[str, Any] = {} if view is None else _lists(session, view)
        agrees = consents.stands(session, account_id(), CONTACT)
    return render_page(
        "partners/contacts.html",
        **spaces.page_context(own, view=view, agrees=agrees, words=consents.PURPOSES[CONTACT], **others),
    )


def _lists(session: Session, view: View) -> dict[str, Any]:
    numbers = list(view.met)
    names = meetings.names_of(session, numbers)
    people = meetings.contacts(session, numbers)
    said = [one for one in view.said.values() if one.other not in view.met]
    return {
        "partners": [
            {
                "token": view.token(number),
                "name": names[number],
                "contacts": people.get(number, []),
                "meeting": meeting,
                "esms": _esms(view, number),
            }
            for number, meeting in sorted(view.met.items(), key=lambda one: names[one[0]])
        ],
        "waiting": [(view.token(o.other), view.card(o.other), o) for o in said if o.state == "waiting"],
        "ended": [(view.token(o.other), view.card(o.other), o) for o in said if o.state == "expired"],
    }


def _esms(view: View, number: int) -> int:
    profile = None if view.question is None else view.question.profiles.get(number)
    return 0 if profile is None else profile.size


@blueprint.post("/og/mises-en-relation/contact")
@access("organisme")
def agree() -> Response:
    """Agree, or not any more, that partners see one's name and address."""
    with writing() as session:
        spaces.current(session)
        if request.form.get("accord") == "oui":
            consents.agree(session, account_id(), CONTACT)
            words = "Vos partenaires en double accord voient votre nom et votre adresse."
        else:
            if consents.stands(session, account_id(), CONTACT):
                consents.withdraw(session, account_id(), CONTACT)
            words = "Votre nom et votre adresse ne sont plus montrés."
    flash(words, "ok")
    return go_to(url_for(".contacts"))


@blueprint.get("/og/mises-en-relation/<token>")
@access("organisme")
def thread(token: str) -> Any:
    """The messages with one partner, who to call, and a first meeting."""
    return _thread(token, MessageForm(formdata=None))


@blueprint.post("/og/mises-en-relation/<token>")
@access("organisme")
def write(token: str) -> Any:
    """Send a message."""
    form, moment = MessageForm(), now()
    try:
        with writing() as session:
            view, other = _partner(session, token)
            assert view.space.campaign is not None
            meeting = meetings.open_meeting(session, view.space.campaign.id, view.viewer, other)
            meetings.write(session, meeting, view.viewer, account_id(), form.text.data or "", moment)
    except RefusedError as error:
        form.attach(error.problems)
        return _thread(token, form)
    flash("Votre message est envoyé.", "ok")
    return go_to(url_for(".thread", token=token))


@blueprint.post("/og/mises-en-relation/<token>/clore")
@access("organisme")
def close(token: str) -> Response:
    """End the exchange, without a reason."""
    with writing() as session:
        view, other = _partner(session, token)
        assert view.space.campaign is not None
        meeting = meetings.open_meeting(session, view.space.campaign.id, view.viewer, other)
        meetings.close(session, meeting, view.viewer, actor=actor())
    flash("La mise en relation est close : plus aucun message ne part.", "ok")
    return go_to(url_for(".contacts"))


@blueprint.get("/og/mises-en-relation/<token>/rencontre.ics")
@access("organisme")
def first_date(token: str) -> Response:
    """The suggested first meeting, for a calendar."""
    moment = now()
    with reading() as session:
        view, other = _partner(session, token)
        name = meetings.names_of(session, [other])[other]
    title = f"Premier échange avec {name} (grappe DUI)"
    text = first_meeting.calendar(title, _suggested(view, other, moment), f"{token}@matchmaker", moment)
    response = make_response(text)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="premier-echange.ics"'
    return response


def _suggested(view: View, other: int, moment: dt.datetime) -> dt.datetime:
    meeting = view.met[other]
    return first_meeting.suggested((moment if meeting is None else max(meeting.met_at, moment)).date())


def _partner(session: Session, token: str) -> tuple[View, int]:
    """Whom a token names among those that both said yes; 404 for anybody else."""
    account_id()
    view = view_here(session)
    other = view.partner(token)
    if other is None:
        abort(404)
    return view, other


def _thread(token: str, form: FlaskForm) -> Any:
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        view, other = _partner(session, token)
        meeting = view.met[other]
        page = render_page(
            "partners/thread.html",
            **spaces.page_context(
                own,
                token=token,
                name=meetings.names_of(session, [other])[other],
                esms=_esms(view, other),
                contacts=meetings.contacts(session, [other]).get(other, []),
                meeting=meeting,
                lines=meetings.thread(session, meeting, view.viewer),
                agenda=first_meeting.AGENDA,
                suggested=_suggested(view, other, moment),
                form=form,
                longest=LONGEST,
            ),
        )
    return (page, 422) if form.errors or form.form_errors else page
